/** Firefox, by WebDriver BiDi: boot, the same vectors as CPython, a search in the page, a reload with the server stopped. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, expect } from '@playwright/test';
import puppeteer from 'puppeteer-core';
import { copyModels } from '../support/architectures.js';
import { EVERY_TASK, everyTask } from '../support/every-task.js';
import { INT8, expectAlike, MODEL, TEXTS, VECTORS } from '../support/agreement.js';
import { NOTES, QUESTION, cosine } from '../support/page.js';
import { firefoxPath, isRequired } from '../support/programs.js';
import { Server } from '../support/server.js';
import { Outside, Watch } from '../support/watch.js';

const executablePath = firefoxPath();
/** Firefox' own services. */
const MOZILLA = /\.(mozilla\.(com|org|net)|firefox\.com)(:443|\/|$)/;

const test = base.extend(
  /** @type {import('@playwright/test').Fixtures<{firefox: import('puppeteer-core').Browser, outside: Outside, own: Server}>} */ ({
    outside: async ({}, use) => {
      const outside = new Outside();
      await outside.start();
      await use(outside);
      await outside.stop();
    },
    own: async ({}, use) => {
      const models = mkdtempSync(join(tmpdir(), 'nearside-models-'));
      copyModels(models);
      const server = await Server.start({ models: [models] });
      await use(server);
      await server.stop();
      rmSync(models, { recursive: true, force: true });
    },
    firefox: async ({ outside }, use) => {
      const browser = await puppeteer.launch({
        browser: 'firefox',
        executablePath,
        headless: true,
        protocolTimeout: 170_000,
        extraPrefsFirefox: {
          'network.proxy.type': 1,
          'network.proxy.http': '127.0.0.1',
          'network.proxy.http_port': outside.port,
          'network.proxy.ssl': '127.0.0.1',
          'network.proxy.ssl_port': outside.port,
        },
      });
      await use(browser);
      await browser.close();
    },
  }),
);

test.skip(!executablePath && !isRequired('firefox'), 'no Firefox: set NEARSIDE_FIREFOX');

test('Firefox boots, agrees with CPython, searches, and reloads without a server', async ({ firefox, own, outside }) => {
  const watch = new Watch();
  watch.origins.add(own.origin);
  watch.expect(/config\.json|models\/index\.json|sw\.js/);
  const page = await firefox.newPage();
  page.setDefaultTimeout(120_000);
  page.on('console', (message) => message.type() === 'error' && watch.report(`console: ${message.text()}`));
  page.on('pageerror', (error) => watch.report(`uncaught: ${error}`));
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (/^https?:$/.test(protocol) && !watch.origins.has(origin)) watch.report(`foreign request: ${request.url()}`);
  });

  const embed = () =>
    page.evaluate(async (texts) => {
      await window.nearside.ready;
      const { embeddings, model } = await window.nearside.embed(texts);
      return { vectors: embeddings.map((/** @type {Float32Array} */ vector) => [...vector]), model };
    }, TEXTS);
  const search = async () => {
    await page.evaluate(() => void (location.hash = '#/search'));
    const box = await page.waitForSelector('#query');
    await box?.click({ clickCount: 3 });
    await box?.type(QUESTION);
    await box?.press('Enter');
    const hit = await page.waitForSelector('ns-results .result-text');
    return hit?.evaluate((element) => element.textContent);
  };
  const agrees = (/** @type {{vectors: number[][], model: any}} */ { vectors, model }) => {
    expect(model).toMatchObject({ ...MODEL, backend: 'wasm' });
    const cosines = vectors.map((vector, index) => cosine(vector, VECTORS[index]));
    expectAlike(cosines, INT8);
  };

  await test.step('first visit', async () => {
    await page.goto(own.url);
    agrees(await embed());
    await page.evaluate(() => void (location.hash = '#/search'));
    const draft = await page.waitForSelector('#draft');
    await draft?.type(NOTES.join('\n'));
    expect(await search()).toContain('Cats like to nap');
    const report = await page.evaluate(() => window.nearside.device());
    expect(report).toMatchObject({ browser: { name: 'Firefox' }, isolated: true, storage: { indexeddb: true, serviceWorker: true } });
  });

  const tasks = () => page.evaluate(`(${everyTask})(window.nearside)`);
  await test.step('every task', async () => expect(await tasks()).toEqual(EVERY_TASK));

  await test.step('reload, server stopped', async () => {
    await page.waitForSelector('.foot-ready');
    await own.stop();
    await page.reload();
    agrees(await embed());
    expect(await tasks()).toEqual({ ...EVERY_TASK, route: 'connectivity' });
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(await search()).toContain('Cats like to nap');
  });

  expect(watch.take()).toEqual([]);
  expect(outside.take().filter((asked) => !MOZILLA.test(asked))).toEqual([]);
});
