/** Every view for everybody: axe in light and dark, the keyboard alone, narrow screens. */
import AxeBuilder from '@axe-core/playwright';
import { test, expect } from '../support/test.js';
import { NOTES, QUESTION, ask, dress, goTo, openReady, paste, results, say } from '../support/page.js';

/** @typedef {import('@playwright/test').Page} Page */

/** @param {Page} page @param {string} place */
async function hasNoViolations(page, place) {
  // A colour on its way from light to dark is neither.
  await page.evaluate(() => Promise.all(document.getAnimations().filter((one) => one instanceof CSSTransition).map((one) => one.finished.catch(() => null))));
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect.soft(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`), place).toEqual([]);
}

/** @param {Page} page @param {string} place */
async function fits(page, place) {
  const [inside, outside] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  expect.soft(inside, `${place}: no sideways scrolling`).toBeLessThanOrEqual(outside);
}

/**
 * Looks at the page in light, in dark and narrow.
 * @param {Page} page @param {string} place
 */
async function check(page, place) {
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    await dress(page, colorScheme);
    await hasNoViolations(page, `${place}, ${colorScheme}`);
  }
  await page.setViewportSize({ width: 320, height: 640 });
  await fits(page, place);
  await hasNoViolations(page, `${place}, narrow`);
  await page.setViewportSize({ width: 1280, height: 800 });
}

test('search, models and device are accessible in light and dark and fit 320 pixels', async ({ page, server }) => {
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(server.url);
  await check(page, 'while the engine starts');
  await page.evaluate(() => window.nearside.ready);
  await check(page, 'empty chat');
  await goTo(page, 'Search');
  await expect(page.getByRole('heading', { level: 1, name: /Search your own text/ })).toBeFocused();
  await check(page, 'empty search');
  await paste(page, `${NOTES.join('\n\n')}\n\n${'unbreakable'.repeat(40)}\n\nשלום עולם`);
  await page.setInputFiles('input[type=file]', [
    { name: 'a name that is much longer than anybody would think reasonable for a file of notes.txt', mimeType: 'text/plain', buffer: Buffer.from(NOTES.join('\n\n').repeat(30)) },
    { name: 'picture.png', mimeType: 'image/png', buffer: Buffer.from([0, 1, 2, 3]) },
  ]);
  await expect(page.getByRole('alert')).toBeVisible();
  await check(page, 'with documents');
  await ask(page, QUESTION);
  await expect(results(page).first()).toBeVisible();
  await check(page, 'results');
  await results(page).first().getByRole('button', { name: /Read in context/ }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await check(page, 'a passage in its text');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /^Engine:/ }).click();
  await check(page, 'the engine’s panel');
  await page.keyboard.press('Escape');
  await page.goto(`${server.url}#/models`);
  await expect(page.locator('.model').first()).toBeVisible();
  await check(page, 'models');
  await page.getByRole('button', { name: /^Delete / }).first().click();
  await check(page, 'a question');
  await page.keyboard.press('Escape');
  await page.goto(`${server.url}#/device`);
  await expect(page.getByRole('heading', { name: 'What it means' })).toBeVisible();
  await check(page, 'device');
});

test('chat, records, settings and the proof are accessible in light and dark and fit 320 pixels', async ({ page, server, watch }) => {
  await page.setViewportSize({ width: 1280, height: 800 });
  await openReady(page, server.url);
  await say(page, QUESTION);
  await check(page, 'a conversation');
  await page.getByRole('button', { name: 'Edit' }).click();
  await check(page, 'a question that is changed');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /^Chats:/ }).click();
  await check(page, 'the list of conversations');
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await check(page, 'the other views');
  await page.keyboard.press('Escape');
  await goTo(page, 'Records');
  await expect(page.locator('.record').first()).toBeVisible();
  await page.locator('.record summary').first().click();
  await check(page, 'records');
  await goTo(page, 'Settings');
  await expect(page.getByRole('group', { name: 'Mode', exact: true })).toBeVisible();
  await check(page, 'settings');
  await page.goto(`${server.url}local/`);
  await page.evaluate(() => window.nearside.ready);
  watch.expect(/Content Security Policy|\/v1\/models/);
  await page.getByRole('button', { name: /^Local-only/ }).click();
  await expect(page.locator('.proof')).toContainText('The browser refused it');
  await check(page, 'the proof of local-only');
});

test('the keyboard alone is enough', async ({ page, server }) => {
  await openReady(page, server.url);
  const focused = () => page.evaluate(() => {
    const element = /** @type {HTMLElement} */ (document.activeElement);
    return element.getAttribute('aria-label') ?? document.querySelector(`label[for="${element.id}"]`)?.textContent?.trim() ?? element.textContent?.trim() ?? '';
  });
  /** Presses Tab until something has the focus. @param {RegExp} name @param {string} [key] */
  const tabTo = async (name, key = 'Tab') => {
    const passed = [];
    for (let left = 60; left > 0; left -= 1) {
      await page.keyboard.press(key);
      const now = await focused();
      passed.push(now.slice(0, 30));
      if (name.test(now)) return;
    }
    throw new Error(`Tab never came to ${name}; it came to ${passed.join(', ')}`);
  };
  await page.keyboard.press('Tab');
  expect(await focused()).toBe('Skip to the content');
  await page.keyboard.press('Enter');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
  await tabTo(/Paste or type text/);
  await page.keyboard.insertText(NOTES.join('\n\n'));
  await tabTo(/^Search$/, 'Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: /Search your own text/ })).toBeFocused();
  await tabTo(/Your question/);
  await page.keyboard.type(QUESTION);
  await page.keyboard.press('Enter');
  await expect(results(page).first()).toContainText('Cats like to nap');
  await expect(page.getByRole('status')).toContainText(/found for Where do kittens sleep/);
  await tabTo(/Read in context/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  expect(await focused(), 'the focus is back where it was').toMatch(/Read in context/);
  await page.keyboard.press('/');
  expect(await focused()).toBe('Your question');
  await page.keyboard.press('Escape');
  await expect(page.getByLabel('Your question')).toHaveValue('');
  await tabTo(/^More$/, 'Shift+Tab');
  await page.keyboard.press('Enter');
  await tabTo(/^Models$/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Models' })).toBeFocused();
  await tabTo(/^Delete /);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toBeHidden();
  await tabTo(/^More$/, 'Shift+Tab');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  expect(await focused(), 'Escape closes the list and stays where it was opened').toBe('More');
  await page.keyboard.press('Enter');
  await tabTo(/^Device$/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Device' })).toBeFocused();
  await page.goBack();
  await expect(page.getByRole('heading', { level: 1, name: 'Models' })).toBeVisible();
});
