/** A worker that does what the product's model worker does for each token: choose among the logits; and the plain decode loop. */
import * as ort from '/ort/ort.wasm.bundle.min.mjs';
import { best } from '/web-models/best.js';

const SIZE = 151_936;
const LAYERS = 1;

/** Milliseconds of each choice, of as many tokens. @param {number} count @param {import('../../../web/protocol.js').Best} want */
function choices(count, want) {
  let seed = 7;
  const next = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const row = Float32Array.from({ length: SIZE }, () => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next()));
  return Array.from({ length: count }, () => {
    const copy = row.slice();
    const start = performance.now();
    best(copy, want);
    return performance.now() - start;
  });
}

/** @type {Promise<import('onnxruntime-web').InferenceSession>|null} */
let session = null;

/** Milliseconds that a loop around bare onnxruntime-web takes for a prompt and as many tokens. @param {number} prompt @param {number} count */
async function decode(prompt, count) {
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = { wasm: `${location.origin}/ort/ort-wasm-simd-threaded.wasm` };
  session ??= ort.InferenceSession.create('/fixtures/llama/onnx/model.onnx', { executionProviders: ['wasm'] });
  const model = await session;
  const empty = () => new ort.Tensor('float32', new Float32Array(0), [1, 2, 0, 8]);
  /** @type {Record<string, import('onnxruntime-web').Tensor>} */
  const past = {};
  for (let layer = 0; layer < LAYERS; layer += 1) for (const part of ['key', 'value']) past[`past_key_values.${layer}.${part}`] = empty();
  const int64 = (/** @type {number[]} */ values) => new ort.Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length]);
  const start = performance.now();
  let ids = Array.from({ length: prompt }, (_none, index) => 10 + (index % 200));
  for (let known = 0, made = 0; made < count; made += 1) {
    const feeds = { ...past, input_ids: int64(ids), attention_mask: int64(new Array(known + ids.length).fill(1)) };
    if (model.inputNames.includes('position_ids')) Object.assign(feeds, { position_ids: int64(ids.map((_none, index) => known + index)) });
    const out = await model.run(feeds);
    for (const name of Object.keys(past)) past[name] = out[name.replace('past_key_values', 'present')];
    known += ids.length;
    const row = /** @type {Float32Array} */ (out.logits.data).subarray(-out.logits.dims[2]);
    ids = [row.reduce((top, value, id) => (value > row[top] ? id : top), 0)];
  }
  return performance.now() - start;
}

self.onmessage = async ({ data: { op, given } }) => self.postMessage(op === 'choices' ? choices(given[0], given[1]) : await decode(given[0], given[1]));
