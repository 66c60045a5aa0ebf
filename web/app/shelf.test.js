/** The visitor's texts: kept over a reload, honest about blocked storage. */

import assert from 'node:assert/strict';
import test, { beforeEach } from 'node:test';
import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { DRAFT_ID, Shelf } from './shelf.js';

const shelf = () => new Shelf({ draftName: 'Pasted text' });
const text = (/** @type {string} */ name, /** @type {string} */ content = name) => ({ name, text: content, bytes: content.length });

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

test('documents and draft survive a reload, in order', async () => {
  const first = shelf();
  await first.open();
  await first.add([text('one'), text('two')]);
  await first.add([text('three')]);
  await first.setDraft('a thought');
  const second = shelf();
  await second.open();
  assert.deepEqual(second.documents.map(({ name }) => name), ['one', 'two', 'three']);
  assert.equal(second.draft, 'a thought');
  assert.equal(second.storage, 'persistent');
});

test('removed texts stay removed', async () => {
  const first = shelf();
  await first.open();
  const [one] = await first.add([text('one'), text('two')]);
  await first.remove(one.id);
  const second = shelf();
  await second.open();
  assert.deepEqual(second.documents.map(({ name }) => name), ['two']);
  await second.clear();
  const third = shelf();
  await third.open();
  assert.deepEqual([third.documents, third.draft], [[], '']);
});

test('a search reads the text box first, if there is anything in it', async () => {
  const one = shelf();
  await one.add([text('one', 'alpha')]);
  assert.deepEqual(one.sources().map(({ text: content }) => content), ['alpha']);
  await one.setDraft('  \n ');
  assert.equal(one.sources().length, 1);
  await one.setDraft('beta');
  assert.deepEqual(one.sources().map(({ id, name }) => [id === DRAFT_ID, name]), [[true, 'Pasted text'], [false, 'one']]);
});

test('equal names are told apart', async () => {
  const one = shelf();
  await one.add([text('notes.txt'), text('notes.txt')]);
  await one.add([text('notes.txt')]);
  assert.deepEqual(one.documents.map(({ name }) => name), ['notes.txt', 'notes.txt (2)', 'notes.txt (3)']);
  assert.equal(new Set(one.documents.map(({ id }) => id)).size, 3);
});

test('every change of what a search reads is counted and told', async () => {
  const one = shelf();
  let told = 0;
  one.addEventListener('change', () => (told += 1));
  await one.setDraft('x');
  await one.setDraft('x');
  const [added] = await one.add([text('a')]);
  await one.remove(added.id);
  assert.deepEqual([one.revision, told], [3, 3]);
});

test('texts added before the storage is open are kept too', async () => {
  const first = shelf();
  const opening = first.open();
  const adding = first.add([text('early')]);
  await Promise.all([opening, adding]);
  const second = shelf();
  await second.open();
  assert.deepEqual(second.documents.map(({ name }) => name), ['early']);
});

test('without storage it works from memory and says so', async () => {
  const blocked = /** @type {any} */ ({ open: () => { throw new DOMException('denied', 'SecurityError'); } });
  globalThis.indexedDB = blocked;
  const one = shelf();
  await one.open();
  assert.equal(one.storage, 'memory');
  await one.add([text('one')]);
  await one.setDraft('draft');
  assert.equal(one.sources().length, 2);
});

test('a disk that runs full turns to memory and loses nothing on the page', async () => {
  const one = shelf();
  await one.open();
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); };
  try {
    await one.add([text('large')]);
  } finally {
    IDBObjectStore.prototype.put = put;
  }
  assert.equal(one.storage, 'memory');
  assert.equal(one.documents.length, 1);
});

test('tabs follow each other', async () => {
  const [one, two] = [shelf(), shelf()];
  await one.open();
  await two.open();
  const heard = () =>
    new Promise((resolve) => {
      two.addEventListener('change', resolve, { once: true });
    });
  const came = heard();
  const [added] = await one.add([text('shared')]);
  assert.equal(await two.has(added.id), true, 'even before it was told');
  await came;
  assert.deepEqual(two.documents.map(({ name }) => name), ['shared']);
  const went = heard();
  await one.remove(added.id);
  await went;
  assert.deepEqual([two.documents, await two.has(added.id)], [[], false]);
  one.close();
  two.close();
});
