/**
 * The onnxruntime-web sessions of one model, one per graph, and the tensors that stay with them. Runs in a model
 * worker; nothing here knows what the model is for.
 */
import { NearsideError } from '../errors.js';
import { BUILDS } from './backend.js';
import { Gpu, GpuFailed } from './gpu.js';
import { Kept, cut } from './kept.js';
import { select } from './select.js';

/**
 * @typedef {typeof import("onnxruntime-web")} Ort
 * @typedef {import('onnxruntime-web').InferenceSession} Inner
 * @typedef {import('onnxruntime-web').Tensor} OrtTensor
 * @typedef {import('../protocol.js').Tensor} Tensor
 * @typedef {import('../protocol.js').Feed} Feed
 * @typedef {import('../protocol.js').Keep} Keep
 * @typedef {import('../protocol.js').Want} Want
 * @typedef {import('./backend.js').Choice} Choice
 * @typedef {{model: Uint8Array, external: {path: string, data: Uint8Array}[]}} GraphBytes `external`: weights outside
 *   the graph
 */

/** @type {Record<string, import('onnxruntime-web').Tensor.Type>} */
const TYPES = {
  Float32Array: 'float32', Float64Array: 'float64', BigInt64Array: 'int64', Int32Array: 'int32', Uint8Array: 'bool',
  Int8Array: 'int8', Uint16Array: 'float16',
};

/** @type {Record<string, {new (size: number): any}>} what an empty input is made of, where it is not float32 */
const EMPTY = {
  float16: Uint16Array, float64: Float64Array, int64: BigInt64Array, int32: Int32Array, bool: Uint8Array, int8: Int8Array,
  uint8: Uint8Array,
};

/** The runtime's words for feeds that do not fit the graph, which is no failure of the device. */
const REFUSED = /ERROR_CODE: 2\b|is missing in 'feeds'|unexpected input data type|got invalid dimensions|invalid rank/i;

/** Outputs that stay on a graphics card: a cache that would otherwise cross to the processor and back with each token. */
const CACHE = /^present/;

/** A loaded model. */
export class Session {
  /** @param {Ort} ort @param {Choice} choice @param {Record<string, Inner>} graphs by name, the main one first @param {Gpu|null} gpu */
  constructor(ort, choice, graphs, gpu) {
    this.ort = ort;
    this.choice = choice;
    this.graphs = graphs;
    this.gpu = gpu;
    this.kept = new Kept();
  }

  /**
   * @param {string} base URL of the folder with the builds
   * @param {Choice} choice
   * @param {Record<string, GraphBytes>} parts by graph, the main one first; emptied on the way, to save memory
   * @returns {Promise<Session>}
   * @throws {NearsideError} unsupported_model when the runtime refuses a graph, engine_failed when the runtime
   *   itself does not start, out_of_memory
   * @throws {GpuFailed} when it was to run on the graphics card and does not
   */
  static async create(base, choice, parts) {
    const build = BUILDS[choice.build];
    /** @type {Ort} */
    const ort = await import(/* webpackIgnore: true */ base + build.module).catch((cause) => {
      throw new NearsideError('engine_failed', 'The inference runtime could not be loaded.', { cause });
    });
    ort.env.logLevel = 'error';
    ort.env.wasm.numThreads = choice.threads;
    ort.env.wasm.wasmPaths = { wasm: base + build.wasm }; // the object form keeps the glue that is inside the bundle
    /** @type {Record<string, Inner>} */
    const graphs = {};
    try {
      for (const name of Object.keys(parts)) {
        const { model, external } = parts[name];
        delete parts[name];
        graphs[name] = await ort.InferenceSession.create(model, options(choice, name, external));
      }
      const gpu = choice.provider === 'webgpu' ? await Gpu.watch(ort) : null;
      return new Session(ort, choice, graphs, gpu);
    } catch (thrown) {
      for (const inner of Object.values(graphs)) await inner.release().catch(() => {});
      if (choice.provider === 'webgpu') throw new GpuFailed(thrown);
      const runtime = String(thrown).includes('no available backend');
      throw NearsideError.from(thrown, runtime ? 'engine_failed' : 'unsupported_model');
    }
  }

  /** @returns {Inner} */
  get main() {
    return Object.values(this.graphs)[0];
  }

