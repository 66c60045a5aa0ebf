/**
 * The `test` of all specs: Playwright's, with the real server, an empty profile, and watchers that fail a test for any
 * console error, uncaught error or request to another origin that it did not name.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, chromium, expect } from '@playwright/test';
import { chromiumPath } from './programs.js';
import { Proxy } from './proxy.js';
import { Server } from './server.js';
import { Outside, Watch } from './watch.js';

/**
 * @typedef {import('@playwright/test').BrowserContext} BrowserContext
 * @typedef {import('@playwright/test').Page} Page
 * @typedef {import('./server.js').ServerOptions} ServerOptions
 * @typedef {{folder: string, launch: (options?: {args?: string[]}) => Promise<BrowserContext>}} Profile
 * @typedef {{page: Page, watch: Watch, server: Server}} Laboratory
 *
 * @typedef {object} TestFixtures
 * @property {Watch} watch
 * @property {(options?: ServerOptions) => Promise<Server>} serve starts a server of the test's own
 * @property {(server: Server) => Promise<Proxy>} before puts a proxy in front of a server
 * @property {Profile} profile an empty browser profile on disk, which outlives its browser
 * @property {string} folder an empty folder
 * @property {Page} lab a page of the site whose engine runs, shared by the tests of a worker that only call it
 *
 * @typedef {object} WorkerFixtures
 * @property {Outside} outside
 * @property {Server} server one server for every test that does not stop or replace it
 * @property {Laboratory} laboratory
 */

/** Flags for a quiet browser, which goes to the network through the recorder alone. @param {Outside} outside */
const flags = (outside) => [
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  `--proxy-server=http://127.0.0.1:${outside.port}`,
];

export const test = base.extend(
  /** @type {import('@playwright/test').Fixtures<TestFixtures, WorkerFixtures, import('@playwright/test').PlaywrightTestArgs, import('@playwright/test').PlaywrightWorkerArgs & import('@playwright/test').PlaywrightWorkerOptions>} */ ({
    outside: [
      async ({}, use) => {
        const outside = new Outside();
        await outside.start();
        await use(outside);
        await outside.stop();
      },
      { scope: 'worker' },
    ],

    launchOptions: [
      async ({ outside }, use) => use({ executablePath: chromiumPath(), args: flags(outside) }),
      { scope: 'worker' },
    ],

    server: [
      async ({}, use) => {
        const server = await Server.start();
        await use(server);
        await server.stop();
      },
      { scope: 'worker' },
    ],

    laboratory: [
      async ({ browser, server }, use) => {
        const watch = new Watch();
        watch.origins.add(server.origin);
        const context = await browser.newContext();
        watch.follow(context);
        const page = await context.newPage();
        await page.goto(server.url);
        await page.evaluate(() => window.nearside.ready);
        await use({ page, watch, server });
        await context.close();
      },
      { scope: 'worker' },
    ],

    watch: [
      async ({ outside, server }, use) => {
        const watch = new Watch();
        watch.origins.add(server.origin);
        outside.take();
        await use(watch);
        expect([...watch.take(), ...outside.take()], 'no console error, no request to anywhere else').toEqual([]);
      },
      { auto: true },
    ],

    context: async ({ context, watch }, use) => {
      watch.follow(context);
      await use(context);
    },

    serve: async ({ watch }, use) => {
      /** @type {Server[]} */
      const started = [];
      await use(async (options) => {
        const server = await Server.start(options);
        started.push(server);
        watch.origins.add(server.origin);
        return server;
      });
      watch.end();
      await Promise.all(started.map((server) => server.stop()));
    },

    before: async ({ watch }, use) => {
      /** @type {Proxy[]} */
      const started = [];
      await use(async (server) => {
        const proxy = await Proxy.start(server.port);
        started.push(proxy);
        watch.origins.add(proxy.origin);
        return proxy;
      });
      watch.end();
      await Promise.all(started.map((proxy) => proxy.stop()));
    },

    folder: async ({}, use) => {
      const folder = mkdtempSync(join(tmpdir(), 'nearside-test-'));
      await use(folder);
      rmSync(folder, { recursive: true, force: true });
    },

    profile: async ({ folder, outside, watch }, use) => {
      /** @type {BrowserContext[]} */
      const launched = [];
      await use({
        folder: join(folder, 'profile'),
        launch: async ({ args = [] } = {}) => {
          const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
            executablePath: chromiumPath(),
            args: [...flags(outside), ...args],
          });
          launched.push(context);
          watch.follow(context);
          return context;
        },
      });
      await Promise.all(launched.map((context) => context.close()));
    },

    lab: async ({ laboratory }, use) => {
      laboratory.watch.take();
      await use(laboratory.page);
      expect(laboratory.watch.take(), 'no console error, no request to anywhere else').toEqual([]);
    },
  }),
);

export { expect };
