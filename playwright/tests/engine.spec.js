/** Workers: a crash is noticed and mended, unloading frees, the models view deletes; the device report is whole. */
import { test, expect } from '../support/test.js';
import { NOTES, QUESTION, call, firstResult, goTo, modelState, openReady, paste } from '../support/page.js';

const STARTER = 'nearside/all-MiniLM-L6-v2';

/** @param {import('@playwright/test').Page} page */
const modelWorkers = (page) => page.workers().filter((worker) => /\/assets\/worker-/.test(worker.url()));

test('a crashed model worker is noticed, said, and started again', async ({ page, server, watch }) => {
  watch.expect(/the worker breaks on purpose/);
  await openReady(page, server.url);
  await modelState(page, 'ready');
  await paste(page, NOTES.join('\n\n'));
  await firstResult(page, 'tides');
  expect(modelWorkers(page)).toHaveLength(1);
  const pending = call(page, 'embed', Array.from({ length: 60 }, (_, index) => `Text ${index}. ${NOTES.join(' ')}`));
  const crashed = modelState(page, 'crashed');
  const said = page.getByText('The engine stopped and was restarted. Your text is still here.').first().waitFor();
  await modelWorkers(page)[0].evaluate(() => void setTimeout(() => {
    throw new Error('the worker breaks on purpose');
  }));
  expect(await crashed).toMatchObject({ error: { code: 'model_crashed', retryable: true } });
  // The call that was under way says so, or was served by another worker; it never hangs.
  const { value, error } = await pending;
  if (error) expect(error).toMatchObject({ code: 'model_crashed', retryable: true });
  else expect(value.embeddings).toHaveLength(60);

  expect(await firstResult(page, QUESTION)).toContain('Cats like to nap');
  await modelState(page, 'ready');
  await said;
});

test('an engine whose program is missing fails, and every later call says so', async ({ page, server, watch }) => {
  watch.expect(/404/);
  await page.route('**/engine.py', (route) => route.fulfill({ status: 404 }));
  await page.goto(server.url);
  const codes = await page.evaluate(async () => {
    const { nearside } = window;
    const code = (/** @type {Promise<unknown>} */ call) => call.then(() => 'answered', (error) => error.code);
    return [await code(nearside.ready), await code(nearside.embed('x')), await code(nearside.records.list())];
  });
  expect(codes).toEqual(['engine_failed', 'engine_failed', 'engine_failed']);
  await page.unroute('**/engine.py');
  await page.evaluate(() => window.nearside.restart());
  expect((await call(page, 'embed', 'x')).value.embeddings[0]).toHaveLength(384);
});

test('unloading ends the worker, and the next call starts one', async ({ page, server }) => {
  await openReady(page, server.url);
  await modelState(page, 'ready');
  const first = (await call(page, 'embed', 'x')).value.embeddings[0];
  expect(modelWorkers(page)).toHaveLength(1);
  const closed = modelWorkers(page)[0].waitForEvent('close');
  expect((await call(page, 'models.unload', STARTER)).value).toEqual({ unloaded: true });
  await closed;
  expect(modelWorkers(page)).toHaveLength(0);
  expect((await call(page, 'models.unload', STARTER)).value).toEqual({ unloaded: false });
  expect((await call(page, 'embed', 'x')).value.embeddings[0]).toEqual(first);
  expect((await call(page, 'embed', 'something else')).value.embeddings[0]).toHaveLength(384);
  expect(modelWorkers(page)).toHaveLength(1);
});

test('the models view deletes after a question, and the model comes back when it is needed', async ({ page, server, before }) => {
  const line = await before(server);
  await openReady(page, line.url);
  await modelState(page, 'ready');
  await goTo(page, 'Models');
  const card = page.locator('.model', { hasText: STARTER });
  await expect(card).toContainText('In memory');
  await expect(card).toContainText('int8 on WebAssembly');
  const dialog = page.getByRole('dialog');

  await card.getByRole('button', { name: `Delete ${STARTER}` }).click();
  await expect(dialog).toContainText('Delete this model?');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toBeHidden();
  await expect(card).toContainText('In memory');

  await card.getByRole('button', { name: `Delete ${STARTER}` }).click();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await expect(card).toContainText('Not downloaded');
  expect((await call(page, 'models.list')).value.models[0]).toMatchObject({ id: STARTER, stored: false, loaded: false });
  expect((await call(page, 'models.storage')).value.used).toBe(0);
  expect(modelWorkers(page)).toHaveLength(0);

  const fetched = line.asked(/\.onnx$/).length;
  await card.getByRole('button', { name: `Download ${STARTER}` }).click();
  await expect(card).toContainText('In memory');
  expect(line.asked(/\.onnx$/)).toHaveLength(fetched + 1);
  expect((await call(page, 'models.list')).value.models[0]).toMatchObject({ stored: true, loaded: true });
});

test('the engine can be restarted and closed', async ({ page, server }) => {
  await openReady(page, server.url);
  const before = (await call(page, 'embed', 'x')).value.embeddings[0];
  await page.evaluate(() => {
    window.nearside.restart();
    return window.nearside.ready;
  });
  expect((await call(page, 'embed', 'x')).value.embeddings[0]).toEqual(before);
  await page.evaluate(() => window.nearside.close());
  expect((await call(page, 'embed', 'x')).error).toMatchObject({ name: 'NearsideError', code: 'engine_failed' });
  await expect.poll(() => page.workers().length).toBe(0);
});

test('two clients in one page do not disturb each other', async ({ lab }) => {
  const lengths = await lab.evaluate(async () => {
    const { connect } = await import(String(new URL('/nearside.js', location.href)));
    const other = connect({ device: 'wasm' });
    const [mine, theirs] = await Promise.all([window.nearside.embed('one'), other.embed('one')]);
    other.close();
    return [mine.embeddings[0].length, mine.embeddings[0].every((/** @type {number} */ value, /** @type {number} */ index) => value === theirs.embeddings[0][index])];
  });
  expect(lengths).toEqual([384, true]);
});

test('the device report has every field, and null for what cannot be known', async ({ lab }) => {
  const { value: report } = await call(lab, 'device');
  const orNull = (/** @type {any} */ matcher) => ({ asymmetricMatch: (/** @type {unknown} */ given) => given === null || matcher.asymmetricMatch(given) });
  const flag = expect.any(Boolean);
  expect(report).toEqual({
    browser: { name: expect.stringMatching(/Chrom/), version: expect.stringMatching(/^\d+/) },
    formFactor: 'desktop',
    cores: expect.any(Number),
    memoryGiB: orNull(expect.any(Number)),
    secure: true,
    isolated: true,
    webgpu: true,
    adapter: null, // headless Chromium without flags knows WebGPU and has no adapter
    wasm: { simd: true, relaxedSimd: true, threads: true, jspi: true, memory64: flag },
    storage: { indexeddb: true, opfs: true, serviceWorker: true, quota: expect.any(Number), used: expect.any(Number), persisted: flag },
    connection: { metered: orNull(flag), saveData: orNull(flag), effectiveType: orNull(expect.any(String)) },
    builtinAI: { prompt: flag, summarizer: flag, translator: flag, languageDetector: flag },
    means: expect.any(Array),
  });
  expect(report.means.map((/** @type {any} */ { topic }) => topic)).toEqual(
    ['processor', 'graphics', 'threads', 'memory', 'storage', 'offline', 'network', 'builtinAI']);
  for (const { level, text } of report.means) {
    expect(['good', 'ok', 'limit', 'unknown']).toContain(level);
    expect(text).toMatch(/\w+.*\.$/);
  }
});
