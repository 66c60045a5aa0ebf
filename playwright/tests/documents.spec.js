/**
 * What is kept on the device: two pages that write at once, a page that is closed or crashes in the middle of a write,
 * storage that is full, forbidden, held, cleared or newer. First the database itself (web/engine/database.js, bundled
 * into an empty page), then documents through the client.
 */
import { createRequire } from 'node:module';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, expect } from '../support/test.js';
import { call, openReady } from '../support/page.js';
import { ROOT } from '../support/programs.js';

/** @typedef {import('@playwright/test').Page} Page */

const { build } = createRequire(join(ROOT, 'web/package.json'))('esbuild');
const bundle = build({
  stdin: { contents: "import { DataStore, NAME } from './database.js'; Object.assign(globalThis, { DataStore, NAME });", resolveDir: join(ROOT, 'web/engine') },
  bundle: true, write: false, format: 'iife', target: 'es2022',
}).then((/** @type {any} */ { outputFiles }) => outputFiles[0].text);

/** An empty page of the site's origin that has `store`, a DataStore. @param {Page} page @param {string} origin @returns {Promise<Page>} the page */
async function openStore(page, origin) {
  await page.route(`${origin}/empty`, async (route) =>
    route.fulfill({ contentType: 'text/html', body: `<!doctype html><title>Empty</title><link rel="icon" href="data:,"><script>${await bundle}; globalThis.store = new DataStore();</script>` }));
  await page.goto(`${origin}/empty`);
  return page;
}

/**
 * Calls the store in a page; a rejection comes back as its code.
 * @param {Page} page @param {string} method @param {...unknown} args
 * @returns {Promise<any>}
 */
const ask = (page, method, ...args) =>
  page.evaluate(async ([name, given]) => {
    try {
      const made = await window.store[/** @type {string} */ (name)](.../** @type {any[]} */ (given));
      return name === 'list' ? JSON.parse(made[0]) : made;
    } catch (error) {
      const { code, message, hint, retryable } = /** @type {any} */ (error);
      return { code, message, hint, retryable };
    }
  }, [method, args]);

/** Limits an origin's storage. @param {Page} page @param {string} origin @param {number} quotaSize bytes */
async function limit(page, origin, quotaSize) {
  const session = await page.context().newCDPSession(page);
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize });
}

/** Writes pairs of entries that belong together, over and over. @param {Page} page */
const writeForever = (page) =>
  page.evaluate(() => {
    const { store } = window;
    window.written = -1;
    void (async () => {
      for (let number = 0; ; number += 1) {
        const value = `{"number":${number}}`;
        await store.write([['pairs', 'left', value, new Uint8Array(400_000).fill(number % 251)], ['pairs', 'right', value, undefined]]);
        window.written = number;
      }
    })();
  });

/** Both halves of the pair are of one write, not older than what was reported. @param {Page} page @param {number} said */
async function expectWhole(page, said) {
  const pair = await ask(page, 'list', 'pairs', '');
  expect(pair.map((/** @type {[string]} */ [key]) => key)).toEqual(['left', 'right']);
  const [left, right] = pair.map((/** @type {[string, any]} */ [, value]) => value.number);
  expect(left).toBe(right);
  expect(left).toBeGreaterThanOrEqual(said);
  const first = await page.evaluate(async () => {
    const [, blob] = await window.store.get('pairs', 'left');
    return blob.length === 400_000 && blob.every((/** @type {number} */ byte) => byte === blob[0]) ? blob[0] : null;
  });
  expect(first).toBe(left % 251);
}

