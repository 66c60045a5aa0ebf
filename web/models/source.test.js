import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import test from 'node:test';
import { weightFiles } from './graphs.js';
import { hubUrl, parseId, resolve } from './source.js';

/** @type {import('../protocol.js').Card} */
const starter = { id: 'nearside/starter', revision: 'r1', files: [], dtypes: { int8: 'onnx/model_quantized.onnx' } };
const code = (/** @type {string} */ wanted) => (/** @type {any} */ error) => error.code === wanted && error.hint.length > 0;

const SHA = '0123456789abcdef'.repeat(2) + '01234567';
/** What a hub says of a model, and its files at that commit. @param {string} id @param {unknown} tree @param {object} [more] */
const onHub = (id, tree, more = {}) => ({
  [`/api/models/${id}/revision/main`]: /** @type {[number, string, unknown]} */ ([200, 'application/json', { sha: SHA, gated: false, ...more }]),
  [`/api/models/${id}/tree/${SHA}?recursive=true`]: /** @type {[number, string, unknown]} */ ([200, 'application/json', tree]),
});

/** A hub and a site in one server: the same shapes as the real ones. @param {import('node:test').TestContext} t @param {Record<string, [number, string, unknown]>} routes */
async function serve(t, routes) {
  const server = createServer((request, response) => {
    const [status, type, body] = routes[decodeURI(request.url ?? '')] ?? [404, 'application/json', { error: 'no' }];
    response.writeHead(status, { 'content-type': type }).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  t.after(() => server.close());
  const base = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
  const local = (/** @type {any} */ url, /** @type {any} */ init) => fetch(String(url).startsWith('/') ? base + url : url, init);
  return { base, fetch: /** @type {typeof fetch} */ (local) };
}

test('ids that are none are refused before anything is asked', () => {
  for (const bad of ['', 'name', 'a/b/c', '../b', 'a/..', '/a/b', 'a b/c', 'http://x/y', 'a/b@', 'a/b@c d', 'a/b?x']) {
    assert.throws(() => parseId(bad), code('unknown_model'), bad);
  }
  assert.deepEqual(parseId('a.b/c-d_1@v2.0'), { id: 'a.b/c-d_1', revision: 'v2.0' });
});

test('the starter needs no request', async () => {
  const refuse = () => assert.fail('a request was made');
  const source = await resolve('nearside/starter', { starter, hub: 'https://hub.invalid', fetch: /** @type {any} */ (refuse) });
  assert.equal(source.origin, 'starter');
  assert.equal(source.url('config.json'), '/models/nearside/starter/config.json');
});

test('the site comes before the hub', async (t) => {
  const own = { id: 'org/own', revision: 'x', files: [], dtypes: {} };
  const { base, fetch } = await serve(t, { '/models/org/own/model.json': [200, 'application/json', own] });
  assert.equal((await resolve('org/own', { starter, hub: base, fetch })).origin, 'site');
});

test('the hub gives sizes and hashes: SHA-256 of large files, git’s SHA-1 of small ones', async (t) => {
  const tree = [
    { type: 'directory', path: 'onnx' },
    { type: 'file', path: 'config.json', size: 12, oid: 'a'.repeat(40) },
    { type: 'file', path: 'onnx/model_quantized.onnx', size: 99, oid: 'p', lfs: { oid: 'b'.repeat(64), size: 1234 } },
  ];
  const { base, fetch } = await serve(t, onHub('org/far', tree, { cardData: { license: 'mit', language: 'en' } }));
  const { card, url, origin } = await resolve('org/far', { starter, hub: base, fetch });
  assert.equal(origin, 'hub');
  assert.deepEqual(card.dtypes, { int8: 'onnx/model_quantized.onnx' });
  assert.deepEqual(card.files[1], { path: 'onnx/model_quantized.onnx', bytes: 1234, sha256: 'b'.repeat(64), sha1: null });
  assert.equal(card.files[0].sha1, 'a'.repeat(40));
  assert.equal(url('config.json'), `${base}/org/far/resolve/${SHA}/config.json`, 'a branch may move: files come from the commit');
  assert.deepEqual([card.revision, card.license, card.languages], [SHA, 'mit', ['en']]);
});

test('a revision is asked for by its name, a stored card gives the same addresses', async (t) => {
  const tree = [{ type: 'file', path: 'onnx/model.onnx', size: 1, oid: 'a'.repeat(40) }];
  const { base, fetch } = await serve(t, {
    [`/api/models/org/far/revision/v1.0`]: [200, 'application/json', { sha: SHA }],
    [`/api/models/org/far/tree/${SHA}?recursive=true`]: [200, 'application/json', tree],
  });
  const { card, url } = await resolve('org/far@v1.0', { starter, hub: base, fetch });
  assert.equal(card.revision, SHA);
  assert.equal(hubUrl(card)('onnx/model.onnx'), url('onnx/model.onnx'));
  await assert.rejects(resolve('org/far@v2', { starter, hub: base, fetch }), code('unknown_model'));
});

test('a gated model is told from one that does not exist, and where to agree', async (t) => {
  const { base, fetch } = await serve(t, onHub('org/gated', [], { gated: 'manual' }));
  await assert.rejects(resolve('org/gated', { starter, hub: base, fetch }), (/** @type {any} */ error) => {
    assert.deepEqual([error.code, error.retryable], ['model_download_failed', false]);
    assert.match(error.message, /gated/);
    return error.hint.includes(`${base}/org/gated`);
  });
});

test('several graphs, and the precisions that have all of them', async (t) => {
  const paths = [
    'onnx/encoder_model.onnx', 'onnx/encoder_model_quantized.onnx', 'onnx/decoder_model_merged.onnx',
    'onnx/decoder_model_merged_quantized.onnx', 'onnx/decoder_model_merged_fp16.onnx', 'onnx/decoder_model_merged.onnx_data',
  ];
  const tree = paths.map((path) => ({ type: 'file', path, size: 1, oid: 'a'.repeat(40) }));
  const { base, fetch } = await serve(t, onHub('org/two', tree));
  const { card } = await resolve('org/two', { starter, hub: base, fetch });
  assert.deepEqual(card.dtypes, { int8: 'onnx/decoder_model_merged_quantized.onnx', fp32: 'onnx/decoder_model_merged.onnx' });
  assert.deepEqual(weightFiles(card.dtypes.fp32, paths), [
    'onnx/decoder_model_merged.onnx', 'onnx/encoder_model.onnx', 'onnx/decoder_model_merged.onnx_data',
  ]);
});

test('what is nowhere, what is no model and what does not answer are told apart', async (t) => {
  const { base, fetch } = await serve(t, {
    ...onHub('org/empty', [{ type: 'file', path: 'README.md', size: 1 }]),
    '/api/models/org/portal/revision/main': [200, 'text/html', '<html>sign in</html>'],
    '/api/models/org/broken/revision/main': [503, 'text/plain', 'busy'],
  });
  const places = { starter, hub: base, fetch };
  await assert.rejects(resolve('org/nowhere', places), code('unknown_model'));
  await assert.rejects(resolve('org/empty', places), code('unsupported_model'));
  await assert.rejects(resolve('org/portal', places), code('model_download_failed'));
  await assert.rejects(resolve('org/broken', places), code('model_download_failed'));
  await assert.rejects(resolve('org/nowhere', { ...places, hub: null }), code('unknown_model'));
  await assert.rejects(resolve('org/x', { starter, hub: 'http://127.0.0.1:1', fetch }), code('model_download_failed'));
});
