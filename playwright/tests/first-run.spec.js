/** The first visit with an empty profile: usable while Python boots, search over pasted text and files, cancel. */
import { test, expect } from '../support/test.js';
import { NOTES, QUESTION, ask, call, firstResult, openReady, paste, results, worksOffline } from '../support/page.js';

test('a question typed while Python boots is answered when it is up', async ({ page, server, before }) => {
  const slow = await before(server);
  const release = slow.hold(/pyodide\.asm\.wasm/);
  await page.goto(slow.url);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/Answers from this device first/);
  await paste(page, NOTES.join('\n\n'));
  await ask(page, QUESTION);
  await expect(page.getByText('Your question is waiting')).toBeVisible();
  expect(await page.evaluate(() => window.nearside.status.engine)).toBe('starting');
  await expect(page.getByLabel('Your question')).toHaveValue(QUESTION);
  await expect(page.getByRole('progressbar').first()).toBeVisible();
  await expect.poll(() => slow.asked(/pyodide\.asm\.wasm/).length).toBe(1);
  release();
  await expect(results(page).first()).toContainText('Cats like to nap');
  await expect(page.getByLabel('Your question')).toHaveValue(QUESTION);
  await worksOffline(page);
  // Chromium names the page isolated only if all of its documents and scripts say the right things.
  expect(await page.evaluate(() => window.crossOriginIsolated)).toBe(true);
});

test('searches pasted text, a chosen file and a dropped file, and marks the words', async ({ page, server }) => {
  await openReady(page, server.url);
  await paste(page, NOTES[0]);
  await page.setInputFiles('input[type=file]', {
    name: 'windowsills.txt', mimeType: 'text/plain', buffer: Buffer.from(NOTES[1]),
  });
  await expect(page.locator('.documents')).toContainText('windowsills.txt');
  const dropped = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], 'bread.md', { type: 'text/markdown' }));
    return transfer;
  }, NOTES[2]);
  const surface = page.locator('main');
  await surface.dispatchEvent('dragenter', { dataTransfer: dropped });
  await expect(page.getByText('Drop to add')).toBeVisible();
  await surface.dispatchEvent('drop', { dataTransfer: dropped });
  await expect(page.locator('.documents')).toContainText('bread.md');
  await expect(page.getByText('Drop to add')).toBeHidden();

  expect(await firstResult(page, 'long rest for bread')).toBe(NOTES[2]);
  const best = results(page).first();
  await expect(best.getByRole('heading')).toHaveText('bread.md');
  await expect(best.locator('mark')).toHaveText(['bread', 'long', 'rest']);
  await expect(results(page)).toHaveCount(3);
  await expect(page.locator('ns-results .facts')).toContainText('all-MiniLM-L6-v2 · int8 · WebAssembly');

  expect(await firstResult(page, 'boats')).toBe(NOTES[0]);
  await expect(results(page).first().getByRole('heading')).toHaveText('Pasted text');

  await results(page).first().getByRole('button', { name: 'Read in context' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.locator('.passage')).toHaveText(NOTES[0]);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});

test('files that are no text are refused one by one', async ({ page, server }) => {
  await page.goto(server.url);
  await page.setInputFiles('input[type=file]', [
    { name: 'picture.png', mimeType: 'image/png', buffer: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 0]) },
    { name: 'empty.txt', mimeType: 'text/plain', buffer: Buffer.from('  \n') },
    { name: 'good.txt', mimeType: 'text/plain', buffer: Buffer.from(NOTES[0]) },
  ]);
  const refused = page.getByRole('alert');
  await expect(refused).toContainText('picture.png is not a text file');
  await expect(refused).toContainText('empty.txt holds no text');
  await expect(page.locator('.documents li')).toHaveText(/good\.txt/);
});

test('an aborted call rejects at once and the engine goes on answering', async ({ lab }) => {
  const told = await lab.evaluate(async () => {
    const abort = new AbortController();
    const many = Array.from({ length: 400 }, (_, index) => `Sentence number ${index} about ships, moons and bread. `.repeat(12));
    const begun = new Promise((resolve) => {
      window.nearside.embed(many, { signal: abort.signal, onProgress: resolve }).then(
        () => (window.outcome = 'answered'),
        (/** @type {any} */ error) => (window.outcome = { name: error.name, code: error.code }),
      );
    });
    const progress = await begun;
    abort.abort();
    await Promise.resolve();
    await Promise.resolve();
    const atOnce = window.outcome;
    const { embeddings } = await window.nearside.embed('one more');
    return { progress, atOnce, length: embeddings[0].length };
  });
  expect(told.atOnce).toEqual({ name: 'NearsideError', code: 'cancelled' });
  expect(told.length).toBe(384);
  expect(told.progress).toMatchObject({ total: 400 });
  // The bulk job itself ended, too: nothing of it is left to be cached.
  const again = await call(lab, 'embed', 'another one');
  expect(again.value.usage).toEqual({ tokens: expect.any(Number), texts: 1, cached: 0, written: 0 });
});

test('a signal that was aborted before rejects without asking the engine', async ({ lab }) => {
  const code = await lab.evaluate(() =>
    window.nearside.embed('text', { signal: AbortSignal.abort() }).then(() => 'answered', (/** @type {any} */ error) => error.code),
  );
  expect(code).toBe('cancelled');
});

test('Cancel stops a search and the next one works', async ({ page, server }) => {
  await openReady(page, server.url);
  const long = Array.from({ length: 1500 }, (_, index) => `Line ${index} of a long log about weather, tides and nothing in particular. `.repeat(4)).join('\n\n');
  await page.setInputFiles('input[type=file]', { name: 'log.txt', mimeType: 'text/plain', buffer: Buffer.from(long) });
  await ask(page, 'tides');
  await expect(page.getByText('Reading your text')).toBeVisible();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByText('Search cancelled. Your question')).toBeVisible();
  await expect(page.getByLabel('Your question')).toHaveValue('tides');
  await page.getByRole('button', { name: 'Remove log.txt' }).click();
  await paste(page, NOTES.join('\n\n'));
  expect(await firstResult(page, QUESTION)).toContain('Cats like to nap');
});
