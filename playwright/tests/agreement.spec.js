/** The tab and CPython are one engine: same vectors, same ranking, same passages, same offsets. */
import { test, expect } from '../support/test.js';
import { call, cosine } from '../support/page.js';
import { inPython } from '../support/reference.js';
import { TEXTS } from '../support/texts.js';

const QUERIES = ['where do animals sleep', 'bread and salt', 'Ångström café', 'ships at dawn', '🐈', 'عربي', 'flour water'];

test('fifty texts have the same vectors', async ({ lab }) => {
  const [expected] = inPython([['embed', { texts: TEXTS }]]);
  const { value } = await call(lab, 'embed', TEXTS);
  expect(value.embeddings).toHaveLength(50);
  const cosines = TEXTS.map((_, index) => cosine(value.embeddings[index], expected.embeddings[index]));
  expect(Math.min(...cosines), cosines.join(' ')).toBeGreaterThanOrEqual(0.9999);
  for (const vector of value.embeddings) {
    expect(vector).toHaveLength(384);
    expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
  }
  expect(value.usage.tokens).toBe(expected.usage.tokens);
  expect(value.model).toMatchObject({ id: expected.model.id, dtype: 'int8', sha256: expected.model.sha256, backend: 'wasm' });
});

for (const passages of [false, true]) {
  test(`searches rank alike, ${passages ? 'passage by passage' : 'document by document'}`, async ({ lab }) => {
    const asked = QUERIES.map((query) => ({ query, docs: TEXTS, topK: 20, passages }));
    const expected = inPython(asked.map((params) => ['search', params]));
    for (const [index, { query, docs, ...options }] of asked.entries()) {
      const { value } = await call(lab, 'search', query, docs, options);
      const places = (/** @type {any[]} */ hits) => hits.map(({ index: doc, start, end, highlights }) => ({ doc, start, end, highlights }));
      expect(places(value.results), query).toEqual(places(expected[index].results));
      for (const hit of value.results) {
        const whole = docs[hit.index];
        expect(hit.text).toBe(passages ? whole.slice(hit.start, hit.end) : whole);
      }
    }
  });
}

test('similarity agrees', async ({ lab }) => {
  const pairs = [[TEXTS[0], TEXTS[1]], [TEXTS[2], TEXTS[30]], [TEXTS[5], TEXTS[5]]];
  const expected = inPython(pairs.map(([a, b]) => ['similarity', { a, b }]));
  for (const [index, [a, b]] of pairs.entries()) {
    const { value } = await call(lab, 'similarity', a, b);
    expect(value.score).toBeCloseTo(expected[index].score, 3);
  }
});
