/**
 * Where we stand: the product's own page against transformers.js and bare onnxruntime-web, on the same model file,
 * texts and browser, interleaved in one run. Prints medians and ratios; with --json one JSON object.
 *
 *     node tests/bench/bench.mjs [--json] [--quick]
 *
 * Needs a built site and Chromium. Milliseconds depend on the machine; the ratios are what to compare.
 */
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { countBytes, startNearside, startPeers } from './servers.mjs';
import { measureTasks } from './tasks.mjs';
import { mixed, random, text } from './texts.mjs';
import { measureWriting } from './writing.mjs';

const { values: flags } = parseArgs({ options: { json: { type: 'boolean' }, quick: { type: 'boolean' } } });
const root = resolve(import.meta.dirname, '../..');
const site = process.env.NEARSIDE_SITE ?? join(root, 'server/nearside_server/_site');
const command = join(root, '.venv/bin/nearside');
const executablePath = process.env.NEARSIDE_CHROMIUM ?? '/usr/bin/chromium';
const args = ['--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const [rounds, singles, boots] = flags.quick ? [2, 10, 1] : [5, 30, 5];

const median = (/** @type {number[]} */ list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const round = (/** @type {number} */ value) => (value >= 100 ? Math.round(value) : Math.round(value * 100) / 100);

/** Times `count` calls on unseen texts in a page. @param {import('playwright-core').Page} page @param {string} call @param {string[]} texts */
const timeEach = (page, call, texts) =>
  page.evaluate(async ([name, list]) => {
    const contender = await /** @type {any} */ (window).contender;
    const times = [];
    for (const one of /** @type {string[]} */ (list)) {
      const start = performance.now();
      await contender[/** @type {string} */ (name)](one);
      times.push(performance.now() - start);
    }
    return times;
  }, /** @type {[string, string[]]} */ ([call, texts]));

/** Times one bulk call. @param {import('playwright-core').Page} page @param {string} call @param {string[]} texts */
const timeBulk = (page, call, texts) =>
  page.evaluate(async ([name, list]) => {
    const contender = await /** @type {any} */ (window).contender;
    const start = performance.now();
    await contender[/** @type {string} */ (name)](list);
    return performance.now() - start;
  }, /** @type {[string, string[]]} */ ([call, texts]));

/** Watches for gaps between timer ticks on the page's thread, from before its first script. */
const watchGaps = () => {
  let last = performance.now();
  const gaps = { longest: 0 };
  Object.assign(window, { gaps });
  const channel = new MessageChannel();
  const tick = () => {
    const now = performance.now();
    gaps.longest = Math.max(gaps.longest, now - last);
    last = now;
    setTimeout(() => channel.port2.postMessage(0), 1);
  };
  channel.port1.onmessage = tick;
  tick();
};

/** @param {number} port */
async function measureBoot(port) {
  /** @type {Record<string, Record<string, number[]>>} */
  const seen = { cold: {}, warm: {} };
  const add = (/** @type {'cold'|'warm'} */ kind, /** @type {string} */ name, /** @type {number} */ value) => (seen[kind][name] ??= []).push(value);
  for (let index = 0; index < boots; index += 1) {
    const profile = mkdtempSync(join(tmpdir(), 'nearside-bench-'));
    const counter = await countBytes(port); // one port for both visits, so that they share their storage
    for (const kind of /** @type {const} */ (['cold', 'warm'])) {
      counter.bytes = 0;
      const context = await chromium.launchPersistentContext(profile, { executablePath, args });
      const page = context.pages()[0];
      await page.addInitScript(watchGaps);
      const start = performance.now();
      await page.goto(`http://localhost:${counter.port}/`);
      add(kind, 'shell', performance.now() - start);
      const status = await page.evaluate(async () => {
        const { nearside } = /** @type {any} */ (window);
        await nearside.embed('the first answer');
        return { at: performance.now(), status: nearside.status, gap: /** @type {any} */ (window).gaps.longest };
      });
      add(kind, 'first answer', status.at);
      add(kind, 'longest main-thread gap', status.gap);
      add(kind, 'kB to first answer', counter.bytes / 1000);
      for (const { name, ms } of status.status.phases) if (ms !== null) add(kind, `phase ${name}`, ms);
      if (kind === 'cold') await settled(page);
      await context.close();
    }
    counter.close();
    rmSync(profile, { recursive: true, force: true });
  }
  return Object.fromEntries(Object.entries(seen).map(([kind, rows]) => [kind, Object.fromEntries(Object.entries(rows).map(([name, list]) => [name, round(median(list))]))]));
}

/** Waits until the service worker has kept the runtime: what a first visit leaves behind. @param {import('playwright-core').Page} page */
const settled = (page) => page.evaluate(async () => void (await navigator.serviceWorker.ready));

/** @param {number} port @param {number} peerPort */
async function measureCalls(port, peerPort) {
  const browser = await chromium.launch({ executablePath, args });
  /** @param {string} url @param {() => void} setUp */
  const open = async (url, setUp) => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(url);
    await page.evaluate(setUp);
    await page.evaluate(() => /** @type {any} */ (window).contender);
    return page;
  };
  const usePeer = () => Object.assign(window, { contender: /** @type {any} */ (window).peer });
  const useClient = () => {
    const { nearside } = /** @type {any} */ (window);
    Object.assign(window, { contender: nearside.ready.then(() => ({ embed: (/** @type {string} */ one) => nearside.embed(one), bulk: (/** @type {string[]} */ all) => nearside.embed(all) })) });
  };
  const pages = {
    nearside: await open(`http://127.0.0.1:${port}/`, useClient),
    'transformers.js': await open(`http://127.0.0.1:${peerPort}/peers/transformers.html`, usePeer),
    'onnxruntime-web': await open(`http://127.0.0.1:${peerPort}/peers/bare.html`, usePeer),
    'onnxruntime-web in a worker': await open(`http://127.0.0.1:${peerPort}/peers/worker.html`, usePeer),
  };
  const next = random(20261);
  /** @type {Record<string, Record<string, number[]>>} */
  const rows = { 'one 8-token query': {}, 'one 128-token text': {}, '256 mixed texts': {} };
  const texts = (/** @type {number} */ words, /** @type {number} */ count) => Array.from({ length: count }, () => text(next, words));
  const add = (/** @type {string} */ row, /** @type {string} */ who, /** @type {number[]} */ times) => void (rows[row][who] ??= []).push(...times);
  for (const page of Object.values(pages)) await timeEach(page, 'embed', [...texts(6, 60), ...texts(126, 15)]); // past the baseline compiler
  for (let index = 0; index < rounds; index += 1) {
    for (const [who, page] of Object.entries(pages)) {
      add('one 8-token query', who, await timeEach(page, 'embed', texts(6, singles)));
      add('one 128-token text', who, await timeEach(page, 'embed', texts(126, Math.ceil(singles / 3))));
    }
  }
  /** @type {number[]} */
  const gaps = [];
  for (let index = 0; index < Math.ceil(rounds / 2); index += 1) {
    for (const [who, page] of Object.entries(pages)) {
      if (who === 'nearside') await page.evaluate(watchGaps);
      add('256 mixed texts', who, [await timeBulk(page, 'bulk', mixed(next, 256))]);
      if (who === 'nearside') gaps.push(await page.evaluate(() => /** @type {any} */ (window).gaps.longest));
    }
  }
  if (!flags.quick) add('256 mixed texts', 'transformers.js, chunks of 32', [await timeBulk(pages['transformers.js'], 'chunks', mixed(next, 256))]);
  const tasks = await measureTasks({ nearside: pages.nearside, floor: pages['onnxruntime-web in a worker'] }, next, flags.quick ?? false);
  const writing = await measureWriting({ nearside: pages.nearside, floor: pages['onnxruntime-web in a worker'] }, flags.quick ?? false);
  await browser.close();
  const table = Object.entries(rows).map(([row, times]) => {
    const medians = Object.fromEntries(Object.entries(times).map(([who, list]) => [who, median(list)]));
    return {
      row,
      ms: Object.fromEntries(Object.entries(medians).map(([who, value]) => [who, round(value)])),
      'nearside / peer': Object.fromEntries(Object.entries(medians).filter(([who]) => who !== 'nearside').map(([who, value]) => [who, round(medians.nearside / value)])),
    };
  });
  return { table, tasks, writing, 'longest main-thread gap while embedding 256, ms': gaps.map(round) };
}

if (!existsSync(join(site, 'build.json'))) throw new Error('There is no built site: run `make run` or `nearside build` first.');
const folder = (/** @type {string} */ prefix) => join(site, 'assets', readdirSync(join(site, 'assets')).find((name) => name.startsWith(prefix)) ?? '');
const modules = join(import.meta.dirname, 'node_modules');
const fixtures = join(root, 'tests/fixtures/architectures');
const models = mkdtempSync(join(tmpdir(), 'nearside-bench-models-'));
cpSync(join(fixtures, 'llama'), join(models, 'arch/llama'), { recursive: true });
const product = await startNearside(command, site, models);
const peers = await startPeers({
  '/peers/': join(import.meta.dirname, 'peers'),
  '/models/': join(site, 'models'),
  '/fixtures/': fixtures,
  '/web-models/': join(root, 'web/models'),
  '/ort/': folder('ort-'),
  '/ort-peer/': join(modules, 'onnxruntime-web/dist'),
  '/transformers/': join(modules, '@huggingface/transformers/dist'),
  '/tokenizers/': join(modules, '@huggingface/tokenizers/dist'),
});
try {
  const calls = await measureCalls(product.port, peers.port);
  const boot = await measureBoot(product.port);
  const result = { machine: `${cpus()[0].model}, ${cpus().length} cores`, calls, boot };
  if (flags.json) console.log(JSON.stringify(result));
  else {
    console.log(result.machine);
    for (const { row, ms, 'nearside / peer': ratios } of calls.table) console.log(`\n${row}`, '\n  ms   ', ms, '\n  ratio', ratios);
    console.table(calls.tasks.table);
    console.table(calls.writing.sampling);
    console.table([calls.writing.decode]);
    console.log('routing decision in the engine, ms', calls.tasks['routing decision in the engine, ms']);
    console.log('\nlongest main-thread gap while embedding 256 texts, ms', calls['longest main-thread gap while embedding 256, ms']);
    console.table(boot);
  }
} finally {
  product.stop();
  peers.close();
  rmSync(models, { recursive: true, force: true });
}
