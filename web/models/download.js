/**
 * One model file from the network: streamed, resumed by range, checked before it counts.
 *
 * Status, content type, length and hash must all fit before a byte is declared a model: a proxy's HTML error page
 * served with status 200 must never be stored as weights. A network that drops is retried from where it stopped; a
 * server that answers a range request with 200 starts the file over. A hub redirects to addresses that expire: each
 * try begins at the first one again.
 */
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { NearsideError } from '../errors.js';
import { gated } from './source.js';
import { CHUNK_BYTES, fileKey } from './store.js';

const TRIES = 4;
const FIRST_PAUSE_MS = 300;

/**
 * @typedef {import('../protocol.js').Card} Card
 * @typedef {import('../protocol.js').CardFile} CardFile
 * @typedef {import('./store.js').ModelStore} ModelStore
 * @typedef {{fetch?: typeof globalThis.fetch, pause?: (ms: number) => Promise<void>, signal?: AbortSignal,
 *   onBytes?: (received: number) => void}} Options `onBytes` gets the bytes of this file so far
 */

/** @param {number} ms @returns {Promise<void>} */
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** A connection that did not hold: worth another try from where it stopped. */
class Dropped extends NearsideError {
  /** @param {CardFile} file @param {unknown} [cause] @param {string} [why] */
  constructor(file, cause, why = 'it was interrupted') {
    super('model_download_failed', `The connection for ${file.path} did not hold: ${why}.`, { cause });
  }
}

/** A file on its way: its bytes so far, its hash so far, and the chunks that are stored already. */
class Arrival {
  /** @param {Card} card @param {CardFile} file @param {ModelStore} store */
  constructor(card, file, store) {
    this.card = card;
    this.file = file;
    this.store = store;
    this.key = fileKey(card, file);
    this.received = 0;
    this.stored = 0;
    /** @type {string|null} */
    this.etag = null;
    this.bytes = new Uint8Array(file.bytes ?? CHUNK_BYTES);
    this.hash = this.newHash();
  }

  /** @returns {{update: (bytes: Uint8Array) => unknown, digest: () => Uint8Array}|null} null when nothing is published to compare with */
  newHash() {
    if (this.file.sha256) return sha256.create();
    // git's blob id: what the hub publishes for small files
    if (this.file.sha1 && this.file.bytes !== null) return sha1.create().update(utf8ToBytes(`blob ${this.file.bytes}\0`));
    return null;
  }

  /** Takes up the chunks that an earlier attempt stored. */
  async resume() {
    const { chunks, etag } = await this.store.partial(this.key);
    for (const chunk of chunks) this.append(new Uint8Array(chunk));
    this.stored = chunks.length;
    this.etag = etag;
  }

  /** Forgets everything received. */
  async restart() {
    this.received = 0;
    this.stored = 0;
    this.hash = this.newHash();
    await this.store.discard(this.key);
  }

  /** @param {Uint8Array} part */
  append(part) {
    const end = this.received + part.byteLength;
    if (end > this.bytes.byteLength) {
      if (this.file.bytes !== null) throw corrupt(this.file, `is longer than the ${this.file.bytes} bytes that were announced`);
      const grown = new Uint8Array(Math.max(end, this.bytes.byteLength * 2));
      grown.set(this.bytes);
      this.bytes = grown;
    }
    this.bytes.set(part, this.received);
    this.hash?.update(part);
    this.received = end;
  }

  /** Stores the chunks that are full, or with `all` the last one too. */
  async flush(all = false) {
    while (this.store.persistent && (this.received - this.stored * CHUNK_BYTES >= CHUNK_BYTES || (all && this.stored * CHUNK_BYTES < this.received))) {
      const start = this.stored * CHUNK_BYTES;
      const chunk = this.bytes.slice(start, Math.min(start + CHUNK_BYTES, this.received)).buffer;
      await this.store.putChunk(this.key, this.stored, chunk);
      this.stored += 1;
    }
  }

  /** @returns {Promise<Uint8Array<ArrayBuffer>>} the checked file, now stored */
  async finish() {
    const wanted = this.file.sha256 ?? this.file.sha1;
    if (this.hash && bytesToHex(this.hash.digest()) !== wanted) {
      await this.restart();
      throw corrupt(this.file, 'does not have the hash that its publisher lists');
    }
    await this.flush(true);
    if (this.store.persistent) await this.store.commit(this.card, this.file, this.received);
    return this.bytes.byteLength === this.received ? this.bytes : this.bytes.slice(0, this.received);
  }
}

/**
 * @param {string} url
 * @param {Card} card @param {CardFile} file
 * @param {ModelStore} store
 * @param {Options} [options]
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 * @throws {NearsideError} model_download_failed, model_corrupt, unknown_model or cancelled
 */
