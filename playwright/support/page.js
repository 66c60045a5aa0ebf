/** What tests do with the page over and over, in the words of somebody who uses it. */
import { expect } from '@playwright/test';

/** @typedef {import('@playwright/test').Page} Page */

/** Three short texts; the second is the answer to QUESTION though it shares no content word with it. */
export const NOTES = [
  'The harbour master wrote the tides into a ledger every morning before the fishing boats went out.',
  'Cats like to nap on warm windowsills while it rains outside.',
  'Sourdough bread needs a lively starter, strong flour, salt and a long rest in a cool place.',
];
export const QUESTION = 'Where do kittens sleep?';

/** Goes to the site and waits until the engine answers. @param {Page} page @param {string} url */
export async function openReady(page, url) {
  await page.goto(url);
  await ready(page);
}

/** Waits until the engine answers. @param {Page} page */
export const ready = (page) => page.evaluate(() => window.nearside.ready);

/** Waits for a model state; fails when the model fails instead. @param {Page} page @param {string} state @param {string} [id] the starter unless given */
export const modelState = (page, state, id = 'nearside/all-MiniLM-L6-v2') =>
  page.evaluate(
    ([name, wanted]) =>
      new Promise((resolve, reject) => {
        const { nearside } = window;
        const look = () => {
          const model = nearside.status.models[name];
          if (wanted === 'ready' && model?.state === 'failed') reject(new Error(JSON.stringify(model.error)));
          if (model?.state !== wanted) return;
          nearside.removeEventListener('status', look);
          resolve(model);
        };
        nearside.addEventListener('status', look);
        look();
      }),
    [id, state],
  );

/** Puts text into the text box. @param {Page} page @param {string} text */
export const paste = (page, text) => page.getByLabel('Paste or type text').fill(text);

/**
 * Goes to a view by the page's own navigation.
 * @param {Page} page @param {string} name as the link says it
 */
export async function goTo(page, name) {
  const link = page.getByRole('navigation').getByRole('link', { name, exact: true });
  if (!(await link.isVisible())) await page.getByRole('button', { name: 'More', exact: true }).click();
  await link.click();
}

/**
 * Chooses light or dark, without motion, and waits until the page looks so: its colours change for a moment.
 * @param {Page} page @param {'light'|'dark'} colorScheme
 */
export async function dress(page, colorScheme) {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await page.evaluate(async () => {
    const frame = () => new Promise((drawn) => void requestAnimationFrame(drawn));
    await frame();
    await frame();
    await Promise.allSettled(document.getAnimations().map((animation) => animation.finished));
  });
}

/** Types a question into the search and presses Enter; results that are shown by then are old. @param {Page} page @param {string} question */
export async function ask(page, question) {
  const box = page.getByLabel('Your question');
  if (!(await box.isVisible())) await goTo(page, 'Search');
  await page.evaluate(() => {
    for (const old of document.querySelectorAll('ns-results')) /** @type {HTMLElement} */ (old).dataset.old = '';
  });
  await box.fill(question);
  await box.press('Enter');
}

/** Sends a message in the chat and waits until its answer is complete. @param {Page} page @param {string} message @returns {Promise<import('@playwright/test').Locator>} the last answer */
export async function say(page, message) {
  const box = page.getByLabel('Your message');
  if (!(await box.isVisible())) await goTo(page, 'Chat');
  await box.fill(message);
  await box.press('Enter');
  await expect(page.locator('.asked-text').last()).toHaveText(message);
  const answer = page.locator('.turn').last().locator('.answer').last();
  await expect(answer.locator('.answer-foot')).toBeVisible();
  return answer;
}

/** The list of results. @param {Page} page */
export const results = (page) => page.locator('ns-results:not([data-old]) .results > li');

/** Asks and waits for the first result. @param {Page} page @param {string} question @returns {Promise<string>} its text */
export async function firstResult(page, question) {
  await ask(page, question);
  const first = results(page).first().locator('.result-text');
  await expect(first).toBeVisible();
  return (await first.textContent()) ?? '';
}

/** Waits until the service worker keeps everything it needs. @param {Page} page */
export const worksOffline = (page) => expect(page.getByText('Works offline')).toBeVisible();

/**
 * Calls the client in the page; a rejection comes back as the four fields of the error.
 * @param {Page} page
 * @param {string} method such as `embed` or `models.list`
 * @param {...unknown} args
 * @returns {Promise<{value?: any, error?: {name: string, code: string, message: string, hint: string, retryable: boolean}}>}
 */
export const call = (page, method, ...args) =>
  page.evaluate(
    async ([name, given]) => {
      /** @param {any} value @returns {any} typed arrays as plain ones, which cross to the test */
      const plain = (value) =>
        JSON.parse(JSON.stringify(value, (_key, inner) => (ArrayBuffer.isView(inner) ? Array.from(/** @type {any} */ (inner)) : inner)));
      const path = /** @type {string} */ (name).split('.');
      const last = /** @type {string} */ (path.pop());
      const target = path.reduce((object, part) => object[part], /** @type {any} */ (window.nearside));
      try {
        return { value: plain(await target[last](.../** @type {unknown[]} */ (given))) };
      } catch (thrown) {
        const { name: kind, code, message, hint, retryable } = /** @type {any} */ (thrown);
        return { error: { name: kind, code, message, hint, retryable } };
      }
    },
    /** @type {[string, unknown[]]} */ ([method, args]),
  );

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b @returns {number} cosine */
export function cosine(a, b) {
  let dot = 0;
  let left = 0;
  let right = 0;
  for (let index = 0; index < a.length; index += 1) {
    dot += a[index] * b[index];
    left += a[index] ** 2;
    right += b[index] ** 2;
  }
  return dot / Math.sqrt(left * right);
}
