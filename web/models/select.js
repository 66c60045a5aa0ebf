/** The part of an output that was asked for, as it crosses to Python. */
import { best, fromHalves } from './best.js';

/**
 * @typedef {import('onnxruntime-web').Tensor} OrtTensor
 * @typedef {import('../protocol.js').Tensor} Tensor
 * @typedef {import('../protocol.js').Tensorable} Tensorable
 * @typedef {import('../protocol.js').Want} Want
 */

/**
 * @param {string} name @param {OrtTensor} tensor @param {Want} want
 * @param {boolean} stays whether the tensor is kept, so that its memory is not for giving away
 * @returns {Promise<Record<string, Tensor>>}
 */
export async function select(name, tensor, want, stays) {
  const data = /** @type {Tensorable} */ (await tensor.getData(!stays));
  const half = tensor.type === 'float16';
  const dims = [...tensor.dims];
  if (want === 'all') return { [name]: { data: half ? floats(data) : stays ? data.slice() : data, dims } };
  if (want === 'last') {
    const last = lastOf(data, dims);
    return { [name]: { data: half ? floats(last) : last, dims: [dims[0], ...dims.slice(2)] } };
  }
  const width = dims[dims.length - 1];
  // a batch of one: the first row's last position
  const end = dims.length === 3 ? dims[1] * width : data.length;
  const row = data.subarray(end - width, end);
  const { values, ids } = best(half ? floats(row) : /** @type {Float32Array} */ (stays ? row.slice() : row), want.best);
  return {
    [`${name}.values`]: { data: values, dims: [values.length] },
    [`${name}.ids`]: { data: ids, dims: [ids.length] },
  };
}

/**
 * Halves as whole floats, which both sides of the port know.
 * @param {Tensorable} data as Uint16Array, or as Float16Array where the browser has it @returns {Float32Array}
 */
function floats(data) {
  return data instanceof Uint16Array ? fromHalves(data) : new Float32Array(/** @type {Float32Array} */ (data));
}

/**
 * @param {Tensorable} data of the shape [batch, positions, ...] @param {number[]} dims
 * @returns {Tensorable} the last position of each row
 */
function lastOf(data, dims) {
  const [batch, positions, ...rest] = dims;
  const width = rest.reduce((product, dim) => product * dim, 1);
  const made = /** @type {Tensorable} */ (new /** @type {any} */ (data.constructor)(batch * width));
  for (let row = 0; row < batch; row += 1) {
    const end = (row + 1) * positions * width;
    made.set(/** @type {any} */ (data.subarray(end - width, end)), row * width);
  }
  return made;
}
