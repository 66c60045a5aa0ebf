import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import test from 'node:test';
import { ModelStore, fileKey } from './store.js';

const file = { path: 'onnx/model.onnx', bytes: 3, sha256: 'a'.repeat(64) };
/** @param {string} id @param {string} [revision] */
const card = (id, revision = 'r') => ({ id, revision, files: [file], dtypes: { fp32: file.path } });

/** @param {ModelStore} store @param {import('../protocol.js').Card} of @param {Uint8Array} [bytes] */
async function keep(store, of, bytes = Uint8Array.of(1, 2, 3)) {
  await store.putChunk(fileKey(of, file), 0, /** @type {ArrayBuffer} */ (bytes.buffer));
  await store.commit(of, file, bytes.length);
}

/** Replaces the browser's estimate. @param {import('node:test').TestContext} t @param {() => {quota: number, usage: number}} estimate */
function withEstimate(t, estimate) {
  const real = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { storage: { estimate: async () => estimate() } } });
  t.after(() => (real ? Object.defineProperty(globalThis, 'navigator', real) : Reflect.deleteProperty(globalThis, 'navigator')));
}

test('chunks without metadata are no model', async () => {
  const store = await ModelStore.open();
  await store.begin(fileKey(card('a/partial'), file), '"e"');
  await store.putChunk(fileKey(card('a/partial'), file), 0, new ArrayBuffer(3));
  assert.equal(await store.read(card('a/partial'), file), null);
  assert.equal((await store.list()).find(({ id }) => id === 'a/partial')?.complete, false);
});

test('why a model does not run on a device is kept', async () => {
  const store = await ModelStore.open();
  assert.equal(await store.fallback('card|a/m@r'), null);
  await store.rememberFallback('card|a/m@r', 'Runs on the processor.');
  assert.equal(await (await ModelStore.open()).fallback('card|a/m@r'), 'Runs on the processor.');
});

test('a model of several graphs is complete with all of them', async () => {
  const store = await ModelStore.open();
  const files = ['decoder_model_merged', 'encoder_model'].map((name) => ({ ...file, path: `onnx/${name}.onnx` }));
  const of = { ...card('a/two'), files, dtypes: { fp32: files[0].path } };
  const complete = async () => (await store.list()).find(({ id }) => id === 'a/two')?.complete;
  await store.commit(of, files[0], 3);
  assert.equal(await complete(), false);
  await store.commit(of, files[1], 3);
  assert.equal(await complete(), true);
});

test('side files without weights are no model', async () => {
  const store = await ModelStore.open();
  const side = { path: 'config.json', bytes: 2, sha256: 'c'.repeat(64) };
  const data = { path: `${file.path}_data`, bytes: 2, sha256: 'd'.repeat(64) };
  const of = { ...card('a/side'), files: [side, file, data] };
  const complete = async () => (await store.list()).find(({ id }) => id === 'a/side')?.complete;
  await store.putChunk(fileKey(of, side), 0, new ArrayBuffer(2));
  await store.commit(of, side, 2);
  assert.equal(await complete(), false);
  await keep(store, of);
  assert.equal(await complete(), false);
  await store.commit(of, data, 2);
  assert.equal(await complete(), true);
});

test('another hash or a missing chunk is no model either', async () => {
  const store = await ModelStore.open();
  await keep(store, card('a/hash'));
  assert.equal(await store.read(card('a/hash'), { ...file, sha256: 'b'.repeat(64) }), null);
  await store.write(['chunks'], (tx) => void tx.objectStore('chunks').clear());
  assert.equal(await store.read(card('a/hash'), file), null);
});

test('delete takes all revisions or the named ones, and nobody else’s', async () => {
  const store = await ModelStore.open();
  for (const one of [card('b/m', 'old'), card('b/m', 'new'), card('b/m2')]) await keep(store, one);
  assert.equal(await store.delete('b/m', (revision) => revision !== 'new'), true);
  assert.equal(await store.read(card('b/m', 'old'), file), null);
  assert.ok(await store.read(card('b/m', 'new'), file));
  assert.equal((await store.card('b/m'))?.id, 'b/m');
  assert.equal(await store.delete('b/m'), true);
  assert.equal(await store.card('b/m'), null);
  assert.equal(await store.delete('b/m'), false);
  assert.ok(await store.read(card('b/m2'), file));
});

test('making room evicts the least recently used models first and stops when it fits', async (t) => {
  const store = await ModelStore.open();
  for (const { id } of await store.list()) await store.delete(id);
  for (const id of ['c/oldest', 'c/middle', 'c/newest']) {
    await keep(store, card(id));
    await new Promise((done) => setTimeout(done, 5));
  }
  await store.read(card('c/oldest'), file); // used again: now the newest
  let usage = 100;
  const discard = store.discard.bind(store);
  store.discard = (key) => {
    usage -= 30;
    return discard(key);
  };
  withEstimate(t, () => ({ quota: 100, usage }));
  await store.reserve(25, 'c/wanted');
  assert.deepEqual((await store.list()).map(({ id }) => id).sort(), ['c/newest', 'c/oldest']);
  assert.equal(store.persistent, true);
});

test('what only serves for going back goes first, the wanted model’s own too', async (t) => {
  const store = await ModelStore.open();
  for (const { id } of await store.list()) await store.delete(id);
  for (const one of [card('g/other'), card('g/wanted', 'old'), card('g/wanted', 'new')]) await keep(store, one);
  await store.setHistory('g/wanted', { current: 'new', previous: 'old', refused: [] });
  let usage = 100;
  const discard = store.discard.bind(store);
  store.discard = (key) => {
    usage -= 30;
    return discard(key);
  };
  withEstimate(t, () => ({ quota: 100, usage }));
  await store.reserve(25, 'g/wanted');
  assert.deepEqual((await store.list()).map(({ id, revision }) => `${id}@${revision}`).sort(), ['g/other@r', 'g/wanted@new']);
});

test('what cannot fit is not kept, and the note says so; the wanted model itself is never evicted', async (t) => {
  const store = await ModelStore.open();
  for (const { id } of await store.list()) await store.delete(id);
  await keep(store, card('d/wanted', 'old'));
  withEstimate(t, () => ({ quota: 100, usage: 100 }));
  await store.reserve(25, 'd/wanted');
  assert.equal(store.persistent, false);
  assert.match(store.note ?? '', /full/);
  assert.ok(await (await ModelStore.open()).read(card('d/wanted', 'old'), file));
});

test('blocked storage: nothing throws, nothing is kept', async (t) => {
  const real = globalThis.indexedDB;
  Object.defineProperty(globalThis, 'indexedDB', { configurable: true, value: { open: () => { throw new DOMException('', 'SecurityError'); } } });
  t.after(() => Object.defineProperty(globalThis, 'indexedDB', { configurable: true, value: real }));
  const store = await ModelStore.open();
  assert.equal(store.persistent, false);
  assert.match(store.note ?? '', /blocked \(SecurityError\)/);
  await keep(store, card('e/m'));
  assert.equal(await store.read(card('e/m'), file), null);
  assert.deepEqual(await store.list(), []);
  assert.equal(await store.delete('e/m'), false);
  await store.reserve(1, 'e/m');
});
