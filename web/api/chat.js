/** `client.chat.completions.create` in OpenAI's shape, whole or streamed, and `client.stream` over it. */

import { NearsideError } from '../errors.js';
import { split } from './parts.js';

/**
 * @typedef {import('./parts.js').Call} Call
 * @typedef {import('./shapes.js').Chunk} Chunk
 * @typedef {import('./shapes.js').Completion} Completion
 * @typedef {import('./shapes.js').Message} Message
 * @typedef {import('./shapes.js').TaskOptions} TaskOptions
 * @typedef {{messages: Message[], model?: string, stream?: boolean} & Record<string, unknown>} CompletionRequest
 */

/** `client.chat.completions`. */
export class Completions {
  #call;

  /** @param {Call} call */
  constructor(call) {
    this.#call = call;
  }

  /**
   * A chat completion. With `stream: true` it settles to an async iterator of chunks; leaving the loop stops the answer.
   * What is Nearside's own (decision, citations, a change of sides) stands under `nearside`.
   * @template {CompletionRequest} R
   * @param {R} request OpenAI's fields; `model` may be left out
   * @param {Omit<TaskOptions, 'model'>} [options]
   * @returns {Promise<R extends {stream: true} ? AsyncIterableIterator<Chunk> : Completion>}
   * @throws {NearsideError}
   */
  async create(request, options = {}) {
    const { messages, model, stream = false, ...parameters } = request;
    const [rest, call] = split(options);
    const params = { ...rest, messages, model, stream, parameters };
    return /** @type {any} */ (stream ? this.#stream(params, call.signal) : await this.#call('chat', params, call));
  }

  /** @param {Record<string, unknown>} params @param {AbortSignal} [signal] */
  #stream(params, signal) {
    return pulled((onChunk, own) => this.#call('chat', params, { signal: own, onChunk }), signal);
  }
}

/**
 * An async iterator over what `run` hands over while it works.
 * @param {(hand: (chunk: Chunk) => void, signal: AbortSignal) => Promise<unknown>} run
 * @param {AbortSignal} [signal]
 * @returns {AsyncGenerator<Chunk, void, void>}
 */
async function* pulled(run, signal) {
  /** @type {Chunk[]} */
  const waiting = [];
  let wake = () => {};
  let over = false;
  /** @type {unknown} */
  let failure = null;
  const own = new AbortController();
  const abort = () => own.abort();
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  const end = (/** @type {unknown} */ error) => {
    over = true;
    failure = error;
    wake();
  };
  run((chunk) => {
    waiting.push(chunk);
    wake();
  }, own.signal).then(() => end(null), end);
  try {
    for (;;) {
      while (waiting.length > 0) yield /** @type {Chunk} */ (waiting.shift());
      if (over) break;
      await new Promise((resolve) => {
        wake = () => resolve(undefined);
      });
    }
    if (failure) throw failure;
  } finally {
    signal?.removeEventListener('abort', abort);
    own.abort(); // whoever leaves the loop early stops the answer
  }
}

/**
 * @param {Completions} completions @param {string} prompt
 * @param {TaskOptions & {parameters?: Record<string, unknown>}} options
 * @returns {AsyncIterable<{text: string}> & {result: Promise<{text: string, finishReason: string,
 *   citations: import('./shapes.js').Citation[], found: boolean, decision: import('./shapes.js').Decision,
 *   model: import('./shapes.js').ModelUsed}>}} `result.text` is the answer of the side that answered in the end
 */
export function streamText(completions, prompt, { parameters = {}, model, ...options }) {
  /** @type {(value: any) => void} */
  let resolve = () => {};
  /** @type {(error: unknown) => void} */
  let reject = () => {};
  const result = new Promise((...settle) => ([resolve, reject] = settle));
  result.catch(() => {}); // whoever only reads the pieces is told by them
  async function* read() {
    let text = '';
    try {
      const request = { messages: [{ role: 'user', content: prompt }], stream: /** @type {const} */ (true), model, ...parameters };
      for await (const chunk of await completions.create(request, options)) {
        const piece = chunk.choices[0].delta.content ?? '';
        if (chunk.nearside?.event === 'fallback') {
          if (text) yield { text: '\n\n' };
          text = '';
        }
        if (piece) {
          text += piece;
          yield { text: piece };
        }
        if (chunk.nearside?.event === 'done') {
          const { decision, citations, found, model: used } = chunk.nearside;
          resolve({ text, finishReason: chunk.choices[0].finish_reason, citations, found, decision, model: used });
        }
      }
    } catch (error) {
      reject(error);
      throw error;
    } finally {
      reject(new NearsideError('cancelled', 'The answer was not read to its end.'));
    }
  }
  return { [Symbol.asyncIterator]: read, result };
}
