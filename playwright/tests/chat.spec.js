/** The chat: answers from this device with their sources, answers from the cloud, and the way between the two. */
import { test as base, expect } from '../support/test.js';
import { NOTES, call, openReady, paste, ready, say } from '../support/page.js';
import { configFor } from '../support/provider.js';
import { Upstream } from '../support/upstream.js';

/** @typedef {import('@playwright/test').Page} Page */
/** @typedef {{upstream: Upstream, connected: (models: string[]) => Promise<import('../support/server.js').Server>}} Fixtures */

const test = base.extend(
  /** @type {import('@playwright/test').Fixtures<Fixtures, {}, import('@playwright/test').PlaywrightTestArgs & import('../support/test.js').TestFixtures, import('@playwright/test').PlaywrightWorkerArgs & import('../support/test.js').WorkerFixtures>} */ ({
    upstream: async ({}, use) => {
      const upstream = await Upstream.start();
      await use(upstream);
      await upstream.stop();
    },
    connected: async ({ upstream, serve, folder }, use) => {
      await use((/** @type {string[]} */ models) => serve({ config: configFor(folder, upstream, models) }));
    },
  }),
);

/** What the second note says, nearly in its words. */
const CATS = 'Where do cats nap?';

/** Something that no document says. */
const NOWHERE = 'Who won the chess olympiad of 1972?';

/** @param {Page} page @param {Record<string, unknown>} change */
async function set(page, change) {
  const { error } = await call(page, 'settings.set', change);
  expect(error).toBeUndefined();
}

