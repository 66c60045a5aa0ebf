/** The cards' state over a scripted client: calls, cancel, failures, what is stale, the word about the language. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { NearsideError } from '../../errors.js';
import { Workbench, make } from './workbench.js';

/** A client that answers by hand and remembers what it was asked. */
function setUp({ up = true, language = { language: 'en', name: 'English', confidence: 1 } } = {}) {
  /** @type {{method: string, args: any[], resolve: (value: any) => void, reject: (error: unknown) => void}[]} */
  const calls = [];
  const method = (/** @type {string} */ name) => (/** @type {any[]} */ ...args) =>
    new Promise((resolve, reject) => {
      calls.push({ method: name, args, resolve, reject });
      args.at(-1)?.signal?.addEventListener('abort', () => reject(new NearsideError('cancelled', 'It was cancelled.')));
    });
  const client = {
    summarize: method('summarize'),
    zeroShot: method('zeroShot'),
    detectLanguage: async () => language,
    documents: { add: method('documents.add') },
    classifiers: { get: async (/** @type {string} */ id) => ({ classify: (/** @type {any[]} */ ...args) => method(`classify ${id}`)(...args) }) },
  };
  const engine = Object.assign(new EventTarget(), { answersNow: up });
  let clock = 1000;
  const bench = new Workbench({ client, engine }, () => clock);
  return { bench, calls, client, engine, tick: (/** @type {number} */ ms) => (clock += ms) };
}

const ANSWER = { summary: 'S', sentences: [], decision: { tier: 'near' } };

test('a card’s call has its arguments and options, and the answer is kept with the form', async () => {
  const { bench, calls, tick } = setUp();
  bench.fill('summarize', { text: 'Some text.', style: 'headline' });
  const running = bench.start('summarize', { prefer: 'far', consent: true });
  const run = bench.runs.summarize;
  assert.equal(run.state, 'pending');
  const [text, options] = calls[0].args;
  assert.deepEqual([calls[0].method, text, options.style, options.prefer, options.consent], ['summarize', 'Some text.', 'headline', 'far', true]);
  tick(120);
  calls[0].resolve(ANSWER);
  await running;
  assert.deepEqual([run.state, run.result?.answer, run.took, bench.stale('summarize')], ['done', ANSWER, 120, false]);
  bench.fill('summarize', { text: 'Another text.' });
  assert.equal(bench.stale('summarize'), true);
  assert.deepEqual(bench.callOf('summarize').args, [['text', 'Another text.']]);
});

test('a text that is surely not English is remarked on near answers only', async () => {
  for (const [language, tier, expected] of /** @type {const} */ ([
    [{ language: 'de', name: 'German', confidence: 0.99 }, 'near', 'German'],
    [{ language: 'de', name: 'German', confidence: 0.4 }, 'near', null],
    [{ language: 'de', name: 'German', confidence: 0.99 }, 'far', null],
    [{ language: 'en', name: 'English', confidence: 1 }, 'near', null],
  ])) {
    const { bench, calls } = setUp({ language });
    bench.fill('summarize', { text: 'Irgendein Text.' });
    const running = bench.start('summarize');
    calls[0].resolve({ ...ANSWER, decision: { tier } });
    await running;
    assert.equal(bench.runs.summarize.result?.foreign, expected);
  }
});

test('cancel, failure, and a newer run in place of an older one', async () => {
  const { bench, calls } = setUp();
  bench.fill('summarize', { text: 'x' });
  const run = bench.runs.summarize;
  let running = bench.start('summarize');
  run.cancel();
  await running;
  assert.deepEqual([run.state, run.error], ['cancelled', null]);
  running = bench.start('summarize');
  calls[1].reject(new NearsideError('no_route', 'Nothing may answer.'));
  await running;
  assert.deepEqual([run.state, run.error?.code, run.error?.hint], ['failed', 'no_route', 'Choose another mode, or see the reasons.']);
  const old = bench.start('summarize');
  const fresh = bench.start('summarize');
  await old;
  assert.equal(run.state, 'pending');
  calls[3].resolve(ANSWER);
  await fresh;
  assert.equal(run.state, 'done');
  run.clear();
  assert.deepEqual([run.state, run.given, run.result], ['idle', null, null]);
});

test('progress gives the time left once there is a pace', async () => {
  const { bench, calls, tick } = setUp();
  bench.fill('classify', { text: 'a\nb', labels: 'x, y', lines: true });
  void bench.start('classify');
  const { onProgress } = calls[0].args.at(-1);
  onProgress({ done: 1, total: 100 });
  assert.equal(bench.runs.classify.left, null);
  tick(3000);
  onProgress({ done: 30, total: 100 });
  assert.deepEqual([bench.runs.classify.left, bench.runs.classify.progress], [7000, { done: 30, total: 100 }]);
});

test('a call made during the start is timed from when the engine is up', async () => {
  const { bench, calls, engine, tick } = setUp({ up: false });
  bench.fill('summarize', { text: 'x' });
  const running = bench.start('summarize');
  tick(9000);
  engine.answersNow = true;
  engine.dispatchEvent(new Event('change'));
  tick(200);
  calls[0].resolve(ANSWER);
  await running;
  assert.equal(bench.runs.summarize.took, 200);
});

test('calls go to the right object', async () => {
  const { calls, client } = setUp();
  void make(client, { method: 'documents.add', packed: true, args: [['name', 'n'], ['text', 't']], gives: '' }, { consent: true });
  assert.deepEqual([calls[0].method, ...calls[0].args], ['documents.add', { name: 'n', text: 't' }, { consent: true }]);
  void make(client, { method: 'classify', of: ['id', 'c7'], args: [['text', 't']], gives: 'labels' });
  await Promise.resolve();
  await Promise.resolve();
  assert.deepEqual([calls[1].method, calls[1].args[0]], ['classify c7', 't']);
});

test('a call can be prepared before it is made, and shows as it was made', async () => {
  const { bench, calls } = setUp();
  bench.fill('documents', { name: 'n', text: 't' });
  const running = bench.start('documents', {}, async (_form, call) => ({ ...call, fields: { id: '7' } }));
  await Promise.resolve();
  await Promise.resolve();
  assert.equal(calls[0].args[0].id, '7');
  calls[0].resolve({});
  await running;
  assert.deepEqual(bench.callOf('documents').fields, { id: '7' });
});

test('what is written is there while it is written; a remark about English is for the starter alone', async () => {
  const { bench, calls } = setUp({ language: { language: 'de', name: 'German', confidence: 1 } });
  bench.fill('summarize', { text: 'Ein Text.' });
  const running = bench.start('summarize');
  calls[0].args[1].onText('Ein ');
  calls[0].args[1].onText('Wort');
  assert.equal(bench.runs.summarize.partial, 'Ein Wort');
  calls[0].resolve({ ...ANSWER, model: { id: 'org/other' } });
  await running;
  assert.equal(bench.runs.summarize.result?.foreign, null);
  const again = bench.start('summarize');
  assert.equal(bench.runs.summarize.partial, '');
  calls[1].resolve({ ...ANSWER, model: { id: 'nearside/all-MiniLM-L6-v2' } });
  await again;
  assert.equal(bench.runs.summarize.result?.foreign, 'German');
});
