import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import test from 'node:test';
import { Trial, proven, rollback, whole } from './revisions.js';
import { ModelStore, fileKey } from './store.js';

const file = { path: 'onnx/model.onnx', bytes: 3, sha256: 'a'.repeat(64) };
let number = 0;

/** A model of its own for each test, and a way to store revisions of it. */
async function fresh() {
  number += 1;
  const id = `r/m${number}`;
  const store = await ModelStore.open();
  const card = (/** @type {string} */ revision) => ({ id, revision, files: [file], dtypes: { fp32: file.path } });
  const keep = async (/** @type {string} */ revision) => {
    await store.putChunk(fileKey(card(revision), file), 0, new ArrayBuffer(3));
    await store.commit(card(revision), file, 3);
  };
  const stored = async () => (await store.list()).filter((one) => one.id === id).map(({ revision }) => revision).sort();
  return { id, store, card, keep, stored };
}

test('a revision is the current one once it has answered, and the one before stays', async () => {
  const { id, store, card, keep, stored } = await fresh();
  await keep('a');
  assert.equal(await proven(store, id), null);
  await new Trial(card('a'), false).passed();
  assert.equal((await proven(store, id))?.revision, 'a');
  await keep('b');
  assert.equal((await proven(store, id))?.revision, 'a', 'it has not answered yet');
  assert.equal((await store.card(id))?.revision, 'a');
  await new Trial(card('b'), true).passed();
  assert.equal((await proven(store, id))?.revision, 'b');
  assert.deepEqual(await stored(), ['a', 'b']);
  await keep('c');
  await new Trial(card('c'), true).passed();
  assert.deepEqual(await stored(), ['b', 'c'], 'only one is kept for going back');
  assert.deepEqual(await store.history(id), { current: 'c', previous: 'b', refused: [] });
});

test('one that fails is thrown away and not tried again, unless it is the only one', async () => {
  const { id, store, card, keep, stored } = await fresh();
  await keep('a');
  assert.equal(await new Trial(card('a'), false).failed(), false);
  await new Trial(card('a'), false).passed();
  await keep('b');
  const trial = new Trial(card('b'), true);
  assert.equal(await trial.failed(), true);
  assert.equal(await trial.failed(), false, 'said once');
  assert.deepEqual(await stored(), ['a']);
  assert.deepEqual(await store.history(id), { current: 'a', previous: null, refused: ['b'] });
});

test('one that answered once is not refused for a later failure', async () => {
  const { id, store, card, keep } = await fresh();
  await keep('a');
  await new Trial(card('a'), false).passed();
  await keep('b');
  const trial = new Trial(card('b'), true);
  await trial.passed();
  assert.equal(await trial.failed(), false);
  assert.equal((await store.history(id)).current, 'b');
});

test('going back takes the revision before, and its files alone are left', async () => {
  const { id, store, card, keep, stored } = await fresh();
  await assert.rejects(rollback(store, id), (/** @type {any} */ error) => error.code === 'not_found');
  for (const revision of ['a', 'b']) {
    await keep(revision);
    await new Trial(card(revision), revision === 'b').passed();
  }
  assert.equal(await rollback(store, id), 'a');
  assert.deepEqual(await stored(), ['a']);
  assert.deepEqual(await store.history(id), { current: 'a', previous: null, refused: ['b'] });
  await assert.rejects(rollback(store, id), (/** @type {any} */ error) => error.code === 'not_found');
});

test('going back from one that never answered refuses that one', async () => {
  const { id, store, card, keep, stored } = await fresh();
  await keep('a');
  await new Trial(card('a'), false).passed();
  await keep('b');
  assert.equal(await rollback(store, id), 'a');
  assert.deepEqual(await stored(), ['a']);
  assert.deepEqual((await store.history(id)).refused, ['b']);
});

test('nothing goes back to a revision whose files are gone', async () => {
  const { id, store, card, keep } = await fresh();
  for (const revision of ['a', 'b']) {
    await keep(revision);
    await new Trial(card(revision), revision === 'b').passed();
  }
  await store.delete(id, (revision) => revision === 'a');
  await assert.rejects(rollback(store, id), (/** @type {any} */ error) => error.code === 'not_found');
  assert.equal(await whole(store, id, 'a'), null);
  assert.equal((await whole(store, id, null))?.revision, 'b');
});

test('deleting a model forgets its history', async () => {
  const { id, store, card, keep } = await fresh();
  await keep('a');
  await new Trial(card('a'), false).passed();
  await store.delete(id);
  assert.deepEqual(await store.history(id), { current: null, previous: null, refused: [] });
});