test('without a hub and a provider: quotes the visitor’s text, with a source that opens, and survives a reload', async ({ page, server }) => {
  await openReady(page, server.url);
  await paste(page, NOTES.join('\n\n'));
  const answer = await say(page, CATS);
  await expect(answer).toContainText('Cats like to nap on warm windowsills');
  await expect(answer.locator('.route')).toContainText('On this device');
  await expect(page.getByRole('status')).toContainText(/Answer from this device, .*Cats like to nap/);
  await answer.locator('.source').first().click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('heading')).toHaveText('Pasted text');
  await expect(dialog.locator('.passage')).toContainText('Cats like to nap');
  await page.keyboard.press('Escape');
  await page.reload();
  await expect(page.locator('.asked-text')).toHaveText(CATS);
  await expect(page.locator('.answer')).toContainText('Cats like to nap');
  await ready(page);
  await page.getByRole('button', { name: 'New chat' }).click();
  await expect(page.locator('.asked-text')).toHaveCount(0);
  await page.getByRole('button', { name: /^Chats:/ }).click();
  await page.getByRole('button', { name: new RegExp(`^${CATS.replace('?', '\\?')}`) }).click();
  await expect(page.locator('.answer')).toContainText('Cats like to nap');
  await page.getByRole('button', { name: 'Delete this chat' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.reload();
  await expect(page.locator('.stage')).toBeVisible();
  await expect(page.locator('.asked-text')).toHaveCount(0);
});

test('answers from the bundled help, and says what to add when nothing answers', async ({ page, server }) => {
  await openReady(page, server.url);
  const help = await say(page, 'What leaves my device?');
  await expect(help.locator('.source').first()).toContainText('Help');
  await help.locator('.source').first().click();
  await expect(page.getByRole('dialog').locator('.passage')).not.toBeEmpty();
  await page.keyboard.press('Escape');
  const none = await say(page, NOWHERE);
  await expect(none).toContainText('I found nothing about this');
  await expect(none).toContainText('ask the operator of this site to connect a cloud model');
  await expect(none.locator('.consent')).toHaveCount(0);
});

test('a text that leaves the shelf is not quoted any more', async ({ page, server }) => {
  await openReady(page, server.url);
  await page.setInputFiles('input[type=file]', { name: 'cats.txt', mimeType: 'text/plain', buffer: Buffer.from(NOTES[1]) });
  await expect(page.locator('.documents')).toContainText('cats.txt');
  await expect(await say(page, CATS)).toContainText('Cats like to nap');
  await page.getByRole('button', { name: 'Remove cats.txt' }).click();
  await expect(await say(page, CATS)).not.toContainText('Cats like to nap');
  expect((await call(page, 'documents.list')).value.documents).toEqual([]);
});

test('the cloud is asked only after a yes: once, then always', async ({ page, upstream, connected }) => {
  const server = await connected(['echo']);
  await openReady(page, server.url);
  const near = await say(page, NOWHERE);
  const asks = near.getByRole('group', { name: 'Ask the cloud?' });
  await expect(asks).toContainText('Send this conversation to cloud-echo through this site?');
  expect(upstream.requests).toEqual([]);
  await asks.getByRole('button', { name: 'Once' }).click();
  const answers = page.locator('.turn').last().locator('.answer');
  await expect(answers).toHaveCount(2);
  await expect(answers.last()).toContainText(NOWHERE);
  await expect(answers.last().locator('.route')).toContainText('In the cloud');
  await expect(answers.last().locator('.route')).toContainText('cloud-echo');
  await expect(answers.last().locator('.route')).toContainText('$');
  expect(upstream.requests).toHaveLength(1);
  expect((await call(page, 'settings.get')).value.cloud).toBe('ask');

  const again = await say(page, 'And the one after that, in 1974?');
  await again.getByRole('button', { name: 'Always' }).click();
  await expect(page.locator('.turn').last().locator('.answer').last().locator('.route')).toContainText('In the cloud');
  expect((await call(page, 'settings.get')).value.cloud).toBe('allow');
  await expect.poll(() => upstream.requests.length, 'which side is said before it is asked').toBe(2);
  expect(upstream.requests[1].body.messages.map((/** @type {any} */ { role }) => role)).toEqual(['user', 'assistant', 'user']);
});

test('staying on this device is an answer, too, and the other side can still be asked once', async ({ page, upstream, connected }) => {
  const server = await connected(['echo']);
  await openReady(page, server.url);
  const near = await say(page, NOWHERE);
  await near.getByRole('button', { name: 'Stay on this device' }).click();
  await expect(near.locator('.consent')).toHaveCount(0);
  expect(upstream.requests).toEqual([]);
  await near.getByRole('button', { name: 'Ask cloud-echo once' }).click();
  await expect(page.locator('.answer').last().locator('.route')).toContainText('In the cloud');
  await page.locator('.answer').last().getByRole('button', { name: 'Answer on this device once' }).click();
  await expect(page.locator('.answer')).toHaveCount(3);
  await expect(page.locator('.answer').last().locator('.route')).toContainText('On this device');
});

test('a far answer streams, stops, is tried again, and its Markdown can do nothing', async ({ page, upstream, connected }) => {
  const nasty = '# Title\n\n**bold** <img src=x onerror="window.hurt=1"> [bad](javascript:window.hurt=2) ![pixel](http://127.0.0.1:9/pixel.png) [good](https://example.org/)';
  const server = await connected(['slow', 'echo']);
  await openReady(page, server.url);
  await set(page, { mode: 'prefer-cloud', cloud: 'allow' });
  await page.getByLabel('Your message').fill('never ends');
  await page.getByLabel('Your message').press('Enter');
  await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible();
  await expect.poll(() => upstream.requests.length).toBe(1);
  await page.keyboard.press('Escape');
  await expect(page.locator('.answer').last()).toContainText('Stopped.');
  await expect.poll(() => upstream.aborts, 'the provider is told, too').toBe(1);
  await server.stop();

  const other = await connected(['echo']);
  await openReady(page, other.url);
  await set(page, { mode: 'prefer-cloud', cloud: 'allow' });
  const answer = await say(page, nasty);
  await expect(answer.getByRole('heading', { name: 'Title' })).toBeVisible();
  await expect(answer.locator('strong', { hasText: 'bold' })).toBeVisible();
  await expect(answer.locator('.answer-text')).toContainText('<img src=x');
  await expect(answer.locator('.answer-text img')).toHaveCount(0);
  const links = answer.locator('.answer-text a');
  expect(await links.evaluateAll((all) => all.map((one) => [one.getAttribute('href'), one.getAttribute('rel')]))).toEqual([
    ['http://127.0.0.1:9/pixel.png', 'noopener noreferrer nofollow'],
    ['https://example.org/', 'noopener noreferrer nofollow'],
  ]);
  expect(await page.evaluate(() => window.hurt)).toBeUndefined();
  await answer.getByRole('button', { name: 'Try again' }).click();
  await expect.poll(() => upstream.requests.length).toBe(3);
  await expect(page.locator('.turn').last().locator('.answer')).toHaveCount(1);
});

test('a sent message is changed, and what came after it goes', async ({ page, upstream, connected }) => {
  const server = await connected(['echo']);
  await openReady(page, server.url);
  await set(page, { mode: 'prefer-cloud', cloud: 'allow' });
  await say(page, 'first');
  await say(page, 'second');
  await page.locator('.asked').first().hover();
  await page.getByRole('button', { name: 'Edit' }).first().click();
  await page.getByLabel('Change your message').fill('first, changed');
  await page.getByLabel('Change your message').press('Enter');
  await expect(page.locator('.asked-text')).toHaveText(['first, changed']);
  await expect(page.locator('.answer').last()).toContainText('first, changed');
  expect(upstream.requests.at(-1)?.body.messages).toEqual([{ role: 'user', content: 'first, changed' }]);
});

test('a stream that breaks leaves its words, and this device answers below, labelled', async ({ page, watch, connected }) => {
  watch.expect(/50[0-9]/);
  const server = await connected(['cut']);
  await openReady(page, server.url);
  await set(page, { mode: 'prefer-cloud', cloud: 'allow' });
  const near = await say(page, 'What leaves my device?');
  const answers = page.locator('.answer');
  await expect(answers).toHaveCount(2);
  await expect(answers.first()).toContainText('This answer ended early.');
  await expect(answers.first().locator('.route')).toContainText('In the cloud');
  await expect(near.locator('.route')).toContainText('On this device');
  await expect(near.locator('.route')).toContainText('The cloud was asked first');
  await expect(near.locator('.source').first()).toContainText('Help');
});

test('a refusal of the cloud is answered on this device, labelled', async ({ page, watch, connected }) => {
  watch.expect(/429/);
  const server = await connected(['refuse-429']);
  await openReady(page, server.url);
  await set(page, { mode: 'prefer-cloud', cloud: 'allow' });
  const near = await say(page, 'What leaves my device?');
  await expect(page.locator('.answer')).toHaveCount(1);
  await expect(near.locator('.route')).toContainText('The cloud was asked first');
  await expect(near.locator('.source').first()).toContainText('Help');
});

test('Shift and Enter make a new line; Enter in a composition sends nothing', async ({ page, server }) => {
  await page.goto(server.url);
  const box = page.getByLabel('Your message');
  await box.fill('one');
  await box.press('Shift+Enter');
  await page.keyboard.type('two');
  await expect(box).toHaveValue('one\ntwo');
  await box.dispatchEvent('keydown', { key: 'Enter', isComposing: true });
  await expect(page.locator('.asked-text')).toHaveCount(0);
  await box.press('Enter');
  await expect(page.locator('.asked-text')).toHaveText('one\ntwo');
});

test('a question asked while Python boots is answered when it is up', async ({ page, server, before }) => {
  const slow = await before(server);
  const release = slow.hold(/pyodide\.asm\.wasm/);
  await page.goto(slow.url);
  await paste(page, NOTES.join('\n\n'));
  await page.getByLabel('Your message').fill(CATS);
  await page.getByLabel('Your message').press('Enter');
  await expect(page.locator('.answer')).toContainText('waits until the engine is ready');
  release();
  await expect(page.locator('.answer')).toContainText('Cats like to nap');
});
