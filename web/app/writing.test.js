/** Wishes about writing: kept, bounded, taken back. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { Writing } from './writing.js';

/** @param {Record<string, string>} [kept] */
const place = (kept = {}) => ({
  kept,
  getItem: (/** @type {string} */ name) => kept[name] ?? null,
  setItem: (/** @type {string} */ name, /** @type {string} */ value) => void (kept[name] = value),
  removeItem: (/** @type {string} */ name) => void delete kept[name],
});

test('only what was wished is sent, and it is there on the next visit', () => {
  const storage = place();
  const writing = new Writing(() => storage);
  assert.deepEqual(writing.parameters, {});
  let changes = 0;
  writing.addEventListener('change', () => (changes += 1));
  writing.set('temperature', 0.7);
  writing.set('thinking', false);
  assert.equal(changes, 2);
  assert.deepEqual(writing.parameters, { temperature: 0.7, thinking: false });
  assert.deepEqual(new Writing(() => storage).parameters, { temperature: 0.7, thinking: false });
  writing.set('temperature', null);
  writing.set('thinking', null);
  assert.deepEqual(storage.kept, {});
});

test('numbers stay within their bounds', () => {
  const writing = new Writing(() => place());
  writing.set('temperature', 9);
  writing.set('max_tokens', 0.2);
  writing.set('seed', Number.NaN);
  assert.deepEqual(writing.parameters, { temperature: 2, max_tokens: 1 });
});

test('what somebody else wrote there is left out, and blocked storage is no failure', () => {
  assert.deepEqual(new Writing(() => place({ 'nearside-writing': 'no json' })).parameters, {});
  assert.deepEqual(new Writing(() => place({ 'nearside-writing': '{"temperature":"hot","stop":"x","seed":3}' })).parameters, { seed: 3 });
  const writing = new Writing(() => {
    throw new DOMException('blocked', 'SecurityError');
  });
  writing.set('seed', 7);
  assert.deepEqual(writing.parameters, { seed: 7 });
});
