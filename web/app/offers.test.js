/** When the other side is offered, and when the question is put openly. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { asksOpenly, otherSide } from './offers.js';

/** @param {'near' | 'far'} tier @param {string | null} removedBy @param {string | null} [model] */
const decision = (tier, removedBy, model = 'm') =>
  /** @type {import('./types.js').Decision} */ ({
    id: '1', tier, model: 'x', mode: 'prefer-local', reasons: [], explanation: '',
    candidates: [{ tier, model: 'x', removedBy: null }, { tier: tier === 'near' ? 'far' : 'near', model, removedBy }],
  });

/** @param {Partial<import('./types.js').ChatAnswer>} change */
const answer = (change) =>
  /** @type {import('./types.js').ChatAnswer} */ ({ id: 'a', text: '', state: 'done', decision: decision('near', 'consent'), citations: [], found: true, error: null, ...change });

test('the other side is offered where the rules leave it', () => {
  assert.deepEqual(otherSide(decision('near', null)), { tier: 'far', model: 'm', consent: false });
  assert.deepEqual(otherSide(decision('far', null)), { tier: 'near', model: 'm', consent: false });
  assert.deepEqual(otherSide(decision('near', 'consent')), { tier: 'far', model: 'm', consent: true });
});

test('what another rule took out is not offered', () => {
  for (const rule of ['mode', 'capability', 'provider', 'connectivity', 'context']) assert.equal(otherSide(decision('near', rule)), null, rule);
  assert.equal(otherSide(decision('near', null, null)), null);
  assert.equal(otherSide({ ...decision('near', null), candidates: [] }), null);
  assert.equal(otherSide(null), null);
});

test('the question is open when the device has nothing, or the mode wants the cloud', () => {
  assert.equal(asksOpenly(answer({})), false);
  assert.equal(asksOpenly(answer({ found: false })), true);
  assert.equal(asksOpenly(answer({ state: 'failed' })), true);
  assert.equal(asksOpenly(answer({ decision: { ...decision('near', 'consent'), mode: 'prefer-cloud' } })), true);
});

test('but not while it writes, nor twice, nor where consent is not what is missing', () => {
  assert.equal(asksOpenly(answer({ found: false, state: 'streaming' })), false);
  assert.equal(asksOpenly(answer({ found: false, declined: true })), false);
  assert.equal(asksOpenly(answer({ found: false, decision: decision('near', 'connectivity') })), false);
});
