/**
 * Both sides together, over the public API of the real page: a provider that streams, refuses, breaks off and goes away;
 * local-only, as the network sees it; two tabs; everything with the server gone.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, expect } from '../support/test.js';
import { openReady, ready, worksOffline } from '../support/page.js';
import { Server } from '../support/server.js';
import { Upstream } from '../support/upstream.js';
import { Watch } from '../support/watch.js';

/** @typedef {import('@playwright/test').Page} Page */

const CATS = 'Cats sleep on the warm windowsill all afternoon. They like fish and milk.';
const ASK = 'Where do cats sleep all afternoon?';

/** A server of the test's own with a scripted provider behind it; or one page that tests share which change nothing. */
const far = test.extend(
  /** @type {import('@playwright/test').Fixtures<{upstream: Upstream, connected: Server, desk: {page: Page, upstream: Upstream}}, {shared: {page: Page, upstream: Upstream, watch: Watch}}, import('@playwright/test').PlaywrightTestArgs & import('../support/test.js').TestFixtures, import('@playwright/test').PlaywrightWorkerArgs & import('../support/test.js').WorkerFixtures>} */ ({
    upstream: async ({}, use) => {
      const upstream = await Upstream.start();
      await use(upstream);
      await upstream.stop();
    },
    connected: async ({ upstream, serve, folder }, use) => {
      const config = join(folder, 'nearside.toml');
      writeFileSync(config, upstream.config);
      await use(await serve({ config }));
    },
    shared: [
      async ({ browser }, use) => {
        const folder = mkdtempSync(join(tmpdir(), 'nearside-hybrid-'));
        const upstream = await Upstream.start();
        writeFileSync(join(folder, 'nearside.toml'), upstream.config);
        const server = await Server.start({ config: join(folder, 'nearside.toml') });
        const watch = new Watch();
        watch.origins.add(server.origin);
        const context = await browser.newContext();
        watch.follow(context);
        const page = await context.newPage();
        await openReady(page, server.url);
        await addCats(page);
        await use({ page, upstream, watch });
        await context.close();
        await server.stop();
        await upstream.stop();
        rmSync(folder, { recursive: true, force: true });
      },
      { scope: 'worker' },
    ],
    desk: async ({ shared }, use) => {
      shared.upstream.requests.length = 0;
      shared.upstream.aborts = 0;
      shared.watch.take();
      await use(shared);
      expect(shared.watch.take(), 'no console error, no request to anywhere else').toEqual([]);
    },
  }),
);

/** Reads a streamed chat in the page. @param {Page} page @param {string} prompt @param {object} [options] @param {object} [request] */
const chat = (page, prompt, options = {}, request = {}) =>
  page.evaluate(
    async ([text, given, more]) => {
      const messages = [{ role: 'user', content: /** @type {string} */ (text) }];
      /** @type {{events: any[], pieces: string[], error: string|null}} */
      const seen = { events: [], pieces: [], error: null };
      try {
        const stream = await window.nearside.chat.completions.create({ messages, stream: true, .../** @type {object} */ (more) }, /** @type {object} */ (given));
        for await (const chunk of stream) {
          if (chunk.nearside) seen.events.push(chunk.nearside);
          if (chunk.choices[0].delta.content) seen.pieces.push(chunk.choices[0].delta.content);
        }
      } catch (error) {
        seen.error = /** @type {any} */ (error).code;
      }
      return seen;
    },
    /** @type {[string, object, object]} */ ([prompt, options, request]),
  );

/** @param {{name: string}} one */
const nameOf = ({ name }) => name;

/** @param {Page} page */
const addCats = (page) => page.evaluate((text) => window.nearside.documents.add({ name: 'cats.txt', text, id: 'cats' }), CATS);

/** One call of every task, each asking for the cloud as loudly as it can; gives the sides that answered. @param {Page} page */
const everyTask = (page) =>
  page.evaluate(async (text) => {
    const { nearside } = window;
    const loud = /** @type {const} */ ({ prefer: 'far', consent: true, mode: 'cloud-only' });
    const mail = await nearside.teach([{ text: 'where is my parcel', label: 'delivery' }, { text: 'money back', label: 'refund' }], loud);
    const answers = {
      embed: await nearside.embed('a text', loud),
      similarity: await nearside.similarity('a cat', 'a kitten', loud),
      search: await nearside.search('cats', [text], loud),
      rerank: await nearside.rerank('cats', [text, 'dogs'], loud),
      zeroShot: await nearside.zeroShot('I love it', ['praise', 'complaint'], loud),
      summarize: await nearside.summarize(text, loud),
      answer: await nearside.answer('Where do cats sleep?', text, loud),
      detectLanguage: await nearside.detectLanguage('Dies ist ein deutscher Satz.', loud),
      classify: await mail.classify('has my parcel been sent?', loud),
      add: await nearside.documents.add({ name: 'cats.txt', text }, loud),
      find: await nearside.documents.search('cats', loud),
      generate: await nearside.generate('Where do cats sleep all afternoon?', loud),
      writing: await nearside.generate('Write a poem', { ...loud, model: 'echo' }),
    };
    return Object.fromEntries(Object.entries(answers).map(([name, { decision }]) => [name, decision.tier]));
  }, CATS);

