/** The settings: modes, local-only and its proof, deleting everything. */
import { test, expect } from '../support/test.js';
import { NOTES, call, goTo, openReady, paste, ready, say, worksOffline } from '../support/page.js';

/** What the second note says, nearly in its words. */
const CATS = 'Where do cats nap?';

test('a mode is chosen by name and holds after a reload', async ({ page, server }) => {
  await openReady(page, server.url);
  await goTo(page, 'Settings');
  await expect(page.getByRole('radio', { name: /^Prefer this device/ })).toBeChecked();
  await expect(page.getByText('This site has no cloud provider connected')).toBeVisible();
  await page.getByRole('radio', { name: /^Balanced/ }).check();
  await page.getByRole('checkbox', { name: /hub/ }).uncheck();
  await expect.poll(async () => (await call(page, 'settings.get')).value.mode).toBe('balanced');
  await page.reload();
  await ready(page);
  await expect(page.getByRole('radio', { name: /^Balanced/ })).toBeChecked();
  await expect(page.getByRole('checkbox', { name: /hub/ })).not.toBeChecked();
  await goTo(page, 'Chat');
  await expect(page.getByRole('link', { name: 'Mode: Balanced' })).toBeVisible();
});

test('local-only moves to the document that enforces it, proves it, answers there, and is left again', async ({ page, server, watch }) => {
  await openReady(page, server.url);
  await expect(page.getByRole('button', { name: /^Local-only/ })).toHaveCount(0);
  await goTo(page, 'Settings');
  await page.getByRole('radio', { name: /^Local only/ }).click(); // and the page is left
  await page.waitForURL('**/local/#/settings');
  await ready(page);
  await page.goto(server.url);
  await page.waitForURL('**/local/');
  await ready(page);

  watch.expect(/Content Security Policy|\/v1\/models/);
  /** What got through to the cloud's door, and how the rest ended. @type {string[]} */
  const seen = [];
  const context = page.context();
  const answered = (/** @type {import('@playwright/test').Response} */ response) => void (/\/v1\//.test(response.url()) && seen.push(`answered: ${response.url()}`));
  context.on('response', answered);
  await page.getByRole('button', { name: /^Local-only: enforced/ }).click();
  await expect(page.locator('.proof')).toContainText('The browser refused it (connect-src)');
  await page.keyboard.press('Escape');

  await paste(page, NOTES.join('\n\n'));
  await expect(await say(page, CATS)).toContainText('Cats like to nap');

  expect(seen, 'not one request reached the cloud’s door').toEqual([]);
  context.off('response', answered);

  await goTo(page, 'Settings');
  await expect(page.getByRole('radio', { name: /^Local only/ })).toBeChecked();
  await page.getByRole('radio', { name: /^Prefer this device/ }).click(); // and the page is left
  await page.waitForURL((url) => url.pathname === '/');
  await ready(page);
  await page.goto(server.url);
  expect(new URL(page.url()).pathname).toBe('/');
});

test('deleting everything leaves nothing, and the page begins anew', async ({ page, server, watch }) => {
  watch.expect(/ERR_FAILED.*assets\/main/);
  await openReady(page, server.url);
  await worksOffline(page);
  await paste(page, NOTES.join('\n\n'));
  await say(page, CATS);
  await page.getByRole('button', { name: /^Theme/ }).click();
  await goTo(page, 'Settings');
  await page.getByRole('button', { name: 'Delete everything' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  expect((await call(page, 'records.list')).value.records.length).toBeGreaterThan(0);
  // No engine is started for the look around: what is there now is what was left.
  await page.route('**/engine.html*', (route) => route.abort());
  await page.route('**/assets/main-*.js', (route) => route.abort());
  const again = page.waitForEvent('load');
  await page.getByRole('button', { name: 'Delete everything' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete everything' }).click();
  await again;
  const left = await page.evaluate(async () => ({
    databases: (await indexedDB.databases()).map(({ name }) => name),
    caches: await caches.keys(),
    workers: (await navigator.serviceWorker.getRegistrations()).length,
    local: Object.keys(localStorage),
    session: Object.keys(sessionStorage),
  }));
  expect(left).toEqual({ databases: [], caches: [], workers: 0, local: [], session: [] });
  await page.unroute('**/engine.html*');
  await page.unroute('**/assets/main-*.js');
  await openReady(page, server.url);
  await expect(page.getByLabel('Paste or type text')).toHaveValue('');
  expect((await call(page, 'documents.list')).value.documents).toEqual([]);
  expect((await call(page, 'records.list')).value.records).toEqual([]);
});
