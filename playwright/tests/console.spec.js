/** The Python console on the real engine: results, names, errors, history, stop, a busy loop, accessibility. */
import AxeBuilder from '@axe-core/playwright';
import { test, expect } from '../support/test.js';
import { call, dress, openReady } from '../support/page.js';

/** @typedef {import('@playwright/test').Page} Page */

/** Types code and runs it. @param {Page} page @param {string} code */
async function run(page, code) {
  await page.getByLabel('Python code').fill(code);
  await page.getByLabel('Python code').press('Control+Enter');
}

/** The last entry of the log. @param {Page} page */
const last = (page) => page.locator('.entry').last();

test('Python runs on the engine: results, output, names, errors, history', async ({ page, server }) => {
  await openReady(page, `${server.url}#/console`);
  const box = page.getByLabel('Python code');
  await box.fill('1 + 1');
  await box.press('Enter');
  await expect(last(page).locator('.entry-result')).toContainText('2');
  await expect(page.getByRole('status')).toHaveText('2');
  await run(page, 'found = await nearside.search("where do kittens sleep", ["Bread rests.", "Cats nap on sills."], top_k=1)\nprint(found.results[0].text)');
  await expect(last(page).locator('.entry-output')).toContainText('Cats nap on sills.');
  await run(page, 'found.results[0].index');
  await expect(last(page).locator('.entry-result')).toContainText('1');
  await run(page, 'def f():\n    return 1 / 0\nf()');
  await expect(last(page).locator('.entry-error')).toContainText('line 2, in f');
  await expect(last(page).locator('.entry-error')).toContainText('ZeroDivisionError: division by zero');
  await expect(last(page).locator('.entry-error')).not.toContainText('pyodide');
  await run(page, 'await nearside.search("", [])');
  await expect(last(page).locator('.entry-error')).toContainText('(invalid_input)');

  await box.fill('for x in range(2):');
  await box.press('Enter');
  await expect(box, 'a block goes on').toHaveValue('for x in range(2):\n');
  await box.fill('draft');
  await box.press('ArrowUp');
  await expect(box).toHaveValue('await nearside.search("", [])');
  await box.press('ArrowDown');
  await expect(box).toHaveValue('draft');
  await box.press('Tab');
  await expect(box, 'Tab leaves the box').not.toBeFocused();
  await page.getByRole('button', { name: 'Clear' }).click();
  await expect(page.getByText('What you run appears here.')).toBeVisible();
});

test('Stop ends what waits, and the engine goes on', async ({ page, server }) => {
  await openReady(page, `${server.url}#/console`);
  await run(page, 'kept = 7\nimport asyncio\nawait asyncio.sleep(600)');
  await expect(page.getByText('Still running.')).toBeVisible();
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(last(page)).toContainText('Stopped.');
  await run(page, 'kept');
  await expect(last(page).locator('.entry-result')).toContainText('7');
});

test('a busy loop is left by a restart of the engine', async ({ page, server }) => {
  await openReady(page, `${server.url}#/console`);
  await run(page, 'while True:\n    pass');
  await page.getByRole('button', { name: 'Restart the engine' }).click();
  await page.evaluate(() => window.nearside.ready);
  await expect(last(page)).toContainText('Stopped.');
  expect((await call(page, 'similarity', 'a', 'a')).value.score).toBeCloseTo(1, 3);
  await run(page, '6 * 7');
  await expect(last(page).locator('.entry-result')).toContainText('42');
});

test('output is bounded, and the API answers with the three fields', async ({ lab }) => {
  const much = await call(lab, 'console.run', 'for i in range(3000):\n    print("x" * 99)');
  expect(much.value.output.length).toBeLessThan(100_100);
  expect(much.value).toMatchObject({ result: null, error: null });
  expect((await call(lab, 'console.run', 'value = 3')).value).toEqual({ output: '', result: null, error: null });
  expect((await call(lab, 'console.run', 5)).error).toMatchObject({ name: 'NearsideError', code: 'invalid_input' });
});

test('the console is accessible and fits a narrow screen', async ({ page, server }) => {
  await openReady(page, `${server.url}#/console`);
  await run(page, 'print("a line that is much longer than a narrow screen " * 5)\n1 / 0');
  await expect(last(page).locator('.entry-error')).toBeVisible();
  for (const [colorScheme, width] of /** @type {const} */ ([['light', 1280], ['dark', 1280], ['light', 320]])) {
    await dress(page, colorScheme);
    await page.setViewportSize({ width, height: 800 });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect.soft(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`), `${colorScheme}, ${width}`).toEqual([]);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect.soft(over, `at ${width}: no sideways scrolling`).toBeLessThanOrEqual(0);
  }
});
