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
