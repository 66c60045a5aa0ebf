/** Asks the engine in CPython the same questions as the tab. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { PYTHON, ROOT, SITE } from './programs.js';

/**
 * @param {[string, Record<string, unknown>][]} calls method and parameters, as on the call port
 * @param {{package?: string, models?: string}} [options] `package`: folder that holds another `nearside` package
 * @returns {any[]} the answers, in the shapes of the page's API
 */
export function inPython(calls, { package: folder = join(ROOT, 'py'), models = join(SITE, 'models') } = {}) {
  const { status, stdout, stderr } = spawnSync(PYTHON, [join(import.meta.dirname, 'reference.py')], {
    input: JSON.stringify({ models, calls }),
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    env: { ...process.env, PYTHONPATH: folder },
  });
  if (status !== 0) throw new Error(`The reference in CPython failed:\n${stderr}`);
  return JSON.parse(stdout);
}
