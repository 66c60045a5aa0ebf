/** The public client: one method per task. It only sends and receives; the engine decides and computes. */

import { NearsideError } from '../errors.js';
import { emptyStatus } from '../engine/status.js';
import { Completions, streamText } from './chat.js';
import { Connection } from './connection.js';
import { Classifier, Classifiers, Documents, Models, Records, Settings } from './parts.js';

/**
 * @typedef {import('../protocol.js').Status} Status
 * @typedef {import('./shapes.js').Mode} Mode
 * @typedef {import('./shapes.js').Answered} Answered
 * @typedef {import('./shapes.js').Span} Span
 * @typedef {import('./shapes.js').TaskOptions} TaskOptions
 */

/** An engine in this page. Emits `status` events whose `detail` is the same snapshot as `status`. */
export class Client extends EventTarget {
  #address;
  /** @type {Connection} */
  #connection;
  /** @type {{resolve: () => void, reject: (error: NearsideError) => void}} */
  #gate = { resolve() {}, reject() {} };

  /** @param {string} address URL of the engine's document with its options */
  constructor(address) {
    super();
    this.#address = address;
    /** @type {Status} */
    this.status = emptyStatus();
    /** @type {Promise<void>} settles when the engine answers; rejects with a NearsideError when it cannot start */
    this.ready = this.#newGate();
    this.#connection = this.#open();
    /** @type {import('./parts.js').Call} */
    const call = (method, params, options) => this.#connection.call(method, params, options);
    this.models = new Models(call);
    this.documents = new Documents(call);
    this.classifiers = new Classifiers(call);
    this.records = new Records(call);
    this.settings = new Settings(call);
    this.chat = {
      completions: new Completions(call),
      /**
       * Reads the bundled help now, so that the first question need not wait for it.
       * @returns {Promise<void>}
       */
      prepare: async () => void (await call('chat.prepare', {})),
    };
    /** Python on the engine, for people who try things out. */
    this.console = {
      /**
       * Runs Python with `nearside` as the client; names stay between runs.
       * @param {string} code @param {{signal?: AbortSignal}} [options]
       * @returns {Promise<{output: string, result: string|null, error: string|null}>}
       */
      run: (code, options = {}) => call('console.run', { code }, options),
    };
  }

  /**
   * A vector of length 1 for each text.
   * @param {string|string[]} texts @param {TaskOptions} [options]
   * @returns {Promise<{embeddings: Float32Array[]} & Answered>}
   * @throws {NearsideError} invalid_input, and what loading a model may throw
   */
  embed(texts, options = {}) {
    return this.#task('embed', { texts }, options);
  }

  /**
   * The cosine of two texts' vectors, -1 to 1.
   * @param {string} a @param {string} b @param {TaskOptions} [options]
   * @returns {Promise<{score: number} & Answered>}
   */
  similarity(a, b, options = {}) {
    return this.#task('similarity', { a, b }, options);
  }

  /**
   * The best documents for a query, by words and by meaning, best first. With `passages` every document is cut into
   * passages and the best of them are the results; `start` and `end` are the place in the document.
   * @param {string} query @param {string[]} docs @param {TaskOptions & {topK?: number, passages?: boolean}} [options]
   * @returns {Promise<{results: import('./shapes.js').SearchHit[]} & Answered>}
   */
  search(query, docs, options = {}) {
    return this.#task('search', { query, docs }, options);
  }

  /**
   * The texts in a new order: those that answer the query best first; all of them unless `topK` says how many.
   * @param {string} query @param {string[]} docs @param {TaskOptions & {topK?: number}} [options]
   * @returns {Promise<{results: {index: number, score: number, text: string}[]} & Answered>}
   */
  rerank(query, docs, options = {}) {
    return this.#task('rerank', { query, docs }, options);
  }

  /**
   * How well each label fits: scores that sum to 1, or with `multiLabel` each label's own, best first. A list of texts
   * gives `results` with one entry each. `hypothesis` is the sentence that a label is put into, with {} in its place.
   * @param {string|string[]} texts @param {string[]} labels
   * @param {TaskOptions & {multiLabel?: boolean, hypothesis?: string}} [options]
   * @returns {Promise<import('./shapes.js').Labels & {results: import('./shapes.js').Labels[]} & Answered>} `labels` and
   *   `scores` for one text, `results` for a list
   */
  zeroShot(texts, labels, options = {}) {
    return this.#task('zeroShot', { texts, labels }, options);
  }

  /**
   * The sentences that say most, in their order, with their places; the cloud writes its own. `style`: `headline` (1
   * sentence), `brief` (3), `detailed` (7) or `bullets` (5).
   * @param {string} text @param {TaskOptions & {style?: 'headline'|'brief'|'detailed'|'bullets', maxTokens?: number}} [options]
   * @returns {Promise<{summary: string, sentences: (Span & {text: string, score: number})[]} & Answered>}
   */
  summarize(text, options = {}) {
    return this.#task('summarize', { text }, options);
  }

