/**
 * Keeps the engine's documents in step with the shelf, so that the chat can answer from the visitor's texts: what is on
 * the shelf is added, what left it is deleted. Documents that others gave the engine are left alone. One text at a
 * time, and never in the way: a text that the engine refuses stays on the shelf. Fires `change`.
 */

import { describe } from './search-session.js';
import { DRAFT_ID } from './shelf.js';

/** @typedef {import('./types.js').Source} Source */
/** @typedef {import('./types.js').Client['documents']} Documents */

/** The text box changes often; its text is read when it has rested for so long. */
const DRAFT_REST_MS = 2500;

/** The ids that a shelf gives: see `Shelf.add`. @param {string} id */
export const isShelfId = (id) => id === DRAFT_ID || /^\d+-\d+$/.test(id);

/**
 * @typedef {object} Parts
 * @property {{documents: Pick<Documents, 'add' | 'list' | 'delete'>}} client
 * @property {EventTarget & {sources: () => Source[], has: (id: string) => Promise<boolean>, draft: string}} shelf
 * @property {() => boolean} engineReady
 * @property {(error: import('./types.js').ErrorInfo, name: string) => void} onProblem
 * @property {number} [rest]
 */

export class ShelfSync extends EventTarget {
  /** The text that is being read, and how far; null when all are. @type {{name: string, left: number, progress: import('./types.js').Progress | null} | null} */
  reading = null;

  #parts;
  /** What the engine is known to hold, by id: the text itself, so that a changed one is noticed. @type {Map<string, string>} */
  #held = new Map();
  /** Texts that the engine refused, by id; asked again only when they change, or the engine starts anew. @type {Map<string, string>} */
  #refused = new Map();
  /** The engine's own list was read. */
  #listed = false;
  #restless = true;
  /** @type {Promise<void> | null} */
  #running = null;
  #again = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #stopped = false;
  /** The text that is being added, and how to break that off. @type {{id: string, text: string, abort: AbortController} | null} */
  #adding = null;

  /** @param {Parts} parts */
  constructor(parts) {
    super();
    this.#parts = parts;
    parts.shelf.addEventListener('change', () => this.#look());
  }

  /** The engine is up (again): what it holds is asked of itself. */
  engineIsUp() {
    this.#listed = false;
    this.#refused.clear();
    this.#look();
  }

  /** Nothing is added or deleted from here on. */
  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#adding?.abort.abort();
  }

  /**
   * Resolves when the engine holds what is on the shelf now, the text box too, as far as it takes it.
   * @param {AbortSignal} [signal] ends the waiting, not the work
   */
  async settled(signal) {
    clearTimeout(this.#timer);
    this.#restless = false;
    const done = this.#start();
    if (!signal) return done;
    await Promise.race([
      done,
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      }),
    ]);
  }

  #look() {
    const { id, text, abort } = this.#adding ?? {};
    // A text that left the shelf, or says something else by now, need not be read to its end.
    if (abort && !this.#parts.shelf.sources().some((source) => source.id === id && source.text === text)) abort.abort();
    void this.#start();
    clearTimeout(this.#timer);
    this.#restless = true;
    this.#timer = setTimeout(() => void this.settled(), this.#parts.rest ?? DRAFT_REST_MS);
    /** @type {{unref?: () => void}} */ (/** @type {unknown} */ (this.#timer)).unref?.();
  }

  #start() {
    if (this.#stopped || !this.#parts.engineReady()) return Promise.resolve();
    this.#again = true;
    this.#running ??= this.#work().finally(() => {
      this.#running = null;
      this.reading = null;
      this.dispatchEvent(new Event('change'));
    });
    return this.#running;
  }

  async #work() {
    while (this.#again && !this.#stopped && this.#parts.engineReady()) {
      this.#again = false;
      try {
        if (!this.#listed) await this.#list();
        await this.#deleteGone();
        await this.#addMissing();
      } catch (thrown) {
        const error = describe(thrown);
        if (error.code === 'unexpected') throw thrown;
        return; // the engine went away: it says so itself, and everything begins again when it is back
      }
    }
  }

  async #list() {
    const { documents } = await this.#parts.client.documents.list();
    const texts = new Map(this.#parts.shelf.sources().map(({ id, text }) => [id, text]));
    this.#held.clear();
    for (const { id, current } of documents) {
      if (!isShelfId(id)) continue;
      // A document on the shelf never changes, the text box does: its text is given again, which costs nothing if it is the same.
      const same = current && id !== DRAFT_ID ? texts.get(id) : undefined;
      this.#held.set(id, same ?? '');
    }
    this.#listed = true;
  }

  async #deleteGone() {
    const there = new Set(this.#parts.shelf.sources().map(({ id }) => id));
    for (const id of [...this.#held.keys()]) {
      if (there.has(id) || (id !== DRAFT_ID && (await this.#parts.shelf.has(id)))) continue;
      await this.#parts.client.documents.delete(id);
      this.#held.delete(id);
    }
  }

  #missing() {
    return this.#parts.shelf
      .sources()
      .filter(({ id, text }) => this.#held.get(id) !== text && this.#refused.get(id) !== text && !(id === DRAFT_ID && this.#restless));
  }

  async #addMissing() {
    for (let missing = this.#missing(); missing.length && !this.#stopped; missing = this.#missing()) {
      const [{ id, name, text }] = missing;
      this.#tell({ name, left: missing.length, progress: null });
      const abort = new AbortController();
      this.#adding = { id, text, abort };
      try {
        await this.#parts.client.documents.add(
          { id, name, text },
          { signal: abort.signal, onProgress: (progress) => this.#tell({ name, left: missing.length, progress }) },
        );
        this.#held.set(id, text);
      } catch (thrown) {
        const error = describe(thrown);
        if (error.code === 'unexpected' || error.code === 'engine_failed') throw thrown;
        if (!abort.signal.aborted) {
          this.#refused.set(id, text);
          this.#parts.onProblem(error, name);
        }
      } finally {
        this.#adding = null;
      }
      // It may have left the shelf while it was read.
      await this.#deleteGone();
    }
  }

  /** @param {NonNullable<ShelfSync['reading']>} reading */
  #tell(reading) {
    this.reading = reading;
    this.dispatchEvent(new Event('change'));
  }
}
