/** The records: one per request, with reasons and without a word of it; filtered, downloaded, cleared. */
import { readFileSync } from 'node:fs';
import { test, expect } from '../support/test.js';
import { NOTES, call, goTo, openReady, say } from '../support/page.js';

const CANARY = 'zanzibar-canary-4711';

test('every request leaves a record with its reasons and none of its words', async ({ page, server }) => {
  await openReady(page, server.url);
  await goTo(page, 'Records');
  await expect(page.getByText('No records yet')).toBeVisible();
  await say(page, `What leaves my device, ${CANARY}?`);
  await call(page, 'similarity', NOTES[0], NOTES[1]);
  await goTo(page, 'Records');
  const records = page.locator('.record');
  await expect(records).toHaveCount(2);
  await expect(records.nth(0)).toContainText('similarity');
  await expect(records.nth(1)).toContainText('chat');
  await expect(records.nth(1)).toContainText('On this device');
  await records.nth(1).locator('summary').click();
  await expect(records.nth(1)).toContainText('This site has no cloud provider');

  await page.getByLabel('Filter').fill('chat provider');
  await expect(records).toHaveCount(1);
  await page.getByRole('radio', { name: 'Far', exact: true }).check();
  await expect(page.getByText('No record matches.')).toBeVisible();
  await page.getByRole('radio', { name: 'All', exact: true }).check();
  await page.getByLabel('Filter').fill('');

  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download as JSONL' }).click()]);
  expect(download.suggestedFilename()).toMatch(/^nearside-records-.*\.jsonl$/);
  const text = readFileSync(await download.path(), 'utf8');
  expect(text).not.toContain('zanzibar');
  expect(text.trim().split('\n').map((line) => JSON.parse(line).task)).toEqual(['chat', 'similarity']);

  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Clear' }).click();
  await expect(page.getByText('No records yet')).toBeVisible();
  expect((await call(page, 'records.list')).value.records).toEqual([]);
});
