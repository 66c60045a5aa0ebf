/** Filters and sums over records. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { fallbackOf, fileName, filtered, problemOf, totals } from './records.js';

const near = { id: 'd', tier: 'near', model: 'org/mini', mode: 'prefer-local', reasons: [{ rule: 'consent', text: 'You have not agreed.' }], explanation: 'On your device.', candidates: [], saved: 300 };
const RECORDS = /** @type {import('./types.js').Rec[]} */ ([
  { id: '1', time: 1, task: 'chat', outcome: 'ok', latency: 5, decision: near },
  { id: '2', time: 2, task: 'summarize', outcome: 'ok', latency: 5, decision: { ...near, tier: 'far', model: 'cloud-fast', reasons: [], explanation: 'In the cloud.', saved: null, cost: 900 } },
  { id: '3', time: 3, task: 'chat', outcome: 'ok', latency: 5, decision: { ...near, reasons: [], escalatedFrom: { tier: 'far', code: 'rate_limited', message: 'Too many.' } } },
  { id: '4', time: 4, task: 'answer', outcome: 'cancelled', latency: 5, decision: { ...near, reasons: [] } },
  { id: '5', time: 5, task: 'chat', outcome: 'no_route', latency: 0, decision: null },
]);
/** @param {import('./records.js').Filter} filter */
const ids = (filter) => filtered(RECORDS, filter).map(({ id }) => id);

test('by side, by trouble, by words in any order', () => {
  assert.deepEqual(ids({ text: '', tier: 'all' }), ['1', '2', '3', '4', '5']);
  assert.deepEqual(ids({ text: '', tier: 'near' }), ['1', '3', '4']);
  assert.deepEqual(ids({ text: '', tier: 'far' }), ['2']);
  assert.deepEqual(ids({ text: '', tier: 'problem' }), ['3', '4', '5']);
  assert.deepEqual(ids({ text: 'Device CHAT', tier: 'all' }), ['1', '3']);
  assert.deepEqual(ids({ text: 'agreed consent', tier: 'near' }), ['1']);
  assert.deepEqual(ids({ text: 'rate_limited', tier: 'all' }), ['3']);
  assert.deepEqual(ids({ text: 'nowhere', tier: 'all' }), []);
});

test('problems and fallbacks are known by their codes', () => {
  assert.deepEqual(RECORDS.map(problemOf), [null, null, null, 'cancelled', 'no_route']);
  assert.deepEqual(RECORDS.map(fallbackOf), [null, null, 'rate_limited', null, null]);
});

test('sums count what was answered', () => {
  assert.deepEqual(totals(RECORDS), { near: 2, far: 1, cost: 900, saved: 600 });
});

test('a file’s name sorts by time and is allowed everywhere', () => {
  assert.equal(fileName(new Date(Date.UTC(2026, 0, 2, 3, 4, 5))), 'nearside-records-2026-01-02T03-04-05.jsonl');
});
