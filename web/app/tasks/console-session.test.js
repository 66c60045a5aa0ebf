/** The console's log, history and ways out. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { NearsideError } from '../../errors.js';
import { ConsoleSession, enterRuns } from './console-session.js';

function setUp() {
  /** @type {{code: string, resolve: (value: any) => void, reject: (error: unknown) => void}[]} */
  const calls = [];
  const client = {
    ready: Promise.resolve(),
    restarts: 0,
    restart() {
      this.restarts += 1;
    },
    console: {
      run: (/** @type {string} */ code, /** @type {{signal: AbortSignal}} */ { signal }) =>
        new Promise((resolve, reject) => {
          calls.push({ code, resolve, reject });
          signal.addEventListener('abort', () => reject(new NearsideError('cancelled', 'It was cancelled.')));
        }),
    },
  };
  return { client, calls, session: new ConsoleSession(client, { slowMs: 10 }) };
}

const done = { output: '', result: '2', error: null };

test('Enter runs one complete line only', () => {
  for (const code of ['1 + 1', 'await f("(")', 'x = {"a": [1]}', "print(':')  # (", ' ']) assert.equal(enterRuns(code), code.trim() !== '', code);
  for (const code of ['for x in y:', 'f(', 'a = [1,', 'x = 1 \\', 'a\nb']) assert.equal(enterRuns(code), false, code);
});

test('code runs, one at a time, and its answer is kept', async () => {
  const { session, calls } = setUp();
  session.type('1 + 1');
  const running = session.run('1 + 1');
  assert.deepEqual([session.running, session.draft, session.entries[0].state], [true, '', 'running']);
  assert.equal(await session.run('2'), null);
  calls[0].resolve(done);
  await running;
  assert.deepEqual([session.running, session.entries[0].state, session.entries[0].result], [false, 'done', '2']);
  assert.equal(await session.run('  '), null);
});

test('what went wrong is kept, the engine’s errors too', async () => {
  const { session, calls } = setUp();
  let running = session.run('1/0');
  calls[0].resolve({ output: 'a\n', result: null, error: 'ZeroDivisionError' });
  await running;
  running = session.run('x');
  calls[1].reject(new NearsideError('engine_failed', 'It broke.'));
  await running;
  assert.deepEqual(session.entries.map(({ state }) => state), ['failed', 'failed']);
  assert.match(session.entries[1].error ?? '', /^It broke\.\nReload the page/);
  session.clear();
  assert.equal(session.entries.length, 0);
});

test('a run that takes long offers a way out', async () => {
  const { session, client } = setUp();
  const running = session.run('while True: pass');
  await pause(40);
  assert.equal(session.slow, true);
  session.restart();
  await running;
  assert.deepEqual([client.restarts, session.slow, session.entries[0].state], [1, false, 'stopped']);
});

test('the history goes back and forth, and the draft comes back', async () => {
  const { session, calls } = setUp();
  for (const code of ['a', 'b', 'b']) {
    const running = session.run(code);
    calls.at(-1)?.resolve(done);
    await running;
  }
  session.type('draft');
  assert.equal(session.recall(1), null);
  assert.equal(session.recall(-1), 'b');
  assert.equal(session.recall(-1), 'a');
  assert.equal(session.recall(-1), null);
  assert.equal(session.recall(1), 'b');
  assert.equal(session.recall(1), 'draft');
});
