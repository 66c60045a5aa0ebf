/**
 * The tasks beside their floor: what bare onnxruntime-web takes, in a worker of its own, to embed the texts that the
 * task has to read. And the routing decision, timed inside the engine.
 */
import { mixed, text } from './texts.mjs';

const LABELS = ['travel', 'cooking', 'sport', 'politics', 'science', 'music', 'health', 'money', 'weather', 'school'];

/** Python for the engine's console: the time of a dry run, each with a prompt of its own, in milliseconds. */
const ROUTES = `
import json, time
async def timed(n, **wish):
    times = []
    for i in range(n):
        started = time.perf_counter()
        await nearside.route("chat", prompt=f"Write the {i}. letter " + "word " * (i % 300), **wish)
        times.append((time.perf_counter() - started) * 1000)
    return sorted(times)
await timed(50)
times = await timed(400)
print(json.dumps({"median": times[200], "p95": times[380], "worst": times[-1]}))
`;

/**
 * @param {{nearside: import('playwright-core').Page, floor: import('playwright-core').Page}} pages
 * @param {() => number} next the seeded random numbers
 * @param {boolean} quick
 */
export async function measureTasks({ nearside, floor }, next, quick) {
  /** @type {(words: number, count: number) => string[]} */
  const texts = (words, count) => Array.from({ length: count }, () => text(next, words));
  const book = () => Array.from({ length: 250 }, () => `${text(next, 20)}.`).map((one) => one[0].toUpperCase() + one.slice(1));
  /** @type {[string, number, () => {method: string, params: unknown[], floor: string[]}][]} */
  const rows = [
    ['zero-shot, 10 labels seen before', 12, () => ({ method: 'zeroShot', params: [texts(30, 1)[0], LABELS], floor: texts(30, 1) })],
    ['rerank 20 texts of 60 tokens', 4, () => ({ method: 'rerank', params: [text(next, 6), texts(60, 20)], floor: [...texts(6, 1), ...texts(60, 20)] })],
    ['answer over 5,000 words', 2, () => ({ method: 'answer', params: [text(next, 8), book().join(' ')], floor: [...texts(8, 1), ...texts(20, 250)] })],
    ['256 mixed texts', 2, () => bulk(next, 256)],
    ...(quick ? [] : [/** @type {any} */ (['2,000 mixed texts', 1, () => bulk(next, 2000)])]),
  ];
  await call(nearside, 'zeroShot', [text(next, 30), LABELS]);
  const table = [];
  for (const [row, count, make] of rows) {
    const ours = [];
    const theirs = [];
    for (let index = 0; index < (quick ? 1 : count); index += 1) {
      const work = make();
      ours.push(await call(nearside, work.method, work.params));
      theirs.push(await call(floor, 'bulk', [work.floor]));
    }
    const [ms, peer] = [ours, theirs].map((list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)]);
    table.push({ row, ms: round(ms), 'bare embedding of the same texts, ms': round(peer), ratio: round(ms / peer) });
  }
  const { output, error } = await nearside.evaluate((code) => /** @type {any} */ (window).nearside.console.run(code), ROUTES);
  if (error) throw new Error(error);
  return { table, 'routing decision in the engine, ms': JSON.parse(output) };
}

/** @param {() => number} next @param {number} count */
function bulk(next, count) {
  const all = mixed(next, count);
  return { method: 'embed', params: [all], floor: all };
}

const round = (/** @type {number} */ value) => (value >= 100 ? Math.round(value) : Math.round(value * 100) / 100);

/**
 * Milliseconds of one call in a page: of the product's client, or of a peer's contender.
 * @param {import('playwright-core').Page} page @param {string} method @param {unknown[]} params
 */
const call = (page, method, params) =>
  page.evaluate(
    async ([name, given]) => {
      const { nearside, contender } = /** @type {any} */ (window);
      const target = nearside ?? (await contender);
      const start = performance.now();
      await target[/** @type {string} */ (name)](.../** @type {unknown[]} */ (given));
      return performance.now() - start;
    },
    /** @type {[string, unknown[]]} */ ([method, params]),
  );
