import assert from 'node:assert/strict';
import test from 'node:test';
import { decode, encode } from './connection.js';

test('what JSON would silently change is refused', () => {
  for (const bad of [NaN, Infinity, () => 1, Symbol('x'), 10n]) {
    assert.throws(() => encode({ docs: ['a', bad] }), (error) => /** @type {any} */ (error).code === 'invalid_input');
  }
  /** @type {any} */
  const circle = {};
  circle.self = circle;
  assert.throws(() => encode(circle), (error) => /** @type {any} */ (error).code === 'invalid_input');
});

test('a lone surrogate crosses as it is', () => {
  assert.equal(JSON.parse(encode({ text: 'a\ud83d' })).text, 'a\ud83d');
});

test('buffers come back in their places', () => {
  const buffers = [Float32Array.of(1), Float32Array.of(2)];
  assert.deepEqual(decode('{"embeddings":[{"$":1},{"$":0}],"n":2}', buffers), { embeddings: [buffers[1], buffers[0]], n: 2 });
});

test('arrays of numbers move along, each once', () => {
  /** @type {Float32Array[]} */
  const moved = [];
  const audio = Float32Array.of(1, 2, 3);
  const text = encode({ audio, again: audio, part: audio.subarray(1), n: { $: 5 } }, /** @type {any} */ (moved));
  assert.deepEqual(JSON.parse(text), { audio: { $: 0 }, again: { $: 0 }, part: { $: 1 }, n: { $: 5 } });
  assert.equal(moved[0], audio);
  assert.deepEqual(moved[1], Float32Array.of(2, 3));
  assert.notEqual(moved[1].buffer, audio.buffer, 'a part of an array does not take the rest away');
});

test('arrays of other numbers are refused', () => {
  for (const bad of [Int16Array.of(1), new ArrayBuffer(4), new DataView(new ArrayBuffer(4))]) {
    assert.throws(() => encode({ audio: bad }), (error) => /** @type {any} */ (error).code === 'invalid_input');
  }
});
