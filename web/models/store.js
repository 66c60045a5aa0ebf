/**
 * Models in IndexedDB: ArrayBuffer chunks of 8 MB, the metadata record written last.
 *
 * A file counts as stored only when its metadata record exists, so a tab that closes in the middle leaves chunks to
 * continue from and never a broken model. Where storage is blocked or full the store says so and keeps nothing: a
 * failed write never fails a load. Blobs are avoided because WebKitGTK cannot store them.
 */
import { openDB } from 'idb';
import { weightFiles } from './graphs.js';

export const CHUNK_BYTES = 8 * 1024 * 1024;
const NAME = 'nearside-models';
const STORES = ['files', 'chunks', 'partials', 'cards', 'fallbacks', 'revisions']; // the last two since version 2 and 3

/**
 * @typedef {import('../protocol.js').Card} Card
 * @typedef {import('../protocol.js').CardFile} CardFile
 * @typedef {{id: string, revision: string, path: string, bytes: number, sha256: string|null, sha1: string|null,
 *   chunks: number, lastUsed: number}} StoredFile
 * @typedef {{id: string, revision: string, bytes: number, files: string[], lastUsed: number, complete: boolean}} StoredModel
 * @typedef {{current: string|null, previous: string|null, refused: string[]}} History the revision that answered here
 *   last, the one before it, and those that failed here
 */

/** @param {Card} card @param {CardFile} file @returns {string} */
export const fileKey = (card, file) => `${card.id}@${card.revision}/${file.path}`;

/**
 * Side files alone are no model: a download may have failed at the weights.
 * @param {Card|undefined} card @param {string[]} stored paths
 * @returns {boolean} whether the weights of some dtype are there, all graphs and their external data
 */
function hasWeights(card, stored) {
  const paths = card?.files.map(({ path }) => path) ?? [];
  return Object.values(card?.dtypes ?? {}).some((main) => weightFiles(main, paths).every((path) => stored.includes(path)));
}

/** The models kept in this browser for this origin. */
export class ModelStore {
  /** @param {import('idb').IDBPDatabase|null} db @param {string|null} note why nothing is kept, or null */
  constructor(db, note) {
    this.db = db;
    this.note = note;
  }

  /** @returns {boolean} whether what is written stays */
  get persistent() {
    return this.db !== null;
  }

  /** @returns {Promise<ModelStore>} never rejects: where storage is blocked the store keeps nothing and says why */
  static async open() {
    try {
      const db = await openDB(NAME, 3, {
        upgrade(fresh) {
          for (const name of STORES) if (!fresh.objectStoreNames.contains(name)) fresh.createObjectStore(name);
        },
        blocking: (_current, _blocked, event) => /** @type {IDBDatabase} */ (event.target).close(),
      });
      return new ModelStore(db, null);
    } catch (cause) {
      return new ModelStore(null, `Storage is blocked (${cause instanceof Error ? cause.name : cause}); models stay in memory only.`);
    }
  }

  /**
   * Stops keeping anything, for instance when the quota is used up. What is stored already stays.
   * @param {unknown} cause
   */
  giveUp(cause) {
    const name = cause instanceof DOMException ? cause.name : String(cause);
    this.note =
      name === 'QuotaExceededError'
        ? 'The browser’s storage for this site is full; the model runs from memory and is not kept.'
        : `Storage failed (${name}); the model runs from memory and is not kept.`;
    this.db?.close();
    this.db = null;
  }

  /**
   * Runs a write and swallows its failure into `note`: the load goes on from memory.
   * @param {string[]} stores
   * @param {(tx: import('idb').IDBPTransaction<unknown, string[], 'readwrite'>) => void} fill
   * @returns {Promise<boolean>} whether it was written
   */
  async write(stores, fill) {
    if (!this.db) return false;
    try {
      const tx = this.db.transaction(stores, 'readwrite');
      fill(tx);
      await tx.done; // QuotaExceededError arrives here, from the transaction's abort, not from the request
      return true;
    } catch (cause) {
      this.giveUp(cause);
      return false;
    }
  }

  /**
   * Runs a read; where it fails the store counts as empty from here on.
   * @template T
   * @param {(db: import('idb').IDBPDatabase) => Promise<T>} look @param {T} otherwise
   * @returns {Promise<T>}
   */
  async look(look, otherwise) {
    if (!this.db) return otherwise;
    try {
      return await look(this.db);
    } catch (cause) {
      this.giveUp(cause);
      return otherwise;
    }
  }

