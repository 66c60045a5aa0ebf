import assert from 'node:assert/strict';
import test from 'node:test';
import { StatusBoard } from './status.js';

test('phases are timed from running to done, and a known duration wins', async () => {
  let now = 10;
  const board = new StatusBoard(() => now);
  board.phase('python', 'running');
  now = 35;
  board.phase('python', 'done');
  board.phase('packages', 'done', 7);
  const ms = Object.fromEntries(board.status.phases.map((phase) => [phase.name, phase.ms]));
  assert.deepEqual([ms.python, ms.packages, ms.engine], [25, 7, null]);
});

test('many changes in one turn are told once, as a copy', async () => {
  const board = new StatusBoard(() => 0);
  /** @type {any[]} */
  const told = [];
  board.listeners.add((status) => told.push(status));
  board.set({ engine: 'ready' });
  board.model('a/b', { state: 'ready', loaded: 1, total: 1 });
  await Promise.resolve();
  assert.equal(told.length, 1);
  assert.equal(told[0].models['a/b'].state, 'ready');
  told[0].engine = 'changed by a listener';
  assert.equal(board.status.engine, 'ready');
});
