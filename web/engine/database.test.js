import assert from 'node:assert/strict';
import test from 'node:test';
import 'fake-indexeddb/auto';
import { DataStore, NAME } from './database.js';

// What only a browser can show (two tabs, a crash, a full disk) is in playwright/tests/documents.spec.js.

let count = 0;
/** @returns {DataStore} a store over a database of its own */
const fresh = () => new DataStore({ name: `${NAME}-${(count += 1)}` });

/** @param {DataStore} store @param {string} [prefix] @returns {Promise<string[]>} keys */
const keys = async (store, prefix = '') => JSON.parse((await store.list('notes', prefix))[0]).map((/** @type {any[]} */ [key]) => key);

test('what was written is read, by key and by prefix', async () => {
  const store = fresh();
  assert.equal(await store.open(), true);
  assert.equal(await store.get('notes', 'a'), undefined);
  await store.write([['notes', 'a', '{"n":1}', new Uint8Array([1, 2])], ['notes', 'a/b', '{}'], ['notes', 'b', '{}'], ['other', 'a/c', '{}']]);
  assert.deepEqual(await store.get('notes', 'a'), ['{"n":1}', new Uint8Array([1, 2])]);
  assert.deepEqual(await store.get('notes', 'b'), ['{}', undefined]);
  assert.deepEqual(await keys(store), ['a', 'a/b', 'b']);
  assert.deepEqual(await keys(store, 'a/'), ['a/b']);
  const [text, blobs] = await store.list('notes', 'a');
  assert.equal(text, '[["a",{"n":1},0],["a/b",{},-1]]');
  assert.deepEqual(blobs, [new Uint8Array([1, 2])]);
});

test('of a larger buffer only the part given is kept', async () => {
  const store = fresh();
  await store.write([['notes', 'a', '{}', new Uint8Array([9, 1, 2, 9]).subarray(1, 3)]]);
  assert.deepEqual((await store.get('notes', 'a'))?.[1], new Uint8Array([1, 2]));
});

test('entries and whole collections are deleted, and generations rise', async () => {
  const store = fresh();
  assert.equal(await store.generation('notes'), 0);
  const seen = [0];
  for (const changes of /** @type {import('./database.js').Change[][]} */ ([
    [['notes', 'a', '{}'], ['notes', 'b', '{}'], ['notes', 'c', '{}']],
    [['notes', 'a']],
    [['notes', 'nothing']],
    [['notes'], ['notes', 'last', '{}']],
  ])) {
    await store.write(changes);
    seen.push(await store.generation('notes'));
  }
  assert.deepEqual(await keys(store), ['last']);
  assert.deepEqual(seen.slice(2), [1, 2, 3].map((more) => seen[1] + more));
  await store.write([['other', 'a', '{}']]);
  assert.equal(await store.generation('notes'), seen[4]);
});

test('a write that fails changes nothing', async () => {
  const store = fresh();
  const unfit = /** @type {any} */ (() => {});
  await assert.rejects(store.write([['notes', 'a', '{}'], ['notes', 'b', unfit]]), { code: 'engine_failed', retryable: true });
  assert.deepEqual(await keys(store), []);
  assert.equal(await store.generation('notes'), 0);
});

test('two stores over one database number their writes together', async () => {
  const one = fresh();
  const other = new DataStore({ name: one.name });
  await Promise.all(Array.from({ length: 20 }, (_, number) => (number % 2 ? one : other).write([['notes', `${number}`, '{}']])));
  assert.equal((await keys(one)).length, 20);
  assert.equal(await one.generation('notes'), await other.generation('notes'));
});

test('after closing, the next call opens it again', async () => {
  const store = fresh();
  await store.close();
  await store.write([['notes', 'a', '{}']]);
  await store.close();
  await store.close();
  assert.deepEqual(await keys(store), ['a']);
});

test('a database of a newer version is refused, by opening too', async () => {
  const store = fresh();
  await store.write([['notes', 'a', '{}']]);
  await new Promise((done) => {
    const request = indexedDB.open(store.name, 2);
    request.onsuccess = () => done(request.result.close());
  });
  await assert.rejects(store.get('notes', 'a'), { code: 'protocol_mismatch' });
  await assert.rejects(store.open(), { code: 'protocol_mismatch' });
});

test('blocked storage, and the stand-in that lies in its place, do not open', async (t) => {
  const own = indexedDB;
  t.after(() => Object.defineProperty(globalThis, 'indexedDB', { configurable: true, value: own }));
  Object.defineProperty(globalThis, 'indexedDB', { configurable: true, value: { open: () => ({}) } });
  assert.equal(await fresh().open(), false);
  const denied = Object.create(own);
  denied.open = () => {
    throw new DOMException('denied', 'SecurityError');
  };
  Object.defineProperty(globalThis, 'indexedDB', { configurable: true, value: denied });
  assert.equal(await fresh().open(), false);
});