  /**
   * A complete file, or null. Marks it as used now.
   * @param {Card} card @param {CardFile} file
   * @returns {Promise<Uint8Array<ArrayBuffer>|null>}
   */
  read(card, file) {
    return this.look((db) => this.#read(db, card, file), null);
  }

  /**
   * @param {import('idb').IDBPDatabase} db @param {Card} card @param {CardFile} file
   * @returns {Promise<Uint8Array<ArrayBuffer>|null>}
   */
  async #read(db, card, file) {
    const key = fileKey(card, file);
    /** @type {StoredFile|undefined} */
    const meta = await db.get('files', key);
    if (!meta || (file.sha256 && meta.sha256 !== file.sha256) || (file.sha1 && meta.sha1 !== file.sha1)) return null;
    const whole = new Uint8Array(meta.bytes);
    for (let index = 0; index < meta.chunks; index += 1) {
      const chunk = await db.get('chunks', [key, index]);
      if (!(chunk instanceof ArrayBuffer) || index * CHUNK_BYTES + chunk.byteLength > meta.bytes) return null;
      whole.set(new Uint8Array(chunk), index * CHUNK_BYTES);
    }
    await this.write(['files'], (tx) => void tx.objectStore('files').put({ ...meta, lastUsed: Date.now() }, key));
    return whole;
  }

  /** @param {Card} card @returns {Promise<string[]>} the paths of the files of that revision that are there */
  async paths({ id, revision }) {
    return (await this.list()).find((one) => one.id === id && one.revision === revision)?.files ?? [];
  }

  /**
   * The full chunks that an interrupted download left, in order from the start.
   * @param {string} key
   * @returns {Promise<{chunks: ArrayBuffer[], etag: string|null}>}
   */
  partial(key) {
    /** @type {{chunks: ArrayBuffer[], etag: string|null}} */
    const nothing = { chunks: [], etag: null };
    return this.look(async (db) => {
      const partial = await db.get('partials', key);
      /** @type {ArrayBuffer[]} */
      const chunks = [];
      while (partial) {
        const chunk = await db.get('chunks', [key, chunks.length]);
        if (!(chunk instanceof ArrayBuffer) || chunk.byteLength !== CHUNK_BYTES) break;
        chunks.push(chunk);
      }
      return { chunks, etag: partial?.etag ?? null };
    }, nothing);
  }

  /** @param {string} key @param {string|null} etag of the representation that the next chunks belong to */
  begin(key, etag) {
    return this.write(['partials'], (tx) => void tx.objectStore('partials').put({ etag }, key));
  }

  /** @param {string} key @param {number} index @param {ArrayBuffer} chunk */
  putChunk(key, index, chunk) {
    return this.write(['chunks'], (tx) => void tx.objectStore('chunks').put(chunk, [key, index]));
  }

  /** @param {string} key forget an interrupted or corrupt download */
  discard(key) {
    return this.write(['chunks', 'partials', 'files'], (tx) => {
      void tx.objectStore('files').delete(key);
      void tx.objectStore('partials').delete(key);
      void tx.objectStore('chunks').delete(IDBKeyRange.bound([key], [key, []]));
    });
  }

  /**
   * Declares a file complete: the last write of a download.
   * @param {Card} card @param {CardFile} file @param {number} bytes
   */
  commit(card, file, bytes) {
    const key = fileKey(card, file);
    const chunks = Math.ceil(bytes / CHUNK_BYTES);
    /** @type {StoredFile} */
    const meta = {
      id: card.id, revision: card.revision, path: file.path, bytes, sha256: file.sha256, sha1: file.sha1 ?? null,
      chunks, lastUsed: Date.now(),
    };
    return this.write(['files', 'partials', 'cards'], (tx) => {
      void tx.objectStore('files').put(meta, key);
      void tx.objectStore('partials').delete(key);
      void tx.objectStore('cards').put(card, `${card.id}@${card.revision}`);
    });
  }

  /**
   * @param {string} id @param {string|null} [revision] the one that answered last unless named
   * @returns {Promise<Card|null>} the card as it was when the model was stored, for use offline
   */
  card(id, revision = null) {
    return this.look(async (db) => {
      const wanted = revision ?? (await this.history(id)).current;
      const cards = /** @type {Card[]} */ (await db.getAll('cards')).filter((card) => card.id === id);
      return cards.find((card) => card.revision === wanted) ?? (revision === null ? (cards.at(-1) ?? null) : null);
    }, null);
  }

  /**
   * @param {string} id @param {string} revision @param {string} path of a small file
   * @returns {Promise<string|null>} its text, null where it is not stored
   */
  text(id, revision, path) {
    return this.look(async (db) => {
      const chunk = await db.get('chunks', [`${id}@${revision}/${path}`, 0]);
      return chunk instanceof ArrayBuffer ? new TextDecoder().decode(chunk) : null;
    }, null);
  }

