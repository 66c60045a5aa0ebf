import assert from 'node:assert/strict';
import test from 'node:test';
import { Kept, cut } from './kept.js';

/** @type {string[]} */
const disposed = [];
/** @param {string} name @param {number} [size] @returns {any} */
const tensor = (name, size = 1) => ({ name, size, dispose: () => disposed.push(name) });
const keep = { handle: 'a', source: 'present.', target: 'past.' };
/** @param {Kept} kept @param {string} handle @param {string} name */
const nameOf = (kept, handle, name) => /** @type {any} */ (kept.get(handle, name))?.name;

test('outputs take the place of those of their name; what others hold stays', () => {
  const kept = new Kept();
  assert.equal(kept.empty, true);
  kept.take(keep, { 'present.0': tensor('first'), 'present.1': tensor('other') });
  kept.take({ ...keep, handle: 'b' }, { 'present.0': tensor('b') });
  kept.take({ handle: 'a', source: 'hidden', target: 'encoder' }, { hidden: tensor('hidden') });
  disposed.length = 0;
  kept.take(keep, { 'present.0': tensor('second') });
  assert.deepEqual(disposed, ['first']);
  assert.deepEqual(['past.0', 'past.1', 'encoder'].map((name) => nameOf(kept, 'a', name)), ['second', 'other', 'hidden']);
  assert.equal(nameOf(kept, 'b', 'past.0'), 'b');
});

test('an empty output leaves what was there, and is kept where nothing was', () => {
  const kept = new Kept();
  kept.take(keep, { 'present.0': tensor('empty', 0) });
  assert.equal(nameOf(kept, 'a', 'past.0'), 'empty');
  kept.take(keep, { 'present.0': tensor('full') });
  disposed.length = 0;
  kept.take(keep, { 'present.0': tensor('empty again', 0) });
  assert.equal(nameOf(kept, 'a', 'past.0'), 'full');
  assert.deepEqual(disposed, ['empty again']);
});

/** A tensor as the runtime's. */
class Real {
  /** @param {string} type @param {any} data @param {number[]} dims @param {string} [location] */
  constructor(type, data, dims, location = 'cpu') {
    Object.assign(this, { type, data, dims, location });
  }
}
const SHAPE = ['batch', 2, 'past_sequence_length', 2];

test('a past is cut along its own axis, in each head', () => {
  const past = /** @type {any} */ (new Real('float32', Float32Array.from({ length: 12 }, (_none, one) => one), [1, 2, 3, 2]));
  const made = cut(past, SHAPE, 1);
  assert.deepEqual([...made.dims], [1, 2, 1, 2]);
  assert.deepEqual([.../** @type {any} */ (made.data)], [0, 1, 6, 7]);
  assert.equal(cut(past, SHAPE, 3), past);
  assert.equal(cut(past, SHAPE, 0).dims[2], 0);
});

test('what lies on a graphics card is used whole or given up', () => {
  const past = /** @type {any} */ (new Real('float32', null, [1, 2, 3, 2], 'gpu-buffer'));
  assert.equal(cut(past, SHAPE, 3), past);
  for (const length of [2, 4]) assert.throws(() => cut(past, SHAPE, length), { code: 'kept_lost' });
  assert.throws(() => cut(undefined, SHAPE, 1), { code: 'kept_lost' });
});

test('freeing gives all of a handle back and nothing else', () => {
  const kept = new Kept();
  kept.take(keep, { 'present.0': tensor('a0'), 'present.1': tensor('a1') });
  kept.take({ ...keep, handle: 'b' }, { 'present.0': tensor('b0') });
  disposed.length = 0;
  kept.free('a');
  kept.free('nobody');
  assert.deepEqual(disposed, ['a0', 'a1']);
  assert.equal(kept.get('a', 'past.0'), undefined);
  assert.equal(kept.empty, false);
});
