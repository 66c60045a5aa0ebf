/** Which model answers a task: what the engine says, the visitor's choice, a download, its end and its failure. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { NearsideError } from '../../errors.js';
import { pairOf } from './languages.js';
import { ModelChoice, hubShut, reportOf } from './model-choice.js';

/** @param {string} id @param {any} [more] @returns {any} */
const advice = (id, more = {}) => ({ id, verdict: 'good', reasons: [], languages: [], ...more });
/** @param {string} id @param {any} [more] @returns {any} */
const entry = (id, more = {}) => ({ id, task: 'rerank', stored: true, loaded: false, ...more });

/** @param {any} [over] */
function setUp(over = {}) {
  const asked = /** @type {any[]} */ ([]);
  const settings = {
    value: /** @type {any} */ ({ models: {} }),
    error: /** @type {any} */ (null),
    load: async () => true,
    set: async (/** @type {any} */ change) => {
      asked.push(['set', change]);
      for (const [name, id] of Object.entries(change)) settings.value = { models: id ? { [name.slice(7)]: id } : {} };
    },
  };
  const models = {
    recommend: async (/** @type {string} */ task, /** @type {any} */ options) => {
      asked.push(['recommend', task, options]);
      return { model: advice('org/best'), others: [advice('org/other', { verdict: 'no' })], reasons: [] };
    },
    list: async () => ({ models: [entry('nearside/starter', { starter: true, task: 'embed' })] }),
    check: async (/** @type {string} */ id) => advice(id),
    preload: async (/** @type {string} */ id, /** @type {any} */ { onProgress }) => {
      asked.push(['preload', id]);
      onProgress({ phase: 'download', loaded: 1, total: 4 });
    },
    ...over,
  };
  return { asked, settings, choice: new ModelChoice('rerank', /** @type {any} */ ({ client: { models }, settings })) };
}

test('the starter answers until another model is chosen, and again when the choice is taken back', async () => {
  const { choice, asked } = setUp();
  await choice.load();
  assert.deepEqual([choice.current, choice.chosen, choice.best?.id, choice.report?.models.map(({ id }) => id)], ['nearside/starter', null, 'org/best', ['org/best', 'org/other']]);
  assert.equal(await choice.choose('org/best'), true);
  assert.deepEqual([choice.current, choice.chosen], ['org/best', 'org/best']);
  await choice.choose(null);
  assert.deepEqual([choice.current, asked.filter(([what]) => what === 'set').at(-1)], ['nearside/starter', ['set', { 'models.rerank': null }]]);
});

test('where the starter cannot, an open model answers before one that only lies there', () => {
  const entries = [entry('a/stored'), entry('b/open', { loaded: true }), entry('c/else', { task: 'classify', loaded: true }), entry('nearside/starter', { starter: true })];
  const report = reportOf('rerank', { model: null, others: [] }, entries, false);
  assert.deepEqual([report.current, report.starter, report.here.has('a/stored'), report.here.has('z/z')], ['b/open', null, true, false]);
  assert.equal(reportOf('rerank', { model: null, others: [] }, [], false).current, null);
});

test('a download tells how far it is, and its model answers from then on', async () => {
  const { choice, asked } = setUp();
  const seen = /** @type {any[]} */ ([]);
  choice.addEventListener('change', () => seen.push([choice.fetching, choice.progress?.loaded ?? null]));
  assert.equal(await choice.fetch('org/best'), true);
  assert.deepEqual(seen.slice(0, 3), [[null, null], ['org/best', null], ['org/best', 1]]);
  assert.deepEqual([choice.fetching, choice.current], [null, 'org/best']);
  assert.deepEqual(asked.map(([what]) => what), ['preload', 'set', 'recommend']);
});

test('a download that is cancelled leaves everything as it was; one that fails says why', async () => {
  const slow = setUp({
    preload: (/** @type {string} */ _id, /** @type {any} */ { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new NearsideError('cancelled', 'It was cancelled.')))),
  });
  const fetching = slow.choice.fetch('org/best');
  slow.choice.cancel();
  assert.equal(await fetching, false);
  assert.deepEqual([slow.choice.fetching, slow.choice.error, slow.choice.chosen], [null, null, null]);
  const broken = setUp({ preload: async () => Promise.reject(new NearsideError('unknown_model', 'The hub is switched off.')) });
  assert.equal(await broken.choice.fetch('org/best'), false);
  assert.deepEqual([broken.choice.error?.code, broken.choice.fetching, broken.choice.chosen], ['unknown_model', null, null]);
});

test('languages go along, and are remembered', async () => {
  const { choice, asked } = setUp();
  await choice.load(['en', 'de']);
  await choice.load();
  assert.deepEqual(asked.map(([, , options]) => options), [{ languages: ['en', 'de'] }, { languages: ['en', 'de'] }]);
  assert.deepEqual(pairOf('Xenova/opus-mt-en-de'), { from: 'en', to: 'de' });
  assert.equal(pairOf('Xenova/m2m100_418M'), null);
});

test('a failure of the list is kept for the picker to say', async () => {
  const { choice } = setUp({ list: async () => Promise.reject(new NearsideError('engine_failed', 'No.')) });
  await choice.load();
  assert.deepEqual([choice.report, choice.error?.code], [null, 'engine_failed']);
  await choice.look('org/x');
  assert.equal(choice.named?.id, 'org/x');
});

test('whether the chosen model thinks is known of those that were told of, and of the one that was named', async () => {
  const { choice } = setUp({ recommend: async () => ({ model: advice('org/thinks', { thinks: true }), others: [advice('org/unknown', { thinks: null })], reasons: [] }), check: async () => advice('org/named', { thinks: false }) });
  await choice.load();
  assert.equal(choice.thinks, null, 'nobody was chosen');
  for (const [id, thinks] of /** @type {const} */ ([['org/thinks', true], ['org/unknown', null], ['org/named', null]])) {
    await choice.choose(id);
    assert.equal(choice.thinks, thinks, id);
  }
  await choice.look('org/named');
  assert.equal(choice.thinks, false);
});

test('what keeps the hub away: the document, the site, the visitor, the line, in this order', () => {
  const told = (/** @type {boolean} */ localOnly, /** @type {boolean | null} */ site, /** @type {any} */ value, online = true) =>
    hubShut(/** @type {any} */ ({ settings: { localOnly, value }, engine: { status: { hub: site }, online } }));
  assert.deepEqual(
    [told(true, false, { hub: false }), told(false, false, { hub: false }), told(false, true, { hub: false }, false), told(false, true, { hub: true }, false)],
    ['localOnly', 'site', 'settings', 'offline'],
  );
  assert.deepEqual([told(false, true, { hub: true }), told(false, null, null)], [null, null], 'what is not known keeps nobody from trying');
});
