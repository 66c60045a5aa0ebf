/**
 * What PyScript gets in place of pyodide.mjs: the same `loadPyodide`, with the engine's wheel loaded along with the
 * other packages, and with storage that fails replaced before PyScript trips over it.
 */

import site from 'nearside:site';

/** @typedef {{packages?: string[], indexURL?: string, [option: string]: unknown}} Options */

// Not the address's query: a copy from the service worker's cache comes without it.
const here = (/** @type {string} */ path) => new URL(path, import.meta.url).href;

/**
 * PyScript opens IndexedDB before it loads Pyodide and dies where storage is blocked (third-party contexts, private
 * windows). Nothing of ours is kept there, so an in-memory stand-in with the five calls it makes is enough.
 */
async function repairStorage() {
  const works = await new Promise((done) => {
    try {
      const request = indexedDB.open('nearside-probe');
      request.onsuccess = () => {
        request.result.close();
        done(true);
      };
      request.onerror = () => done(false);
    } catch {
      done(false);
    }
  });
  if (!works) Object.defineProperty(globalThis, 'indexedDB', { configurable: true, value: memoryIndexedDB() });
}

/** @returns {{open: (name: string) => object}} the part of IndexedDB that PyScript's package cache uses */
function memoryIndexedDB() {
  /** @param {unknown} result @param {string} [event] */
  const request = (result, event = 'success') => {
    const target = Object.assign(new EventTarget(), { result, error: null, onsuccess: null, onupgradeneeded: null, onerror: null });
    queueMicrotask(() => {
      const occurrence = new Event(event);
      const handler = /** @type {any} */ (target)[`on${event}`];
      handler?.call(target, occurrence);
      target.dispatchEvent(occurrence);
    });
    return target;
  };
  const values = new Map();
  const store = () => ({
    get: (/** @type {string} */ key) => request(values.get(key)),
    put: (/** @type {unknown} */ value, /** @type {string} */ key) => request(values.set(key, value)),
    delete: (/** @type {string} */ key) => request(values.delete(key)),
    clear: () => request(values.clear()),
    count: () => request(values.size),
    getAll: () => request([...values.values()]),
    getAllKeys: () => request([...values.keys()]),
    openCursor: () => request(null),
    openKeyCursor: () => request(null),
  });
  const transaction = () => {
    const tx = Object.assign(request(undefined, 'complete'), { objectStore: store });
    return tx;
  };
  const database = Object.assign(new EventTarget(), { transaction, close() {}, createObjectStore: store, objectStoreNames: { contains: () => true, length: 1 } });
  return { open: () => request(database) };
}

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
  /** @type {any} */ (globalThis).nearsideTimings = { python: performance.now() - started };
  return interpreter;
}

// PyScript reads this to name its package cache.
export const version = '314.0.3';

await repairStorage();
