/**
 * Installs the tab wheel by micropip into a bare Pyodide: `node install_tab_wheel.mjs PYODIDE_DIR WHEEL`.
 * PYODIDE_DIR is the site's folder, so no network is needed. Prints what Python found, as JSON.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, wheel] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`).href);
const pyodide = await loadPyodide({ indexURL: folder, stdout: () => {} });
await pyodide.loadPackage(['micropip'], { messageCallback: () => {} });
const name = basename(wheel);
pyodide.FS.writeFile(`/tmp/${name}`, readFileSync(wheel));
const found = await pyodide.runPythonAsync(`
import importlib.metadata, importlib.util, json, micropip, sys
await micropip.install("emfs:/tmp/${name}")
import nearside
json.dumps({
    "version": importlib.metadata.version("nearside"),
    "requires": importlib.metadata.requires("nearside"),
    "file": nearside.__file__,
    "numpy": importlib.util.find_spec("numpy") is not None,
    "files": len(importlib.metadata.files("nearside")),
    "python": sys.version_info[:2],
})
`);
console.log(found);
