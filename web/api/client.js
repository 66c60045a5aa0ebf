/** The public client: one method per task. It only sends and receives; the engine decides and computes. */
import { NearsideError } from '../errors.js';
import { emptyStatus } from '../engine/status.js';
import { Connection } from './connection.js';

/**
 * @typedef {import('../protocol.js').Status} Status
 * @typedef {{device?: 'auto'|'wasm'|'webgpu'}} ConnectOptions
 * @typedef {{signal?: AbortSignal, onProgress?: (progress: {done: number, total: number}) => void, model?: string}} TaskOptions
 * @typedef {TaskOptions & {topK?: number, passages?: boolean}} SearchOptions
 * @typedef {{id: string, revision: string, dtype: string, backend: string, sha256: string|null}} ModelUsed
 * @typedef {{tokens: number, texts: number, cached: number}} Usage
 * @typedef {{start: number, end: number}} Span offsets in UTF-16 code units
 * @typedef {{index: number, score: number, text: string, start: number, end: number, highlights: Span[]}} SearchHit
 * @typedef {{phase: 'download'|'prepare'|'ready', loaded: number, total: number|null}} LoadProgress bytes
 * @typedef {{id: string, revision: string, task: string|null, bytes: number|null, stored: boolean, loaded: boolean,
 *   dtype: string|null, backend: string|null, license: string|null, languages: string[], source: string|null,
 *   starter: boolean, lastUsed: number|null}} ModelEntry
 * @typedef {{persistent: boolean|null, used: number|null, quota: number|null, persisted: boolean|null, note: string|null}} StorageReport
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
    this.models = new Models((method, params, options) => this.#connection.call(method, params, options));
  }

  /**
   * A vector of length 1 for each text.
   * @param {string|string[]} texts @param {TaskOptions} [options]
   * @returns {Promise<{embeddings: Float32Array[], usage: Usage, model: ModelUsed}>}
   * @throws {NearsideError} invalid_input, and what loading a model may throw
   */
  embed(texts, options = {}) {
    return this.#task('embed', { texts }, options);
  }

  /**
   * The cosine of two texts' vectors, -1 to 1.
   * @param {string} a @param {string} b @param {TaskOptions} [options]
   * @returns {Promise<{score: number, usage: Usage, model: ModelUsed}>}
   */
  similarity(a, b, options = {}) {
    return this.#task('similarity', { a, b }, options);
  }

  /**
   * The best documents for a query, by words and by meaning, best first. With `passages` every document is cut into
   * passages and the best of them are the results; `start` and `end` are the place in the document.
   * @param {string} query @param {string[]} docs @param {SearchOptions} [options]
   * @returns {Promise<{results: SearchHit[], usage: Usage, model: ModelUsed}>}
   */
  search(query, docs, options = {}) {
    return this.#task('search', { query, docs }, options);
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
      this.#connection?.failAll(error);
    }
    this.#announce();
  }

  #announce() {
    this.dispatchEvent(new CustomEvent('status', { detail: this.status }));
  }
}

/** `client.models`: which models there are, loading and removing them. */
class Models {
  #call;

  /** @param {(method: string, params: Record<string, unknown>, options?: import('./connection.js').CallOptions) => Promise<any>} call */
  constructor(call) {
    this.#call = call;
  }

  /** @returns {Promise<{models: ModelEntry[]}>} every model that is offered here or stored, the starter first */
  list() {
    return this.#call('models.list', {});
  }

  /**
   * Fetches and opens a model now.
   * @param {string} id @param {{signal?: AbortSignal, onProgress?: (progress: LoadProgress) => void}} [options]
   * @returns {Promise<{model: ModelEntry}>}
   */
  preload(id, options = {}) {
    return this.#call('models.preload', { id }, options);
  }

  /** Gives a model's memory back; its files stay. @param {string} id @returns {Promise<{unloaded: boolean}>} */
  unload(id) {
    return this.#call('models.unload', { id });
  }

  /** Unloads a model and deletes its files. @param {string} id @returns {Promise<{deleted: boolean}>} */
  delete(id) {
    return this.#call('models.delete', { id });
  }

  /** @returns {Promise<StorageReport>} */
  storage() {
    return this.#call('models.storage', {});
  }
}