  /** @param {string} id @returns {Promise<History>} */
  history(id) {
    const none = { current: null, previous: null, refused: [] };
    return this.look(async (db) => (await db.get('revisions', id)) ?? none, /** @type {History} */ (none));
  }

  /** @param {string} id @param {History} history */
  setHistory(id, history) {
    return this.write(['revisions'], (tx) => void tx.objectStore('revisions').put(history, id));
  }

  /** @param {string} key of device and model @returns {Promise<string|null>} why the model does not run on that device */
  fallback(key) {
    return this.look(async (db) => (await db.get('fallbacks', key)) ?? null, null);
  }

  /** @param {string} key of device and model @param {string} note why the model does not run on that device */
  rememberFallback(key, note) {
    return this.write(['fallbacks'], (tx) => void tx.objectStore('fallbacks').put(note, key));
  }

  /** @returns {Promise<StoredModel[]>} what is kept, one entry per model and revision, latest use first */
  list() {
    return this.look((db) => this.#list(db), /** @type {StoredModel[]} */ ([]));
  }

  /** @param {import('idb').IDBPDatabase} db @returns {Promise<StoredModel[]>} */
  async #list(db) {
    /** @type {Map<string, StoredModel>} */
    const models = new Map();
    for (const file of /** @type {StoredFile[]} */ (await db.getAll('files'))) {
      const name = `${file.id}@${file.revision}`;
      const model = models.get(name) ?? { id: file.id, revision: file.revision, bytes: 0, files: [], lastUsed: 0, complete: true };
      model.bytes += file.bytes;
      model.files.push(file.path);
      model.lastUsed = Math.max(model.lastUsed, file.lastUsed);
      models.set(name, model);
    }
    const cards = new Map(/** @type {Card[]} */ (await db.getAll('cards')).map((card) => [`${card.id}@${card.revision}`, card]));
    for (const [name, model] of models) model.complete = hasWeights(cards.get(name), model.files);
    for (const key of /** @type {string[]} */ (await db.getAllKeys('partials'))) {
      const [name] = /^[^/]+\/[^/]+/.exec(key) ?? [key];
      const [id, revision] = name.split('@');
      const model = models.get(name) ?? { id, revision, bytes: 0, files: [], lastUsed: 0, complete: false };
      models.set(name, { ...model, complete: false });
    }
    return [...models.values()].sort((a, b) => b.lastUsed - a.lastUsed);
  }

  /**
   * @param {string} id
   * @param {(revision: string) => boolean} [which] which revisions to delete; all unless told
   * @returns {Promise<boolean>} whether anything was there
   */
  async delete(id, which = () => true) {
    const keys = await this.look(
      async (db) => new Set([...(await db.getAllKeys('files')), ...(await db.getAllKeys('partials'))].map(String)),
      /** @type {Set<string>} */ (new Set()),
    );
    const mine = [...keys].filter((key) => key.startsWith(`${id}@`) && which(key.slice(id.length + 1).split('/')[0]));
    for (const key of mine) await this.discard(key);
    const gone = new Set(mine.map((key) => key.slice(0, key.indexOf('/', key.indexOf('/') + 1))));
    const all = ![...keys].some((key) => key.startsWith(`${id}@`) && !mine.includes(key));
    await this.write(['cards', 'revisions'], (tx) => {
      for (const name of gone) void tx.objectStore('cards').delete(name);
      if (!all) return;
      void tx.objectStore('cards').delete(id); // where versions before 3 kept it
      void tx.objectStore('revisions').delete(id);
    });
    return mine.length > 0;
  }

  /**
   * Makes room for a download: evicts what only serves for going back, then the least recently used other models,
   * until the browser's estimate says that `bytes` fit. Only models are ever evicted. Gives up keeping anything when
   * they cannot fit.
   * @param {number} bytes @param {string} keep id of the model that must stay
   */
  async reserve(bytes, keep) {
    if (!this.db || !navigator.storage?.estimate) return;
    const fits = async () => {
      const { quota, usage } = await navigator.storage.estimate();
      return quota === undefined || usage === undefined || quota - usage >= bytes;
    };
    const oldestFirst = (await this.list()).reverse();
    const former = new Set();
    for (const model of oldestFirst) if ((await this.history(model.id)).previous === model.revision) former.add(model);
    const victims = [...former, ...oldestFirst.filter((model) => model.id !== keep && !former.has(model))];
    while (!(await fits())) {
      const victim = victims.shift();
      if (!victim) return this.giveUp(new DOMException('', 'QuotaExceededError'));
      await this.delete(victim.id, (revision) => revision === victim.revision);
    }
  }
}
