/**
 * One search at a time: asks the engine, keeps the answer together with the texts it was found in, and
 * knows how to cancel, retry and ask for more. Survives switching views. Fires `change`.
 */

/** @typedef {import('./types.js').Answer} Answer */
/** @typedef {import('./types.js').ErrorInfo} ErrorInfo */
/** @typedef {import('./types.js').Source} Source */
/** @typedef {'idle' | 'pending' | 'done' | 'failed' | 'cancelled'} State */

/**
 * Any thrown value as the four fields of a typed error, so that the views show one thing only.
 * @param {unknown} thrown
 * @returns {ErrorInfo}
 */
export function describe(thrown) {
  const error = /** @type {Partial<ErrorInfo> | null | undefined} */ (thrown);
  return {
    code: typeof error?.code === 'string' ? error.code : 'unexpected',
    message: typeof error?.message === 'string' && error.message ? error.message : String(thrown),
    hint: typeof error?.hint === 'string' ? error.hint : null,
    retryable: error?.retryable ?? true,
  };
}

export class SearchSession extends EventTarget {
  /** @type {State} */
  state = 'idle';
  query = '';
  topK = 10;
  /** @type {Source[]} the texts of the last search, in the order the engine saw them */
  sources = [];
  /** @type {Answer | null} */
  answer = null;
  /** The question that `answer` answers. */
  answeredQuery = '';
  /** What the caller named the state of the texts, so that it can tell whether an answer is out of date. */
  revision = 0;
  /** @type {ErrorInfo | null} */
  error = null;
  /** @type {import('./types.js').Progress | null} */
  progress = null;
  /** Milliseconds from asking (or, for a query asked during the start, from the engine being up) to the answer. */
  took = 0;
  /** Milliseconds until the rest is done, as the pace so far suggests; null while unknown. */
  /** @type {number | null} */
  left = null;

  /** @type {Pick<import('./types.js').Client, 'search'>} */
  #client;
  /** @type {() => number} */
  #now;
  /** @type {() => boolean} */
  #answersNow;
  /** @type {AbortController | null} */
  #abort = null;
  #began = 0;

  /**
   * @param {Pick<import('./types.js').Client, 'search'>} client
   * @param {{now?: () => number, answersNow?: () => boolean}} [parts]
   */
  constructor(client, { now = () => performance.now(), answersNow = () => true } = {}) {
    super();
    this.#client = client;
    this.#now = now;
    this.#answersNow = answersNow;
  }

  /**
   * Asks the engine; an earlier search that still runs is cancelled. Never rejects: look at `state`.
   * @param {string} query
   * @param {Source[]} sources
   * @param {number} [topK]
   * @param {number} [revision]
   */
  async run(query, sources, topK = 10, revision = this.revision) {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.#began = this.#answersNow() ? this.#now() : 0;
    Object.assign(this, { state: 'pending', query, sources, topK, revision, error: null, progress: null, left: null });
    this.#changed();
    try {
      const answer = await this.#client.search(
        query,
        sources.map((source) => source.text),
        { topK, passages: true, signal: abort.signal, onProgress: (progress) => this.#advance(abort, progress) },
      );
      if (this.#abort !== abort) return;
      this.took = this.#now() - (this.#began || this.#now());
      this.answer = answer;
      this.answeredQuery = query;
      this.#settle('done');
    } catch (thrown) {
      if (this.#abort !== abort) return;
      const error = describe(thrown);
      if (abort.signal.aborted || error.code === 'cancelled') {
        this.#settle('cancelled');
      } else {
        this.error = error;
        this.#settle('failed');
      }
    }
  }

  /** The same question once more, over the same texts. */
  retry() {
    return this.run(this.query, this.sources, this.topK);
  }

  /** The engine became able to answer: a waiting search is timed from here. */
  engineIsUp() {
    if (this.state === 'pending' && !this.#began) this.#began = this.#now();
  }

  /** Stops a running search; does nothing when none runs. */
  cancel() {
    this.#abort?.abort();
  }

  /** Back to the beginning. */
  clear() {
    this.#abort?.abort();
    this.#abort = null;
    this.query = '';
    this.answer = null;
    this.sources = [];
    this.error = null;
    this.#settle('idle');
  }

  /**
   * @param {AbortController} abort the search that reports
   * @param {import('./types.js').Progress} progress
   */
  #advance(abort, progress) {
    if (this.#abort !== abort || this.state !== 'pending') return;
    this.#began ||= this.#now();
    const spent = this.#now() - this.#began;
    this.progress = progress;
    // Below two seconds or one twentieth the pace says little, and a wrong promise is worse than none.
    const known = spent > 2000 && progress.done * 20 > progress.total;
    this.left = known ? (spent / progress.done) * (progress.total - progress.done) : null;
    this.#changed();
  }

  /** @param {State} state */
  #settle(state) {
    this.#abort = null;
    this.state = state;
    this.progress = null;
    this.left = null;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
