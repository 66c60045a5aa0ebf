"""The ports made real: `browser` (the only place that imports js and pyodide) and `cpython`."""
