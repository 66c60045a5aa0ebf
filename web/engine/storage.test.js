import assert from 'node:assert/strict';
import test from 'node:test';
import { memoryIndexedDB, replaceBlockedStorage, storageOpens } from './storage.js';

/** Puts something in the place of `indexedDB`. @param {import('node:test').TestContext} t @param {unknown} value */
function withIndexedDB(t, value) {
  Object.defineProperty(globalThis, 'indexedDB', { configurable: true, value });
  t.after(() => Reflect.deleteProperty(globalThis, 'indexedDB'));
}

const throwing = {
  open() {
    throw new DOMException('denied', 'SecurityError');
  },
};

test('a refusal by exception or by event is noticed', async (t) => {
  withIndexedDB(t, throwing);
  assert.equal(await storageOpens(), false);
  withIndexedDB(t, {
    open() {
      const request = /** @type {any} */ ({});
      queueMicrotask(() => request.onerror());
      return request;
    },
  });
  assert.equal(await storageOpens(), false);
});

test('the stand-in goes in and out again', async (t) => {
  withIndexedDB(t, throwing);
  const restore = await replaceBlockedStorage();
  assert.equal(await storageOpens(), true);
  restore();
  assert.equal(/** @type {unknown} */ (indexedDB), throwing);
});

test('handlers and listeners of the stand-in find the request in the event', async () => {
  /** @param {any} request */
  const result = (request) =>
    new Promise((done) => {
      request.onsuccess = (/** @type {any} */ { target }) => done(target.result);
    });
  const db = /** @type {any} */ (await result(memoryIndexedDB().open('x')));
  const store = db.transaction('entries', 'readwrite').objectStore('entries');
  await result(store.put('value', 'key'));
  assert.equal(await result(store.get('key')), 'value');
  assert.deepEqual(await result(store.getAllKeys()), ['key']);
  const heard = await new Promise((done) => store.count().addEventListener('success', (/** @type {any} */ { target }) => done(target.result)));
  assert.equal(heard, 1);
});
