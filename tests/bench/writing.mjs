/**
 * Writing: what the choice of a token costs at a vocabulary of 150,000, in a model worker and in the engine together;
 * and the tokens of a second beside a plain loop around onnxruntime-web, on the same small model.
 */

const TOKENS = 200;
const QUESTION = 'Write a long story about a lighthouse.';

/** Python for the engine's console: its share of each token, in milliseconds. */
const SHARES = `
import json, statistics, time
import numpy as np
await nearside._core.extras.ready()
from nearside.generation.sampling import Sampler, Sampling
def share(count, **options):
    sampler, times = Sampler(Sampling(seed=1, **options), np.arange(1000)), []
    values, ids = np.linspace(9, 0, 256).astype(np.float32), np.random.default_rng(1).permutation(151936)[:256]
    for _ in range(count):
        started = time.perf_counter()
        wanted = sampler.want().k
        sampler.pick(values[:wanted], ids[:wanted])
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)
print(json.dumps({"greedy": share(300, temperature=0.0), "top_k 20, top_p 0.95": share(300, temperature=0.6, top_k=20, top_p=0.95),
    "256 candidates": share(300, temperature=0.8, top_p=0.9)}))
`;
const COUNTS = { greedy: 1, 'top_k 20, top_p 0.95': 20, '256 candidates': 256 };

const median = (/** @type {number[]} */ list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const round = (/** @type {number} */ value) => (value >= 100 ? Math.round(value) : Math.round(value * 1000) / 1000);

/**
 * @param {{nearside: import('playwright-core').Page, floor: import('playwright-core').Page}} pages
 * @param {boolean} quick
 */
export async function measureWriting({ nearside, floor }, quick) {
  await floor.evaluate(() => {
    const worker = new Worker('/peers/writing.js', { type: 'module' });
    const work = (/** @type {string} */ op, /** @type {unknown[]} */ given) =>
      new Promise((done, failed) => {
        worker.onmessage = ({ data }) => done(data);
        worker.onerror = ({ message }) => failed(new Error(message));
        worker.postMessage({ op, given });
      });
    Object.assign(window, { writing: work });
  });
  const plain = (/** @type {string} */ op, /** @type {unknown[]} */ given) =>
    floor.evaluate(([name, list]) => /** @type {any} */ (window).writing(name, list), /** @type {[string, unknown[]]} */ ([op, given]));
  const { output, error } = await nearside.evaluate((code) => /** @type {any} */ (window).nearside.console.run(code), SHARES);
  if (error) throw new Error(error);
  const shares = JSON.parse(output);
  const sampling = [];
  for (const [name, k] of Object.entries(COUNTS)) {
    const worker = median(await plain('choices', [quick ? 50 : 300, { k }]));
    sampling.push({ row: `sampling at a 150,000 vocabulary, per token: ${name}`, 'worker, ms': round(worker), 'engine, ms': round(shares[name]), 'together, ms': round(worker + shares[name]) });
  }
  const write = () =>
    nearside.evaluate(
      async ([content, most]) => {
        const { nearside: client } = /** @type {any} */ (window);
        const start = performance.now();
        // No temperature: the likeliest token. The small model's noise never ends by itself.
        const { usage } = await client.chat.completions.create({ messages: [{ role: 'user', content: `${content} ${Math.random()}` }], model: 'arch/llama', max_tokens: most });
        return { ms: performance.now() - start, read: usage.prompt_tokens, written: usage.completion_tokens };
      },
      /** @type {[string, number]} */ ([QUESTION, TOKENS]),
    );
  await write();
  const [ours, theirs] = [/** @type {number[]} */ ([]), /** @type {number[]} */ ([])];
  for (let index = 0; index < (quick ? 2 : 7); index += 1) {
    const { ms, read, written } = await write();
    ours.push((written / ms) * 1000);
    theirs.push((written / Number(await plain('decode', [read, written]))) * 1000);
  }
  const [one, other] = [median(ours), median(theirs)];
  return { sampling, decode: { row: 'arch/llama, tokens a second', nearside: round(one), 'plain loop': round(other), ratio: round(one / other) } };
}
