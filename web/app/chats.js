/**
 * The conversations of this browser, kept in IndexedDB on the page's side: they are the visitor's own words, and the
 * engine's records hold none of those. Where storage is blocked they live in memory. Fires `change`.
 */

import { openDB } from 'idb';

/** @typedef {import('./types.js').Chat} Chat */
/** @typedef {{id: string, title: string, changed: number}} Entry */

const DATABASE = 'nearside-chats';
const CHATS = 'chats';

/** The oldest go when there are more: a list that only grows is of no use to anybody. */
export const MOST = 200;

const TITLE_LENGTH = 60;

/**
 * What a conversation is called: the beginning of its first question.
 * @param {string} question
 */
export function titleOf(question) {
  const line = question.trim().replace(/\s+/g, ' ');
  return line.length <= TITLE_LENGTH ? line : `${line.slice(0, TITLE_LENGTH).replace(/\s+\S*$/, '')}…`;
}

/** A new id. */
export const freshId = () => crypto.getRandomValues(new Uint32Array(2)).join('-');

export class Chats extends EventTarget {
  /** Newest first. @type {Entry[]} */
  list = [];
  /** @type {import('idb').IDBPDatabase | null} */
  #db = null;
  /** Stands in for the database where there is none. @type {Map<string, Chat>} */
  #memory = new Map();

  /** Reads what earlier visits left. Never rejects. */
  async open() {
    try {
      this.#db = await openDB(DATABASE, 1, {
        upgrade: (db) => void db.createObjectStore(CHATS, { keyPath: 'id' }),
        blocking: () => this.close(),
        terminated: () => (this.#db = null),
      });
      /** @type {Chat[]} */
      const stored = await this.#db.getAll(CHATS);
      this.list = sorted([...stored.map(entryOf), ...this.list]);
    } catch (error) {
      if (!(error instanceof DOMException) && !(error instanceof ReferenceError)) throw error;
      this.#db = null;
    }
    this.#changed();
  }

  /**
   * @param {string} id
   * @returns {Promise<Chat | null>}
   */
  async get(id) {
    if (!this.#db) return this.#memory.get(id) ?? null;
    return (await this.#try((db) => db.get(CHATS, id))) ?? this.#memory.get(id) ?? null;
  }

  /**
   * Writes a conversation. When another tab wrote it since this one read it, both are kept: this one goes on under
   * an id of its own, which it finds in `chat.id` afterwards.
   * @param {Chat} chat
   */
  async save(chat) {
    const read = chat.changed;
    chat.changed = Math.max(Date.now(), read + 1, (this.list[0]?.changed ?? 0) + 1); // later than any other: the order is by this
    const written = await this.#try(async (db) => {
      const change = db.transaction(CHATS, 'readwrite');
      /** @type {Chat | undefined} */
      const stored = await change.store.get(chat.id);
      if (stored && stored.changed !== read) chat.id = freshId();
      await change.store.put(structuredClone(chat));
      await change.done;
      return true;
    });
    if (!written) this.#memory.set(chat.id, structuredClone(chat));
    this.list = sorted([entryOf(chat), ...this.list.filter(({ id }) => id !== chat.id)]);
    this.#changed();
    for (const { id } of this.list.slice(MOST)) await this.remove(id);
  }

  /** @param {string} id */
  async remove(id) {
    this.list = this.list.filter((entry) => entry.id !== id);
    this.#memory.delete(id);
    this.#changed();
    await this.#try((db) => db.delete(CHATS, id));
  }

  async clear() {
    this.list = [];
    this.#memory.clear();
    this.#changed();
    await this.#try((db) => db.clear(CHATS));
  }

  /** Lets go of the database, so that it can be deleted. */
  close() {
    this.#db?.close();
    this.#db = null;
  }

  /**
   * @template T
   * @param {(db: import('idb').IDBPDatabase) => Promise<T>} work
   * @returns {Promise<T | undefined>} undefined when there is no storage, or it refuses
   */
  async #try(work) {
    if (!this.#db) return undefined;
    try {
      return await work(this.#db);
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      return undefined;
    }
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}

/** @param {Chat} chat @returns {Entry} */
const entryOf = ({ id, turns, changed }) => ({ id, title: titleOf(turns[0]?.question ?? ''), changed });

/** @param {Entry[]} entries */
const sorted = (entries) => entries.sort((a, b) => b.changed - a.changed);
