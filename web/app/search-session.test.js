/** One search's life: asked, in progress, answered, failed, cancelled, replaced. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { NearsideError } from '../errors.js';
import { SearchSession, describe } from './search-session.js';

/** @typedef {import('./types.js').Answer} Answer */

const SOURCES = [{ id: 'a', name: 'A', text: 'alpha' }, { id: 'b', name: 'B', text: 'beta' }];
/** @type {Answer} */
const ANSWER = { results: [], usage: { tokens: 3, texts: 1, cached: 0 }, model: { id: 'org/m' } };

/** A client whose searches are answered by hand. */
function setUp({ up = true } = {}) {
  /** @type {{query: string, docs: string[], options: any, resolve: (answer: Answer) => void, reject: (error: unknown) => void}[]} */
  const calls = [];
  let clock = 1000;
  const session = new SearchSession(
    {
      search: (query, docs, options) =>
        new Promise((resolve, reject) => {
          calls.push({ query, docs, options, resolve, reject });
          options.signal.addEventListener('abort', () => reject(new NearsideError('cancelled', 'The call was cancelled.')));
        }),
    },
    { now: () => clock, answersNow: () => up },
  );
  return { session, calls, tick: (/** @type {number} */ ms) => (clock += ms) };
}

test('asks for passages of every text, and keeps the answer with them', async () => {
  const { session, calls, tick } = setUp();
  const running = session.run('why', SOURCES, 25, 7);
  assert.equal(session.state, 'pending');
  assert.deepEqual(calls[0].docs, ['alpha', 'beta']);
  assert.deepEqual([calls[0].options.topK, calls[0].options.passages], [25, true]);
  tick(240);
  calls[0].resolve(ANSWER);
  await running;
  assert.deepEqual([session.state, session.answer, session.took, session.answeredQuery, session.revision], ['done', ANSWER, 240, 'why', 7]);
  assert.equal(session.sources, SOURCES);
});

test('progress gives the time left once there is a pace', async () => {
  const { session, calls, tick } = setUp();
  void session.run('why', SOURCES);
  calls[0].options.onProgress({ done: 1, total: 100 });
  assert.equal(session.left, null);
  tick(3000);
  calls[0].options.onProgress({ done: 30, total: 100 });
  assert.equal(session.left, 7000);
});

test('cancel stops waiting, says so, and aborts the call', async () => {
  const { session, calls } = setUp();
  const running = session.run('why', SOURCES);
  session.cancel();
  await running;
  assert.equal(calls[0].options.signal.aborted, true);
  assert.deepEqual([session.state, session.error], ['cancelled', null]);
});

test('a failure keeps its four fields, and retry asks the same again', async () => {
  const { session, calls } = setUp();
  const running = session.run('why', SOURCES, 25);
  calls[0].reject(new NearsideError('model_crashed', 'It stopped.'));
  await running;
  assert.equal(session.state, 'failed');
  assert.equal(session.error?.code, 'model_crashed');
  assert.equal(session.error?.retryable, true);
  assert.ok(session.error?.hint);
  void session.retry();
  assert.deepEqual([calls[1].query, calls[1].docs, calls[1].options.topK, session.error], ['why', ['alpha', 'beta'], 25, null]);
});

test('a newer search replaces an older one, whose answer is ignored', async () => {
  const { session, calls } = setUp();
  const first = session.run('old', SOURCES);
  const second = session.run('new', SOURCES);
  calls[0].options.onProgress({ done: 1, total: 2 });
  assert.equal(session.progress, null);
  await first;
  assert.deepEqual([session.state, session.query], ['pending', 'new']);
  calls[1].resolve(ANSWER);
  await second;
  assert.deepEqual([session.state, session.answeredQuery], ['done', 'new']);
});

test('clear during a search leaves nothing behind', async () => {
  const { session, calls } = setUp();
  const running = session.run('why', SOURCES);
  session.clear();
  await running;
  calls[0].resolve(ANSWER);
  await Promise.resolve();
  assert.deepEqual([session.state, session.answer, session.query], ['idle', null, '']);
});

test('a question asked during the start is timed from when the engine is up', async () => {
  const { session, calls, tick } = setUp({ up: false });
  const running = session.run('why', SOURCES);
  tick(8000);
  session.engineIsUp();
  tick(300);
  calls[0].resolve(ANSWER);
  await running;
  assert.equal(session.took, 300);
});

test('anything thrown can be shown', () => {
  assert.deepEqual(describe(new NearsideError('offline', 'No network.', { hint: 'Connect.' })), { code: 'offline', message: 'No network.', hint: 'Connect.', retryable: true });
  assert.deepEqual(describe(new TypeError('x is not a function')), { code: 'unexpected', message: 'x is not a function', hint: null, retryable: true });
  assert.equal(describe('text').message, 'text');
  assert.equal(describe(undefined).message, 'undefined');
  assert.equal(describe(new NearsideError('invalid_input', 'No.')).retryable, false);
});
