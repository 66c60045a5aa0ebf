/** What the page makes of the engine's status, step by step through a start. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { answersNow, faceOf, failedModel, fractionOf, isBooting, isReload, pendingModel } from './boot.js';

const NAMES = ['frame', 'runtime', 'python', 'packages', 'engine', 'model'];
const ID = 'org/model';

/**
 * @param {Partial<import('./types.js').Status>} [change]
 * @param {Record<string, import('./types.js').PhaseState>} [states]
 * @returns {import('./types.js').Status}
 */
const status = (change = {}, states = {}) => ({
  engine: 'starting',
  phases: NAMES.map((name) => ({ name, state: states[name] ?? 'waiting', ms: null })),
  models: {},
  storage: 'unknown', hub: null,
  ...change,
});
const done = Object.fromEntries(NAMES.map((name) => [name, /** @type {const} */ ('done')]));
/** @param {string} state @param {number} [loaded] @param {number | null} [total] */
const model = (state, loaded = 0, total = 100) => ({ [ID]: { state, loaded, total } });

test('the chip’s face', () => {
  const ready = status({ engine: 'ready', models: model('ready') }, done);
  assert.equal(faceOf(status(), true), 'starting');
  assert.equal(faceOf(status(), false), 'starting', 'no network during the start is no state of its own');
  assert.equal(faceOf(ready, true), 'ready');
  assert.equal(faceOf(ready, false), 'offline');
  assert.equal(faceOf({ ...ready, engine: 'restarting' }, true), 'restarting');
  assert.equal(faceOf({ ...ready, engine: 'failed' }, true), 'failed');
});

test('an engine whose model is still coming is starting, not ready', () => {
  assert.equal(faceOf(status({ engine: 'ready', models: model('downloading', 50) }), true), 'starting');
  assert.equal(faceOf(status({ engine: 'ready', models: model('preparing', 100) }), true), 'starting');
});

test('without any model the engine is up but of no use', () => {
  const failed = status({ engine: 'ready', models: model('failed') });
  assert.equal(faceOf(failed, true), 'failed');
  assert.equal(failedModel(failed)?.id, ID);
  assert.equal(failedModel(status({ engine: 'ready', models: { 'org/other': { state: 'failed', loaded: 0, total: null }, ...model('ready') } })), null);
  assert.equal(faceOf(status({ engine: 'ready', models: model('crashed') }), true), 'ready', 'the next search starts it again');
});

test('an engine that waits for a first use (data saver) is ready', () => {
  const waiting = status({ engine: 'ready' });
  assert.equal(faceOf(waiting, true), 'ready');
  assert.equal(isBooting(waiting), false);
  assert.equal(answersNow(waiting), false);
});

test('a second model on its way does not make a ready page start again', () => {
  const two = status({ engine: 'ready', models: { ...model('ready'), 'org/other': { state: 'downloading', loaded: 1, total: 9 } } }, done);
  assert.equal(isBooting(two), false);
  assert.equal(pendingModel(two)?.id, 'org/other');
});

test('a model on its way is named before one that failed', () => {
  const both = status({ models: { 'org/bad': { state: 'failed', loaded: 0, total: null }, ...model('downloading', 3) } });
  assert.equal(pendingModel(both)?.id, ID);
  assert.equal(pendingModel(status({ models: { 'org/bad': { state: 'failed', loaded: 0, total: null } } }))?.id, 'org/bad');
  assert.equal(pendingModel(status()), null);
});

test('the fraction grows through a whole start, from nothing to all', () => {
  const steps = [
    status(),
    status({}, { frame: 'running' }),
    status({}, { frame: 'done', runtime: 'running', model: 'running' }),
    status({ models: model('downloading', 10) }, { frame: 'done', runtime: 'running', model: 'running' }),
    status({ models: model('downloading', 60) }, { frame: 'done', runtime: 'done', python: 'running', model: 'running' }),
    status({ models: model('downloading', 100) }, { frame: 'done', runtime: 'done', python: 'done', packages: 'running', model: 'running' }),
    status({ models: model('preparing', 100) }, { ...done, engine: 'running', model: 'running' }),
    status({ engine: 'ready', models: model('preparing', 100) }, { ...done, model: 'running' }),
    status({ engine: 'ready', models: model('ready', 100) }, done),
  ];
  const shares = steps.map(fractionOf);
  assert.equal(shares[0], 0);
  assert.equal(shares[shares.length - 1], 1);
  for (let i = 1; i < shares.length; i += 1) assert.ok(shares[i] > shares[i - 1], `${i}: ${shares.join(' ')}`);
});

test('a download without a known length moves nothing beyond its share', () => {
  const share = fractionOf(status({ models: model('downloading', 5e9, null) }, { model: 'running' }));
  assert.ok(share > 0 && share < 0.2);
});

test('a model that is loaded again counts by itself', () => {
  const again = status({ engine: 'ready', models: model('downloading', 25) }, done);
  assert.equal(isReload(again), true);
  assert.equal(fractionOf(again), 0.2);
  assert.equal(isReload(status({ engine: 'ready', models: model('downloading', 25) }, { ...done, model: 'running' })), false);
  assert.equal(isReload(status({ engine: 'ready', models: model('ready') }, done)), false);
});

test('a status without phases is no division by zero', () => {
  assert.equal(fractionOf(status({ phases: [] })), 0);
});
