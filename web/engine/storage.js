/**
 * IndexedDB where it is blocked (third-party contexts, private windows, a setting): whether it opens, and a stand-in for
 * PyScript, which opens it while its module loads and dies of the refusal. Nothing of ours is kept in the stand-in.
 */

/** @returns {Promise<boolean>} whether IndexedDB really opens: in a blocked context the global exists all the same */
export function storageOpens() {
  return new Promise((done) => {
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
}

/**
 * Where IndexedDB does not open, puts an empty one in its place that lives in memory.
 * @returns {Promise<() => void>} puts the browser's own back
 */
export async function replaceBlockedStorage() {
  if (await storageOpens()) return () => {};
  const own = Object.getOwnPropertyDescriptor(globalThis, 'indexedDB');
  Object.defineProperty(globalThis, 'indexedDB', { configurable: true, value: memoryIndexedDB() });
  return () => {
    Reflect.deleteProperty(globalThis, 'indexedDB');
    if (own) Object.defineProperty(globalThis, 'indexedDB', own);
  };
}

/** @returns {{open: (name: string) => object}} the part of IndexedDB that PyScript's package cache uses */
export function memoryIndexedDB() {
  /** @param {unknown} result @param {string} [event] */
  const request = (result, event = 'success') => {
    const target = Object.assign(new EventTarget(), { result, error: null, onsuccess: null, onupgradeneeded: null, onerror: null, oncomplete: null });
    // Through the event alone: handlers look for the request in `event.target`.
    target.addEventListener(event, (occurrence) => /** @type {any} */ (target)[`on${event}`]?.(occurrence));
    queueMicrotask(() => target.dispatchEvent(new Event(event)));
    return target;
  };
  const values = new Map();
  const store = () => ({
    get: (/** @type {string} */ key) => request(values.get(key)),
    getKey: (/** @type {string} */ key) => request(values.has(key) ? key : undefined),
    put: (/** @type {unknown} */ value, /** @type {string} */ key) => request(values.set(key, value)),
    delete: (/** @type {string} */ key) => request(values.delete(key)),
    clear: () => request(values.clear()),
    count: () => request(values.size),
    getAll: () => request([...values.values()]),
    getAllKeys: () => request([...values.keys()]),
    openCursor: () => request(null),
    openKeyCursor: () => request(null),
  });
  const transaction = () => Object.assign(request(undefined, 'complete'), { objectStore: store });
  const database = Object.assign(new EventTarget(), { transaction, close() {}, createObjectStore: store, objectStoreNames: { contains: () => true, length: 1 } });
  return { open: () => request(database) };
}
