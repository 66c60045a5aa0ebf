/** The console's log and history. Fires `change`. Survives switching views; nothing of it is stored. */

import { describe } from '../search-session.js';

/**
 * @typedef {object} Entry
 * @property {number} id
 * @property {string} code
 * @property {'running' | 'done' | 'failed' | 'stopped'} state
 * @property {string} output
 * @property {string | null} result
 * @property {string | null} error
 */

/** After so long a busy loop is likely, and a way out is offered. */
export const SLOW_MS = 3000;
/** Older entries leave the page, so that it stays quick. */
const MOST = 100;

/**
 * Whether Enter should run the code: one line that is complete. A block, an open bracket or a continued line goes on.
 * @param {string} code
 */
export function enterRuns(code) {
  const line = code.trimEnd();
  if (!line || line.includes('\n') || /[:\\]$/.test(line)) return false;
  const plain = line.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|#.*$/g, '');
  const depth = [...plain].reduce((open, letter) => open + ('([{'.includes(letter) ? 1 : ')]}'.includes(letter) ? -1 : 0), 0);
  return depth <= 0;
}

export class ConsoleSession extends EventTarget {
  /** @type {Entry[]} oldest first */
  entries = [];
  /** What stands in the box. */
  draft = '';
  /** True when the running code has taken so long that it may never end. */
  slow = false;

  #client;
  #slowMs;
  #ids = 0;
  /** Codes that were run, oldest first. @type {string[]} */
  #history = [];
  /** Place in the history; its length means the draft. */
  #at = 0;
  #kept = '';
  /** @type {AbortController | null} */
  #abort = null;

  /** @param {any} client @param {{slowMs?: number}} [parts] */
  constructor(client, { slowMs = SLOW_MS } = {}) {
    super();
    this.#client = client;
    this.#slowMs = slowMs;
  }

  get running() {
    return this.#abort !== null;
  }

  /**
   * Runs code; does nothing while other code runs. Never rejects.
   * @param {string} code
   * @returns {Promise<Entry | null>}
   */
  async run(code) {
    if (this.running || !code.trim()) return null;
    const abort = new AbortController();
    this.#abort = abort;
    if (this.#history.at(-1) !== code) this.#history.push(code);
    this.#at = this.#history.length;
    /** @type {Entry} */
    const entry = { id: (this.#ids += 1), code, state: 'running', output: '', result: null, error: null };
    this.entries = [...this.entries, entry].slice(-MOST);
    this.draft = '';
    this.#changed();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    // A run that waits for the engine's start is not slow.
    void Promise.resolve(this.#client.ready).then(() => {
      if (this.#abort !== abort) return;
      timer = setTimeout(() => {
        this.slow = true;
        this.#changed();
      }, this.#slowMs);
    }, () => {});
    try {
      const { output, result, error } = await this.#client.console.run(code, { signal: abort.signal });
      Object.assign(entry, { output, result, error, state: error === null ? 'done' : 'failed' });
    } catch (thrown) {
      const error = describe(thrown);
      if (error.code === 'cancelled') entry.state = 'stopped';
      else Object.assign(entry, { state: 'failed', error: [error.message, error.hint].filter(Boolean).join('\n') });
    } finally {
      clearTimeout(timer);
      this.#abort = null;
      this.slow = false;
      this.#changed();
    }
    return entry;
  }

  /** Ends the running code at its next await. */
  stop() {
    this.#abort?.abort();
  }

  /** A busy loop never awaits: only a new engine helps. */
  restart() {
    this.stop();
    this.#client.restart();
  }

  clear() {
    this.entries = this.entries.filter(({ state }) => state === 'running');
    this.#changed();
  }

  /**
   * An earlier or later code from the history, or null at its end. What was being typed is kept and comes back.
   * @param {-1 | 1} step
   * @returns {string | null}
   */
  recall(step) {
    const next = this.#at + step;
    if (next < 0 || next > this.#history.length) return null;
    if (this.#at === this.#history.length) this.#kept = this.draft;
    this.#at = next;
    this.draft = this.#history[next] ?? this.#kept;
    this.#changed();
    return this.draft;
  }

  /** Takes over what was typed. @param {string} draft */
  type(draft) {
    this.draft = draft;
    this.#at = this.#history.length;
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}

/** @type {WeakMap<object, ConsoleSession>} */
const sessions = new WeakMap();

/** The page's one console. @param {{client: any}} services @returns {ConsoleSession} */
export function consoleOf(services) {
  let session = sessions.get(services);
  if (!session) sessions.set(services, (session = new ConsoleSession(services.client)));
  return session;
}
