/** The page's line to the engine: a hidden frame, its handshake, and calls with an answer, progress and cancel. */
import { NearsideError } from '../errors.js';
import { MARK, VERSION } from '../protocol.js';

/**
 * @typedef {import('../protocol.js').Status} Status
 * @typedef {import('../protocol.js').Answer} Answer
 * @typedef {{resolve: (value: any) => void, reject: (error: NearsideError) => void, onProgress?: (progress: any) => void, onChunk?: (chunk: any) => void}} Waiting
 * @typedef {{signal?: AbortSignal, onProgress?: (progress: any) => void, onChunk?: (chunk: any) => void}} CallOptions
 */

const HANDSHAKE_MS = 30_000;

/** One frame with one engine in it. */
export class Connection {
  /** Ends the handshake, if it is still going on. @type {(error: NearsideError) => void} */
  #stop = () => {};

  /**
   * @param {string} address URL of the engine's document, options in its hash
   * @param {(status: Status) => void} onStatus
   */
  constructor(address, onStatus) {
    this.onStatus = onStatus;
    this.ids = 0;
    /** Set once the frame is gone: nothing would answer a call any more. @type {NearsideError|null} */
    this.ended = null;
    /** Set once the engine has failed: nothing answers until it is started again. @type {NearsideError|null} */
    this.broken = null;
    /** @type {Map<number, Waiting>} */
    this.waiting = new Map();
    this.frame = document.createElement('iframe');
    this.frame.hidden = true;
    this.frame.title = 'Nearside engine';
    this.frame.tabIndex = -1;
    this.frame.setAttribute('aria-hidden', 'true');
    this.frame.src = address;
    /** @type {Promise<MessagePort>} */
    this.port = this.#shakeHands(new URL(address).origin);
    this.port.catch(() => {}); // told through the calls and the status
    (document.body ?? document.documentElement).append(this.frame);
  }

  /**
   * @param {string} method @param {Record<string, unknown>} params
   * @param {CallOptions} [options]
   * @returns {Promise<any>}
   * @throws {NearsideError}
   */
  call(method, params, { signal, onProgress, onChunk } = {}) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(cancelled(method));
      if (this.ended ?? this.broken) return reject(this.ended ?? this.broken);
      const id = (this.ids += 1);
      /** @type {Float32Array<ArrayBuffer>[]} */
      const buffers = [];
      const text = encode(params, buffers);
      const abort = () => {
        if (!this.waiting.delete(id)) return;
        reject(cancelled(method));
        void this.port.then((port) => port.postMessage({ id, op: 'cancel' }), () => {});
      };
      const settle = (/** @type {(value: any) => void} */ how) => (/** @type {any} */ value) => {
        signal?.removeEventListener('abort', abort);
        how(value);
      };
      this.waiting.set(id, { resolve: settle(resolve), reject: settle(reject), onProgress, onChunk });
      signal?.addEventListener('abort', abort, { once: true });
      this.port.then(
        (port) => {
          if (!this.waiting.has(id)) return;
          port.postMessage({ id, op: 'call', method, params: text, buffers }, buffers.map(({ buffer }) => buffer));
        },
        (error) => this.#take(id)?.reject(error),
      );
    });
  }

  /** @param {NearsideError} error ends every call with it, those to come too */
  fail(error) {
    this.broken = error;
    this.failAll(error);
  }

  /** @param {NearsideError} error ends every waiting call with it */
  failAll(error) {
    for (const id of [...this.waiting.keys()]) this.#take(id)?.reject(error);
  }

  /** Removes the frame: every worker in it ends and its memory comes back. */
  close() {
    this.frame.remove();
    this.ended = new NearsideError('engine_failed', 'The engine was closed.', { hint: 'Connect again.', retryable: false });
    this.#stop(this.ended);
    this.failAll(this.ended);
  }

  /** @param {number} id */
  #take(id) {
    const entry = this.waiting.get(id);
    this.waiting.delete(id);
    return entry;
  }

  /** @param {string} origin of the engine's document @returns {Promise<MessagePort>} the call port */
  #shakeHands(origin) {
    return new Promise((resolve, reject) => {
      const fail = (/** @type {NearsideError} */ error) => {
        window.removeEventListener('message', listen);
        clearTimeout(timer);
        this.failAll(error);
        reject(error);
      };
      this.#stop = fail;
      const timer = setTimeout(
        () => fail(new NearsideError('engine_failed', 'The engine’s document did not answer.', { hint: 'Check that the site is reachable and may be framed here.' })),
        HANDSHAKE_MS,
      );
      const listen = (/** @type {MessageEvent} */ { data, source, origin: from, ports }) => {
        if (source !== this.frame.contentWindow || from !== origin || data?.mark !== MARK) return;
        if (data.op === 'hello') this.frame.contentWindow?.postMessage({ mark: MARK, op: 'connect', version: VERSION }, origin);
        if (data.op === 'refused') fail(NearsideError.fromWire(data.error));
        if (data.op !== 'connected') return;
        window.removeEventListener('message', listen);
        clearTimeout(timer);
        const [calls, control] = ports;
        calls.onmessage = (event) => this.#answered(event.data);
        control.onmessage = (event) => this.onStatus(event.data.status);
        resolve(calls);
      };
      window.addEventListener('message', listen);
    });
  }

  /** @param {Answer} answer */
  #answered(answer) {
    if (answer.op === 'chunk') return this.waiting.get(answer.id)?.onChunk?.(JSON.parse(answer.chunk));
    if (answer.op === 'progress') return this.waiting.get(answer.id)?.onProgress?.(JSON.parse(answer.progress));
    const entry = this.#take(answer.id);
    if (answer.op === 'error') return entry?.reject(NearsideError.fromWire(JSON.parse(answer.error)));
    return entry?.resolve(decode(answer.result, answer.buffers));
  }
}

