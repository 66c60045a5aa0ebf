/** Numbers as people read them; borders between units are where such code goes wrong. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { counted, duration, language, list, moment, percent, size } from './format.js';

/** @param {string} text spaces that do not break are spaces to a test */
const plain = (text) => text.replace(/\u00a0/g, ' ');

test('sizes in decimal units', () => {
  const table = /** @type {const} */ ([
    [0, '0 B'], [1, '1 B'], [999, '999 B'], [1000, '1 kB'], [3_400, '3 kB'], [999_499, '999 kB'],
    [999_500, '1 MB'], [22_972_869, '23 MB'], [9_300_000, '9.3 MB'], [10_737_418_240, '10.7 GB'], [-5, '0 B'],
  ]);
  for (const [bytes, text] of table) assert.equal(plain(size(bytes)), text, String(bytes));
});

test('durations from milliseconds to minutes', () => {
  const table = /** @type {const} */ ([[0, '0 ms'], [48.4, '48 ms'], [999, '999 ms'], [1000, '1 s'], [1290, '1.3 s'], [12_345, '12 s'], [60_000, '1 min'], [250_000, '4 min']]);
  for (const [ms, text] of table) assert.equal(plain(duration(ms)), text, String(ms));
});

test('a share is complete only when it is', () => {
  assert.equal(percent(0.999), '99%');
  assert.equal(percent(1), '100%');
  assert.equal(percent(2), '100%');
  assert.equal(percent(-1), '0%');
});

test('counts choose their word', () => {
  const forms = { one: 'passage', other: 'passages' };
  assert.deepEqual([0, 1, 2, 1200].map((n) => counted(n, forms)), ['0 passages', '1 passage', '2 passages', '1,200 passages']);
});

test('lists and languages', () => {
  assert.equal(list(['a', 'b', 'c']), 'a, b, c');
  assert.equal(language('de'), 'German');
  assert.equal(language('not a code'), 'not a code');
});

test('a moment in seconds and in milliseconds is the same moment', () => {
  assert.equal(moment(1_790_000_000), moment(1_790_000_000_000));
});
