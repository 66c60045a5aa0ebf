/** The proof of local-only: the browser's report, nothing less. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { ASKED, prove } from './local-proof.js';

/** @param {EventTarget} events @param {string} directive */
const violate = (events, directive) =>
  events.dispatchEvent(Object.assign(new Event('securitypolicyviolation'), { effectiveDirective: directive, blockedURI: 'http://near.example/v1/models' }));

test('a refusal that the browser reports is a proof', async () => {
  const events = new EventTarget();
  const asked = /** @type {string[]} */ ([]);
  const proof = await prove({
    events,
    fetch: async (url) => {
      asked.push(url);
      setTimeout(() => violate(events, 'connect-src'));
      throw new TypeError('Failed to fetch');
    },
  });
  assert.deepEqual(asked, [ASKED]);
  assert.deepEqual(proof, { outcome: 'refused', asked: ASKED, directive: 'connect-src', blocked: 'http://near.example/v1/models' });
});

test('a failure without a report is none: the network may be down', async () => {
  const proof = await prove({ events: new EventTarget(), patience: 5, fetch: () => Promise.reject(new TypeError('Failed to fetch')) });
  assert.equal(proof.outcome, 'unclear');
});

test('another directive’s report is none', async () => {
  const events = new EventTarget();
  const proof = await prove({
    events,
    patience: 5,
    fetch: async () => {
      violate(events, 'img-src');
      throw new TypeError('Failed to fetch');
    },
  });
  assert.equal(proof.outcome, 'unclear');
});

test('an answer of any kind is said as it is', async () => {
  assert.equal((await prove({ events: new EventTarget(), fetch: async () => ({ status: 503 }) })).outcome, 'answered');
});
