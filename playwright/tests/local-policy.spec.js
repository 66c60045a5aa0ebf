/**
 * What the browser itself makes of the policies below /local/, with the real server, a provider that listens, and documents that
 * try everything: no way leads from there to the cloud or the hub, while this site's own files can be had.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test, expect } from '../support/test.js';
import { Upstream } from '../support/upstream.js';

/** Runs in a page, a frame or a worker: what can be reached from there. */
const PROBE = `async function probe([origin, elsewhere]) {
  const chat = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"model":"echo","messages":[{"role":"user","content":"out"}]}' };
  const ways = {
    chat: () => fetch(origin + '/v1/chat/completions', chat),
    again: () => fetch(origin + '/assets/../v1/chat/completions', chat),
    models: () => fetch(origin + '/v1/models'),
    elsewhere: () => fetch(elsewhere, { mode: 'no-cors' }),
    events: () => new Promise((good, bad) => { const source = new EventSource(origin + '/v1/models'); source.onopen = good; source.onerror = bad; }),
    socket: () => new Promise((good, bad) => { const socket = new WebSocket(origin.replace('http', 'ws') + '/assets/x'); socket.onopen = good; socket.onerror = bad; }),
    asset: () => fetch(origin + '/assets/probe.txt'),
    model: () => fetch(origin + '/models/a/b/config.json'),
    config: () => fetch(origin + '/config.json'),
    health: () => fetch(origin + '/healthz'),
  };
  const reached = {};
  for (const [name, way] of Object.entries(ways)) reached[name] = await Promise.resolve().then(way).then(() => true, () => false);
  return reached;
}`;
const WORKER = `${PROBE}\nonmessage = async ({ data }) => postMessage(await probe(data));`;
const NOTHING = { chat: false, again: false, models: false, elsewhere: false, events: false, socket: false };
const FILES = { asset: true, model: true, config: true, health: true };

/** @param {string} folder */
function writeSite(folder) {
  const page = '<!doctype html><title>x</title><link rel="icon" href="data:,">';
  const files = Object.entries({
    'index.html': page, 'engine.html': page, 'local/index.html': page, 'local/engine.html': page,
    'assets/probe.txt': 'x', 'assets/worker.js': WORKER, 'local/assets/worker.js': WORKER, 'models/a/b/config.json': '{}',
  });
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const entries = files.map(([path, text]) => ({ path, bytes: text.length, sha256: createHash('sha256').update(text).digest('hex') }));
  writeFileSync(join(folder, 'build.json'), JSON.stringify({ version: '0', files: entries }));
}

/** Runs in a page or frame: the probe in a worker of this script, `null` when the browser starts none. @param {{url: string, places: string[]}} given @returns {Promise<unknown>} */
const inWorker = ({ url, places }) =>
  new Promise((resolve) => {
    const worker = new Worker(url);
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = () => resolve(null);
    worker.postMessage(places);
  });

/** The same in a worker that is made of a text. @param {{text: string, places: string[]}} given @returns {Promise<unknown>} */
const inBlobWorker = ({ text, places }) =>
  new Promise((resolve) => {
    const worker = new Worker(URL.createObjectURL(new Blob([text], { type: 'text/javascript' })));
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = () => resolve(null);
    worker.postMessage(places);
  });

test('from /local/ no way leads to the cloud, from / there is one', async ({ page, serve, folder, watch }) => {
  watch.expect(/Content Security Policy|WebSocket|EventSource|MIME type|Refused to/);
  const upstream = await Upstream.start();
  const elsewhere = await Upstream.start();
  watch.origins.add(elsewhere.origin);
  writeSite(join(folder, 'site'));
  const config = join(folder, 'nearside.toml');
  writeFileSync(config, upstream.config);
  const server = await serve({ site: join(folder, 'site'), config, hub: elsewhere.origin });
  watch.origins.add(server.origin.replace('http', 'ws'));
  const places = [server.origin, `${elsewhere.origin}/x`];
  /** @param {import('@playwright/test').Frame|import('@playwright/test').Page} where */
  const here = (where) => where.evaluate(`(${PROBE})(${JSON.stringify(places)})`);

  await page.goto(`${server.url}local/`);
  expect(await here(page)).toEqual({ ...NOTHING, ...FILES });
  expect(await page.evaluate(inWorker, { url: '/local/assets/worker.js', places })).toEqual({ ...NOTHING, ...FILES });
  expect(await page.evaluate(inWorker, { url: '/assets/worker.js', places }), 'a worker with the wide policy').toBeNull();
  expect(await page.evaluate(inBlobWorker, { text: WORKER, places })).toBeNull();
  await page.evaluate(() => navigator.sendBeacon('/v1/chat/completions', new Blob(['{"model":"echo","messages":[{"role":"user","content":"out"}]}'], { type: 'application/json' })));

  const frames = await page.evaluate(async () => {
    for (const src of ['/local/engine.html', '/engine.html']) {
      const frame = document.createElement('iframe');
      frame.src = src;
      document.body.append(frame);
      await new Promise((resolve) => (frame.onload = resolve));
    }
    return [...document.querySelectorAll('iframe')].map((frame) => frame.contentDocument?.title ?? null);
  });
  expect(frames, 'a frame with the wide policy').toEqual(['x', null]);
  const engine = /** @type {import('@playwright/test').Frame} */ (page.frame({ url: /local\/engine\.html$/ }));
  expect(await here(engine)).toEqual({ ...NOTHING, ...FILES });
  expect(await engine.evaluate(inWorker, { url: '/local/assets/worker.js', places })).toEqual({ ...NOTHING, ...FILES });
  expect(await engine.evaluate(inBlobWorker, { text: WORKER, places }), 'a blob’s worker inherits').toEqual({ ...NOTHING, ...FILES });
  expect(await engine.evaluate(inWorker, { url: '/assets/worker.js', places })).toBeNull();
  expect([upstream.requests, elsewhere.requests], 'nothing has left').toEqual([[], []]);

  await page.goto(server.url);
  expect(await here(page)).toMatchObject({ chat: true, models: true, elsewhere: false, ...FILES });
  expect(upstream.requests.length).toBeGreaterThan(0);
  await Promise.all([upstream.stop(), elsewhere.stop()]);
});
