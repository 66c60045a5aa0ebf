/**
 * The visitor's texts: added documents and the draft in the text box. Kept in IndexedDB so that they
 * survive a reload; where storage is blocked they are kept in memory and `storage` says so. Nothing
 * here ever leaves the device. Fires `change`.
 */

import { openDB } from 'idb';

/** @typedef {import('./types.js').Document} Document */
/** @typedef {import('./types.js').Source} Source */

const DATABASE = 'nearside-documents';
const DOCUMENTS = 'documents';
const DRAFTS = 'drafts';
const DRAFT_KEY = 'draft';

/** Where tabs tell each other that the documents changed. */
const CHANNEL = 'nearside-documents';

/** The id of the text box among the sources of a search. */
export const DRAFT_ID = 'draft';

/** Longer texts in the box become documents: a text box that holds megabytes is slow to type in. */
export const DRAFT_LIMIT = 100_000;

/** A browser that asks the visitor before it opens a database must not hold up the page. */
const OPEN_PATIENCE_MS = 3000;

export class Shelf extends EventTarget {
  /** @type {Document[]} oldest first */
  documents = [];
  draft = '';
  /** @type {'unknown' | 'persistent' | 'memory'} */
  storage = 'unknown';
  /** Grows with every change of what a search would read. */
  revision = 0;

  /** @type {import('idb').IDBPDatabase | null} */
  #db = null;
  /** @type {string} */
  #draftName;
  /** Ids that this tab is about to write: they are not stored yet, and not gone either. @type {Set<string>} */
  #arriving = new Set();
  /** @type {BroadcastChannel | null} */
  #channel = null;

  /** @param {{draftName: string}} words how the text box is called among the sources */
  constructor({ draftName }) {
    super();
    this.#draftName = draftName;
  }

  /** Reads what an earlier visit left. Never rejects: without storage the shelf works from memory. */
  async open() {
    try {
      const opening = openDB(DATABASE, 1, {
        upgrade(db) {
          db.createObjectStore(DOCUMENTS, { keyPath: 'id' });
          db.createObjectStore(DRAFTS);
        },
        blocking: () => this.close(),
        terminated: () => this.#lose(),
      });
      const db = await Promise.race([opening, patience(OPEN_PATIENCE_MS)]);
      if (!db) {
        this.#lose();
        opening.then((late) => late.close(), () => undefined); // too late to be of use, in either case
        return;
      }
      /** @type {Document[]} */
      const stored = await db.getAll(DOCUMENTS);
      const draft = await db.get(DRAFTS, DRAFT_KEY);
      this.#db = db;
      this.storage = 'persistent';
      this.#follow();
      // What was added while the database was opening stays, and is written now.
      const early = this.documents;
      this.documents = [...stored.sort((a, b) => a.added - b.added), ...early];
      if (!this.draft && typeof draft === 'string') this.draft = draft;
      this.#changed();
      for (const document of early) await this.#write((open) => open.put(DOCUMENTS, document));
    } catch (error) {
      if (!(error instanceof DOMException) && !(error instanceof ReferenceError)) throw error;
      this.#lose();
    }
  }

  /**
   * Adds texts; resolves when they are kept (or when it is clear that they cannot be).
   * @param {{name: string, text: string, bytes: number}[]} texts
   * @returns {Promise<Document[]>} the new documents
   */
  async add(texts) {
    const latest = this.documents.at(-1)?.added ?? 0;
    const taken = new Set(this.documents.map((document) => document.name));
    const added = texts.map(({ name, text, bytes }, index) => ({
      id: crypto.getRandomValues(new Uint32Array(2)).join('-'),
      name: freeName(name, taken),
      text,
      bytes,
      added: Math.max(Date.now(), latest + 1) + index,
    }));
    this.documents = [...this.documents, ...added];
    for (const { id } of added) this.#arriving.add(id);
    this.#changed();
    for (const document of added) {
      await this.#write((db) => db.put(DOCUMENTS, document));
      this.#arriving.delete(document.id);
    }
    this.#tell();
    return added;
  }

  /** @param {string} id */
  async remove(id) {
    this.documents = this.documents.filter((document) => document.id !== id);
    this.#changed();
    await this.#write((db) => db.delete(DOCUMENTS, id));
    this.#tell();
  }

  /**
   * True for a document that is here or stored: another tab may have added it a moment ago.
   * @param {string} id
   */
  async has(id) {
    if (this.documents.some((document) => document.id === id)) return true;
    let stored = false;
    await this.#write(async (db) => (stored = (await db.getKey(DOCUMENTS, id)) !== undefined));
    return stored;
  }

  /** Removes every document and the draft, from the page and from storage. */
  async clear() {
    this.documents = [];
    this.draft = '';
    this.#changed();
    await this.#write(async (db) => {
      await db.clear(DOCUMENTS);
      await db.clear(DRAFTS);
    });
    this.#tell();
  }

  /** Lets go of the database, so that it can be deleted. */
  close() {
    this.#db?.close();
    this.#db = null;
    this.#channel?.close();
    this.#channel = null;
  }

  /**
   * Takes over what the text box holds.
   * @param {string} text
   */
  async setDraft(text) {
    if (text === this.draft) return;
    this.draft = text;
    this.#changed();
    await this.#write((db) => db.put(DRAFTS, text, DRAFT_KEY));
  }

  /** @returns {Source[]} what a search reads: the text box first, then the documents */
  sources() {
    const draft = this.draft.trim() ? [{ id: DRAFT_ID, name: this.#draftName, text: this.draft }] : [];
    return [...draft, ...this.documents.map(({ id, name, text }) => ({ id, name, text }))];
  }

  /**
   * Writes, and gives up on storage (but not on the page) when the browser refuses.
   * @param {(db: import('idb').IDBPDatabase) => Promise<unknown>} write
   */
  async #write(write) {
    if (!this.#db) return;
    try {
      await write(this.#db);
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      this.#lose();
    }
  }

  /** Takes over what other tabs add and remove. */
  #follow() {
    if (typeof BroadcastChannel !== 'function') return;
    this.#channel = new BroadcastChannel(CHANNEL);
    /** @type {{unref?: () => void}} */ (/** @type {unknown} */ (this.#channel)).unref?.(); // Node's hold the process
    this.#channel.onmessage = () =>
      void this.#write(async (db) => {
        /** @type {Document[]} */
        const stored = await db.getAll(DOCUMENTS);
        const mine = this.documents.filter(({ id }) => this.#arriving.has(id) && !stored.some((document) => document.id === id));
        this.documents = [...stored, ...mine].sort((a, b) => a.added - b.added);
        this.#changed();
      });
  }

  #tell() {
    this.#channel?.postMessage('changed');
  }

  #lose() {
    this.#db = null;
    this.storage = 'memory';
    this.dispatchEvent(new Event('change'));
  }

  #changed() {
    this.revision += 1;
    this.dispatchEvent(new Event('change'));
  }
}

/**
 * @param {number} ms
 * @returns {Promise<null>}
 */
function patience(ms) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), ms);
    /** @type {{unref?: () => void}} */ (/** @type {unknown} */ (timer)).unref?.(); // Node's timers hold the process
  });
}

/**
 * A name that is not taken yet, "notes.txt" or "notes.txt (2)"; it is taken from then on.
 * @param {string} name @param {Set<string>} taken
 */
function freeName(name, taken) {
  let free = name;
  for (let n = 2; taken.has(free); n += 1) free = `${name} (${n})`;
  taken.add(free);
  return free;
}
