import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import test from 'node:test';
import { download } from './download.js';
import { CHUNK_BYTES, ModelStore } from './store.js';

const bytes = randomBytes(2 * CHUNK_BYTES + 1000);
const sha256 = createHash('sha256').update(bytes).digest('hex');
const code = (/** @type {string} */ wanted) => (/** @type {any} */ error) => error.code === wanted;
let number = 0;

/** A fresh model each time, so that tests do not meet in the store. @param {object} [more] */
function model(more = {}) {
  number += 1;
  const file = { path: 'onnx/model.onnx', bytes: bytes.length, sha256, ...more };
  return { card: { id: `org/m${number}`, revision: 'r', files: [file], dtypes: {} }, file };
}

/**
 * A server of one file that answers each request as its next step says, and notes the Range headers it got.
 * @param {import('node:test').TestContext} t
 * @param {((answer: {from: number, response: import('node:http').ServerResponse, whole: () => void, part: () => void}) => void)[]} steps
 */
async function serve(t, steps) {
  /** @type {(string|null)[]} */
  const ranges = [];
  const server = createServer((request, response) => {
    ranges.push(request.headers.range ?? null);
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const whole = () => response.writeHead(200, { 'content-length': bytes.length, 'content-type': 'application/octet-stream', etag: '"e1"' }).end(bytes);
    const part = () =>
      response
        .writeHead(206, { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}`, 'content-length': bytes.length - from, etag: '"e1"' })
        .end(bytes.subarray(from));
    steps[Math.min(ranges.length, steps.length) - 1]({ from, response, whole, part });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  t.after(() => server.closeAllConnections());
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}/model`, ranges };
}

/** Sends a chunk and a half, then cuts the line. @param {{response: import('node:http').ServerResponse}} answer */
function cut({ response }) {
  response.writeHead(200, { 'content-length': bytes.length, etag: '"e1"' });
  response.write(bytes.subarray(0, 1.5 * CHUNK_BYTES), () => setTimeout(() => response.destroy(), 50));
}

const pause = async () => {};

test('a whole file is checked, stored in chunks and read back', async (t) => {
  const { url, ranges } = await serve(t, [({ whole }) => whole()]);
  const { card, file } = model();
  const store = await ModelStore.open();
  /** @type {number[]} */
  const seen = [];
  const got = await download(url, card, file, store, { onBytes: (count) => seen.push(count) });
  assert.ok(Buffer.from(got).equals(bytes));
  assert.deepEqual(ranges, [null]);
  assert.equal(seen.at(-1), bytes.length);
  assert.ok(seen.every((count, index) => index === 0 || count >= seen[index - 1]));
  const again = await store.read(card, file);
  assert.ok(again && Buffer.from(again).equals(bytes));
  assert.deepEqual((await store.partial(`${card.id}@r/onnx/model.onnx`)).chunks, []);
});

test('a cut line continues from the byte where it stopped', async (t) => {
  const { url, ranges } = await serve(t, [cut, ({ part }) => part()]);
  const { card, file } = model();
  const got = await download(url, card, file, await ModelStore.open(), { pause });
  assert.ok(Buffer.from(got).equals(bytes));
  assert.equal(ranges.length, 2);
  assert.match(ranges[1] ?? '', /^bytes=[1-9]\d*-$/);
});

test('a later visit continues from the stored chunks', async (t) => {
  const failing = await serve(t, [cut, ({ response }) => response.destroy()]);
  const { card, file } = model();
  await assert.rejects(download(failing.url, card, file, await ModelStore.open(), { pause }), code('model_download_failed'));
  const { url, ranges } = await serve(t, [({ part }) => part()]);
  const got = await download(url, card, file, await ModelStore.open());
  assert.ok(Buffer.from(got).equals(bytes));
  assert.deepEqual(ranges, [`bytes=${CHUNK_BYTES}-`]);
});

test('a server that answers a range with 200 starts the file over', async (t) => {
  const { url, ranges } = await serve(t, [cut, ({ whole }) => whole()]);
  const { card, file } = model();
  assert.ok(Buffer.from(await download(url, card, file, await ModelStore.open(), { pause })).equals(bytes));
  assert.equal(ranges.length, 2);
});

test('another file under the same name (new ETag) starts over', async (t) => {
  const other = (/** @type {any} */ { from, response }) =>
    response.writeHead(206, { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}`, etag: '"e2"' }).end(bytes.subarray(from));
  const { url, ranges } = await serve(t, [cut, other, ({ whole }) => whole()]);
  const { card, file } = model();
  assert.ok(Buffer.from(await download(url, card, file, await ModelStore.open(), { pause })).equals(bytes));
  assert.deepEqual(ranges[2], null);
});

test('what does not have the published hash is thrown away', async (t) => {
  const { url } = await serve(t, [({ whole }) => whole()]);
  const { card, file } = model({ sha256: '0'.repeat(64) });
  const store = await ModelStore.open();
  await assert.rejects(download(url, card, file, store), code('model_corrupt'));
  assert.equal(await store.read(card, file), null);
  assert.deepEqual((await store.partial(`${card.id}@r/onnx/model.onnx`)).chunks, []);
});

test('git’s blob hash of a small hub file is checked too', async (t) => {
  const sha1 = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
  const { url } = await serve(t, [({ whole }) => whole()]);
  const good = model({ sha256: null, sha1 });
  await download(url, good.card, good.file, await ModelStore.open());
  const bad = model({ sha256: null, sha1: 'f'.repeat(40) });
  await assert.rejects(download(url, bad.card, bad.file, await ModelStore.open()), code('model_corrupt'));
});

test('an HTML page with status 200 is never stored as weights', async (t) => {
  const { url, ranges } = await serve(t, [({ response }) => response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>sign in</html>')]);
  const { card, file } = model();
  const store = await ModelStore.open();
  await assert.rejects(download(url, card, file, store, { pause }), code('model_download_failed'));
  assert.equal(ranges.length, 1);
  assert.deepEqual(await store.list().then((list) => list.filter(({ id }) => id === card.id)), []);
});

test('a length that does not fit is refused before the body', async (t) => {
  const { url } = await serve(t, [({ response }) => response.writeHead(200, { 'content-length': 5 }).end('short')]);
  const { card, file } = model();
  await assert.rejects(download(url, card, file, await ModelStore.open(), { pause }), code('model_corrupt'));
});

test('more than was announced is refused', async (t) => {
  const { url } = await serve(t, [({ response }) => response.writeHead(200).end(Buffer.concat([bytes, Buffer.from('x')]))]);
  const { card, file } = model();
  await assert.rejects(download(url, card, file, await ModelStore.open(), { pause }), code('model_corrupt'));
});

test('busy servers are asked again, missing files are not', async (t) => {
  const busy = (/** @type {any} */ { response }) => response.writeHead(503).end();
  const patient = await serve(t, [busy, busy, ({ whole }) => whole()]);
  const first = model();
  await download(patient.url, first.card, first.file, await ModelStore.open(), { pause });
  assert.equal(patient.ranges.length, 3);
  const gone = await serve(t, [({ response }) => response.writeHead(404).end()]);
  const second = model();
  await assert.rejects(download(gone.url, second.card, second.file, await ModelStore.open(), { pause }), code('unknown_model'));
  assert.equal(gone.ranges.length, 1);
});

test('an address that expired is got anew from the hub, and the download goes on from where it stopped', async (t) => {
  /** @type {[string, string|null][]} */
  const asked = [];
  const tickets = new Set();
  const cdn = createServer((request, response) => {
    const ticket = request.url ?? '';
    asked.push(['cdn', request.headers.range ?? null]);
    // The second address expires between the redirect and the request.
    if (!tickets.delete(ticket) || asked.length === 4) return void response.writeHead(403).end('expired');
    if (asked.length === 2) return cut({ response });
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1]);
    return void response.writeHead(206, { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}`, etag: '"e1"' }).end(bytes.subarray(from));
  });
  const hub = createServer((request, response) => {
    asked.push(['hub', request.headers.range ?? null]);
    tickets.add(`/t${asked.length}`);
    response.writeHead(302, { location: `${origin(cdn)}/t${asked.length}` }).end();
  });
  const origin = (/** @type {import('node:http').Server} */ server) => `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
  for (const server of [cdn, hub]) {
    await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
    t.after(() => server.closeAllConnections());
    t.after(() => server.close());
  }
  const { card, file } = model();
  const got = await download(`${origin(hub)}/model`, card, file, await ModelStore.open(), { pause });
  assert.ok(Buffer.from(got).equals(bytes));
  const rest = asked[2][1];
  assert.match(rest ?? '', /^bytes=[1-9]\d*-$/);
  assert.deepEqual(asked, [['hub', null], ['cdn', null], ['hub', rest], ['cdn', rest], ['hub', rest], ['cdn', rest]]);
});

test('a hub that refuses a file says that the model is gated', async (t) => {
  const { url, ranges } = await serve(t, [({ response }) => response.writeHead(401, { 'x-error-code': 'GatedRepo' }).end()]);
  const { card, file } = model();
  const refused = download(url, { ...card, source: 'https://hub.example' }, file, await ModelStore.open(), { pause });
  await assert.rejects(refused, (/** @type {any} */ error) => /gated/.test(error.message) && error.hint.includes(`https://hub.example/${card.id}`) && !error.retryable);
  assert.equal(ranges.length, 1);
});

