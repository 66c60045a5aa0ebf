/** Pieces, shares and drawings of results; what a decision says. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { dollars, removed, shortModel } from './route.js';
import { bars, barsPath, covered, ranked, vectorFacts, byType, labelled } from './show.js';

test('a text is cut at ranked spans and stays whole', () => {
  const text = 'One two. Three four. Five.';
  const pieces = ranked(text, [{ start: 9, end: 20 }, { start: 0, end: 8 }, { start: 15, end: 26 }, { start: null, end: null }, { start: 20, end: 99 }]);
  assert.deepEqual(pieces.map(({ rank }) => rank), [1, null, 0, null]);
  assert.equal(pieces.map((piece) => piece.text).join(''), text);
  assert.deepEqual(ranked('', []), []);
  assert.equal(covered(text, [{ start: 0, end: 13 }]), 0.5);
  assert.equal(covered('', []), 0);
});

test('a vector’s facts and its picture', () => {
  const facts = vectorFacts(Float32Array.of(0.5, -0.5, 0.5, -0.5));
  assert.deepEqual([facts.dimensions, facts.length, facts.smallest, facts.largest, facts.first.length], [4, 1, -0.5, 0.5, 4]);
  assert.equal(barsPath([1, -0.5]), 'M0.5 1V0.000M1.5 1V1.500');
  assert.equal(barsPath([0]), 'M0.5 1V1.000');
  assert.deepEqual(bars({ labels: ['a'], scores: [0.4] }), [{ label: 'a', score: 0.4 }]);
});

test('money and models', () => {
  assert.equal(dollars(1_234_000), '$0.0012');
  assert.equal(dollars(2_500_000_000), '$2.50');
  assert.equal(dollars(0), '$0.00');
  assert.equal(shortModel('nearside/all-MiniLM-L6-v2'), 'all-MiniLM-L6-v2');
  assert.equal(shortModel('cloud-fast'), 'cloud-fast');
  const kept = { tier: 'near', model: 'm', removedBy: null };
  const out = { tier: 'far', model: 'c', removedBy: 'consent' };
  assert.deepEqual(removed(/** @type {any} */ ({ candidates: [kept, out] })), [out]);
  assert.deepEqual(removed(/** @type {any} */ ({})), []);
});

test('entities cut a text into pieces that are the text again, and stand by type', () => {
  const entity = (/** @type {number} */ start, /** @type {number} */ end, /** @type {string} */ type) => ({ text: TEXT.slice(start, end), type, start, end, score: 0.5 });
  const TEXT = '😀 Ada met Ada in Rome';
  const found = [entity(11, 14, 'PER'), entity(3, 6, 'PER'), entity(4, 8, 'LOC'), entity(18, 22, 'LOC'), entity(20, 90, 'ORG')];
  const pieces = labelled(TEXT, found);
  assert.equal(pieces.map(({ text }) => text).join(''), TEXT);
  assert.deepEqual(pieces.filter(({ type }) => type).map(({ text, type }) => [text, type]), [['Ada', 'PER'], ['Ada', 'PER'], ['Rome', 'LOC']]);
  assert.deepEqual(byType([entity(3, 6, 'PER'), entity(11, 14, 'PER'), entity(18, 22, 'LOC')]).map(({ type, found: [first] }) => [type, first.text, first.count]), [['PER', 'Ada', 2], ['LOC', 'Rome', 1]]);
  assert.deepEqual(labelled('', []), []);
});