far('an answer of the cloud streams in, with its reasons and its cost', async ({ desk }) => {
  const { page, upstream } = desk;
  const dry = await page.evaluate(() => window.nearside.route({ task: 'chat', prompt: 'Write a poem about the sea' }));
  expect(dry).toMatchObject({ tier: 'near', candidates: [{ tier: 'near' }, { tier: 'far', removedBy: 'consent' }] });
  expect(upstream.requests).toHaveLength(0);

  const seen = await chat(page, 'Write a poem about the sea', { consent: true });
  expect(seen.pieces.join('')).toBe('Write a poem about the sea');
  expect(seen.pieces.length).toBe(6);
  expect(seen.events.map(({ event }) => event)).toEqual(['decision', 'done']);
  const { decision } = seen.events[1];
  expect(decision).toMatchObject({ tier: 'far', model: 'echo', escalatedFrom: null, cost: 10 * 150 + 6 * 600 });
  expect(decision.explanation).toContain('In the cloud (echo)');
  expect(upstream.requests[0].authorization).toBeNull();
  const { records } = await page.evaluate(() => window.nearside.records.list({ limit: 1 }));
  expect(records[0]).toMatchObject({ id: decision.id, task: 'chat', outcome: 'ok', usage: { tokens: 10, written: 6 } });
});

far('what the device can answer stays here, what it cannot goes on to the cloud', async ({ desk }) => {
  const { page, upstream } = desk;
  const near = await chat(page, ASK, { consent: true });
  expect(near.events.at(-1)).toMatchObject({ found: true, citations: [{ number: 1, id: 'cats', start: 0 }], decision: { tier: 'near' } });
  expect(upstream.requests).toHaveLength(0);
  const passedOn = await chat(page, 'zeppelin hydrogen ballast', { consent: true });
  expect(passedOn.events.map(({ event }) => event)).toEqual(['decision', 'fallback', 'done']);
  expect(passedOn.events[1]).toMatchObject({ from: 'near', to: 'far', error: { code: 'nothing_found' } });
  expect(passedOn.pieces.join('')).toBe('zeppelin hydrogen ballast');
});

for (const [model, code] of [['refuse-429', 'rate_limited'], ['refuse-400', 'cloud_refused'], ['error-500', 'cloud_failed'], ['garbage', 'cloud_failed']]) {
  far(`a provider that answers ${model} is answered here, and the answer says so`, async ({ desk }) => {
    const { page } = desk;
    const seen = await chat(page, ASK, { consent: true }, { model });
    expect(seen.error).toBeNull();
    expect(seen.events.map(({ event }) => event)).toEqual(['decision', 'fallback', 'done']);
    expect(seen.events[2]).toMatchObject({ found: true, decision: { tier: 'near', escalatedFrom: { tier: 'far', code } } });
    expect(JSON.stringify(seen)).not.toContain('canary');
    const strict = await chat(page, ASK, { mode: 'cloud-only' }, { model });
    expect(strict.error).toBe(code);
  });
}

far('a stream that breaks off is answered here; what had come stays', async ({ desk }) => {
  const { page } = desk;
  const seen = await chat(page, ASK, { consent: true }, { model: 'cut' });
  expect(seen.events.map(({ event }) => event)).toEqual(['decision', 'fallback', 'done']);
  expect(seen.pieces.length).toBeGreaterThan(1);
  expect(seen.pieces.at(-1)).toContain('windowsill');
});

far('the network goes in the middle of an answer, and everything goes on', async ({ page, connected, upstream, watch }) => {
  watch.expect(/ERR_|Failed to load/);
  await openReady(page, connected.url);
  await addCats(page);
  const answer = chat(page, ASK, { consent: true }, { model: 'slow' });
  await expect.poll(() => upstream.requests.length).toBe(1);
  await connected.stop();
  const seen = await answer;
  expect(seen.events.at(-1)).toMatchObject({ found: true, decision: { tier: 'near', escalatedFrom: { tier: 'far' } } });
  const next = await chat(page, ASK, { consent: true, prefer: 'far' });
  expect(next.events.at(-1)).toMatchObject({ found: true, decision: { tier: 'near' } });
});

far('stopping an answer stops the provider too', async ({ desk }) => {
  const { page, upstream } = desk;
  const code = await page.evaluate(async () => {
    const abort = new AbortController();
    try {
      const messages = [{ role: 'user', content: 'Write on and on' }];
      for await (const chunk of await window.nearside.chat.completions.create({ messages, stream: true, model: 'slow' }, { consent: true, signal: abort.signal })) {
        if (chunk.choices[0].delta.content) abort.abort();
      }
      return 'ended';
    } catch (error) {
      return /** @type {any} */ (error).code;
    }
  });
  expect(code).toBe('cancelled');
  await expect.poll(() => upstream.aborts).toBe(1);
});

