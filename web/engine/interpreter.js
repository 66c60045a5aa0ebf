/**
 * What PyScript gets in place of pyodide.mjs: the same `loadPyodide`, with the engine's wheel loaded along with the
 * other packages, and with storage that fails replaced before PyScript trips over it.
 */

import site from 'nearside:site';
import { replaceBlockedStorage } from './storage.js';

/** @typedef {{packages?: string[], indexURL?: string, [option: string]: unknown}} Options */

// Not the address's query: a copy from the service worker's cache comes without it.
const here = (/** @type {string} */ path) => new URL(path, import.meta.url).href;

/**
 * @param {Options} options what PyScript passes to Pyodide
 * @returns {Promise<object>} the interpreter
 */
export async function loadPyodide(options) {
  const started = performance.now();
  const pyodide = await import(/* webpackIgnore: true */ here(`${site.pyodide}pyodide.mjs`));
  const interpreter = await pyodide.loadPyodide({
    ...options,
    indexURL: here(site.pyodide),
    packages: [...(options.packages ?? []), here(site.wheel)],
  });
  Object.assign(globalThis, { nearsideTimings: { started, loaded: performance.now() } });
  return interpreter;
}

// PyScript reads this to name its package cache.
export const version = '314.0.3';

await replaceBlockedStorage();
