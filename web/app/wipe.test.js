/** After a wipe nothing of Nearside's is left, and nothing of anybody else's is gone. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { IDBFactory } from 'fake-indexeddb';
import { NearsideError } from '../errors.js';
import { wipeBrowser, wipeEngine } from './wipe.js';

/** @param {IDBFactory} factory @param {string} name @returns {Promise<IDBDatabase>} */
const opened = (factory, name) =>
  new Promise((resolve) => {
    const request = factory.open(name);
    request.onsuccess = () => resolve(request.result);
  });

/** @param {Record<string, string>} content */
function storage(content) {
  const kept = /** @type {any} */ ({ ...content });
  Object.defineProperty(kept, 'removeItem', { value: (/** @type {string} */ key) => delete kept[key] });
  return kept;
}

test('databases, caches, settings and the service worker go; others’ stay', async () => {
  const indexedDB = new IDBFactory();
  for (const name of ['nearside-documents', 'nearside-data', 'IDBMap/@pyscript.fs', 'somebody-elses']) (await opened(indexedDB, name)).close();
  const cached = new Set(['nearside-assets', 'workbox-precache-v2-http://near.example/', 'somebody-elses']);
  const local = storage({ 'nearside-theme': 'dark', 'nearside-mode': 'local-only', other: '1' });
  let unregistered = 0;
  await wipeBrowser({
    indexedDB,
    caches: { keys: async () => [...cached], delete: async (name) => cached.delete(name) },
    serviceWorker: { getRegistrations: async () => [{ unregister: async () => Boolean((unregistered += 1)) }] },
    storages: () => [local],
  });
  assert.deepEqual((await indexedDB.databases()).map(({ name }) => name), ['somebody-elses']);
  assert.deepEqual([...cached], ['somebody-elses']);
  assert.deepEqual([Object.keys(local), unregistered], [['other'], 1]);
});

test('a database that another tab holds open does not hold up the rest', async () => {
  const indexedDB = new IDBFactory();
  const held = await opened(indexedDB, 'nearside-data');
  const local = storage({ 'nearside-mode': 'x' });
  await wipeBrowser({ indexedDB, caches: undefined, serviceWorker: undefined, storages: () => [local], patience: 5 });
  assert.deepEqual(Object.keys(local), []);
  held.close();
});

test('blocked storage is no reason to stop', async () => {
  await wipeBrowser({
    indexedDB: new IDBFactory(),
    caches: { keys: () => Promise.reject(new DOMException('blocked', 'SecurityError')), delete: async () => true },
    serviceWorker: undefined,
    storages: () => {
      throw new DOMException('blocked', 'SecurityError');
    },
  });
});

test('the engine’s keepings go one by one, a failure in between or not', async () => {
  const gone = /** @type {string[]} */ ([]);
  const done = (/** @type {string} */ what) => async () => void gone.push(what);
  await wipeEngine(
    /** @type {any} */ ({
      records: { clear: () => Promise.reject(new NearsideError('engine_failed', 'No.')) },
      documents: { list: async () => ({ documents: [{ id: 'd1' }, { id: 'd2' }] }), delete: (/** @type {string} */ id) => done(id)() },
      classifiers: { list: async () => ({ classifiers: [{ id: 'c' }] }), get: async (/** @type {string} */ id) => ({ delete: done(id) }) },
      models: { list: async () => ({ models: [{ id: 'm', stored: true }, { id: 'absent', stored: false }] }), delete: (/** @type {string} */ id) => done(id)() },
      settings: { set: (/** @type {any} */ change) => done(JSON.stringify(change))() },
    }),
  );
  assert.deepEqual(gone, ['d1', 'd2', 'c', 'm', '{"mode":null,"cloud":null,"hub":null}']);
});
