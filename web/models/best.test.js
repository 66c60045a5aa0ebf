import assert from 'node:assert/strict';
import test from 'node:test';
import { best } from './session.js';

test('the k best come largest first, the lower place first on a tie', () => {
  const row = [0.5, 3, -1, 3, 2];
  assert.deepEqual([...best(row, 3).ids], [1, 3, 4]);
  assert.deepEqual([...best(row, 3).values], [3, 3, 2]);
});

test('more than there are gives all, sorted', () => {
  assert.deepEqual([...best([1, 2], 9).ids], [1, 0]);
});

test('agrees with a full sort on random rows', () => {
  let seed = 7;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  for (let round = 0; round < 20; round += 1) {
    const row = Float32Array.from({ length: 500 }, () => Math.round(random() * 50));
    const sorted = [...row.keys()].sort((a, b) => row[b] - row[a] || a - b).slice(0, 40);
    assert.deepEqual([...best(row, 40).ids], sorted);
  }
});

test('NaN never displaces a number once the window is full', () => {
  assert.deepEqual([...best([1, 2, Number.NaN, 3], 2).ids], [3, 1]);
});
