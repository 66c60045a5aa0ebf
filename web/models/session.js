/**
 * One onnxruntime-web session and the tensors that stay with it. Runs in a model worker; nothing here knows what the
 * model is for.
 */
import { NearsideError } from '../errors.js';
import { BUILDS } from './backend.js';

/**
 * @typedef {typeof import("onnxruntime-web")} Ort
 * @typedef {import('onnxruntime-web').Tensor} OrtTensor
 * @typedef {import('../protocol.js').Tensor} Tensor
 * @typedef {import('../protocol.js').Feed} Feed
 * @typedef {import('../protocol.js').Keep} Keep
 * @typedef {import('../protocol.js').Tensorable} Tensorable
 * @typedef {'all'|'last'|number} Want
 * @typedef {import('./backend.js').Choice} Choice
 */

/** @type {Record<string, import('onnxruntime-web').Tensor.Type>} */
const TYPES = {
  Float32Array: 'float32', Float64Array: 'float64', BigInt64Array: 'int64', Int32Array: 'int32', Uint8Array: 'bool',
  Int8Array: 'int8', Uint16Array: 'float16',
};

/** A loaded model. */
export class Session {
  /** @param {Ort} ort @param {import('onnxruntime-web').InferenceSession} inner */
  constructor(ort, inner) {
    this.ort = ort;
    this.inner = inner;
    /** @type {Map<string, Record<string, OrtTensor>>} tensors that stay, by handle */
    this.kept = new Map();
  }

  get inputs() {
    return this.inner.inputNames;
  }

  get outputs() {
    return this.inner.outputNames;
  }

  /**
   * @param {string} base URL of the folder with the builds
   * @param {Choice} choice
   * @param {Uint8Array} model the graph's bytes; may be dropped afterwards
   * @param {{path: string, data: Uint8Array}[]} [externalData] weights outside the graph
   * @returns {Promise<Session>}
   * @throws {NearsideError} unsupported_model when the runtime refuses the graph, engine_failed when the runtime
   *   itself does not start, out_of_memory
   */
  static async create(base, choice, model, externalData = []) {
    const build = BUILDS[choice.build];
    /** @type {Ort} */
    const ort = await import(/* webpackIgnore: true */ base + build.module).catch((cause) => {
      throw new NearsideError('engine_failed', 'The inference runtime could not be loaded.', { cause });
    });
    ort.env.logLevel = 'error';
    ort.env.wasm.numThreads = choice.threads;
    ort.env.wasm.wasmPaths = { wasm: base + build.wasm }; // the object form keeps the glue that is inside the bundle
    try {
      const inner = await ort.InferenceSession.create(model, {
        executionProviders: [choice.provider],
        logSeverityLevel: 3, // errors: which node runs where is not the console's business
        ...(externalData.length > 0 ? { externalData } : {}),
      });
      return new Session(ort, inner);
    } catch (thrown) {
      const runtime = String(thrown).includes('no available backend');
      throw NearsideError.from(thrown, runtime ? 'engine_failed' : 'unsupported_model');
    }
  }

  /**
   * @param {Record<string, Feed>} feeds
   * @param {Record<string, Want>} want
   * @param {Keep} [keep]
   * @returns {Promise<Record<string, Tensor>>}
   * @throws {NearsideError} invalid_input for a feed or an output that the graph does not have
   */
  async run(feeds, want, keep) {
    const inputs = this.#feeds(feeds, keep);
    const names = Object.keys(want);
    const stays = keep ? this.outputs.filter((name) => name.startsWith(keep.source)) : [];
    for (const name of names) {
      if (!this.outputs.includes(name)) throw new NearsideError('invalid_input', `The model has no output “${name}”.`);
    }
    const results = await this.inner.run(inputs, [...new Set([...names, ...stays])]);
    if (keep) {
      const tensors = Object.fromEntries(stays.map((name) => [keep.target + name.slice(keep.source.length), results[name]]));
      this.free(keep.handle); // on a GPU the past would otherwise stay until the garbage collector comes by
      this.kept.set(keep.handle, tensors);
    }
    /** @type {Record<string, Tensor>} */
    const out = {};
    for (const name of names) Object.assign(out, await select(name, results[name], want[name]));
    return out;
  }

