/** Models from a hub of the public one's shape: downloads, refusals, several graphs, and revisions that come and go. */
import { test as base, expect } from '../support/test.js';
import { Hub, smallFiles, starterFiles } from '../support/hub.js';
import { call, cosine, openReady } from '../support/page.js';

const test = base.extend(
  /** @type {import('@playwright/test').Fixtures<{hub: Hub}, {}, {watch: import('../support/watch.js').Watch}, {}>} */ ({
    hub: async ({ watch }, use) => {
      const hub = await Hub.start();
      watch.origins.add(hub.origin).add(hub.files);
      await use(hub);
      await hub.stop();
    },
  }),
);

const STARTER = 'nearside/all-MiniLM-L6-v2';
const TEXT = 'a vector to compare with';
const ONNX = 'onnx/model_quantized.onnx';

/** @typedef {import('@playwright/test').Page} Page */

/** What is stored, as the engine lists it. @param {Page} page @returns {Promise<any[]>} */
const stored = async (page) => (await call(page, 'models.list')).value.models.filter((/** @type {any} */ model) => model.stored);

/** Bytes of everything in the store. @param {Page} page @returns {Promise<number>} */
const used = async (page) => (await call(page, 'models.storage')).value.used;

/** Bytes of those files that are of use. @param {Iterable<[string, Buffer]>} files @returns {number} */
const size = (files) => [...files].reduce((sum, [path, { length }]) => sum + (path === 'modules.json' ? 0 : length), 0);