test('entries are written, read, listed by prefix, replaced and deleted', async ({ page, server }) => {
  await openStore(page, server.origin);
  expect(await ask(page, 'open')).toBe(true);
  expect(await ask(page, 'get', 'notes', 'a')).toBe(undefined);
  expect(await ask(page, 'generation', 'notes')).toBe(0);
  const keys = ['a', 'a/1', 'a/2', 'a0', 'b', 'a/\uffff', 'a/😀', '\uffff', '\uffff\uffff', ''];
  await ask(page, 'write', [...keys.map((key) => ['notes', key, `{"key":${JSON.stringify(key)}}`]), ['other', 'a', '{}']]);
  for (const prefix of ['', 'a', 'a/', '\uffff', 'c', 'a/\uffff']) {
    const found = (await ask(page, 'list', 'notes', prefix)).map((/** @type {any[]} */ [key]) => key);
    expect(found.sort(), JSON.stringify(prefix)).toEqual(keys.filter((key) => key.startsWith(prefix)).sort());
  }
  expect((await ask(page, 'list', 'notes', 'a/1'))[0]).toEqual(['a/1', { key: 'a/1' }, -1]);
  const before = await ask(page, 'generation', 'notes');
  const other = await ask(page, 'generation', 'other');
  await ask(page, 'write', [['notes', 'a', '{"new":1}'], ['notes', 'b']]);
  expect(await ask(page, 'get', 'notes', 'a')).toEqual(['{"new":1}', undefined]);
  expect(await ask(page, 'get', 'notes', 'b')).toBe(undefined);
  expect(await ask(page, 'generation', 'notes')).toBeGreaterThan(before);
  expect(await ask(page, 'generation', 'other')).toBe(other);
  await ask(page, 'write', [['notes'], ['notes', 'last', '{}']]);
  expect(await ask(page, 'list', 'notes', '')).toEqual([['last', {}, -1]]);
  expect((await ask(page, 'list', 'other', '')).length).toBe(1);
});

test('blobs are kept as bytes, and what the caller does with its own afterwards is no matter', async ({ page, server }) => {
  await openStore(page, server.origin);
  const kept = await page.evaluate(async () => {
    const { store } = window;
    const whole = new Uint8Array([9, 1, 2, 3, 9]);
    const writing = store.write([['notes', 'part', '{}', whole.subarray(1, 4)], ['notes', 'empty', '{}', new Uint8Array(0)]]);
    await writing;
    whole.fill(0);
    const [, part] = await store.get('notes', 'part');
    const [, empty] = await store.get('notes', 'empty');
    const [text, blobs] = await store.list('notes', '');
    return { part: [...part], buffer: part.buffer.byteLength, empty: empty.length, text, blobs: blobs.length };
  });
  expect(kept).toEqual({ part: [1, 2, 3], buffer: 3, empty: 0, text: '[["empty",{},0],["part",{},1]]', blobs: 2 });
});

test('two pages that write at once lose nothing, and each sees the other', async ({ context, server }) => {
  const pages = await Promise.all([context.newPage(), context.newPage()]);
  for (const page of pages) await openStore(page, server.origin);
  await Promise.all(pages.map((page, index) => page.evaluate(async (name) => {
    const { store } = window;
    for (let number = 0; number < 100; number += 1) await store.write([['notes', `${name}/${number}`, '{}'], ['notes', 'both', `{"by":${name}}`]]);
  }, index)));
  for (const page of pages) expect((await ask(page, 'list', 'notes', '')).length).toBe(201);
  const [one, other] = await Promise.all(pages.map((page) => ask(page, 'generation', 'notes')));
  expect(one).toBe(other);
  await ask(pages[0], 'write', [['notes', 'more', '{}']]);
  expect(await ask(pages[1], 'generation', 'notes')).toBe(one + 1);
});

test('a page that is closed in the middle of a write leaves all of it or nothing', async ({ context, server }) => {
  for (let round = 0; round < 5; round += 1) {
    const writer = await openStore(await context.newPage(), server.origin);
    await writeForever(writer);
    await writer.waitForFunction(() => window.written > 3);
    const said = await writer.evaluate(() => window.written);
    await writer.close({ runBeforeUnload: false });
    const reader = await openStore(await context.newPage(), server.origin);
    await expectWhole(reader, said);
    await ask(reader, 'write', [['pairs']]);
    await reader.close();
  }
});

test('so does one whose process dies', async ({ context, server, watch }) => {
  watch.expect(/crash/i);
  const writer = await openStore(await context.newPage(), server.origin);
  const session = await context.newCDPSession(writer);
  await writeForever(writer);
  await writer.waitForFunction(() => window.written > 3);
  const said = await writer.evaluate(() => window.written);
  const crashed = writer.waitForEvent('crash');
  session.send('Page.crash').catch(() => {});
  await crashed;
  const reader = await openStore(await context.newPage(), server.origin);
  await expectWhole(reader, said);
});

