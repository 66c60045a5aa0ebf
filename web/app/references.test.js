/** References in answers, and the way to their places. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { pieces, readingOf } from './references.js';

/** @param {number} number @param {Partial<import('./types.js').Citation>} [more] */
const citation = (number, more = {}) => ({ number, id: `d${number}`, name: `D${number}`, text: 'tides', start: 4, end: 9, score: 0.5, ...more });

test('references are cut out, the space before them too', () => {
  const [one, two] = [citation(1), citation(2)];
  assert.deepEqual(pieces('Tides rise. [1] And fall. [2]', [one, two]), ['Tides rise.', one, ' And fall.', two]);
  assert.deepEqual(pieces('[2][1] x', [one, two]), [two, one, ' x']);
});

test('what cites nothing stays text', () => {
  assert.deepEqual(pieces('a [3] b[0]', [citation(1)]), ['a [3] b[0]']);
  assert.deepEqual(pieces('a [1]', []), ['a [1]']);
});

test('a citation opens at its place, wherever that has moved to', () => {
  assert.deepEqual(readingOf(citation(1), 'the tides').hit, { index: 0, score: 0.5, text: 'tides', start: 4, end: 9, highlights: [] });
  assert.equal(readingOf(citation(1), 'all of the tides').hit.start, 11);
});

test('without its text, a citation shows itself', () => {
  for (const text of [null, 'something else']) {
    const { source, hit } = readingOf(citation(1), text);
    assert.deepEqual([source.text, hit.start, hit.end], ['tides', 0, 5]);
  }
});
