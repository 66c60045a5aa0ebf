/** The peer at its best usage: the same model file, tokenizer and texts, one text per call or chunks of 32. */
import { AutoModel, AutoTokenizer, env } from '/transformers/transformers.min.js';

env.allowRemoteModels = false;
env.allowLocalModels = true;
env.localModelPath = '/models/';
env.useBrowserCache = false;
env.backends.onnx.wasm.wasmPaths = '/ort-peer/';
const id = 'nearside/all-MiniLM-L6-v2';

window.peer = (async () => {
  const [tokenizer, model] = await Promise.all([AutoTokenizer.from_pretrained(id), AutoModel.from_pretrained(id, { dtype: 'q8', device: 'wasm' })]);
  const embed = async (/** @type {string|string[]} */ texts) =>
    (await model(tokenizer(texts, { padding: true, truncation: true, max_length: 256 }))).sentence_embedding.data;
  return {
    embed,
    async bulk(/** @type {string[]} */ texts) {
      for (const text of texts) await embed(text);
    },
    async chunks(/** @type {string[]} */ texts) {
      for (let at = 0; at < texts.length; at += 32) await embed(texts.slice(at, at + 32));
    },
  };
})();