/** @param {string} method */
const cancelled = (method) => new NearsideError('cancelled', `${method} was cancelled.`);

/**
 * @param {Record<string, unknown>} params
 * @param {Float32Array<ArrayBuffer>[]} [buffers] where arrays of numbers go, which move along with the call: whoever calls
 *   has them no more
 * @returns {string}
 * @throws {NearsideError} invalid_input for what JSON cannot say, where it would silently become something else
 */
export function encode(params, buffers = []) {
  /** @type {Map<Float32Array, number>} */
  const places = new Map();
  try {
    return JSON.stringify(params, (name, value) => {
      if (value instanceof Float32Array) {
        const place = places.get(value) ?? buffers.push(owned(value)) - 1;
        places.set(value, place);
        return { $: place };
      }
      if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
        throw new NearsideError('invalid_input', `“${name}” cannot be a ${value.constructor.name}.`, { hint: 'Give a Float32Array.' });
      }
      if ((typeof value === 'number' && !Number.isFinite(value)) || ['function', 'symbol', 'bigint'].includes(typeof value)) {
        throw new NearsideError('invalid_input', `“${name}” cannot be ${typeof value === 'number' ? value : `a ${typeof value}`}.`);
      }
      return value;
    });
  } catch (thrown) {
    throw NearsideError.from(thrown, 'invalid_input');
  }
}

/** @param {Float32Array} array @returns {Float32Array<ArrayBuffer>} one whose memory nobody else has a part of */
function owned(array) {
  const whole = array.buffer instanceof ArrayBuffer && array.byteLength === array.buffer.byteLength;
  return /** @type {Float32Array<ArrayBuffer>} */ (whole ? array : array.slice());
}

/** @param {string} text @param {Float32Array[]} buffers @returns {any} */
export function decode(text, buffers) {
  if (buffers.length === 0) return JSON.parse(text);
  return JSON.parse(text, (_name, value) => (typeof value?.$ === 'number' ? buffers[value.$] : value));
}
