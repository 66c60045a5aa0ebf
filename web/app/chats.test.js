/** Conversations: kept, listed, removed; two tabs lose nothing. */

import assert from 'node:assert/strict';
import test, { beforeEach } from 'node:test';
import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { Chats, titleOf } from './chats.js';

/** @param {string} id @param {string} question @returns {import('./types.js').Chat} */
const chat = (id, question) => ({ id, changed: 0, turns: [{ id: 't', question, answers: [] }] });

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

async function opened() {
  const chats = new Chats();
  await chats.open();
  return chats;
}

test('survive a reload, newest first', async () => {
  const first = await opened();
  await first.save(chat('a', 'What is tide?'));
  await first.save(chat('b', 'And ebb?'));
  const second = await opened();
  assert.deepEqual(second.list.map(({ id, title }) => [id, title]), [['b', 'And ebb?'], ['a', 'What is tide?']]);
  assert.equal((await second.get('a'))?.turns[0].question, 'What is tide?');
  assert.equal(await second.get('none'), null);
});

test('removed and cleared ones stay away', async () => {
  const first = await opened();
  for (const id of ['a', 'b', 'c']) await first.save(chat(id, id));
  await first.remove('b');
  assert.deepEqual((await opened()).list.map(({ id }) => id), ['c', 'a']);
  await first.clear();
  assert.deepEqual((await opened()).list, []);
});

test('a conversation that two tabs go on with becomes two', async () => {
  const [one, two] = [await opened(), await opened()];
  await one.save(chat('a', 'Same'));
  const mine = /** @type {import('./types.js').Chat} */ (await one.get('a'));
  const theirs = /** @type {import('./types.js').Chat} */ (await two.get('a'));
  mine.turns.push({ id: 'u', question: 'mine', answers: [] });
  theirs.turns.push({ id: 'v', question: 'theirs', answers: [] });
  await one.save(mine);
  await two.save(theirs);
  assert.equal(mine.id, 'a');
  assert.notEqual(theirs.id, 'a');
  const third = await opened();
  assert.deepEqual((await Promise.all(third.list.map(({ id }) => third.get(id)))).map((kept) => kept?.turns[1].question).sort(), ['mine', 'theirs']);
});

test('without storage they live in memory', async () => {
  globalThis.indexedDB = /** @type {any} */ ({ open: () => { throw new DOMException('blocked', 'SecurityError'); } });
  const chats = await opened();
  await chats.save(chat('a', 'kept for now'));
  assert.equal((await chats.get('a'))?.turns[0].question, 'kept for now');
  assert.equal(chats.list.length, 1);
});

test('a title is the beginning of the first question, cut between words', () => {
  assert.equal(titleOf('  two\n lines '), 'two lines');
  assert.equal(titleOf('word '.repeat(40)), `${'word '.repeat(12).trim()}…`);
});
