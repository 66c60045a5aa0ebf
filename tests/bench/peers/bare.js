/** onnxruntime-web with nothing around it but the tokenizer: the floor. */
import * as ort from '/ort/ort.wasm.bundle.min.mjs';
import { Tokenizer } from '/tokenizers/tokenizers.min.mjs';

ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmPaths = { wasm: `${location.origin}/ort/ort-wasm-simd-threaded.wasm` };
const base = '/models/nearside/all-MiniLM-L6-v2/';
const json = (/** @type {string} */ name) => fetch(base + name).then((answer) => answer.json());

globalThis.peer = (async () => {
  const bytes = new Uint8Array(await (await fetch(`${base}onnx/model_quantized.onnx`)).arrayBuffer());
  const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
  const tokenizer = new Tokenizer(await json('tokenizer.json'), await json('tokenizer_config.json'));
  const tensor = (/** @type {number[]} */ values) => new ort.Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length]);
  const embed = async (/** @type {string} */ text) => {
    const { ids } = tokenizer.encode(text);
    const ones = new Array(ids.length).fill(1);
    const feeds = { input_ids: tensor(ids), attention_mask: tensor(ones), token_type_ids: tensor(ones.map(() => 0)) };
    return (await session.run(feeds)).sentence_embedding.data;
  };
  return {
    embed,
    async bulk(/** @type {string[]} */ texts) {
      for (const text of texts) await embed(text);
    },
  };
})();