test('a write that finds no room changes nothing, and the next one works', async ({ page, server }) => {
  await limit(page, server.origin, 20_000_000);
  await openStore(page, server.origin);
  await ask(page, 'write', [['notes', 'a', '{"n":1}']]);
  const before = await ask(page, 'generation', 'notes');
  // The browser counts what is used with some delay, so the first write beyond it may still pass.
  const written = await page.evaluate(async () => {
    const bytes = new Uint8Array(8 * 1024 * 1024); // random: the browser compresses what it stores
    for (let at = 0; at < bytes.length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
    for (let number = 2; number < 30; number += 1) {
      const changes = [['notes', 'a', `{"n":${number}}`], ['notes', `big${number}`, '{}', bytes]];
      const error = await window.store.write(changes).then(() => null, (/** @type {any} */ thrown) => thrown);
      if (error) return { number, code: error.code, retryable: error.retryable };
    }
    return null;
  });
  expect(written).toEqual({ number: expect.any(Number), code: 'storage_full', retryable: true });
  const passed = /** @type {any} */ (written).number - 1;
  expect(await ask(page, 'get', 'notes', 'a')).toEqual([`{"n":${passed}}`, undefined]);
  expect((await ask(page, 'list', 'notes', '')).length).toBe(passed);
  expect(await ask(page, 'generation', 'notes')).toBe(before + passed - 1);
  await ask(page, 'write', [['notes']]);
  expect(await ask(page, 'write', [['notes', 'b', '{}']])).toBe(undefined);
  expect(await ask(page, 'list', 'notes', '')).toEqual([['b', {}, -1]]);
});

test('a value that cannot be stored is refused whole', async ({ page, server }) => {
  await openStore(page, server.origin);
  const refused = await page.evaluate(() =>
    window.store.write([['notes', 'a', '{}'], ['notes', 'b', () => {}]]).then(() => null, (/** @type {any} */ { code, message }) => ({ code, message })));
  expect(refused).toEqual({ code: 'engine_failed', message: expect.stringMatching(/DataCloneError/) });
  expect(await ask(page, 'list', 'notes', '')).toEqual([]);
});

test('data cleared beneath an open page: it goes on with an empty database that is another one', async ({ context, server }) => {
  const [one, other] = [await openStore(await context.newPage(), server.origin), await openStore(await context.newPage(), server.origin)];
  for (let number = 0; number < 3; number += 1) await ask(one, 'write', [['notes', `${number}`, '{}']]);
  const before = await ask(one, 'generation', 'notes');
  // Deleting waits for whoever has it open: both must let go by themselves.
  const deleted = await other.evaluate((name) => new Promise((done) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = () => done('deleted');
    request.onblocked = () => done('blocked');
  }), 'nearside-data');
  expect(deleted).toBe('deleted');
  expect(await ask(one, 'list', 'notes', '')).toEqual([]);
  expect(await ask(one, 'generation', 'notes')).toBe(0);
  for (let number = 0; number < 3; number += 1) await ask(other, 'write', [['notes', `${number}`, '{}']]);
  expect(await ask(one, 'generation', 'notes'), 'what was known of the old one is not taken for true').not.toBe(before);
  const session = await context.newCDPSession(one);
  await session.send('Storage.clearDataForOrigin', { origin: server.origin, storageTypes: 'indexeddb' });
  await expect.poll(() => ask(one, 'list', 'notes', '')).toEqual([]);
  expect(await ask(other, 'write', [['notes', 'new', '{}']])).toBe(undefined);
  expect((await ask(one, 'list', 'notes', '')).length).toBe(1);
});

