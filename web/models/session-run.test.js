import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { NearsideError } from '../errors.js';
import { Session } from './session.js';

// The real runtime on a real graph: see tests/fixtures/kv/make_kv.py for what it computes.
const base = fileURLToPath(new URL('../node_modules/onnxruntime-web/dist/', import.meta.url));
const network = globalThis.fetch;
// The runtime fetches its WASM file by the address it was given, and here that is a path.
globalThis.fetch = async (url, init) =>
  String(url).startsWith(base)
    ? new Response(await readFile(String(url)), { headers: { 'content-type': 'application/wasm' } })
    : network(url, init);
const graph = await readFile(new URL('../../tests/fixtures/kv/kv.onnx', import.meta.url));
/** @type {import('./backend.js').Choice} */
const choice = { build: 'wasm', provider: 'wasm', dtype: 'fp32', threads: 1 };
const keep = { handle: 'chat', source: 'present.', target: 'past_key_values.' };
const ids = (/** @type {number[]} */ ...values) => ({ input_ids: { data: BigInt64Array.from(values, BigInt), dims: [1, values.length] } });
const alone = (/** @type {Uint8Array} */ model) => ({ model: { model, external: [] } });
const session = await Session.create(base, choice, alone(graph));
const logits = (/** @type {any} */ out) => [...out.logits.data].map((value) => Math.round(value * 10) / 10);

test('tensors that stay are fed next time, and an empty past is made for the first step', async () => {
  const first = await session.run(ids(1, 2), { logits: 'last' }, keep);
  assert.deepEqual(logits(first), [0, 3.1, 6.2, 0.3, 3.4]);
  assert.deepEqual(first.logits.dims, [1, 5]);
  assert.deepEqual(logits(await session.run(ids(4), { logits: 'last' }, keep)), [0, 7.1, 14.2, 0.3, 7.4]);
  const other = await session.run(ids(4), { logits: 'last' }, { ...keep, handle: 'another' });
  assert.deepEqual(logits(other), [0, 4.1, 8.2, 0.3, 4.4]);
  session.free('chat');
  assert.deepEqual(logits(await session.run(ids(4), { logits: 'last' }, keep)), [0, 4.1, 8.2, 0.3, 4.4]);
  session.free('nobody');
});

test('all, the last position, or the k best of it', async () => {
  session.free('w');
  const all = await session.run(ids(1, 1), { logits: 'all', 'present.0.key': 'all' }, { ...keep, handle: 'w' });
  assert.deepEqual(all.logits.dims, [1, 2, 5]);
  assert.deepEqual([...all['present.0.key'].data], [1, 1]);
  session.free('w');
  const best = await session.run(ids(1, 1), { logits: { best: { k: 2 } } }, { ...keep, handle: 'w' });
  assert.deepEqual([...best['logits.ids'].data], [2n, 4n]);
  assert.deepEqual([...best['logits.values'].data].map((value) => Math.round(Number(value) * 10) / 10), [4.2, 2.4]);
});

test('what is kept can be read, and what is given goes before what is kept', async () => {
  const own = { ...keep, handle: 'own' };
  const { 'present.0.key': read } = await session.run(ids(1), { 'present.0.key': 'all' }, own);
  structuredClone(read.data, { transfer: [read.data.buffer] }); // as the worker moves it away
  assert.deepEqual((await session.run(ids(4), { 'present.0.key': 'all' }, own))['present.0.key'].data, Float32Array.of(1, 4));
  const past = { data: Float32Array.of(9, 9), dims: [1, 2, 1] };
  const given = await session.run({ ...ids(4), 'past_key_values.0.key': past }, { 'present.0.key': 'all' }, own);
  assert.deepEqual([...given['present.0.key'].data], [9, 9, 4]);
});

test('a past is cut to the length that is asked for; one that is shorter is lost', async () => {
  const own = { ...keep, handle: 'cut' };
  await session.run(ids(1, 2, 3), { logits: 'last' }, own);
  const kept = async (/** @type {number} */ length) => [...(await session.run(ids(4), { 'present.0.key': 'all' }, { ...own, length }))['present.0.key'].data];
  assert.deepEqual(await kept(3), [1, 2, 3, 4]);
  assert.deepEqual(await kept(2), [1, 2, 4]);
  const lost = (/** @type {any} */ error) => error.code === 'kept_lost' && error.retryable;
  await assert.rejects(kept(4), lost);
  await assert.rejects(session.run(ids(4), { logits: 'last' }, { ...own, handle: 'nobody', length: 1 }), lost);
  assert.deepEqual(await kept(1), [1, 4]);
});

test('a graph is run by its name', async () => {
  const named = await session.run(ids(1, 2), { logits: 'last' }, { ...keep, handle: 'n' }, 'model');
  assert.deepEqual(logits(named), [0, 3.1, 6.2, 0.3, 3.4]);
  await assert.rejects(session.run(ids(1), { logits: 'last' }, keep, 'encoder'), /no graph “encoder”/);
});

test('feeds that do not fit are the caller’s fault, not the runtime’s', async () => {
  const wrong = session.run({ input_ids: { data: Float32Array.of(1), dims: [1, 1] } }, { logits: 'all' }, keep);
  await assert.rejects(wrong, (error) => /** @type {any} */ (error).code === 'invalid_input');
});

test('a fill stands for a tensor of one number', async () => {
  session.free('f');
  const out = await session.run({ input_ids: { fill: 3, dims: [1, 4] } }, { 'present.0.key': 'all' }, { ...keep, handle: 'f' });
  assert.deepEqual([...out['present.0.key'].data], [3, 3, 3, 3]);
});

test('unknown inputs, outputs and types are named', async () => {
  const code = (/** @type {RegExp} */ words) => (/** @type {any} */ error) => error instanceof NearsideError && error.code === 'invalid_input' && words.test(error.message);
  await assert.rejects(session.run({ ...ids(1), nonsense: { fill: 1, dims: [1, 1] } }, { logits: 'all' }, keep), code(/nonsense/));
  await assert.rejects(session.run(ids(1), { nothing: 'all' }, keep), code(/nothing/));
  await assert.rejects(session.run({ input_ids: { data: /** @type {any} */ (['1']), dims: [1, 1] } }, { logits: 'all' }, keep), code(/input_ids/));
});

test('a graph that is none is refused with a typed error', async () => {
  await assert.rejects(Session.create(base, choice, alone(new TextEncoder().encode('<html>'))), (error) => /** @type {any} */ (error).code === 'unsupported_model');
});
