import assert from 'node:assert/strict';
import test from 'node:test';
import { mono, samples } from './audio.js';

/** @param {Float32Array[]} channels */
const buffer = (...channels) => ({ numberOfChannels: channels.length, length: channels[0].length, getChannelData: (/** @type {number} */ i) => channels[i] });

/** @param {unknown} sound @param {string} code */
const refusedWith = (sound, code) =>
  assert.rejects(samples(/** @type {any} */ (sound)), (/** @type {any} */ error) => error.code === code && error.hint.length > 0);

test('channels are mixed to their mean', () => {
  const left = Float32Array.of(1, 0, -0.5);
  assert.deepEqual(mono(/** @type {any} */ (buffer(left, Float32Array.of(0, 1, -0.5)))), Float32Array.of(0.5, 0.5, -0.5));
  assert.deepEqual(mono(/** @type {any} */ (buffer(Float32Array.of(3), Float32Array.of(0), Float32Array.of(0)))), Float32Array.of(1));
  assert.deepEqual(left, Float32Array.of(1, 0, -0.5), 'the sound itself stays as it is');
});

test('one channel is copied', () => {
  const only = Float32Array.of(1, 2);
  const mixed = mono(/** @type {any} */ (buffer(only)));
  assert.deepEqual(mixed, only);
  assert.notEqual(mixed.buffer, only.buffer);
});

test('samples go as a copy, so that whoever has them keeps them', async () => {
  const whole = Float32Array.of(0, 1, 2, 3);
  const { audio, sampleRate } = await samples(whole.subarray(1, 3), { sampleRate: 44_100 });
  assert.deepEqual(audio, Float32Array.of(1, 2));
  assert.notEqual(audio.buffer, whole.buffer);
  assert.equal(sampleRate, 44_100);
  assert.equal((await samples(whole)).sampleRate, 16_000);
});

test('what is no sound is refused before anything is asked of the engine', async () => {
  await refusedWith('https://example.org/a.wav', 'invalid_input');
  await refusedWith(null, 'invalid_input');
  await refusedWith(new Int16Array(4), 'invalid_input');
  await refusedWith(new Blob([]), 'invalid_input');
  await refusedWith(new ArrayBuffer(0), 'invalid_input');
  await refusedWith({ size: 1e12 }, 'invalid_input');
});

test('a file that is far too large is not read', async () => {
  class Large extends Blob {
    /** @override */
    get size() {
      return 1e10;
    }

    /** @override */
    arrayBuffer() {
      return Promise.reject(new Error('it was read'));
    }
  }
  await assert.rejects(samples(new Large()), /too large/);
});

test('a browser that cannot decode says so', () => refusedWith(new Blob(['RIFF']), 'unsupported_browser'));