test('models of a hub load, resume, and are refused when they are not what is listed', async ({ page, hub, serve, watch }) => {
  watch.expect(/ERR_(CONTENT_LENGTH_MISMATCH|INCOMPLETE_CHUNKED_ENCODING).*\/cdn\//, /40[134].*(\/revision\/|\/cdn\/|\/resolve\/)/, /404 \(Not Found\).*\/models\/tests\//);
  const files = starterFiles();
  const sha = hub.publish('tests/good', files);
  hub.publish('tests/page', files, 'web page');
  hub.publish('tests/spoilt', files, 'wrong hash');
  hub.publish('tests/gated', files, 'gated');
  hub.publish('tests/gatedfile', files, 'gated file');
  hub.publish('tests/bare', new Map([...files].filter(([path]) => path !== ONNX)));
  const server = await serve({ hub: `${hub.origin},${hub.files}` });
  await openReady(page, server.url);
  const own = (await call(page, 'embed', TEXT)).value.embeddings[0];
  expect(hub.seen, 'nobody asks the hub before a model of it is wanted').toEqual([]);
  const before = await used(page);

  await test.step('checked without a download', async () => {
    const { value: check } = await call(page, 'models.check', 'tests/good');
    expect(check).toMatchObject({ id: 'tests/good', dtype: 'int8', exact: true, stored: false, license: 'apache-2.0', bytes: files.get(ONNX)?.length });
    expect(check.reasons.length).toBeGreaterThan(1);
    expect(hub.seen.map(({ path }) => path)).toEqual(['/api/models/tests/good/revision/main', `/api/models/tests/good/tree/${sha}`]);
  });

  await test.step('good, interrupted once, and its address expired once', async () => {
    hub.cut = 10_000_000;
    hub.expired = 1;
    hub.seen = [];
    const loaded = await call(page, 'models.preload', 'tests/good');
    expect(loaded.error).toBeUndefined();
    expect(loaded.value.model).toMatchObject({
      id: 'tests/good', revision: sha, stored: true, loaded: true, dtype: 'int8', backend: 'wasm', starter: false, license: 'apache-2.0', languages: ['en'],
    });
    // A redirect's target expires: the rest is asked for at the address that the hub lists, of the same commit.
    const weights = hub.seen.filter(({ path }) => path === `/tests/good/resolve/${sha}/${ONNX}`);
    expect(weights.map(({ range }) => range).filter(Boolean)).toEqual([expect.stringMatching(/^bytes=\d+-$/)]);
    const asked = hub.seen.filter(({ path }) => path.startsWith('/tests/good/resolve/')).length;
    expect(asked, 'four files, one cut and one expired address').toBe(6);
    const { value } = await call(page, 'embed', TEXT, { model: 'tests/good' });
    expect(cosine(value.embeddings[0], own)).toBeGreaterThan(0.999999);
    expect(await used(page)).toBe(before + size(files));
    expect((await call(page, 'models.check', 'tests/good')).value).toMatchObject({ stored: true, verdict: 'good' });
  });

  for (const [id, code] of [
    ['tests/page', 'model_download_failed'], ['tests/spoilt', 'model_corrupt'], ['tests/bare', 'unsupported_model'], ['tests/nowhere', 'unknown_model'],
    ['tests/good@0123', 'unknown_model'], ['tests/gated', 'model_download_failed'], ['tests/gatedfile', 'model_download_failed'],
  ]) {
    await test.step(`${id}: ${code}`, async () => {
      const { error } = await call(page, 'models.preload', id);
      expect(error).toMatchObject({ name: 'NearsideError', code, message: expect.any(String), hint: expect.any(String) });
      if (id.includes('gated')) {
        expect(error).toMatchObject({ retryable: false, message: expect.stringContaining('gated'), hint: expect.stringContaining(`${hub.origin}/${id}`) });
      }
    });
  }
  await test.step('none of those counts as stored', async () => {
    expect((await stored(page)).map(({ id }) => id)).toEqual([STARTER, 'tests/good']);
  });
});

test('several graphs, and weights outside of a graph', async ({ page, hub, serve, watch }) => {
  watch.expect(/404 \(Not Found\).*\/models\/tests\//);
  const [two, external] = [smallFiles('bart_summ'), smallFiles('external')];
  hub.publish('tests/two', two);
  hub.publish('tests/external', external);
  expect([...external.keys()].some((path) => /\.onnx[_.]data/.test(path))).toBe(true);
  const server = await serve({ hub: `${hub.origin},${hub.files}` });
  await openReady(page, server.url);
  const names = [...two.keys()].filter((path) => path.startsWith('onnx/'));
  expect(names.length).toBeGreaterThan(1);
  for (const id of ['tests/two', 'tests/external']) {
    const { value, error } = await call(page, 'models.preload', id);
    expect(error, id).toBeUndefined();
    expect(value.model, id).toMatchObject({ stored: true, dtype: 'fp32' });
  }
  for (const name of names) expect(hub.seen.some(({ path }) => path.endsWith(name)), name).toBe(true);
  const listed = (await stored(page)).find(({ id }) => id === 'tests/two');
  expect(listed.task, 'told by its stored config.json').toBe('summarize');
});

test('a new revision is used once it works, and can be taken back', async ({ page, hub, serve, watch }) => {
  watch.expect(/404 \(Not Found\).*\/models\/tests\//, /indices element out of data bounds/);
  const files = smallFiles('bert_embed');
  const graph = /** @type {string} */ ([...files.keys()].find((path) => path.endsWith('.onnx')));
  const changed = (/** @type {string} */ note) =>
    new Map(files).set('config.json', Buffer.from(JSON.stringify({ ...JSON.parse(String(files.get('config.json'))), note })));
  const first = hub.publish('tests/new', files);
  const server = await serve({ hub: `${hub.origin},${hub.files}` });
  await openReady(page, server.url);
  const own = await used(page);
  /** Opens the model anew and asks it. */
  const ask = async () => {
    await call(page, 'models.unload', 'tests/new');
    const { value, error } = await call(page, 'embed', TEXT, { model: 'tests/new' });
    expect(error).toBeUndefined();
    return value;
  };
  const was = await ask();
  expect(was.model.revision).toBe(first);

  await test.step('one that cannot be opened gives way to the one before, and is not fetched twice', async () => {
    hub.publish('tests/new', new Map(files).set(graph, Buffer.from('no graph at all')));
    const now = await ask();
    expect(now.model.revision).toBe(first);
    expect(cosine(now.embeddings[0], was.embeddings[0])).toBeGreaterThan(0.999999);
    const { models } = await page.evaluate(() => window.nearside.status);
    expect(models['tests/new'].note).toContain('newest version');
    expect(await used(page)).toBe(own + size(files));
    hub.seen = [];
    expect((await ask()).model.revision).toBe(first);
    expect(hub.seen.filter(({ path }) => path.includes('/resolve/'))).toEqual([]);
  });

  await test.step('so does one whose first run fails: its tokenizer has words that its graph does not know', async () => {
    const bad = hub.publish('tests/new', new Map(files).set('tokenizer.json', /** @type {Buffer} */ (starterFiles().get('tokenizer.json'))));
    await call(page, 'models.unload', 'tests/new');
    expect((await call(page, 'models.preload', 'tests/new')).value.model.revision).toBe(bad);
    const { value } = await call(page, 'embed', 'xylophones resound', { model: 'tests/new' });
    expect(value.model.revision).toBe(first);
    expect((await ask()).model.revision).toBe(first);
    expect(await used(page)).toBe(own + size(files));
  });

  const second = hub.publish('tests/new', changed('second'));
  await test.step('one that works takes its place, and the one before stays', async () => {
    await call(page, 'models.unload', 'tests/new');
    expect((await call(page, 'models.preload', 'tests/new')).value.model.revision, 'opened, but it has not answered').toBe(second);
    expect((await ask()).model.revision).toBe(second);
    expect(await used(page)).toBe(own + size(files) + size(changed('second')));
  });

  await test.step('back to the one before, until there is a third', async () => {
    expect((await call(page, 'models.rollback', 'tests/new')).value).toEqual({ revision: first });
    expect((await ask()).model.revision).toBe(first);
    expect(await used(page)).toBe(own + size(files));
    expect((await call(page, 'models.rollback', 'tests/new')).error).toMatchObject({ code: 'not_found' });
    const third = hub.publish('tests/new', changed('third'));
    expect((await ask()).model.revision).toBe(third);
  });

  await test.step('a revision can be named', async () => {
    const { value } = await call(page, 'embed', TEXT, { model: `tests/new@${second}` });
    expect(value.model.revision).toBe(second);
  });

  await test.step('what is stored needs no hub', async () => {
    await hub.stop();
    watch.expect(/ERR_CONNECTION_REFUSED/);
    expect((await ask()).model.id).toBe('tests/new');
    const deleted = await call(page, 'models.delete', 'tests/new');
    expect(deleted.value).toEqual({ deleted: true });
    expect(await used(page)).toBe(own);
  });
});

test('without a hub a model from elsewhere is unknown', async ({ lab }) => {
  const { error } = await call(lab, 'embed', 'x', { model: 'tests/good' });
  expect(error).toMatchObject({ code: 'unknown_model', retryable: false });
});
