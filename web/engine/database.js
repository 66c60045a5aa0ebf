/**
 * What is kept beside models (documents, classifiers, records, settings), in IndexedDB: one transaction per write, so
 * that a tab which closes in the middle, or another one that writes at the same time, leaves all of it or nothing.
 *
 * It runs in the engine worker. Values are JSON text and blobs are ArrayBuffers (WebKitGTK cannot store a Blob). Where
 * storage is blocked, `open` says so and the engine keeps things in memory.
 */
import { NearsideError } from '../errors.js';

export const NAME = 'nearside-data';
const VERSION = 1;
const PATIENCE = 10_000; // ms to wait for a tab that holds the database

/**
 * @typedef {{value: string, blob: ArrayBuffer|null}} Stored
 * @typedef {[collection: string, key?: string, value?: string, blob?: Uint8Array]} Change without a key, all entries of
 *   the collection are deleted; without a value, the entry is
 */

/** The database of this origin; every method opens it where it is not open. */
export class DataStore {
  /** @type {Promise<IDBDatabase>|null} */
  #opening = null;

  /** @param {{name?: string, version?: number, patience?: number}} [options] for tests */
  constructor({ name = NAME, version = VERSION, patience = PATIENCE } = {}) {
    this.name = name;
    this.version = version;
    this.patience = patience;
  }

  /**
   * Opens the database.
   * @returns {Promise<boolean>} whether it opens; false where the browser blocks storage
   */
  async open() {
    try {
      await this.#database();
      return true;
    } catch (cause) {
      const error = typed(cause);
      if (cause === error || error.code === 'protocol_mismatch') throw error; // what is kept is there, only not for us
      return false;
    }
  }

  /**
   * One entry.
   * @param {string} collection @param {string} key
   * @returns {Promise<[value: string, blob: Uint8Array|undefined]|undefined>}
   */
  get(collection, key) {
    return this.#run(['entries'], 'readonly', async (tx) => {
      const stored = /** @type {Stored|undefined} */ (await settled(tx.objectStore('entries').get([collection, key])));
      return stored && [stored.value, stored.blob ? new Uint8Array(stored.blob) : undefined];
    });
  }

  /**
   * The entries of one moment whose key begins with `prefix`, in no order to rely on (IndexedDB's is that of UTF-16).
   * @param {string} collection @param {string} prefix
   * @returns {Promise<[text: string, blobs: Uint8Array[]]>} JSON of [key, value, index in blobs or -1] for each
   */
  list(collection, prefix) {
    return this.#run(['entries'], 'readonly', async (tx) => {
      const store = tx.objectStore('entries');
      const range = IDBKeyRange.bound([collection, prefix], after(collection, prefix), false, true);
      const [keys, stored] = await Promise.all([
        settled(store.getAllKeys(range)),
        settled(/** @type {IDBRequest<Stored[]>} */ (store.getAll(range))),
      ]);
      /** @type {Uint8Array[]} */
      const blobs = [];
      const lines = stored.map(({ value, blob }, index) => {
        const place = blob ? blobs.push(new Uint8Array(blob)) - 1 : -1;
        return `[${JSON.stringify(/** @type {string[]} */ (keys[index])[1])},${value},${place}]`;
      });
      return [`[${lines.join(',')}]`, blobs];
    });
  }

  /**
   * Makes all changes or none, in the order given. Deleting works on a full disk, too.
   * @param {Change[]} changes
   * @returns {Promise<void>} rejects with storage_full when there is no room
   */
  async write(changes) {
    const touched = [...new Set(changes.map(([collection]) => collection))];
    try {
      await this.#write(changes, touched, true);
    } catch (error) {
      const deletes = changes.every(([, key, value]) => key === undefined || value === undefined);
      if (!deletes || /** @type {NearsideError} */ (error).code !== 'storage_full') throw error;
      // Even a number's new value was too much. Without one the collections count as changed (to 0), and now there is
      // room to number them again.
      await this.#write(changes, touched, false);
      await this.#write([], touched, true).catch(() => {});
    }
  }

  /**
   * @param {Change[]} changes @param {string[]} touched collections
   * @param {boolean} numbered whether their generations rise, or are forgotten
   * @returns {Promise<void>}
   */
  #write(changes, touched, numbered) {
    return this.#run(['entries', 'generations'], 'readwrite', async (tx) => {
      const entries = tx.objectStore('entries');
      const generations = tx.objectStore('generations');
      for (const [collection, key, value, blob] of changes) {
        if (key === undefined) entries.delete(IDBKeyRange.bound([collection], [collection, []]));
        else if (value === undefined) entries.delete([collection, key]);
        else entries.put({ value, blob: blob ? alone(blob) : null }, [collection, key]);
      }
      for (const collection of touched) {
        // The first number is the time: after everything was wiped it is another one than before.
        const number = await settled(/** @type {IDBRequest<number|undefined>} */ (generations.get(collection)));
        if (numbered) generations.put((number ?? Date.now()) + 1, collection);
        else generations.delete(collection);
      }
    });
  }

  /**
   * @param {string} collection
   * @returns {Promise<number>} rises with every write that touches the collection
   */
  generation(collection) {
    return this.#run(['generations'], 'readonly', async (tx) =>
      (await settled(/** @type {IDBRequest<number|undefined>} */ (tx.objectStore('generations').get(collection)))) ?? 0);
  }

  /** Closes it; the next call opens it again. */
  async close() {
    const opening = this.#opening;
    this.#opening = null;
    (await opening?.catch(() => null))?.close();
  }

  /**
   * Runs one transaction; resolves when it is complete. A connection that was closed beneath it (the site's data was
   * cleared, another tab upgrades) is opened again, once.
   * @template T
   * @param {string[]} stores @param {IDBTransactionMode} mode @param {(tx: IDBTransaction) => Promise<T>} work
   * @returns {Promise<T>}
   */
  async #run(stores, mode, work) {
    try {
      return await transact(await this.#database(), stores, mode, work);
    } catch (cause) {
      if (!isClosed(cause)) throw typed(cause);
      this.#opening = null;
    }
    try {
      return await transact(await this.#database(), stores, mode, work);
    } catch (cause) {
      throw typed(cause);
    }
  }

  /** @returns {Promise<IDBDatabase>} */
  #database() {
    this.#opening ??= this.#open().catch((cause) => {
      this.#opening = null; // what failed is tried again by the next call
      throw cause;
    });
    return this.#opening;
  }

  /** @returns {Promise<IDBDatabase>} */
  #open() {
    return new Promise((resolve, reject) => {
      // In a blocked context a stand-in for PyScript lies here (storage.js): nothing of ours may go into it.
      if (!(indexedDB instanceof IDBFactory)) throw new DOMException('Storage is blocked.', 'SecurityError');
      const request = indexedDB.open(this.name, this.version);
      let waiting = true;
      const timer = setTimeout(() => {
        waiting = false;
        reject(new NearsideError('engine_failed', 'Another tab of this site holds the storage.', { hint: 'Close the other tabs of this site, then try again.' }));
      }, this.patience);
      const settle = (/** @type {() => void} */ then) => {
        clearTimeout(timer);
        waiting = false;
        then();
      };
      request.onupgradeneeded = () => {
        request.result.createObjectStore('entries');
        request.result.createObjectStore('generations');
      };
      request.onerror = () => settle(() => reject(request.error));
      request.onsuccess = () => {
        const database = request.result;
        if (!waiting) return database.close();
        // Whoever deletes or upgrades it must not wait for this tab; what runs is still completed.
        database.onversionchange = () => {
          database.close();
          this.#forget(database);
        };
        database.onclose = () => this.#forget(database);
        settle(() => resolve(database));
      };
    });
  }

  /** @param {IDBDatabase} database */
  async #forget(database) {
    const opening = this.#opening;
    if ((await opening?.catch(() => null)) === database && this.#opening === opening) this.#opening = null;
  }
}

