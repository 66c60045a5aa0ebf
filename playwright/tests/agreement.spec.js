/** The tab and CPython are one engine: same vectors, same ranking, same passages, same offsets. */
import { join } from 'node:path';
import { test, expect } from '../support/test.js';
import { ALIKE, DOCS, INT8, MODEL, SEARCHES, TEXTS, VECTORS, expectAlike } from '../support/agreement.js';
import { FP32, inCPython, makeFp32 } from '../support/fp32.js';
import { call, cosine, openReady } from '../support/page.js';

test('in full precision fifty texts have the same vectors, and every search the same ranking', async ({ profile, serve, folder }) => {
  const models = join(folder, 'models');
  makeFp32(models);
  const asked = SEARCHES.map(({ query, passages }) => ({ query, docs: DOCS, topK: 100, passages }));
  const there = inCPython(models, TEXTS, asked);
  const server = await serve({ models: [models] });
  const page = (await profile.launch()).pages()[0];
  await openReady(page, server.url);
  const { value } = await call(page, 'embed', TEXTS, { model: FP32 });
  expect(value.model).toMatchObject({ id: FP32, dtype: 'fp32', backend: 'wasm' });
  expectAlike(TEXTS.map((_, index) => cosine(value.embeddings[index], there.vectors[index])), { least: ALIKE, mean: ALIKE });
  const places = (/** @type {any[]} */ results) => results.map(({ index, start, end }) => ({ index, start, end }));
  for (const [number, { query, docs, ...options }] of asked.entries()) {
    const here = await call(page, 'search', query, docs, { ...options, model: FP32 });
    expect(here.value.results.length).toBeGreaterThan(3);
    expect(places(here.value.results), query).toEqual(places(there.results[number]));
  }
});

test('the shipped int8 weights give the same vectors but for the noise of their rounding', async ({ lab }) => {
  const { value } = await call(lab, 'embed', TEXTS);
  expect(value.model).toMatchObject({ ...MODEL, backend: 'wasm' });
  expect(value.embeddings).toHaveLength(50);
  expectAlike(TEXTS.map((_, index) => cosine(value.embeddings[index], VECTORS[index])), INT8);
  for (const vector of value.embeddings) {
    expect(vector).toHaveLength(384);
    expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
  }
});

test('searches rank alike, document by document and passage by passage', async ({ lab }) => {
  for (const { query, passages, hits } of SEARCHES) {
    const { value } = await call(lab, 'search', query, DOCS, { topK: 100, passages });
    const places = value.results.slice(0, hits.length).map((/** @type {any} */ { index, start, end }) => ({ index, start, end }));
    expect(places, `${query}, ${passages ? 'passages' : 'documents'}`).toEqual(hits.map(({ index, start, end }) => ({ index, start, end })));
    for (const hit of value.results) {
      const whole = DOCS[hit.index];
      expect(hit.text).toBe(passages ? whole.slice(hit.start, hit.end) : whole);
    }
  }
});

test('similarity is the cosine of the vectors', async ({ lab }) => {
  const { value } = await call(lab, 'similarity', TEXTS[0], TEXTS[1]);
  const { embeddings: [a, b] } = (await call(lab, 'embed', [TEXTS[0], TEXTS[1]])).value;
  expect(value.score).toBeCloseTo(cosine(a, b), 5);
});