  /**
   * @param {Record<string, Feed>} feeds
   * @param {Record<string, Want>} want
   * @param {Keep} [keep]
   * @param {string} [graph] the main one unless named
   * @returns {Promise<Record<string, Tensor>>}
   * @throws {NearsideError} invalid_input for a graph, a feed or an output that the model does not have
   * @throws {GpuFailed} when the graphics card does
   */
  async run(feeds, want, keep, graph) {
    const inner = graph === undefined ? this.main : this.graphs[graph];
    if (!inner) throw new NearsideError('invalid_input', `The model has no graph “${graph}”.`);
    const inputs = this.#feeds(inner, feeds, keep);
    const names = Object.keys(want);
    const stays = keep ? inner.outputNames.filter((name) => name.startsWith(keep.source)) : [];
    for (const name of names) {
      if (!inner.outputNames.includes(name)) throw new NearsideError('invalid_input', `The model has no output “${name}”.`);
    }
    const results = await this.#guarded(inner.run(inputs, [...new Set([...names, ...stays])]));
    /** @type {Record<string, Tensor>} */
    const out = {};
    for (const name of names) Object.assign(out, await this.#guarded(select(name, results[name], want[name], stays.includes(name))));
    // Logits without a number: half precision has overflowed. The processor's weights do not.
    if (this.gpu && names.some((name) => typeof want[name] === 'object' && out[`${name}.ids`].data.length === 0 && want[name].best.k > 0)) {
      throw new GpuFailed('The graphics card computes no numbers.');
    }
    if (keep) this.kept.take(keep, Object.fromEntries(stays.map((name) => [name, results[name]])));
    return out;
  }

  /** @param {string} handle forget the tensors that were kept under it */
  free(handle) {
    this.kept.free(handle);
  }

  /** @template T @param {Promise<T>} work @returns {Promise<T>} with its failure told apart: the feeds', the card's, another */
  async #guarded(work) {
    try {
      return await (this.gpu ? this.gpu.during(work) : work);
    } catch (thrown) {
      if (thrown instanceof Error && REFUSED.test(thrown.message)) {
        throw new NearsideError('invalid_input', `The model refused its input: ${thrown.message}`, { cause: thrown });
      }
      throw this.gpu && !(thrown instanceof GpuFailed) ? new GpuFailed(thrown) : thrown;
    }
  }

  /**
   * What was given, before what is kept, before what is empty.
   * @param {Inner} inner @param {Record<string, Feed>} feeds @param {Keep} [keep]
   * @returns {Record<string, OrtTensor>}
   */
  #feeds(inner, feeds, keep) {
    /** @type {Record<string, OrtTensor>} */
    const inputs = {};
    for (const [name, feed] of Object.entries(feeds)) {
      if (!inner.inputNames.includes(name)) throw new NearsideError('invalid_input', `The model has no input “${name}”.`);
      const { dims } = feed;
      const data = 'fill' in feed ? new BigInt64Array(count(dims)).fill(BigInt(feed.fill)) : feed.data;
      const type = TYPES[data.constructor.name];
      if (!type) throw new NearsideError('invalid_input', `The input “${name}” has an unsupported type.`);
      inputs[name] = new this.ort.Tensor(type, /** @type {any} */ (data), dims);
    }
    if (!keep) return inputs;
    for (const meta of inner.inputMetadata) {
      if (meta.name in inputs) continue;
      const kept = this.kept.get(keep.handle, meta.name);
      if (keep.length !== undefined && meta.isTensor && meta.name.startsWith(keep.target)) inputs[meta.name] = cut(kept, meta.shape, keep.length);
      else if (kept) inputs[meta.name] = kept;
      else if (meta.isTensor && meta.name.startsWith(keep.target)) inputs[meta.name] = this.#empty(meta);
    }
    return inputs;
  }

  /**
   * The empty past of a first step: symbolic dimensions named past… are 0, other symbolic ones 1.
   * @param {{type: import('onnxruntime-web').Tensor.Type, shape: ReadonlyArray<number|string>}} meta
   * @returns {OrtTensor}
   */
  #empty(meta) {
    const dims = meta.shape.map((dim) => (typeof dim === 'number' ? dim : dim.includes('past') ? 0 : 1));
    return new this.ort.Tensor(meta.type, new (EMPTY[meta.type] ?? Float32Array)(count(dims)), dims);
  }
}

/**
 * @param {Choice} choice @param {string} graph @param {{path: string, data: Uint8Array}[]} external
 * @returns {import('onnxruntime-web').InferenceSession.SessionOptions}
 */
function options(choice, graph, external) {
  /** @type {import('onnxruntime-web').InferenceSession.SessionOptions} */
  const made = {
    executionProviders: [choice.provider],
    logSeverityLevel: 3, // errors: which node runs where is not the console's business
  };
  if (external.length > 0) made.externalData = external;
  if (choice.provider === 'webgpu') {
    // Nobody knows the outputs' names before the session is made, so the runtime is answered when it asks for one's.
    const place = (/** @type {string|symbol} */ name) => (CACHE.test(String(name)) ? 'gpu-buffer' : undefined);
    made.preferredOutputLocation = graph === 'encoder' ? 'gpu-buffer' : new Proxy({}, { get: (_none, name) => place(name) });
  }
  return made;
}

/** @param {readonly number[]} dims @returns {number} how many elements a tensor of that shape has */
const count = (dims) => dims.reduce((product, dim) => product * dim, 1);
