/**
 * Runs a scenario in a bare Pyodide: `node run.mjs PYODIDE_DIR PY_DIR SCENARIO.py`. PYODIDE_DIR is the built site's
 * folder (with numpy), PY_DIR holds the package `nearside`. Prints the scenario's result and its times as JSON.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, sources, scenario] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(join(folder, 'pyodide.mjs')).href);
const pyodide = await loadPyodide({ indexURL: folder, stdout: () => {} });
await pyodide.loadPackage(['numpy'], { messageCallback: () => {} });

/** Copies the Python files of a folder, and their data, into Pyodide's file system. */
function copy(from, to) {
  pyodide.FS.mkdirTree(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isDirectory() && !['cpython', '__pycache__'].includes(entry.name)) {
      copy(join(from, entry.name), `${to}/${entry.name}`);
    } else if (/\.(py|txt|md)$/.test(entry.name)) {
      pyodide.FS.writeFile(`${to}/${entry.name}`, readFileSync(join(from, entry.name)));
    }
  }
}

copy(join(sources, 'nearside'), '/src/nearside');
await pyodide.runPythonAsync(`
import sys, warnings
warnings.simplefilter("error")
sys.path.insert(0, "/src")
`);
await pyodide.runPythonAsync(readFileSync(scenario, 'utf8'));
console.log(await pyodide.runPythonAsync('import json; json.dumps(await scenario())'));
