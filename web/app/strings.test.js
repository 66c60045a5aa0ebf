/** The sentences that are put together from numbers. */

import assert from 'node:assert/strict';
import test from 'node:test';
import * as strings from './strings.js';

const plain = (/** @type {string} */ text) => text.replace(/\u00a0/g, ' ');

test('counts and times', () => {
  assert.equal(plain(strings.search.count(1, 48)), '1 passage in 48 ms');
  assert.equal(strings.search.progress({ done: 3, total: 1200 }), '3 of 1,200 passages');
  assert.equal(plain(strings.search.left(4100)), 'about 5 s left');
  assert.equal(plain(strings.boot.downloading(9_300_000, null)), '9.3 MB');
});

test('who answered, as far as it is known', () => {
  assert.equal(strings.search.model({ id: 'nearside/all-MiniLM-L6-v2', dtype: 'int8', backend: 'wasm' }), 'all-MiniLM-L6-v2 · int8 · WebAssembly');
  assert.equal(strings.search.model({ id: 'plain' }), 'plain');
});

test('what was read', () => {
  assert.equal(strings.search.usage({ tokens: 2235, texts: 21, cached: 0 }), '2,235 tokens');
  assert.equal(strings.search.usage({ tokens: 9, texts: 48, cached: 47 }), '9 tokens, 47 passages from memory');
  assert.equal(strings.search.usage({ tokens: 1, texts: 2, cached: 1 }), '1 token, 1 passage from memory');
});

test('places', () => {
  assert.equal(strings.search.place({ unit: 'paragraph', at: 2, of: 8 }), 'Paragraph 2 of 8');
  assert.equal(strings.search.place({ unit: 'line', at: 1200, of: 4000 }), 'Line 1,200 of 4,000');
  assert.equal(strings.search.place({ unit: 'offset', at: 0, of: 1 }), 'At the beginning');
  assert.equal(strings.search.place({ unit: 'offset', at: 0.45, of: 1 }), '45% into the text');
});

test('no sentence is empty', () => {
  /** @param {unknown} value @param {string} path */
  const walk = (value, path) => {
    if (typeof value === 'string') assert.ok(value.trim(), path);
    else if (value && typeof value === 'object') for (const [key, inner] of Object.entries(value)) walk(inner, `${path}.${key}`);
  };
  for (const [name, group] of Object.entries(strings)) walk(group, name);
});