test('a newer version of the site in another tab: this one lets it upgrade, then says what to do', async ({ context, server }) => {
  const [old, newer] = [await openStore(await context.newPage(), server.origin), await openStore(await context.newPage(), server.origin)];
  await ask(old, 'write', [['notes', 'a', '{}']]);
  const upgraded = await newer.evaluate((name) => new Promise((done) => {
    const request = indexedDB.open(name, 2);
    request.onblocked = () => done('blocked');
    request.onupgradeneeded = () => {};
    request.onsuccess = () => {
      request.result.close();
      done(request.result.version);
    };
  }), 'nearside-data');
  expect(upgraded).toBe(2);
  for (const method of ['get', 'generation', 'open']) {
    expect(await ask(old, method, 'notes', 'a')).toMatchObject({ code: 'protocol_mismatch', hint: expect.stringMatching(/reload/i) });
  }
  expect(await ask(old, 'write', [['notes', 'b', '{}']])).toMatchObject({ code: 'protocol_mismatch' });
});

test('a tab that holds the storage does not make others wait for ever', async ({ context, server }) => {
  const [holder, waiting] = [await openStore(await context.newPage(), server.origin), await openStore(await context.newPage(), server.origin)];
  await holder.evaluate((name) => new Promise((done) => {
    indexedDB.open(name, 1).onsuccess = ({ target }) => {
      window.held = /** @type {IDBOpenDBRequest} */ (target).result; // and never closes when asked to
      indexedDB.deleteDatabase(name).onblocked = done;
    };
  }), 'nearside-data');
  const held = await waiting.evaluate(() => new window.DataStore({ patience: 300 }).get('notes', 'a').catch((/** @type {any} */ { code, hint, retryable }) => ({ code, hint, retryable })));
  expect(held).toEqual({ code: 'engine_failed', hint: expect.stringMatching(/close the other tabs/i), retryable: true });
  await holder.close();
  expect(await ask(waiting, 'write', [['notes', 'a', '{}']])).toBe(undefined);
});

test('closing it twice is no error, and it can be used again', async ({ page, server }) => {
  await openStore(page, server.origin);
  await ask(page, 'write', [['notes', 'a', '{}']]);
  for (let time = 0; time < 2; time += 1) expect(await ask(page, 'close')).toBe(undefined);
  expect((await ask(page, 'list', 'notes', '')).length).toBe(1);
});

test('where the browser forbids storage it says so, and a stand-in for it is not taken for it', async ({ profile, server, page }) => {
  mkdirSync(join(profile.folder, 'Default'), { recursive: true });
  writeFileSync(join(profile.folder, 'Default/Preferences'), JSON.stringify({ profile: { default_content_setting_values: { cookies: 2 } } }));
  const blocked = await openStore((await profile.launch()).pages()[0], server.origin);
  expect(await ask(blocked, 'open')).toBe(false);
  await openStore(page, server.origin);
  await page.evaluate(() => Object.defineProperty(globalThis, 'indexedDB', { value: { open: () => ({}) } }));
  expect(await ask(page, 'open')).toBe(false);
});

/** Python in the engine worker: the port's implementation over the real database. */
const DATABASE = `
from polyscript import js_modules
from nearside.errors import NearsideError
from nearside.platform.browser.database import BrowserDatabase
from nearside.ports.database import Delete, Entry, Put
database = BrowserDatabase(js_modules.nearside_bridge)
`;

/** Runs Python in the engine; what it leaves in its last expression. @param {Page} page @param {string} code @returns {Promise<string>} */
async function python(page, code) {
  const { value } = await call(page, 'console.run', DATABASE + code);
  expect(value.error).toBe(null);
  return value.result;
}

const CATS = 'Cats like to nap on warm windowsills while it rains outside.';
const BREAD = 'Sourdough bread needs a lively starter, strong flour, salt and a long rest.';

/** Names of the documents, in their order. @param {Page} page @returns {Promise<string[]>} */
const names = async (page) => (await call(page, 'documents.list')).value.documents.map((/** @type {any} */ { name }) => name);

/** Forgets all documents. @param {Page} page */
async function forget(page) {
  for (const { id } of (await call(page, 'documents.list')).value.documents) await call(page, 'documents.delete', id);
}

