/**
 * Installs the core wheel in a bare Pyodide and then the others through `BrowserExtras`:
 * `node extras.mjs PYODIDE_DIR SITE SCENARIO.py CORE_URL EXTRA_URL...`. The addresses are paths in the folder SITE, which
 * stands for the network. Prints what the scenario gives, as JSON.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, site, scenario, core, ...extras] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(join(folder, 'pyodide.mjs')).href);
const pyodide = await loadPyodide({ indexURL: folder, stdout: () => {} });
await pyodide.loadPackage(['numpy'], { messageCallback: () => {} });
pyodide.unpackArchive(new Uint8Array(readFileSync(join(site, core))), 'wheel', { extractDir: '/lib/python3.14/site-packages' });

/** What the network does, for the scenario to change: requests so far, whether there is one, what is missing. */
globalThis.network = { requests: [], online: true, missing: '', damaged: '' };
const real = globalThis.fetch;
globalThis.fetch = async (url, options) => {
  if (!String(url).startsWith('/assets/')) return real(url, options);
  const { network } = globalThis;
  network.requests.push(url);
  if (!network.online) throw new TypeError('Failed to fetch');
  const path = join(site, url);
  if (!existsSync(path) || url.endsWith(network.missing || '/')) return new Response('no', { status: 404 });
  return new Response(url.endsWith(network.damaged || '/') ? '<html>' : readFileSync(path));
};
globalThis.wheels = extras;
await pyodide.runPythonAsync('import warnings; warnings.simplefilter("error")');
await pyodide.runPythonAsync(readFileSync(scenario, 'utf8'));
console.log(await pyodide.runPythonAsync('import json; json.dumps(await scenario())'));
