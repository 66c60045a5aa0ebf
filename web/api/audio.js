/** Sounds as the engine takes them: samples of one channel. The browser decodes and resamples, in a thread of its own. */

import { NearsideError } from '../errors.js';

/** @typedef {Blob|ArrayBuffer|AudioBuffer|Float32Array} Sound a `File` is a `Blob` */
/** @typedef {{audio: Float32Array, sampleRate: number}} Samples */

/** What models for speech take, in samples a second. */
export const RATE = 16_000;

/** A file that is larger would not fit into memory once it is decoded. */
const LARGEST_BYTES = 1_000_000_000;

/**
 * @param {Sound} sound
 * @param {{sampleRate?: number, signal?: AbortSignal}} [options] `sampleRate` of a Float32Array
 * @returns {Promise<Samples>} samples that nobody else has
 * @throws {NearsideError} invalid_input for what is no sound, cancelled
 */
export async function samples(sound, { sampleRate = RATE, signal } = {}) {
  if (sound instanceof Float32Array) return { audio: sound.slice(), sampleRate };
  if (typeof AudioBuffer !== 'undefined' && sound instanceof AudioBuffer) return { audio: mono(sound), sampleRate: sound.sampleRate };
  const bytes = await bytesOf(sound);
  const decoded = await decode(bytes);
  if (signal?.aborted) throw new NearsideError('cancelled', 'transcribe was cancelled.');
  return { audio: mono(decoded), sampleRate: decoded.sampleRate };
}

/** @param {unknown} sound @returns {Promise<ArrayBuffer>} */
async function bytesOf(sound) {
  if (!(sound instanceof Blob || sound instanceof ArrayBuffer)) {
    throw new NearsideError('invalid_input', 'That is no sound.', { hint: 'Give a file, an ArrayBuffer, an AudioBuffer or a Float32Array.' });
  }
  const size = sound instanceof Blob ? sound.size : sound.byteLength;
  if (size === 0) throw new NearsideError('invalid_input', 'The file is empty.');
  if (size > LARGEST_BYTES) throw new NearsideError('invalid_input', 'The file is too large to be decoded here.', { hint: 'Cut it into parts.' });
  try {
    // Decoding takes the bytes away from their owner.
    return sound instanceof Blob ? await sound.arrayBuffer() : sound.slice(0);
  } catch (thrown) {
    throw new NearsideError('invalid_input', 'The file cannot be read.', { hint: 'Choose it once more: it may have been moved.', cause: thrown });
  }
}

/** @param {ArrayBuffer} bytes @returns {Promise<AudioBuffer>} at 16 kHz */
async function decode(bytes) {
  if (typeof OfflineAudioContext === 'undefined') {
    throw new NearsideError('unsupported_browser', 'This browser cannot decode sound.');
  }
  try {
    return await new OfflineAudioContext(1, 1, RATE).decodeAudioData(bytes);
  } catch (thrown) {
    throw new NearsideError('invalid_input', 'The file is no sound that this browser can decode.', {
      hint: 'WAV, MP3 and M4A work in every browser.',
      cause: thrown,
    });
  }
}

/**
 * @param {Pick<AudioBuffer, 'numberOfChannels'|'length'|'getChannelData'>} buffer
 * @returns {Float32Array} the mean of all channels
 */
export function mono(buffer) {
  const mixed = buffer.getChannelData(0).slice();
  const count = buffer.numberOfChannels;
  if (count === 1) return mixed;
  for (let channel = 1; channel < count; channel += 1) {
    const more = buffer.getChannelData(channel);
    for (let index = 0; index < mixed.length; index += 1) mixed[index] += more[index];
  }
  for (let index = 0; index < mixed.length; index += 1) mixed[index] /= count;
  return mixed;
}
