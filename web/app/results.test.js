/** Highlights, places and score bars over plain data. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { STEPS, around, nextStep, placeOf, relative, segments } from './results.js';

/** @param {string} text @param {[number, number][]} spans */
const marks = (text, spans) =>
  segments(text, spans.map(([start, end]) => ({ start, end }))).map(({ text: piece, mark }) => (mark ? `[${piece}]` : piece)).join('|');

test('a text without highlights is one piece, an empty text none', () => {
  assert.deepEqual(segments('abc', []), [{ text: 'abc', mark: false }]);
  assert.deepEqual(segments('', []), []);
});

test('highlights are cut out where they are', () => {
  assert.equal(marks('one two three', [[4, 7]]), 'one |[two]| three');
  assert.equal(marks('one two', [[0, 3]]), '[one]| two');
  assert.equal(marks('one two', [[4, 7]]), 'one |[two]');
});

test('unsorted, overlapping, touching and nested highlights become one each', () => {
  assert.equal(marks('abcdefgh', [[4, 6], [0, 2]]), '[ab]|cd|[ef]|gh');
  assert.equal(marks('abcdefgh', [[1, 4], [3, 6]]), 'a|[bcdef]|gh');
  assert.equal(marks('abcdefgh', [[1, 3], [3, 5]]), 'a|[bcde]|fgh');
  assert.equal(marks('abcdefgh', [[1, 7], [2, 4]]), 'a|[bcdefg]|h');
  assert.equal(marks('abcdefgh', [[0, 2], [2, 3], [5, 6]]), '[abc]|de|[f]|gh');
});

test('highlights outside the text are clamped, empty and reversed ones dropped', () => {
  assert.equal(marks('abc', [[-5, 1], [2, 99]]), '[a]|b|[c]');
  assert.equal(marks('abc', [[1, 1], [2, 1], [7, 9]]), 'abc');
});

test('whatever the highlights, the pieces are the text', () => {
  let seed = 7;
  const random = (/** @type {number} */ below) => (seed = (seed * 16807) % 2147483647) % below;
  for (let round = 0; round < 300; round += 1) {
    const text = 'moonlight on wet slate'.slice(0, random(23));
    const spans = Array.from({ length: random(6) }, () => ({ start: random(30) - 4, end: random(30) - 4 }));
    const pieces = segments(text, spans);
    assert.equal(pieces.map((piece) => piece.text).join(''), text);
    for (let i = 1; i < pieces.length; i += 1) assert.notEqual(pieces[i].mark, pieces[i - 1].mark, 'pieces alternate');
    const covered = new Set(spans.flatMap(({ start, end }) => Array.from({ length: Math.max(0, end - start) }, (_, i) => start + i)));
    let at = 0;
    for (const piece of pieces) {
      for (let end = at + piece.text.length; at < end; at += 1) assert.equal(piece.mark, covered.has(at));
    }
  }
});

test('a place is a paragraph where there are several', () => {
  const text = 'Title\n\nFirst one,\nstill first.\n \nSecond.\n\n\n\nThird.';
  assert.deepEqual(placeOf(text, 0), { unit: 'paragraph', at: 1, of: 4 });
  assert.deepEqual(placeOf(text, text.indexOf('still')), { unit: 'paragraph', at: 2, of: 4 });
  assert.deepEqual(placeOf(text, text.indexOf('Second')), { unit: 'paragraph', at: 3, of: 4 });
  assert.deepEqual(placeOf(text, text.length), { unit: 'paragraph', at: 4, of: 4 });
});

test('else a line, else a share', () => {
  const csv = 'id,name\n1,Ada\n2,Grace';
  assert.deepEqual(placeOf(csv, 0), { unit: 'line', at: 1, of: 3 });
  assert.deepEqual(placeOf(csv, csv.indexOf('Grace')), { unit: 'line', at: 3, of: 3 });
  assert.deepEqual(placeOf('abcd', 2), { unit: 'offset', at: 0.5, of: 1 });
  assert.deepEqual(placeOf('', 0), { unit: 'offset', at: 0, of: 1 });
});

test('a very long text is not walked through', () => {
  assert.equal(placeOf('a\n\n'.repeat(1_000_000), 1_500_000).unit, 'offset');
});

test('bars compare with the best score', () => {
  assert.equal(relative(0.016, 0.032), 0.5);
  assert.equal(relative(1, 1), 1);
  for (const [score, best] of [[-1, 1], [1, 0], [NaN, 1], [1, NaN], [1, -2]]) assert.equal(relative(score, best), 0);
  assert.equal(relative(3, 2), 1);
});

test('more results come in steps and end', () => {
  assert.equal(nextStep(10), 25);
  assert.equal(nextStep(100), 200);
  assert.equal(nextStep(STEPS[STEPS.length - 1]), null);
});

test('the stretch around a passage is cut at spaces and never loses the passage', () => {
  const text = `${'left '.repeat(50)}HERE${' right'.repeat(50)}`;
  const start = text.indexOf('HERE');
  const part = around(text, { start, end: start + 4 }, 22);
  assert.equal(part.passage, 'HERE');
  assert.equal(part.before, 'left left left left ');
  assert.equal(part.after, ' right right right');
  assert.equal(text.slice(part.start, part.end), part.before + part.passage + part.after);
  const whole = around(text, { start, end: start + 4 }, 10_000);
  assert.deepEqual([whole.start, whole.end], [0, text.length]);
  const solid = around('x'.repeat(500), { start: 200, end: 210 }, 50);
  assert.deepEqual([solid.before.length, solid.after.length], [50, 50]);
});
