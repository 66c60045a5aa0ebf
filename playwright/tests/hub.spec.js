/** Models from a hub: a good one, one whose download breaks off, an error page, a wrong hash, one that is not there. */
import { test as base, expect } from '../support/test.js';
import { Hub } from '../support/hub.js';
import { call, cosine, openReady } from '../support/page.js';

const test = base.extend(
  /** @type {import('@playwright/test').Fixtures<{hub: Hub}, {}, {watch: import('../support/watch.js').Watch}, {}>} */ ({
    hub: async ({ watch }, use) => {
      const hub = await Hub.start();
      watch.origins.add(hub.origin);
      await use(hub);
      await hub.stop();
    },
  }),
);

const WEIGHTS = /resolve\/main\/onnx\/model_quantized\.onnx$/;

test('models of a hub load, resume, and are refused when they are not what is listed', async ({ page, hub, serve, watch }) => {
  watch.expect(/ERR_(CONTENT_LENGTH_MISMATCH|INCOMPLETE_CHUNKED_ENCODING).*\/cdn\//, /401.*\/tree\/main/, /404 \(Not Found\).*\/models\/tests\//);
  const server = await serve({ hub: hub.origin });
  await openReady(page, server.url);
  const own = (await call(page, 'embed', 'a vector to compare with')).value.embeddings[0];
  expect(hub.seen, 'nobody asks the hub before a model of it is wanted').toEqual([]);

  await test.step('good, interrupted once', async () => {
    hub.cut = 10_000_000;
    const loaded = await call(page, 'models.preload', 'tests/good');
    expect(loaded.error).toBeUndefined();
    expect(loaded.value.model).toMatchObject({ id: 'tests/good', stored: true, loaded: true, dtype: 'int8', backend: 'wasm', starter: false });
    // A redirect's target expires: the rest is asked for at the address that the hub lists.
    expect(hub.seen.filter(({ path }) => WEIGHTS.test(path))).toEqual([
      { path: expect.anything(), range: null },
      { path: expect.anything(), range: expect.stringMatching(/^bytes=\d+-$/) },
    ]);
    const { value } = await call(page, 'embed', 'a vector to compare with', { model: 'tests/good' });
    expect(cosine(value.embeddings[0], own)).toBeGreaterThan(0.999999);
    expect(value.model).toMatchObject({ id: 'tests/good', dtype: 'int8' });
  });

  const listed = async () => (await call(page, 'models.list')).value.models.filter((/** @type {any} */ model) => model.stored).map((/** @type {any} */ model) => model.id);
  for (const [id, code] of [['tests/page', 'model_download_failed'], ['tests/spoilt', 'model_corrupt'], ['tests/bare', 'unsupported_model'], ['tests/nowhere', 'unknown_model']]) {
    await test.step(`${id}: ${code}`, async () => {
      const { error } = await call(page, 'models.preload', id);
      expect(error).toMatchObject({ name: 'NearsideError', code, message: expect.any(String), hint: expect.any(String) });
      expect((await call(page, 'embed', 'x', { model: id })).error).toMatchObject({ code });
    });
  }
  await test.step('none of those counts as stored', async () => {
    expect(await listed()).toEqual(['nearside/all-MiniLM-L6-v2', 'tests/good']);
  });
});

test('without a hub a model from elsewhere is unknown', async ({ lab }) => {
  const { error } = await call(lab, 'embed', 'x', { model: 'tests/good' });
  expect(error).toMatchObject({ code: 'unknown_model', retryable: false });
});
