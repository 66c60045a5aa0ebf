/** The settings as the page holds them, and the two documents. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { NearsideError } from '../errors.js';
import { MODE_KEY, SettingsWatch, documentFor } from './settings.js';

/** @typedef {import('./types.js').Settings} Settings */

/** @param {string} pathname */
function setUp(pathname = '/') {
  /** @type {Settings} */
  let kept = { mode: 'prefer-local', cloud: 'ask', hub: true, provider: { connected: true, models: ['cloud-fast'], state: 'up' }, localOnly: false };
  const went = /** @type {string[]} */ ([]);
  const storage = new Map();
  const place = {
    location: { pathname, hash: '#/settings', assign: (/** @type {string} */ url) => void went.push(url) },
    storage: () => ({ setItem: (/** @type {string} */ key, /** @type {string} */ value) => void storage.set(key, value), removeItem: (/** @type {string} */ key) => void storage.delete(key) }),
  };
  const client = {
    settings: {
      get: async () => kept,
      set: async (/** @type {import('./types.js').SettingsChange} */ change) => {
        if (change.mode === 'balanced') throw new NearsideError('invalid_option', 'No.');
        return (kept = /** @type {Settings} */ ({ ...kept, ...change }));
      },
    },
  };
  return { watch: new SettingsWatch(client, place), went, storage, place };
}

test('reads, changes, and tells', async () => {
  const { watch, went } = setUp();
  let told = 0;
  watch.addEventListener('change', () => (told += 1));
  assert.equal(watch.alias, null);
  await watch.load();
  assert.equal(watch.alias, 'cloud-fast');
  await watch.set({ cloud: 'allow' });
  assert.equal(watch.value?.cloud, 'allow');
  assert.ok(told >= 4);
  assert.deepEqual(went, []);
});

test('local-only leads to the document that enforces it, and is remembered for the next visit', async () => {
  const { watch, went, storage } = setUp();
  await watch.set({ mode: 'local-only' });
  assert.deepEqual(went, ['/local/#/settings']);
  assert.equal(storage.get(MODE_KEY), 'local-only');
});

test('leaving local-only leads back, and is forgotten', async () => {
  const { watch, went, storage } = setUp('/local/');
  storage.set(MODE_KEY, 'local-only');
  assert.equal(watch.localOnly, true);
  await watch.set({ mode: 'prefer-local' });
  assert.deepEqual(went, ['/#/settings']);
  assert.equal(storage.has(MODE_KEY), false);
});

test('a change that the engine refuses changes nothing', async () => {
  const { watch, went, storage } = setUp('/local/');
  await watch.load();
  await watch.set({ mode: 'balanced' });
  assert.equal(watch.error?.code, 'invalid_option');
  assert.equal(watch.value?.mode, 'prefer-local');
  assert.deepEqual([went, storage.size], [[], 0]);
});

test('blocked storage does not keep anybody from local-only', async () => {
  const { watch, went, place } = setUp();
  place.storage = () => {
    throw new DOMException('blocked', 'SecurityError');
  };
  await watch.set({ mode: 'local-only' });
  assert.deepEqual(went, ['/local/#/settings']);
});

test('each mode has its document', () => {
  assert.equal(documentFor('local-only', '/'), '/local/');
  assert.equal(documentFor('local-only', '/local/'), null);
  assert.equal(documentFor('cloud-only', '/local/'), '/');
  assert.equal(documentFor('cloud-only', '/'), null);
});
