import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import test from 'node:test';
import { load } from './loader.js';
import { ModelStore, fileKey } from './store.js';

const HUB = 'https://hub.example';
const file = (/** @type {string} */ path) => ({ path, bytes: 3, sha256: null });
const [small, large, config, tokenizer] = ['onnx/model_quantized.onnx', 'onnx/model.onnx', 'config.json', 'tokenizer.json'].map(file);
/** @type {import('../protocol.js').Card} */
const card = { id: 'org/m', revision: 'r', files: [small, large, config, tokenizer], dtypes: { int8: small.path, fp32: large.path }, source: HUB };
/** @type {string[]} */
const asked = [];
// A browser's, as far as it is looked at here: no graphics card, no locks.
if (typeof navigator === 'undefined') Object.defineProperty(globalThis, 'navigator', { configurable: true, value: {} });
globalThis.fetch = async (url) => {
  asked.push(String(url));
  return new Response('', { status: 404 });
};
/** @param {Partial<import('../protocol.js').Init>} [more] @returns {any} */
const init = (more) => ({ op: 'init', version: 3, model: 'org/m', ort: '/ort/', starter: { ...card, id: 'a/starter' }, hub: null, device: 'auto', fallback: null, ...more });

/** @param {import('../protocol.js').CardFile[]} files */
async function keep(files) {
  const store = await ModelStore.open();
  for (const one of files) {
    await store.putChunk(fileKey(card, one), 0, new TextEncoder().encode('{ }').buffer);
    await store.commit(card, one, 3);
  }
  return store;
}

test('with the hub switched off a stored model runs from what is stored, and asks nobody for the rest', async () => {
  await keep([large, config]);
  const { choice, files, parts } = await load(init(), () => {});
  assert.equal(choice.dtype, 'fp32'); // int8 would be taken first, and is not here
  assert.deepEqual(Object.keys(files), ['config.json']);
  assert.equal(parts.model.model.byteLength, 3);
  assert.deepEqual(asked.filter((url) => url.startsWith(HUB)), []);
  assert.deepEqual(await (await ModelStore.open()).paths(card).then((list) => list.sort()), ['config.json', 'onnx/model.onnx']);
});

test('a stored file that cannot be read is not fetched behind anybody’s back', async () => {
  const store = await keep([small]);
  await store.write(['chunks'], (tx) => void tx.objectStore('chunks').delete([fileKey(card, small), 0]));
  await store.write(['chunks'], (tx) => void tx.objectStore('chunks').put('no bytes', [fileKey(card, small), 0]));
  await assert.rejects(load(init(), () => {}), { code: 'model_corrupt', retryable: true });
  assert.deepEqual(asked.filter((url) => url.startsWith(HUB)), []);
});
