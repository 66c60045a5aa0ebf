/** Which files are taken, and what their bytes become. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { MAX_BYTES, decode, looksBinary, readFile, readFiles } from './files.js';

/** @param {(string | Uint8Array<ArrayBuffer>)[]} parts @param {string} name */
const file = (parts, name = 'notes.txt') => new File(parts, name);
const bytes = (/** @type {number[]} */ ...values) => new Uint8Array(values);

test('a text file is read with plain line ends', async () => {
  assert.deepEqual(await readFile(file(['one\r\ntwo\rthree\n'])), { ok: true, name: 'notes.txt', text: 'one\ntwo\nthree\n', bytes: 15 });
});

test('encodings: UTF-8 with and without mark, UTF-16, Windows-1252', () => {
  const text = 'Grüße, мир, 世界 🌖';
  assert.equal(decode(new TextEncoder().encode(text)), text);
  assert.equal(decode(new Uint8Array([0xef, 0xbb, 0xbf, ...new TextEncoder().encode(text)])), text);
  assert.equal(decode(bytes(0xff, 0xfe, 0x41, 0x00, 0x3c, 0xd8, 0x16, 0xdf)), 'A🌖');
  assert.equal(decode(bytes(0xfe, 0xff, 0x00, 0x41)), 'A');
  assert.equal(decode(bytes(0x47, 0x72, 0xfc, 0xdf, 0x65)), 'Grüße');
});

test('binaries are told by their bytes, not by their names', async () => {
  const png = bytes(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13);
  assert.equal(looksBinary(png), true);
  assert.deepEqual(await readFile(file([png], 'report.txt')), { ok: false, name: 'report.txt', reason: 'binary' });
  assert.equal(looksBinary(new TextEncoder().encode('%PDF-1.7 plain so far')), true);
  assert.equal(looksBinary(new Uint8Array(100).fill(1)), true, 'control characters without a NUL');
});

test('text that only looks odd is text', () => {
  assert.equal(looksBinary(new TextEncoder().encode('tab\tform\ffeed \x1b[1mbold\x1b[0m\n')), false);
  assert.equal(looksBinary(bytes(0xff, 0xfe, 0x41, 0x00)), false, 'UTF-16 is full of NULs');
  assert.equal(looksBinary(new TextEncoder().encode('世界'.repeat(100))), false);
  assert.equal(looksBinary(bytes()), false);
});

test('a file that is too large is refused before it is read', async () => {
  const never = () => assert.fail('was read');
  const huge = { name: 'huge.txt', size: MAX_BYTES + 1, arrayBuffer: never, slice: never };
  assert.deepEqual(await readFile(huge), { ok: false, name: 'huge.txt', reason: 'too_large' });
});

test('a file of exactly the limit is read', async () => {
  const answer = await readFile(file(['x'.repeat(MAX_BYTES)]));
  assert.equal(answer.ok && answer.text.length, MAX_BYTES);
});

test('empty and blank files are refused', async () => {
  for (const text of ['', ' \n\t\r\n']) assert.equal((await readFile(file([text]))).ok, false);
});

test('what the browser cannot read is said, and does not hide the others', async () => {
  const gone = () => Promise.reject(new DOMException('gone', 'NotFoundError'));
  const folder = { name: 'folder', size: 4096, arrayBuffer: gone, slice: () => ({ arrayBuffer: gone }) };
  const answers = await readFiles([folder, file(['text'])]);
  assert.deepEqual(answers.map((answer) => answer.ok || answer.reason), ['unreadable', true]);
});

test('a fault of ours is not taken for an unreadable file', async () => {
  const broken = { name: 'a', size: 1, arrayBuffer: () => Promise.reject(new RangeError('ours')), slice: () => ({ arrayBuffer: async () => new ArrayBuffer(0) }) };
  await assert.rejects(readFile(broken), RangeError);
});
