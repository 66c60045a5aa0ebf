/** The second visit with the server stopped: a reload, and a browser that was closed and started again. */
import { test, expect } from '../support/test.js';
import { NOTES, QUESTION, call, cosine, firstResult, goTo, openReady, paste, ready, results, worksOffline } from '../support/page.js';

/** What a browser without a server says of the requests that only a server can answer. */
const NO_SERVER = /ERR_CONNECTION_REFUSED.*\/(config\.json|models\/index\.json|sw\.js)\)/;

test('works after a reload and after a restart of the browser, with the server stopped', async ({ profile, serve, watch }) => {
  watch.expect(NO_SERVER);
  const server = await serve();
  let context = await profile.launch();
  let page = context.pages()[0];
  await openReady(page, server.url);
  await paste(page, NOTES.join('\n\n'));
  const online = await firstResult(page, QUESTION);
  const vector = (await call(page, 'embed', QUESTION)).value.embeddings[0];
  await worksOffline(page);
  await server.stop();

  await test.step('reload', async () => {
    await page.reload();
    await ready(page);
    expect(await page.evaluate(() => [isSecureContext, crossOriginIsolated])).toEqual([true, true]);
    await expect(page.getByLabel('Paste or type text')).toHaveValue(NOTES.join('\n\n'));
    expect(await firstResult(page, QUESTION)).toBe(online);
    expect((await call(page, 'embed', QUESTION)).value.embeddings[0]).toEqual(vector);
  });

  await test.step('restart of the browser', async () => {
    await context.close();
    context = await profile.launch();
    page = context.pages()[0];
    await openReady(page, server.url);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(await firstResult(page, QUESTION)).toBe(online);
    const again = (await call(page, 'embed', 'a text that was never embedded before')).value;
    expect(again.model).toMatchObject({ id: 'nearside/all-MiniLM-L6-v2', dtype: 'int8', backend: 'wasm' });
    expect(cosine((await call(page, 'embed', QUESTION)).value.embeddings[0], vector)).toBeGreaterThan(0.999999);
  });

  await test.step('every view and the samples', async () => {
    await goTo(page, 'Models');
    await expect(page.locator('.model').first()).toContainText('In memory');
    await goTo(page, 'Device');
    await expect(page.getByRole('heading', { name: 'What it means' })).toBeVisible();
    await goTo(page, 'Search');
    await page.getByRole('button', { name: 'Remove all' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove all' }).click();
    await page.getByRole('button', { name: 'Try a sample' }).first().click();
    await expect(page.locator('.documents li')).toHaveCount(3);
    await page.getByRole('button', { name: 'Why can’t we see the back of the moon?' }).click();
    await expect(results(page).first()).toContainText(/moon/i);
  });
});