test('the port in Python does over IndexedDB what every database does', async ({ lab }) => {
  const result = await python(lab, `
value = {"text": "ünï 日本 😀", "lone": "\\ud83d", "number": 2**60, "list": [1.5, None, True]}
keys = ["b", "a", "", "\\uffff", "😀", "ä", "a/b", "\\ue000"]
await database.write([Delete("lab", None), Put("lab", "value", value, b"\\x00\\xff"), Put("lab", "none", {}), Put("lab", "empty", {}, b"")])
first = await database.generation("lab")
checks = {
    "value": await database.get("lab", "value") == Entry("value", value, b"\\x00\\xff"),
    "none": await database.get("lab", "none") == Entry("none", {}, None),
    "empty": (await database.get("lab", "empty")).blob == b"",
    "missing": await database.get("lab", "missing") is None,
    "persistent": database.persistent,
}
await database.write([Delete("lab", None), *(Put("lab", key, {}, key.encode()) for key in keys)])
listed = await database.list("lab")
checks["order"] = [entry.key for entry in listed] == sorted(keys)
checks["blobs"] = all(entry.blob == entry.key.encode() for entry in listed)
checks["prefix"] = [entry.key for entry in await database.list("lab", prefix="a")] == ["a", "a/b"]
checks["generation"] = await database.generation("lab") > first
await database.write([])
await database.write([Delete("lab", "a"), Delete("nothing", None)])
checks["deleted"] = len(await database.list("lab")) == len(keys) - 1
try:
    await database.write([Delete("lab", None), Put("lab", "nan", {"x": float("nan")})])
except ValueError:
    checks["refused"] = len(await database.list("lab")) == len(keys) - 1
await database.close()
await database.close()
checks["again"] = len(await database.list("lab")) == len(keys) - 1
await database.write([Delete("lab", None)])
[name for name, right in checks.items() if not right], len(checks)
`);
  expect(result).toBe('([], 12)');
});

test('a document is added, listed, read, found and deleted', async ({ lab }) => {
  await forget(lab);
  const text = `😀😀 Intro.\n\n${CATS} ${BREAD}`;
  const added = (await call(lab, 'documents.add', { id: 'one', name: 'cats.md', text })).value;
  expect(added.document).toMatchObject({ id: 'one', name: 'cats.md', kind: 'markdown', current: true });
  expect(added.decision).toMatchObject({ tier: 'near' });
  expect(added.usage.tokens).toBeGreaterThan(10);
  expect(await names(lab)).toEqual(['cats.md']);
  expect((await call(lab, 'documents.get', 'one')).value).toMatchObject({ text, document: { id: 'one' } });
  const [hit] = (await call(lab, 'documents.search', 'where do kittens sleep?', { topK: 1 })).value.results;
  expect(hit).toMatchObject({ id: 'one', name: 'cats.md' });
  expect(text.slice(hit.start, hit.end), 'offsets as JavaScript counts').toBe(hit.text);
  const again = (await call(lab, 'documents.add', { id: 'one', name: 'cats.md', text })).value;
  expect(again.usage.tokens).toBe(0);
  expect((await call(lab, 'documents.delete', 'one')).value).toEqual({ deleted: true });
  expect((await call(lab, 'documents.delete', 'one')).value).toEqual({ deleted: false });
  expect((await call(lab, 'documents.get', 'one')).error).toMatchObject({ code: 'not_found' });
  expect((await call(lab, 'documents.add', { name: 'x', text: ' ' })).error).toMatchObject({ code: 'invalid_input' });
  expect((await call(lab, 'documents.add', { name: 'x', text: 'y', kind: 'pdf' })).error).toMatchObject({ code: 'invalid_option' });
});

test('documents and their vectors outlive the page; another page sees every change', async ({ context, page, server }) => {
  await openReady(page, server.url);
  await call(page, 'documents.add', { id: 'cats', name: 'cats', text: CATS });
  await openReady(page, server.url);
  expect(await names(page)).toEqual(['cats']);
  const { usage, results } = (await call(page, 'documents.search', 'kittens')).value;
  expect(results[0].text).toBe(CATS);
  expect(usage).toMatchObject({ texts: 2, cached: 1 });
  const other = await context.newPage();
  await openReady(other, server.url);
  await Promise.all([
    ...Array.from({ length: 10 }, (_, number) => call(page, 'documents.add', { id: `a${number}`, name: `a${number}`, text: `one ${number}` })),
    ...Array.from({ length: 10 }, (_, number) => call(other, 'documents.add', { id: `b${number}`, name: `b${number}`, text: `two ${number}` })),
  ]);
  for (const each of [page, other]) {
    expect((await names(each)).length).toBe(21);
    expect((await call(each, 'documents.search', 'one two', { topK: 100 })).value.results.length).toBe(21);
  }
  await call(other, 'documents.add', { id: 'cats', name: 'bread', text: BREAD });
  expect((await call(page, 'documents.search', 'flour and salt', { topK: 1 })).value.results[0]).toMatchObject({ id: 'cats', text: BREAD });
  await call(page, 'documents.delete', 'cats');
  expect((await call(other, 'documents.get', 'cats')).error).toMatchObject({ code: 'not_found' });
});

