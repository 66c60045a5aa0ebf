/** Downloads that go wrong: cut, refused, answered by something else, or wanted by two tabs at once. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test, expect } from '../support/test.js';
import { NOTES, QUESTION, ask, call, cosine, firstResult, modelState, openReady, paste, ready } from '../support/page.js';
import { SITE } from '../support/programs.js';

const ONNX = /\.onnx$/;
const CHUNK = 8 * 1024 * 1024;
const CUT = 12_000_000;
const STARTER = 'nearside/all-MiniLM-L6-v2';
/** Bytes of the weights. */
const WEIGHTS = statSync(join(SITE, 'models', STARTER, 'onnx/model_quantized.onnx')).size;

/** Chromium's word for an answer that broke off or never came. */
const BROKEN = /ERR_(CONTENT_LENGTH_MISMATCH|CONNECTION_RESET|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING|CONNECTION_CLOSED|SOCKET_NOT_CONNECTED).*\.onnx\)/;

/** What lies in the model store. @param {import('@playwright/test').Page} page @returns {Promise<{files: number, chunks: number}>} */
const stored = (page) =>
  page.evaluate(async () => {
    const db = await new Promise((resolve, reject) => {
      const request = indexedDB.open('nearside-models');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const count = (/** @type {string} */ name) =>
      new Promise((resolve) => {
        const request = db.transaction(name).objectStore(name).getAllKeys();
        request.onsuccess = () => resolve(request.result.filter((/** @type {any} */ key) => JSON.stringify(key).includes('.onnx')).length);
      });
    const answer = { files: await count('files'), chunks: await count('chunks') };
    db.close();
    return answer;
  });

/** The vector that an undisturbed page makes. @param {import('@playwright/test').Page} lab */
const reference = async (lab) => (await call(lab, 'embed', QUESTION)).value.embeddings[0];

test('a download that breaks off goes on from where it stopped', async ({ page, server, before, lab, watch }) => {
  watch.expect(BROKEN);
  const line = await before(server);
  line.rule = ({ path, range }) => (ONNX.test(path) && range === null ? { cutAfter: CUT } : undefined);
  await page.goto(line.url);
  await page.evaluate(() => {
    window.progress = [];
    window.nearside.addEventListener('status', (/** @type {any} */ event) => {
      for (const model of Object.values(event.detail.models)) window.progress.push(/** @type {any} */ (model).loaded);
    });
  });
  await modelState(page, 'ready');
  const [whole, rest, ...more] = line.asked(ONNX);
  expect(whole).toMatchObject({ range: null, status: 200, sent: CUT });
  expect(rest.status).toBe(206);
  const start = Number(/^bytes=(\d+)-$/.exec(rest.range ?? '')?.[1]);
  expect(start).toBeGreaterThan(0);
  // Exactly what was missing; the first answer may have been compressed, a range never is.
  expect(rest.sent).toBe(WEIGHTS - start);
  expect(more).toEqual([]);
  const loaded = await page.evaluate(() => window.progress);
  expect(loaded, 'progress never falls').toEqual([...loaded].sort((a, b) => a - b));
  expect(cosine((await call(page, 'embed', QUESTION)).value.embeddings[0], await reference(lab))).toBeGreaterThan(0.999999);
  expect(await stored(page)).toEqual({ files: 1, chunks: 3 });
});

test('a server that answers a range with the whole file is taken from the start', async ({ page, server, before, lab, watch }) => {
  watch.expect(BROKEN);
  const line = await before(server);
  line.rule = ({ path, range }) => (ONNX.test(path) ? (range === null ? { cutAfter: CUT } : { dropRange: true }) : undefined);
  await openReady(page, line.url);
  await modelState(page, 'ready');
  const [, second] = line.asked(ONNX);
  expect(second).toMatchObject({ range: expect.stringMatching(/^bytes=/), status: 200 });
  expect(second.sent).toBeGreaterThan(CUT);
  expect(cosine((await call(page, 'embed', QUESTION)).value.embeddings[0], await reference(lab))).toBeGreaterThan(0.999999);
});

test('a download that failed is said, and continued by the next visit', async ({ page, server, before, watch }) => {
  watch.expect(BROKEN, /model_download_failed/);
  const line = await before(server);
  let once = true;
  line.rule = ({ path }) => {
    if (!ONNX.test(path)) return undefined;
    if (!once) return { refuse: true };
    once = false;
    return { cutAfter: CUT };
  };
  await openReady(page, line.url);
  const failed = await modelState(page, 'failed');
  expect(failed).toMatchObject({ error: { code: 'model_download_failed', retryable: true } });
  await paste(page, NOTES.join('\n\n'));
  await ask(page, QUESTION);
  const alert = page.getByRole('region', { name: 'Search' }).getByRole('alert');
  await expect(alert).toContainText('The search did not work');
  await expect(alert).toContainText('model_download_failed');
  await expect(alert.getByRole('button', { name: 'Try again' })).toBeVisible();
  expect(await stored(page)).toEqual({ files: 0, chunks: 1 });

  const before1 = line.asked(ONNX).length;
  line.rule = () => undefined;
  await page.reload();
  await ready(page);
  await modelState(page, 'ready');
  expect(line.asked(ONNX).slice(before1)).toMatchObject([{ range: `bytes=${CHUNK}-`, status: 206 }]);
  expect(await firstResult(page, QUESTION)).toContain('Cats like to nap');
});

test('an error page in place of the weights is refused, and a retry in the page works', async ({ page, server, before, watch }) => {
  watch.expect(/model_download_failed/);
  const line = await before(server);
  line.rule = ({ path }) =>
    ONNX.test(path) ? { answer: { status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>Sign in</h1>' } } : undefined;
  await openReady(page, line.url);
  const failed = await modelState(page, 'failed');
  expect(failed).toMatchObject({ error: { code: 'model_download_failed', message: expect.stringContaining('web page') } });
  expect(await stored(page)).toEqual({ files: 0, chunks: 0 });
  const answer = await call(page, 'embed', 'x');
  expect(answer.error).toMatchObject({ name: 'NearsideError', code: 'model_download_failed', hint: expect.stringContaining('sign-in') });
  await paste(page, NOTES.join('\n\n'));
  await ask(page, QUESTION);
  await expect(page.getByRole('alert')).toContainText('sign-in');
  line.rule = () => undefined;
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.locator('ns-results .result-text').first()).toContainText('Cats like to nap');
  expect(await stored(page)).toEqual({ files: 1, chunks: 3 });
});

test('weights with a wrong byte are refused and not stored', async ({ page, server, before }) => {
  const line = await before(server);
  line.rule = ({ path }) => (ONNX.test(path) ? { flip: 20_000_000 } : undefined);
  await openReady(page, line.url);
  const failed = await modelState(page, 'failed');
  expect(failed).toMatchObject({ error: { code: 'model_corrupt', retryable: true } });
  expect(await stored(page)).toEqual({ files: 0, chunks: 0 });
});

test('two tabs that want the same model download it once', async ({ context, server, before }) => {
  const line = await before(server);
  const release = line.hold(ONNX);
  const pages = [await context.newPage(), await context.newPage()];
  await Promise.all(pages.map((page) => page.goto(line.url)));
  await Promise.all(pages.map(ready));
  release();
  for (const page of pages) {
    await modelState(page, 'ready');
    expect((await call(page, 'embed', 'x')).value.embeddings[0]).toHaveLength(384);
  }
  expect(line.asked(ONNX)).toHaveLength(1);
  const { models } = (await call(pages[1], 'models.list')).value;
  expect(models[0]).toMatchObject({ id: STARTER, stored: true, loaded: true });
});
