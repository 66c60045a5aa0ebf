import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import test from 'node:test';
import { parseId, resolve } from './source.js';

/** @type {import('../protocol.js').Card} */
const starter = { id: 'nearside/starter', revision: 'r1', files: [], dtypes: { int8: 'onnx/model_quantized.onnx' } };
const code = (/** @type {string} */ wanted) => (/** @type {any} */ error) => error.code === wanted && error.hint.length > 0;

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
  const { base, fetch } = await serve(t, { '/api/models/org/far/tree/main?recursive=true': [200, 'application/json', tree] });
  const { card, url, origin } = await resolve('org/far', { starter, hub: base, fetch });
  assert.equal(origin, 'hub');
  assert.deepEqual(card.dtypes, { int8: 'onnx/model_quantized.onnx' });
  assert.deepEqual(card.files[1], { path: 'onnx/model_quantized.onnx', bytes: 1234, sha256: 'b'.repeat(64), sha1: null });
  assert.equal(card.files[0].sha1, 'a'.repeat(40));
  assert.equal(url('config.json'), `${base}/org/far/resolve/main/config.json`);
});

test('what is nowhere, what is no model and what does not answer are told apart', async (t) => {
  const { base, fetch } = await serve(t, {
    '/api/models/org/empty/tree/main?recursive=true': [200, 'application/json', [{ type: 'file', path: 'README.md', size: 1 }]],
    '/api/models/org/portal/tree/main?recursive=true': [200, 'text/html', '<html>sign in</html>'],
    '/api/models/org/broken/tree/main?recursive=true': [503, 'text/plain', 'busy'],
  });
  const places = { starter, hub: base, fetch };
  await assert.rejects(resolve('org/nowhere', places), code('unknown_model'));
  await assert.rejects(resolve('org/empty', places), code('unsupported_model'));
  await assert.rejects(resolve('org/portal', places), code('model_download_failed'));
  await assert.rejects(resolve('org/broken', places), code('model_download_failed'));
  await assert.rejects(resolve('org/nowhere', { ...places, hub: null }), code('unknown_model'));
  await assert.rejects(resolve('org/x', { starter, hub: 'http://127.0.0.1:1', fetch }), code('model_download_failed'));
});
