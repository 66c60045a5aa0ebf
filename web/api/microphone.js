/** Speech from the microphone to text, while it is spoken. */

import { NearsideError } from '../errors.js';
import { RATE } from './audio.js';
import { Utterances } from './utterances.js';

/**
 * @typedef {import('./shapes.js').TaskOptions} TaskOptions
 * @typedef {import('./utterances.js').Utterance} Utterance
 * @typedef {{text: string, start: number, end: number}} Phrase seconds since the beginning
 * @typedef {{transcribe: (sound: Float32Array, options: any) => Promise<{text: string}>}} Transcriber a client
 *
 * `onPartial` hears what was said since the last pause, again and again as it grows; `onFinal` what was said between two
 * pauses, once. `signal` ends everything at once. The rest are options of `transcribe`.
 * @typedef {Omit<TaskOptions, 'onProgress'> & {language?: string, onPartial?: (text: string) => void,
 *   onFinal?: (phrase: Phrase) => void}} ListenOptions
 * @typedef {{stop: () => Promise<string>, done: Promise<string>}} Listening `stop` ends the recording and gives, as `done`
 *   does, all that was said, once the last words are written
 */

/**
 * Asks for the microphone and writes down what is said until it is stopped. The sound stays in this page and its engine,
 * unless the options let the cloud answer.
 * @param {Transcriber} client @param {ListenOptions} [options]
 * @returns {Promise<Listening>}
 * @throws {NearsideError} no_microphone when it is not allowed, not there or taken; unsupported_browser; cancelled. Later
 *   failures (model_needed, ...) reject `done`.
 */
export async function listen(client, { onPartial, onFinal, signal, ...options } = {}) {
  const recording = await Recording.start(signal);
  const session = new Session(client, recording, { onPartial, onFinal, options });
  signal?.addEventListener('abort', () => session.fail(new NearsideError('cancelled', 'Listening was cancelled.')), { once: true });
  return { stop: () => session.stop(), done: session.done };
}

/** What is asked of the engine, and in which order. */
export class Session {
  #client;
  #recording;
  #told;
  #utterances;
  #over = false;
  /** @type {string[]} */
  #texts = [];
  /** The partial result that is being made. @type {AbortController|null} */
  #partial = null;
  #all = new AbortController();
  /** Final results, one after the other. @type {Promise<void>} */
  #finals = Promise.resolve();
  /** @type {{resolve: (text: string) => void, reject: (error: unknown) => void}} */
  #end = { resolve() {}, reject() {} };

