/** The tab and CPython are one engine: same vectors, same ranking, same passages, same offsets. */
import { test, expect } from '../support/test.js';
import { ALIKE, DOCS, MODEL, SEARCHES, TEXTS, VECTORS } from '../support/agreement.js';
import { call, cosine } from '../support/page.js';

test('fifty texts have the same vectors', async ({ lab }) => {
  const { value } = await call(lab, 'embed', TEXTS);
  expect(value.model).toMatchObject({ ...MODEL, backend: 'wasm' });
  expect(value.embeddings).toHaveLength(50);
  const cosines = TEXTS.map((_, index) => cosine(value.embeddings[index], VECTORS[index]));
  expect(Math.min(...cosines), cosines.map((one) => one.toFixed(6)).join(' ')).toBeGreaterThanOrEqual(ALIKE);
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
