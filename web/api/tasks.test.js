/** The tasks' methods: what crosses to the engine, and where the pieces of a written text go. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { Models } from './parts.js';
import { Tasks } from './tasks.js';

function setUp(/** @type {any} */ answer = {}) {
  const calls = /** @type {any[]} */ ([]);
  const call = async (/** @type {string} */ method, /** @type {any} */ params, /** @type {any} */ options = {}) => {
    calls.push({ method, params, options });
    options.onChunk?.({ text: 'Bon' });
    options.onChunk?.({ text: 'jour' });
    return answer;
  };
  return { calls, tasks: new Tasks(call), models: new Models(call) };
}

test('each task has its parameters beside its options; signal and listeners stay here', async () => {
  const { calls, tasks } = setUp();
  const { signal } = new AbortController();
  const onProgress = () => {};
  const schema = { type: 'object', properties: { a: { type: 'string' } } };
  await tasks.classify(['a'], { topK: 2, threshold: 0.5, labels: ['x'], signal, onProgress });
  await tasks.extractEntities('a', { aggregation: 'max', types: ['PER'] });
  await tasks.extract('a', schema, { timeout: 3, background: true });
  await tasks.embed('a', { kind: 'query', dimensions: 64 });
  assert.deepEqual(
    calls.map(({ method, params }) => [method, params]),
    [
      ['classify', { topK: 2, threshold: 0.5, labels: ['x'], texts: ['a'] }],
      ['extractEntities', { aggregation: 'max', types: ['PER'], texts: 'a' }],
      ['extract', { timeout: 3, background: true, text: 'a', schema }],
      ['embed', { kind: 'query', dimensions: 64, texts: 'a' }],
    ],
  );
  assert.equal(calls[0].options.signal, signal);
  assert.equal(calls[0].options.onProgress, onProgress);
  assert.equal(calls[0].options.onChunk, undefined);
});

test('a text is heard as it is written', async () => {
  const { calls, tasks } = setUp({ text: 'Bonjour' });
  let heard = '';
  const { text } = await tasks.translate('Hello', { from: 'en', to: 'fr', onText: (piece) => void (heard += piece) });
  assert.deepEqual([heard, text, calls[0].params], ['Bonjour', 'Bonjour', { from: 'en', to: 'fr', text: 'Hello' }]);
  heard = '';
  await tasks.summarize('Long', { onText: (piece) => void (heard += piece) });
  assert.equal(heard, 'Bonjour');
});

test('models are recommended, checked and rolled back', async () => {
  const { calls, models } = setUp({ check: { id: 'org/m' } });
  await models.recommend('translate', { languages: ['en', 'fr'] });
  assert.deepEqual(await models.check('org/m'), { id: 'org/m' });
  await models.rollback('org/m');
  assert.deepEqual(
    calls.map(({ method, params }) => [method, params]),
    [['models.recommend', { task: 'translate', languages: ['en', 'fr'] }], ['models.check', { id: 'org/m' }], ['models.rollback', { id: 'org/m' }]],
  );
});