  /**
   * @param {Transcriber} client
   * @param {{rate: number, onBlock: (block: Float32Array) => void, stop: () => void}} recording
   * @param {{onPartial?: (text: string) => void, onFinal?: (phrase: Phrase) => void, options: Record<string, unknown>}} told
   */
  constructor(client, recording, told) {
    this.#client = client;
    this.#recording = recording;
    this.#told = told;
    this.#utterances = new Utterances(recording.rate);
    /** @type {Promise<string>} */
    this.done = new Promise((resolve, reject) => (this.#end = { resolve, reject }));
    this.done.catch(() => {}); // whoever never looks at it is not told twice
    recording.onBlock = (block) => this.#add(block);
  }

  /** @returns {Promise<string>} */
  stop() {
    if (!this.#over) {
      this.#over = true;
      this.#recording.stop();
      this.#final();
      void this.#finals.then(() => this.#end.resolve(this.#texts.join(' ')));
    }
    return this.done;
  }

  /** @param {unknown} error ends everything with it */
  fail(error) {
    this.#over = true;
    this.#recording.stop();
    this.#all.abort();
    this.#partial?.abort();
    this.#end.reject(error);
  }

  /** @param {Float32Array} block */
  #add(block) {
    if (this.#over) return;
    const due = this.#utterances.add(block);
    if (due === 'final') this.#final();
    if (due === 'partial' && this.#partial === null && this.#told.onPartial) void this.#grow(this.#told.onPartial);
  }

  /** @param {(text: string) => void} tell */
  async #grow(tell) {
    const current = this.#utterances.current;
    if (!current) return;
    const own = new AbortController();
    this.#partial = own;
    try {
      const text = await this.#write(current, own.signal);
      if (!own.signal.aborted) tell(text);
    } catch (error) {
      if (!own.signal.aborted) this.fail(error);
    } finally {
      if (this.#partial === own) this.#partial = null;
    }
  }

  #final() {
    this.#partial?.abort(); // its words are in the final result
    this.#partial = null;
    const utterance = this.#utterances.take();
    if (!utterance) return;
    this.#finals = this.#finals.then(async () => {
      try {
        const text = await this.#write(utterance, this.#all.signal);
        if (!text || this.#all.signal.aborted) return;
        this.#texts.push(text);
        this.#told.onFinal?.({ text, start: utterance.start, end: utterance.end });
      } catch (error) {
        if (!this.#all.signal.aborted) this.fail(error);
      }
    });
  }

  /** @param {Utterance} utterance @param {AbortSignal} signal @returns {Promise<string>} */
  async #write({ audio }, signal) {
    return (await this.#client.transcribe(audio, { ...this.#told.options, sampleRate: this.#recording.rate, signal })).text;
  }
}

/** The microphone, open. */
class Recording {
  /** @param {AudioContext} context @param {MediaStream} stream */
  constructor(context, stream) {
    this.context = context;
    this.stream = stream;
    this.rate = context.sampleRate;
    /** @type {(block: Float32Array) => void} */
    this.onBlock = () => {};
  }

  /** @param {AbortSignal} [signal] @returns {Promise<Recording>} */
  static async start(signal) {
    const devices = globalThis.navigator?.mediaDevices;
    if (!devices?.getUserMedia || typeof AudioWorkletNode === 'undefined') {
      throw new NearsideError('unsupported_browser', 'This page cannot listen.', { hint: 'Open it over HTTPS in a current browser.' });
    }
    const stream = await devices.getUserMedia({ audio: { channelCount: 1 }, video: false }).catch((thrown) => {
      throw refused(thrown);
    });
    try {
      if (signal?.aborted) throw new NearsideError('cancelled', 'Listening was cancelled.');
      const { context, source } = joined(stream);
      const recording = new Recording(context, stream);
      await context.audioWorklet.addModule(new URL('/listener.js', import.meta.url));
      const node = new AudioWorkletNode(context, 'nearside-listener', { numberOfOutputs: 0 });
      node.port.onmessage = ({ data }) => recording.onBlock(data);
      source.connect(node);
      await context.resume();
      return recording;
    } catch (thrown) {
      for (const track of stream.getTracks()) track.stop();
      throw NearsideError.from(thrown, 'unsupported_browser');
    }
  }

  stop() {
    for (const track of this.stream.getTracks()) track.stop();
    if (this.context.state !== 'closed') void this.context.close();
  }
}

/** @param {MediaStream} stream @returns {{context: AudioContext, source: MediaStreamAudioSourceNode}} at 16 kHz where the browser can */
function joined(stream) {
  const context = new AudioContext({ sampleRate: RATE });
  try {
    return { context, source: context.createMediaStreamSource(stream) };
  } catch {
    // Firefox joins a microphone only to a context of its own rate; the engine resamples then.
    void context.close();
    const own = new AudioContext();
    return { context: own, source: own.createMediaStreamSource(stream) };
  }
}

/** @param {unknown} thrown by getUserMedia @returns {NearsideError} */
export function refused(thrown) {
  const name = thrown instanceof Error ? thrown.name : '';
  const [message, hint] =
    name === 'NotFoundError' || name === 'OverconstrainedError'
      ? ['There is no microphone.', 'Connect one and try again.']
      : name === 'NotReadableError' || name === 'AbortError'
        ? ['The microphone cannot be opened.', 'Another program may be using it: close that and try again.']
        : ['The microphone is not allowed for this page.', 'Allow it in the address bar or in the browser’s settings of this site.'];
  return new NearsideError('no_microphone', message, { hint, cause: thrown });
}
