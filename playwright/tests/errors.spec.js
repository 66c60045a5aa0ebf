/** What goes into the page's API wrongly comes back as a typed error, never as a wrong answer; offsets are UTF-16. */
import { test, expect } from '../support/test.js';
import { call } from '../support/page.js';

/** @param {string} code */
const typed = (code) => ({
  name: 'NearsideError', code, message: expect.stringMatching(/\S/), hint: expect.stringMatching(/\S/), retryable: false,
});

for (const [name, texts] of /** @type {[string, unknown][]} */ ([
  ['a number', 42], ['null', null], ['a list with null', ['a', null]], ['a nested list', [['a']]], ['an object', { text: 'a' }], ['true', true],
])) {
  test(`embed refuses ${name}`, async ({ lab }) => {
    expect((await call(lab, 'embed', texts)).error).toEqual(typed('invalid_input'));
  });
}

test('embed refuses what a message cannot carry', async ({ lab }) => {
  const codes = await lab.evaluate(async () => {
    const of = (/** @type {unknown} */ input) => window.nearside.embed(input).then(() => 'answered', (/** @type {any} */ error) => `${error.name} ${error.code}`);
    /** @type {any} */
    const circle = [];
    circle.push(circle);
    return [await of(undefined), await of(NaN), await of([1n]), await of(() => 'x'), await of(Symbol('x')), await of(circle)];
  });
  expect(codes).toEqual(Array(6).fill('NearsideError invalid_input'));
});

test('an empty list has no vectors, an empty text has one', async ({ lab }) => {
  expect((await call(lab, 'embed', [])).value).toMatchObject({ embeddings: [], usage: { tokens: 0, texts: 0 } });
  const { value } = await call(lab, 'embed', '');
  expect(value.embeddings).toHaveLength(1);
  expect(Math.hypot(...value.embeddings[0])).toBeCloseTo(1, 4);
});

test('a lone surrogate is read as the replacement character', async ({ lab }) => {
  const same = await lab.evaluate(async () => {
    const { embeddings: [lone, replaced] } = await window.nearside.embed(['cat \ud83d sleeps', 'cat \ufffd sleeps']);
    return lone.every((/** @type {number} */ value, /** @type {number} */ index) => value === replaced[index]);
  });
  expect(same).toBe(true);
  const hit = await lab.evaluate(async () => {
    const doc = '\ud83d\ud83d cats \udc00 here';
    const { results: [first] } = await window.nearside.search('cats', [doc], { passages: true });
    return { same: first.text === doc.slice(first.start, first.end), marked: first.highlights.map((/** @type {any} */ { start, end }) => first.text.slice(start, end)) };
  });
  expect(hit).toEqual({ same: true, marked: ['cats'] });
});

test('a text of eleven million characters is refused, one of a million is read', async ({ lab }) => {
  const codes = await lab.evaluate(async () => {
    const of = (/** @type {string} */ text) => window.nearside.embed(text).then((/** @type {any} */ answer) => answer.embeddings[0].length, (/** @type {any} */ error) => error.code);
    return [await of('x'.repeat(11_000_000)), await of(`a long word ${'y'.repeat(20_000)}`)];
  });
  expect(codes).toEqual(['invalid_input', 384]);
});

test('search refuses wrong options and wrong documents', async ({ lab }) => {
  const codes = await lab.evaluate(async () => {
    const of = (/** @type {any[]} */ ...args) => window.nearside.search(...args).then(() => 'answered', (/** @type {any} */ error) => `${error.name} ${error.code}`);
    return {
      'topK NaN': await of('q', ['d'], { topK: NaN }),
      'topK 0': await of('q', ['d'], { topK: 0 }),
      'topK 1.5': await of('q', ['d'], { topK: 1.5 }),
      'topK text': await of('q', ['d'], { topK: '3' }),
      'passages text': await of('q', ['d'], { passages: 'yes' }),
      'unknown option': await of('q', ['d'], { topk: 3 }),
      'docs a text': await of('q', 'd'),
      'docs with null': await of('q', ['d', null]),
      'no docs': await of('q'),
      'query null': await of(null, ['d']),
      'query empty': await of('  ', ['d']),
    };
  });
  expect(codes).toEqual({
    'topK NaN': expect.stringMatching(/^NearsideError invalid_(option|input)$/),
    'topK 0': 'NearsideError invalid_option',
    'topK 1.5': 'NearsideError invalid_option',
    'topK text': 'NearsideError invalid_option',
    'passages text': 'NearsideError invalid_option',
    'unknown option': 'NearsideError invalid_option',
    'docs a text': 'NearsideError invalid_input',
    'docs with null': 'NearsideError invalid_input',
    'no docs': 'NearsideError invalid_input',
    'query null': 'NearsideError invalid_input',
    'query empty': 'NearsideError invalid_input',
  });
  expect((await call(lab, 'search', 'q', [])).value.results).toEqual([]);
});

test('models that are no models are refused', async ({ lab }) => {
  expect((await call(lab, 'embed', 'x', { model: 'nobody/nothing' })).error).toEqual(typed('unknown_model'));
  expect((await call(lab, 'embed', 'x', { model: 'not an id' })).error?.code).toMatch(/^(unknown_model|invalid_option)$/);
  expect((await call(lab, 'embed', 'x', { model: '../../etc/passwd' })).error?.code).toMatch(/^(unknown_model|invalid_option)$/);
  expect((await call(lab, 'embed', 'x', { model: 7 })).error).toEqual(typed('invalid_option'));
  expect((await call(lab, 'models.delete', 'nobody/nothing')).value).toEqual({ deleted: false });
});

test('connect refuses unknown options', async ({ lab }) => {
  const codes = await lab.evaluate(async () => {
    const { connect, NearsideError } = await import(String(new URL('/nearside.js', location.href)));
    const of = (/** @type {unknown} */ options) => {
      try {
        connect(options).close();
        return 'connected';
      } catch (error) {
        return error instanceof NearsideError ? /** @type {any} */ (error).code : String(error);
      }
    };
    return [of({ device: 'abacus' }), of({ devcie: 'wasm' })];
  });
  expect(codes).toEqual(['invalid_option', 'invalid_option']);
});

test('offsets count UTF-16 code units, with emoji and right-to-left text', async ({ lab }) => {
  const docs = ['🐈🐈 cats 😀 nap', 'שלום עולם, cats כאן 🐟', '𝒶𝒷𝒸 القطط cats', 'no match at all'];
  const { value } = await call(lab, 'search', 'cats', docs, { passages: true });
  const withWord = value.results.filter((/** @type {any} */ { highlights }) => highlights.length > 0);
  expect(withWord.map((/** @type {any} */ { index }) => index).sort()).toEqual([0, 1, 2]);
  for (const { index, start, end, text, highlights } of value.results) {
    expect(docs[index].slice(start, end)).toBe(text);
    for (const mark of highlights) expect(text.slice(mark.start, mark.end)).toBe('cats');
  }
});

test('usage counts tokens and what was remembered', async ({ lab }) => {
  const text = `never seen before ${Math.random()}`;
  const first = (await call(lab, 'embed', [text, text])).value;
  expect(first.embeddings[0]).toEqual(first.embeddings[1]);
  const second = (await call(lab, 'embed', text)).value;
  expect(second.usage).toEqual({ tokens: 0, texts: 1, cached: 1, written: 0 });
  expect(second.embeddings[0]).toEqual(first.embeddings[0]);
});