test('pauses grow between tries', async (t) => {
  const { url } = await serve(t, [({ response }) => response.writeHead(503).end()]);
  const { card, file } = model();
  /** @type {number[]} */
  const pauses = [];
  await assert.rejects(download(url, card, file, await ModelStore.open(), { pause: async (ms) => void pauses.push(ms) }), code('model_download_failed'));
  assert.deepEqual(pauses, [300, 600, 1200]);
});

test('an abort ends it as cancelled and keeps the full chunks', async (t) => {
  const controller = new AbortController();
  const { url } = await serve(t, [({ response }) => void response.writeHead(200, { 'content-length': bytes.length }).write(bytes.subarray(0, 1.5 * CHUNK_BYTES))]);
  const { card, file } = model();
  const store = await ModelStore.open();
  const onBytes = (/** @type {number} */ count) => count > 1.2 * CHUNK_BYTES && controller.abort();
  await assert.rejects(download(url, card, file, store, { signal: controller.signal, onBytes, pause }), code('cancelled'));
  assert.equal((await store.partial(`${card.id}@r/onnx/model.onnx`)).chunks.length, 1);
});

test('a store that fails never fails the load', async (t) => {
  const { url } = await serve(t, [({ whole }) => whole()]);
  const { card, file } = model();
  const store = await ModelStore.open();
  store.db?.close(); // every transaction from here on throws
  const got = await download(url, card, file, store);
  assert.ok(Buffer.from(got).equals(bytes));
  assert.equal(store.persistent, false);
  assert.match(store.note ?? '', /memory/);
});

test('a file of unknown size and hash is taken as it comes', async (t) => {
  const { url } = await serve(t, [({ response }) => response.writeHead(200).end(bytes)]);
  const { card, file } = model({ bytes: null, sha256: null });
  const got = await download(url, card, file, await ModelStore.open());
  assert.ok(Buffer.from(got).equals(bytes));
});
