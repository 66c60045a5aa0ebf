/** The device report becomes rows; nothing is lost and nothing is guessed. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { groupsOf, meaningsOf } from './report.js';

const REPORT = {
  browser: { name: 'Some', version: '1' },
  cores: 8,
  memoryGiB: null,
  adapter: null,
  wasm: { simd: true, threads: false },
  storage: { quota: 10, used: null },
  means: [{ topic: 'a', level: 'good', text: 'g' }, { topic: 'b', level: 'limit', text: 'l' }, { topic: 'c', level: 'odd', text: 'o' }],
  future: { deep: { value: [1, 2] } },
};

test('every field is a row of some group, in a fixed order', () => {
  const groups = groupsOf(REPORT);
  assert.deepEqual(groups.map(({ group }) => group), ['browser', 'hardware', 'gpu', 'wasm', 'storage', 'other']);
  const paths = groups.flatMap(({ rows }) => rows.map(({ path }) => path));
  assert.deepEqual(paths, ['browser.name', 'browser.version', 'cores', 'memoryGiB', 'adapter', 'wasm.simd', 'wasm.threads', 'storage.quota', 'storage.used', 'future.deep.value']);
});

test('unknown stays null, lists stay lists', () => {
  const rows = new Map(groupsOf(REPORT).flatMap(({ rows: all }) => all.map(({ path, value }) => [path, value])));
  assert.equal(rows.get('memoryGiB'), null);
  assert.equal(rows.get('storage.used'), null);
  assert.deepEqual(rows.get('future.deep.value'), [1, 2]);
});

test('limits come first among the meanings, and the report is left as it was', () => {
  const before = JSON.stringify(REPORT);
  assert.deepEqual(meaningsOf(REPORT).map(({ level }) => level), ['odd', 'limit', 'good']);
  assert.equal(JSON.stringify(REPORT), before);
  assert.deepEqual(meaningsOf({}), []);
});
