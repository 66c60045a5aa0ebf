/** A new version of the site: announced, and taken only when the visitor says so. */
import { join } from 'node:path';
import { test, expect } from '../support/test.js';
import { copySite } from '../support/site.js';
import { openReady, paste, worksOffline } from '../support/page.js';

test('a new version is announced, waits for consent, and then replaces the old one', async ({ page, serve, folder, watch }) => {
  watch.expect(/ERR_CONNECTION_REFUSED.*sw\.js/);
  const server = await serve();
  await openReady(page, server.url);
  await worksOffline(page);
  await paste(page, 'text that must survive');
  await expect(page.locator('.draft-foot')).toContainText('4 words'); // taken over, so also kept
  const version = () => page.evaluate(() => document.querySelector('meta[name=test-version]')?.getAttribute('content') ?? 'first');
  expect(await version()).toBe('first');

  await server.stop();
  server.options.site = copySite(join(folder, 'second'), {
    'index.html': (content) => content.toString().replace('<head>', '<head><meta name="test-version" content="second">'),
  });
  await server.start();

  await page.reload();
  const notice = page.locator('.notice', { hasText: 'A new version is ready.' });
  await expect(notice).toBeVisible();
  expect(await version(), 'nothing changes before consent').toBe('first');
  await page.reload();
  await expect(notice).toBeVisible();
  expect(await version(), 'not by reloading either').toBe('first');

  const loaded = page.waitForEvent('load');
  await notice.getByRole('button', { name: 'Reload' }).click();
  await loaded;
  expect(await version()).toBe('second');
  await page.evaluate(() => window.nearside.ready);
  await expect(page.getByLabel('Paste or type text')).toHaveValue('text that must survive');
  await expect(notice).toBeHidden();
  await worksOffline(page);

  await server.stop();
  await page.reload();
  expect(await version(), 'the new one is what works offline').toBe('second');
  await page.evaluate(() => window.nearside.ready);
});