test('a page closed, or a call stopped, while a document is added leaves nothing of it', async ({ context, server }) => {
  const text = Array.from({ length: 400 }, (_, number) => `Sentence number ${number} speaks of the harbour, the tide and the boats that leave.`).join(' ');
  const adding = await context.newPage();
  await openReady(adding, server.url);
  await call(adding, 'documents.add', { id: 'x', name: 'before', text: CATS });
  const stopped = await adding.evaluate(async (long) => {
    const stop = new AbortController();
    const onProgress = (/** @type {any} */ { done = 0 }) => done > 0 && stop.abort();
    return window.nearside.documents.add({ id: 'x', name: 'after', text: long }, { signal: stop.signal, onProgress }).then(() => 'added', (/** @type {any} */ { code }) => code);
  }, text);
  expect(stopped).toBe('cancelled');
  expect((await call(adding, 'documents.get', 'x')).value).toMatchObject({ text: CATS, document: { name: 'before' } });
  await adding.evaluate((long) => new Promise((started) => {
    void window.nearside.documents.add({ id: 'x', name: 'after', text: `Again. ${long}` }, { onProgress: (/** @type {any} */ { done = 0 }) => done > 0 && started(undefined) });
  }), text);
  await adding.close();
  const reader = await context.newPage();
  await openReady(reader, server.url);
  expect((await call(reader, 'documents.get', 'x')).value).toMatchObject({ text: CATS, document: { name: 'before' } });
  expect((await call(reader, 'documents.search', 'kittens', { topK: 1 })).value.results[0].text).toBe(CATS);
});

test('documents where the browser forbids storage: in memory, and gone with the page', async ({ profile, server }) => {
  mkdirSync(join(profile.folder, 'Default'), { recursive: true });
  writeFileSync(join(profile.folder, 'Default/Preferences'), JSON.stringify({ profile: { default_content_setting_values: { cookies: 2 } } }));
  const page = (await profile.launch()).pages()[0];
  await openReady(page, server.url);
  await call(page, 'documents.add', { id: 'cats', name: 'cats', text: CATS });
  expect((await call(page, 'documents.search', 'kittens')).value.results[0].text).toBe(CATS);
  expect(await python(page, 'await database.generation("x"), database.persistent')).toBe('(0, False)');
  await openReady(page, server.url);
  expect(await names(page)).toEqual([]);
});

test('storage that is full is a typed error in Python; what was there stays and can be deleted', async ({ page, server, watch }) => {
  watch.expect(/QuotaExceeded|Quota exceeded/i);
  await limit(page, server.origin, 120_000_000);
  await openReady(page, server.url);
  await call(page, 'documents.add', { id: 'cats', name: 'cats', text: CATS });
  const error = await python(page, `
import os
error = None
for number in range(40):
    try:
        await database.write([Put("lab", "number", {"is": number}), Put("lab", f"big{number}", {}, os.urandom(8_000_000))])
    except NearsideError as caught:
        error = caught
        break
same = (await database.get("lab", "number")).value == {"is": number - 1}
before = await database.generation("lab")
await database.write([Delete("lab", "number")])
risen = await database.generation("lab") != before
await database.write([Delete("lab", None)])
error and error.code, error and error.retryable, same, risen
`);
  expect(error).toBe("('storage_full', True, True, True)");
  expect((await call(page, 'documents.get', 'cats')).value.text).toBe(CATS);
  expect((await call(page, 'documents.delete', 'cats')).value).toEqual({ deleted: true });
});
