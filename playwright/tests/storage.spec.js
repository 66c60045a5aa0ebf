/** Storage that is full or forbidden: the model works from memory, and the page says so. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, expect } from '../support/test.js';
import { NOTES, QUESTION, call, cosine, firstResult, goTo, modelState, openReady, paste } from '../support/page.js';
import { SITE } from '../support/programs.js';

/** Limits an origin's storage. @param {import('@playwright/test').Page} page @param {string} origin @param {number} quotaSize bytes */
async function limit(page, origin, quotaSize) {
  const session = await page.context().newCDPSession(page);
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize });
}

/** The page works from memory and says so. @param {import('@playwright/test').Page} page @param {RegExp} note */
async function worksFromMemory(page, note) {
  await modelState(page, 'ready');
  expect(await page.evaluate(() => window.nearside.status.storage)).toBe('memory');
  await paste(page, NOTES.join('\n\n'));
  expect(await firstResult(page, QUESTION)).toContain('Cats like to nap');
  await goTo(page, 'Models');
  const storage = page.locator('.storage');
  await expect(storage).toContainText(note);
}

test('a quota too small for the model: nothing is stored, everything works', async ({ page, server, watch }) => {
  // There is no room for what works offline either, and the browser says so.
  watch.expect(/QuotaExceeded|Quota exceeded/i);
  await limit(page, server.origin, 10_000_000);
  await openReady(page, server.url);
  await worksFromMemory(page, /full|room|memory/i);
  const { models } = (await call(page, 'models.list')).value;
  expect(models[0]).toMatchObject({ stored: false, loaded: true });
});

test('a quota that runs out in the middle of a download of unknown length', async ({ page, serve, before, folder, watch }) => {
  watch.expect(/QuotaExceeded|Quota exceeded/i);
  cpSync(join(SITE, 'models/nearside/all-MiniLM-L6-v2'), join(folder, 'models/tests/sizeless'), { recursive: true });
  const line = await before(await serve({ models: [join(folder, 'models')] }));
  const files = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'onnx/model_quantized.onnx'];
  const card = {
    id: 'tests/sizeless', revision: 'r', dtypes: { int8: files[3] }, maxTokens: 256, dimensions: 384, pooling: 'graph',
    files: files.map((path) => ({ path, bytes: null, sha256: null })),
  };
  // Nobody can look for room beforehand: the browser's refusal comes in the middle of writing.
  line.rule = ({ path }) =>
    path === '/models/tests/sizeless/model.json' ? { answer: { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(card) } } : undefined;
  await limit(page, line.origin, 12_000_000);
  await openReady(page, line.url);
  await modelState(page, 'ready');
  const loaded = await call(page, 'models.preload', 'tests/sizeless');
  expect(loaded.error).toBeUndefined();
  expect(loaded.value.model).toMatchObject({ id: 'tests/sizeless', stored: false, loaded: true });
  const { value } = await call(page, 'embed', 'the same text', { model: 'tests/sizeless' });
  expect(cosine(value.embeddings[0], (await call(page, 'embed', 'the same text')).value.embeddings[0])).toBeGreaterThan(0.999999);
  await worksFromMemory(page, /full|room|memory/i);
});

test('storage that the browser forbids: the page answers from memory and says so', async ({ profile, server }) => {
  mkdirSync(join(profile.folder, 'Default'), { recursive: true });
  writeFileSync(
    join(profile.folder, 'Default/Preferences'),
    JSON.stringify({ profile: { default_content_setting_values: { cookies: 2 } } }),
  );
  const context = await profile.launch();
  const page = context.pages()[0];
  await openReady(page, server.url);
  const opens = () => new Promise((resolve) => {
    try {
      const request = indexedDB.open('probe');
      request.onsuccess = () => resolve('opened');
      request.onerror = () => resolve(request.error?.name);
    } catch (error) {
      resolve(/** @type {Error} */ (error).name);
    }
  });
  expect(await page.evaluate(opens), 'the browser really blocks it').not.toBe('opened');
  const worker = page.workers().find((one) => /\/assets\/worker-/.test(one.url()));
  expect(await worker?.evaluate(opens), 'in workers as well').not.toBe('opened');
  await worksFromMemory(page, /block/i);
  expect((await call(page, 'models.storage')).value).toMatchObject({ persistent: false, note: expect.stringMatching(/blocked/) });
  expect((await call(page, 'device')).value.storage.indexeddb).toBe(false);
});