  /**
   * The sentence of `context` that answers best, with its place, and the next ones. Places are null where the cloud
   * answered in words of its own.
   * @param {string} question @param {string} context @param {TaskOptions & {topK?: number}} [options]
   * @returns {Promise<import('./shapes.js').AnswerSpan & {alternatives: import('./shapes.js').AnswerSpan[]} & Answered>}
   */
  answer(question, context, options = {}) {
    return this.#task('answer', { question, context }, options);
  }

  /**
   * @param {string} text @param {TaskOptions} [options]
   * @returns {Promise<{language: string|null, name: string|null, confidence: number,
   *   alternatives: {language: string, confidence: number}[], decision: import('./shapes.js').Decision}>}
   */
  detectLanguage(text, options = {}) {
    return this.#task('detectLanguage', { text }, options);
  }

  /**
   * A classifier that has learned from examples; it is kept on this device.
   * @param {{text: string, label: string}[]} examples @param {TaskOptions & {name?: string}} [options]
   * @returns {Promise<Classifier>}
   */
  async teach(examples, options = {}) {
    const { classifier, decision } = await this.#task('teach', { examples }, options);
    return new Classifier((...call) => this.#connection.call(...call), classifier, decision);
  }

  /**
   * An answer to a prompt: quoted from documents on this device, with citations, or written by a model of the cloud,
   * whose `parameters` (temperature, max_tokens, ...) are OpenAI's.
   * @param {string} prompt @param {TaskOptions & {parameters?: Record<string, unknown>}} [options]
   * @returns {Promise<{text: string, finishReason: string, citations: import('./shapes.js').Citation[], found: boolean} & Answered>}
   */
  generate(prompt, options = {}) {
    return this.#task('generate', { prompt }, options);
  }

  /**
   * The answer of `generate` piece by piece; `result` settles at its end. Should the side that answers break off, the
   * other one's answer follows after an empty line.
   * @param {string} prompt @param {TaskOptions & {parameters?: Record<string, unknown>}} [options]
   */
  stream(prompt, options = {}) {
    return streamText(this.chat.completions, prompt, options);
  }

  /**
   * Which side would answer, and why: a dry run that asks nobody. `prompt` is the text of a chat request,
   * `characters` the length of any other.
   * @param {{task: string, prompt?: string, characters?: number} & TaskOptions} request
   * @returns {Promise<import('./shapes.js').Decision>}
   */
  route(request) {
    const { signal, ...params } = request;
    return this.#connection.call('route', params, { signal });
  }

  /** @returns {Promise<Record<string, any>>} what this browser and device are, `null` for what cannot be known, and what it means */
  device() {
    return this.#connection.call('device', {});
  }

  /** Starts the engine anew, for instance after a failure. Waiting calls end with engine_failed. */
  restart() {
    this.#connection.close();
    this.status = { ...emptyStatus(), engine: 'restarting' };
    this.ready = this.#newGate();
    this.#connection = this.#open();
    this.#announce();
  }

  /** Ends the engine and gives its memory back. Calls from here on, and a waiting `ready`, reject with engine_failed. */
  close() {
    this.#connection.close();
    if (this.#connection.ended) this.#gate.reject(this.#connection.ended);
  }

  /** @param {string} method @param {Record<string, unknown>} params @param {TaskOptions & Record<string, unknown>} options */
  #task(method, params, options) {
    const { signal, onProgress, ...rest } = options;
    return this.#connection.call(method, { ...rest, ...params }, { signal, onProgress });
  }

  #open() {
    // A connection that was closed has nothing more to say: another one may be in its place by now.
    const connection = new Connection(this.#address, (status) => void (connection.ended ?? this.#changed(status)));
    connection.port.catch((error) => connection.ended ?? this.#changed({ ...this.status, engine: 'failed', error: error.toWire() }));
    return connection;
  }

  /** @returns {Promise<void>} */
  #newGate() {
    const ready = new Promise((resolve, reject) => {
      this.#gate = { resolve: () => resolve(undefined), reject };
    });
    ready.catch(() => {}); // whoever does not look at `ready` is told by the calls
    return ready;
  }

  /** @param {Status} status */
  #changed(status) {
    this.status = status;
    if (status.engine === 'ready') this.#gate.resolve();
    if (status.engine === 'failed' && status.error) {
      const error = NearsideError.fromWire(status.error);
      this.#gate.reject(error);
      this.#connection?.fail(error);
    }
    this.#announce();
  }

  #announce() {
    this.dispatchEvent(new CustomEvent('status', { detail: this.status }));
  }
}
