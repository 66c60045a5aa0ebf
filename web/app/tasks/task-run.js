/** One call at a time of one card: waiting, progress, answer or error, cancel. Fires `change`. */

import { describe } from '../search-session.js';

/** @typedef {import('../types.js').ErrorInfo} ErrorInfo */
/** @typedef {import('../types.js').Progress} Progress */
/** @typedef {{form: Record<string, any>, call: import('./code.js').Call}} Given what a run was started with */
/** @typedef {{signal: AbortSignal, onProgress: (progress: Progress) => void, onText: (piece: string) => void}} Parts */

export class TaskRun extends EventTarget {
  /** @type {'idle' | 'pending' | 'done' | 'failed' | 'cancelled'} */
  state = 'idle';
  /** @type {Given | null} */
  given = null;
  /** What came back, and the language to warn of. @type {{answer: any, foreign: string | null} | null} */
  result = null;
  /** @type {ErrorInfo | null} */
  error = null;
  /** @type {Progress | null} */
  progress = null;
  /** What has been written so far, by a task that writes. */
  partial = '';
  /** Milliseconds until the rest is done; null while unknown. @type {number | null} */
  left = null;
  /** Milliseconds the call took, from the engine being up. */
  took = 0;

  #now;
  #answersNow;
  #began = 0;
  /** @type {AbortController | null} */
  #abort = null;

  /** @param {{now: () => number, answersNow: () => boolean}} parts */
  constructor({ now, answersNow }) {
    super();
    this.#now = now;
    this.#answersNow = answersNow;
  }

  /**
   * Never rejects: look at `state`. A call that still runs is cancelled.
   * @param {Given} given
   * @param {(given: Given, parts: Parts) => Promise<{answer: any, foreign: string | null}>} perform
   */
  async run(given, perform) {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.#began = this.#answersNow() ? this.#now() : 0;
    Object.assign(this, { state: 'pending', given, error: null, result: null, progress: null, left: null, partial: '' });
    this.#changed();
    try {
      const result = await perform(given, {
        signal: abort.signal,
        onProgress: (progress) => this.#advance(abort, progress),
        onText: (piece) => this.#grow(abort, piece),
      });
      if (this.#abort !== abort) return;
      this.took = this.#now() - (this.#began || this.#now());
      this.result = result;
      this.#settle('done');
    } catch (thrown) {
      if (this.#abort !== abort) return;
      const error = describe(thrown);
      const cancelled = abort.signal.aborted || error.code === 'cancelled';
      if (!cancelled) this.error = error;
      this.#settle(cancelled ? 'cancelled' : 'failed');
    }
  }

  /** The engine became able to answer: a waiting call is timed from here. */
  engineIsUp() {
    if (this.state === 'pending' && !this.#began) this.#began = this.#now();
  }

  cancel() {
    this.#abort?.abort();
  }

  /** Forgets the answer; a call that still runs is cancelled. */
  clear() {
    this.#abort?.abort();
    Object.assign(this, { given: null, result: null, error: null });
    this.#settle('idle');
  }

  /** @param {AbortController} abort @param {Progress} progress */
  #advance(abort, progress) {
    if (this.#abort !== abort || this.state !== 'pending' || !progress?.total) return;
    this.#began ||= this.#now();
    const spent = this.#now() - this.#began;
    this.progress = progress;
    // Below two seconds or one twentieth the pace says little, and a wrong promise is worse than none.
    const known = spent > 2000 && progress.done * 20 > progress.total;
    this.left = known ? (spent / progress.done) * (progress.total - progress.done) : null;
    this.#changed();
  }

  /** @param {AbortController} abort @param {string} piece */
  #grow(abort, piece) {
    if (this.#abort !== abort || this.state !== 'pending') return;
    this.#began ||= this.#now();
    this.partial += piece;
    this.#changed();
  }

  /** @param {'idle' | 'done' | 'failed' | 'cancelled'} state */
  #settle(state) {
    this.#abort = null;
    Object.assign(this, { state, progress: null, left: null });
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