/**
 * @template T
 * @param {IDBDatabase} database
 * @param {string[]} stores @param {IDBTransactionMode} mode @param {(tx: IDBTransaction) => Promise<T>} work
 * @returns {Promise<T>} when the transaction is complete; the refusal of a full disk comes at its end, not from a request
 */
async function transact(database, stores, mode, work) {
  const tx = database.transaction(stores, mode);
  const done = new Promise((resolve, reject) => {
    tx.oncomplete = () => resolve(undefined);
    tx.onabort = () => reject(tx.error ?? new DOMException('The transaction was aborted.', 'AbortError'));
  });
  done.catch(() => {}); // it is awaited below, perhaps after `work` has failed
  let result;
  try {
    result = await work(tx);
  } catch (cause) {
    try {
      tx.abort();
    } catch {
      // It is over already; then `done` says why.
    }
    await done.catch((reason) => {
      if (tx.error) throw reason; // the disk's refusal, say, of which `cause` is only a consequence
    });
    throw cause;
  }
  await done;
  return result;
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @param {Uint8Array} blob @returns {ArrayBuffer} the bytes in a buffer that holds nothing else */
function alone({ buffer, byteOffset, byteLength }) {
  const whole = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
  return whole ? buffer : /** @type {ArrayBuffer} */ (buffer).slice(byteOffset, byteOffset + byteLength);
}

/**
 * @param {string} collection @param {string} prefix
 * @returns {[string, string|[]]} the first key after all that begin with `prefix`
 */
function after(collection, prefix) {
  const stem = prefix.replace(/\uffff+$/, '');
  const last = stem.charCodeAt(stem.length - 1);
  return stem ? [collection, stem.slice(0, -1) + String.fromCharCode(last + 1)] : [collection, []]; // arrays sort after all texts
}

/** @param {unknown} cause @returns {boolean} whether the connection was closed beneath a call */
const isClosed = (cause) => cause instanceof DOMException && cause.name === 'InvalidStateError';

/** @param {unknown} cause @returns {NearsideError} */
function typed(cause) {
  if (cause instanceof NearsideError) return cause;
  const name = cause instanceof Error ? cause.name : String(cause);
  if (name === 'QuotaExceededError') return new NearsideError('storage_full', 'The browser’s storage for this site is full.');
  if (name === 'VersionError') return new NearsideError('protocol_mismatch', 'What is stored was written by a newer version of this site.');
  return new NearsideError('engine_failed', `The browser’s storage failed (${name}).`);
}
