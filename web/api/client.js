/** The public client: the tasks, what is kept, and the engine's state. */

import { NearsideError } from '../errors.js';
import { emptyStatus } from '../engine/status.js';
import { Completions } from './chat.js';
import { Connection } from './connection.js';
import { Classifiers, Documents, Models, Records, Settings } from './parts.js';
import { Tasks } from './tasks.js';

/**
 * @typedef {import('../protocol.js').Status} Status
 * @typedef {import('./shapes.js').TaskOptions} TaskOptions
 */

/** An engine in this page. Emits `status` events whose `detail` is the same snapshot as `status`. */
export class Client extends Tasks {
  #address;
  /** @type {Connection} */
  #connection;
  /** @type {{resolve: () => void, reject: (error: NearsideError) => void}} */
  #gate = { resolve() {}, reject() {} };

  /** @param {string} address URL of the engine's document with its options */
  constructor(address) {
    /** @type {import('./parts.js').Call} */
    const call = (method, params, options) => this.#connection.call(method, params, options);
    super(call);
    this.#address = address;
    /** @type {Status} */
    this.status = emptyStatus();
    /** @type {Promise<void>} settles when the engine answers; rejects with a NearsideError when it cannot start */
    this.ready = this.#newGate();
    this.#connection = this.#open();
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
