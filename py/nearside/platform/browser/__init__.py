"""The engine's ports in a browser. The only place that imports `js` and `pyodide`."""