  /** @param {string} handle forget the tensors that were kept under it */
  free(handle) {
    for (const tensor of Object.values(this.kept.get(handle) ?? {})) tensor.dispose();
    this.kept.delete(handle);
  }

  /**
   * @param {Record<string, Feed>} feeds @param {Keep} [keep]
   * @returns {Record<string, OrtTensor>}
   */
  #feeds(feeds, keep) {
    /** @type {Record<string, OrtTensor>} */
    const inputs = {};
    for (const [name, feed] of Object.entries(feeds)) {
      if (!this.inputs.includes(name)) throw new NearsideError('invalid_input', `The model has no input “${name}”.`);
      const { dims } = feed;
      const data = 'fill' in feed ? new BigInt64Array(count(dims)).fill(BigInt(feed.fill)) : feed.data;
      const type = TYPES[data.constructor.name];
      if (!type) throw new NearsideError('invalid_input', `The input “${name}” has an unsupported type.`);
      inputs[name] = new this.ort.Tensor(type, /** @type {any} */ (data), dims);
    }
    if (keep) Object.assign(inputs, this.kept.get(keep.handle) ?? this.#empty(keep.target));
    return inputs;
  }

  /**
   * The empty past of a first step: symbolic dimensions named past… are 0, other symbolic ones 1.
   * @param {string} prefix
   * @returns {Record<string, OrtTensor>}
   */
  #empty(prefix) {
    /** @type {Record<string, OrtTensor>} */
    const past = {};
    for (const meta of this.inner.inputMetadata) {
      if (!meta.name.startsWith(prefix) || !meta.isTensor) continue;
      const dims = meta.shape.map((dim) => (typeof dim === 'number' ? dim : dim.includes('past') ? 0 : 1));
      const size = count(dims);
      const data = meta.type === 'float16' ? new Uint16Array(size) : new Float32Array(size);
      past[meta.name] = new this.ort.Tensor(meta.type, /** @type {any} */ (data), dims);
    }
    return past;
  }
}

/** @param {readonly number[]} dims @returns {number} how many elements a tensor of that shape has */
const count = (dims) => dims.reduce((product, dim) => product * dim, 1);

/**
 * The part of an output that was asked for.
 * @param {string} name @param {OrtTensor} tensor @param {Want} want
 * @returns {Promise<Record<string, Tensor>>}
 */
async function select(name, tensor, want) {
  const data = /** @type {Tensorable} */ (await tensor.getData(true));
  const dims = [...tensor.dims];
  if (want === 'all') return { [name]: { data, dims } };
  const width = dims[dims.length - 1];
  const last = data.subarray(data.length - width);
  if (want === 'last') return { [name]: { data: last.slice(), dims: [1, width] } };
  const { values, ids } = best(/** @type {Float32Array} */ (last), want);
  return {
    [`${name}.values`]: { data: values, dims: [values.length] },
    [`${name}.ids`]: { data: ids, dims: [ids.length] },
  };
}

/**
 * The k largest values with their places, largest first; on a tie the lower place first. A small sorted window beats a
 * heap for the k of sampling (docs: 40 of 150,000).
 * @param {ArrayLike<number>} row @param {number} k
 * @returns {{values: Float32Array, ids: Int32Array}}
 */
export function best(row, k) {
  const size = Math.min(k, row.length);
  const values = new Float32Array(size).fill(-Infinity);
  const ids = new Int32Array(size);
  for (let id = 0, filled = 0; id < row.length; id += 1) {
    const value = row[id];
    if (filled === size && !(value > values[size - 1])) continue;
    let place = filled < size ? filled : size - 1;
    while (place > 0 && value > values[place - 1]) {
      values[place] = values[place - 1];
      ids[place] = ids[place - 1];
      place -= 1;
    }
    values[place] = value;
    ids[place] = id;
    if (filled < size) filled += 1;
  }
  return { values, ids };
}