far('local-only sends nothing: not from its own documents, not by the setting', async ({ context, page, connected, upstream, watch }) => {
  watch.expect(/Content Security Policy|Refused to connect/);
  /** @type {string[]} */
  const asked = [];
  context.on('request', (request) => asked.push(new URL(request.url()).pathname));

  await openReady(page, `${connected.url}local/`);
  expect(new Set(Object.values(await everyTask(page)))).toEqual(new Set(['near']));
  expect((await page.evaluate(() => window.nearside.settings.get())).localOnly).toBe(true);
  const response = await page.request.get(`${connected.url}local/engine.html`);
  const sources = /connect-src ([^;]*)/.exec(response.headers()['content-security-policy'])?.[1].split(' ') ?? [];
  expect(sources.every((source) => source.startsWith(connected.origin) || source.startsWith(connected.origin.replace('http://', '')))).toBe(true);
  expect(sources.filter((source) => new URL(source.startsWith('http') ? source : `http://${source}`).pathname === '/')).toEqual([]);
  expect(asked.filter((path) => path.startsWith('/v1'))).toEqual([]);

  await page.goto('about:blank');
  await openReady(page, connected.url);
  await page.evaluate(() => window.nearside.settings.set({ mode: 'local-only' }));
  asked.length = 0;
  expect(new Set(Object.values(await everyTask(page)))).toEqual(new Set(['near']));
  expect(asked.filter((path) => path.startsWith('/v1'))).toEqual([]);
  expect(upstream.requests).toEqual([]);
});

far('two tabs: one’s local-only binds the other, and both write without losing anything', async ({ context, connected, upstream }) => {
  const [one, other] = [await context.newPage(), await context.newPage()];
  await Promise.all([openReady(one, connected.url), openReady(other, connected.url)]);
  const add = (/** @type {Page} */ page, /** @type {string} */ who) =>
    page.evaluate(async (name) => {
      await Promise.all(Array.from({ length: 8 }, (_, i) => window.nearside.documents.add({ name: `${name} ${i}`, text: `Text ${i} of ${name}: ${'more words '.repeat(30)}` })));
      await Promise.all(Array.from({ length: 8 }, (_, i) => window.nearside.embed(`${name} ${i}`)));
    }, who);
  await Promise.all([add(one, 'left'), add(other, 'right')]);
  for (const page of [one, other]) {
    const { documents } = await page.evaluate(() => window.nearside.documents.list());
    expect(documents.map(nameOf).filter((/** @type {string} */ name) => /^(left|right)/.test(name)).sort()).toHaveLength(16);
    const { results } = await page.evaluate(() => window.nearside.documents.search('Text 7 of right', { topK: 3 }));
    expect(results.map(nameOf)).toContain('right 7');
  }
  await one.evaluate(() => window.nearside.settings.set({ cloud: 'allow' }));
  expect((await chat(other, 'Write it')).events.at(-1).decision.tier).toBe('far');
  await one.evaluate(() => window.nearside.settings.set({ mode: 'local-only' }));
  expect((await chat(other, 'Write it')).events.at(-1).decision.tier).toBe('near');
  expect(upstream.requests).toHaveLength(1);
});

test('with the server gone every task goes on, also after a reload', async ({ page, serve, watch }) => {
  watch.expect(/ERR_CONNECTION_REFUSED|ERR_FAILED/);
  const server = await serve();
  await openReady(page, server.url);
  await everyTask(page).catch(() => undefined); // cloud-only has no side left here: what matters is what follows
  await addCats(page);
  await worksOffline(page);
  await server.stop();
  await page.reload();
  await ready(page);
  const { documents } = await page.evaluate(() => window.nearside.documents.list());
  expect(documents.map((/** @type {{id: string}} */ { id }) => id)).toContain('cats');
  expect((await chat(page, ASK)).events.at(-1)).toMatchObject({ found: true, citations: [{ id: 'cats' }] });
  const made = await page.evaluate(async (text) => {
    const { nearside } = window;
    const { classifiers } = await nearside.classifiers.list();
    const mail = classifiers.length > 0 ? await nearside.classifiers.get(classifiers[0].id) : await nearside.teach([{ text: 'parcel', label: 'delivery' }, { text: 'money', label: 'refund' }]);
    return [
      (await nearside.summarize(text)).summary,
      (await nearside.zeroShot('I love it', ['praise', 'complaint'])).labels[0],
      (await nearside.answer('Where do cats sleep?', text)).answer,
      (await nearside.detectLanguage('Dies ist ein deutscher Satz.')).language,
      (await mail.classify('my parcel')).labels[0],
      (await nearside.rerank('cats', ['dogs', text])).results[0].index,
    ];
  }, CATS);
  expect(made.slice(1)).toEqual(['praise', 'Cats sleep on the warm windowsill all afternoon.', 'de', 'delivery', 1]);
});
