/** The service worker's decisions, request by request. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { isKeepable, isStale, kept, ruleFor } from './rules.js';

const ORIGIN = 'https://near.example';
const known = new Set([`${ORIGIN}/`, `${ORIGIN}/assets/main-1.js`, `${ORIGIN}/models/trap.json`]);

/** @param {string} path @param {{method?: string, hasRange?: boolean}} [more] */
const rule = (path, { method = 'GET', hasRange = false } = {}) =>
  ruleFor({ method, url: new URL(path, ORIGIN).href, hasRange }, ORIGIN, (url) => known.has(url));

test('the precache answers for what it holds', () => {
  assert.equal(rule('/'), 'precache');
  assert.equal(rule('/assets/main-1.js'), 'precache');
});

test('other assets are kept once used', () => {
  assert.equal(rule('/assets/ort-1-abc/ort.jspi.bundle.min.mjs'), 'asset');
  assert.equal(rule('/local/assets/worker-abc.js'), 'asset');
});

test('models and the server’s own answers go to the network, even if a list named them', () => {
  for (const path of ['/models/trap.json', '/models/org/name/onnx/model.onnx', '/v1/chat/completions', '/healthz', '/else']) {
    assert.equal(rule(path), 'network', path);
  }
});

test('the configuration has a rule of its own', () => {
  assert.equal(rule('/config.json'), 'config');
});

test('only plain reads of this origin are looked at', () => {
  assert.equal(rule('/assets/main-1.js', { method: 'POST' }), 'network');
  assert.equal(rule('/assets/main-1.js', { method: 'HEAD' }), 'network');
  assert.equal(rule('/assets/main-1.js', { hasRange: true }), 'network');
  assert.equal(rule('https://elsewhere.example/assets/main-1.js'), 'network');
});

test('only whole good answers of our own are kept', () => {
  const good = { status: 200, type: 'basic', redirected: false };
  assert.equal(isKeepable(good), true);
  for (const change of [{ status: 206 }, { status: 404 }, { status: 500 }, { type: 'opaque' }, { type: 'cors' }, { redirected: true }]) {
    assert.equal(isKeepable({ ...good, ...change }), false, JSON.stringify(change));
  }
});

test('models and README pictures are never installed', () => {
  const list = ['/index.html', '/docs/search.png', '/models/x/model.onnx', '/samples/one.txt'].map((url) => ({ url, revision: 'r' }));
  assert.deepEqual(kept(list).map(({ url }) => url), ['/index.html', '/samples/one.txt']);
});

test('assets of another version are stale', () => {
  assert.equal(isStale(`${ORIGIN}/assets/ort-1-old/a.wasm`, '/assets/ort-1-new/'), true);
  assert.equal(isStale(`${ORIGIN}/assets/ort-1-new/a.wasm`, '/assets/ort-1-new/'), false);
});