export async function download(url, card, file, store, options = {}) {
  const { fetch = globalThis.fetch, pause = sleep, signal, onBytes } = options;
  const arrival = new Arrival(card, file, store);
  await arrival.resume();
  for (let attempt = 1; ; attempt += 1) {
    try {
      await receive(fetch, url, arrival, signal, onBytes);
      return await arrival.finish();
    } catch (thrown) {
      if (signal?.aborted) throw new NearsideError('cancelled', 'The download was cancelled.', { cause: thrown });
      if (!(thrown instanceof Dropped) || attempt >= TRIES) throw NearsideError.from(thrown, 'model_download_failed');
      await pause(FIRST_PAUSE_MS * 2 ** (attempt - 1));
    }
  }
}

/**
 * One request, streamed into `arrival`.
 * @param {typeof globalThis.fetch} fetch @param {string} url @param {Arrival} arrival
 * @param {AbortSignal|undefined} signal @param {((received: number) => void)|undefined} onBytes
 */
async function receive(fetch, url, arrival, signal, onBytes) {
  const { file } = arrival;
  if (file.bytes !== null && arrival.received === file.bytes) return;
  const response = await request(fetch, url, arrival, signal);
  await admit(response, arrival);
  if (arrival.stored === 0) await arrival.store.begin(arrival.key, arrival.etag);
  onBytes?.(arrival.received);
  const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((cause) => {
      throw new Dropped(file, cause);
    });
    if (done) break;
    arrival.append(value);
    onBytes?.(arrival.received);
    await arrival.flush();
  }
  if (file.bytes !== null && arrival.received < file.bytes) throw new Dropped(file);
}

/**
 * @param {typeof globalThis.fetch} fetch @param {string} url @param {Arrival} arrival
 * @param {AbortSignal|undefined} signal
 */
async function request(fetch, url, arrival, signal) {
  /** @type {Record<string, string>} */
  const headers = arrival.received > 0 ? { Range: `bytes=${arrival.received}-` } : {};
  // With a store of our own, a second copy in the HTTP cache would only take the reader's disk space.
  const cache = arrival.store.persistent ? 'no-store' : 'default';
  try {
    return await fetch(url, { headers, cache, signal: signal ?? null });
  } catch (cause) {
    throw new Dropped(arrival.file, cause);
  }
}

/**
 * Checks a response's status, type and length before its body is read.
 * @param {Response} response @param {Arrival} arrival
 */
async function admit(response, arrival) {
  const { file } = arrival;
  const { status, headers } = response;
  if (status === 416) {
    await arrival.restart();
    throw new Dropped(file);
  }
  if (status >= 500 || status === 429 || status === 408) throw new Dropped(file, undefined, `the server answered ${status}`);
  if (response.redirected && (status === 401 || status === 403 || status === 410)) {
    throw new Dropped(file, undefined, 'the address expired');
  }
  if ((status === 401 || status === 403) && arrival.card.source?.startsWith('http')) throw gated(arrival.card.id, arrival.card.source);
  if (status === 404) throw new NearsideError('unknown_model', `The file ${file.path} of ${arrival.card.id} does not exist.`);
  if (status !== 200 && status !== 206) {
    throw new NearsideError('model_download_failed', `The server answered ${status} for ${file.path}.`);
  }
  if ((headers.get('content-type') ?? '').startsWith('text/html')) {
    throw new NearsideError('model_download_failed', `A web page came in place of ${file.path}.`, {
      hint: 'Something between here and the server answers in its place, such as a sign-in page. Nothing was stored.',
    });
  }
  const etag = headers.get('etag');
  if (arrival.received > 0 && (status === 200 || !continues(headers, arrival, etag))) {
    await arrival.restart();
    if (status === 206) throw new Dropped(file);
  }
  arrival.etag = etag;
  const length = headers.get('content-encoding') ? null : headers.get('content-length');
  if (length !== null && file.bytes !== null && Number(length) + arrival.received !== file.bytes) {
    throw corrupt(file, `would be ${Number(length) + arrival.received} bytes long in place of ${file.bytes}`);
  }
}

/**
 * @param {Headers} headers @param {Arrival} arrival @param {string|null} etag
 * @returns {boolean} whether a 206 continues exactly what we have
 */
function continues(headers, arrival, etag) {
  const range = headers.get('content-range');
  const start = /^bytes (\d+)-/.exec(range ?? '')?.[1];
  // Across origins Content-Range may be hidden; the hash at the end decides then.
  const fits = range === null || Number(start) === arrival.received;
  return fits && (arrival.etag === null || etag === null || bare(etag) === bare(arrival.etag));
}

/** A compressed and an identity answer of one file differ only in a suffix. @param {string} etag */
const bare = (etag) => etag.replace(/^W\//, '').replace(/-(br|gz|gzip)"$/, '"');

/** @param {CardFile} file @param {string} how */
function corrupt(file, how) {
  return new NearsideError('model_corrupt', `The file ${file.path} ${how}.`);
}
