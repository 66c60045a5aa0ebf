/** Tensors that stay between the calls, by handle: see `Keep` in `py/nearside/ports/runtime.py`. */
import { NearsideError } from '../errors.js';

/**
 * @typedef {import('onnxruntime-web').Tensor} OrtTensor
 * @typedef {import('../protocol.js').Keep} Keep
 */

/** Where a past lies that can be cut: what is on a graphics card would have to come back first. */
const HERE = ['cpu', 'cpu-pinned'];

/**
 * The first positions of a past, along the axis whose symbolic name says that it is one.
 * @param {OrtTensor|undefined} past @param {ReadonlyArray<number|string>} shape of the input that it is for
 * @param {number} length
 * @returns {OrtTensor} `past` itself where it has that length
 * @throws {NearsideError} kept_lost when it is shorter or cannot be cut
 */
export function cut(past, shape, length) {
  const [axis, ...more] = [...shape.keys()].filter((one) => String(shape[one]).includes('past'));
  const size = past?.dims[axis];
  if (past && size === length && more.length === 0) return past;
  if (!past || size === undefined || size < length || more.length > 0 || !HERE.includes(past.location)) {
    throw new NearsideError('kept_lost', 'What was kept of an earlier call is not there any more.');
  }
  const product = (/** @type {readonly number[]} */ dims) => dims.reduce((made, dim) => made * dim, 1);
  const rows = product(past.dims.slice(0, axis));
  const [whole, part] = [size, length].map((one) => one * product(past.dims.slice(axis + 1)));
  const data = /** @type {import('../protocol.js').Tensorable} */ (past.data);
  const made = new /** @type {any} */ (data.constructor)(rows * part);
  for (let row = 0; row < rows; row += 1) made.set(data.subarray(row * whole, row * whole + part), row * part);
  const dims = past.dims.map((dim, one) => (one === axis ? length : dim));
  return new /** @type {any} */ (past.constructor)(past.type, made, dims);
}

/** What is kept. */
export class Kept {
  constructor() {
    /** @type {Map<string, Map<string, OrtTensor>>} */
    this.handles = new Map();
  }

  /** @returns {boolean} */
  get empty() {
    return this.handles.size === 0;
  }

  /** @param {string} handle @param {string} name of an input @returns {OrtTensor|undefined} */
  get(handle, name) {
    return this.handles.get(handle)?.get(name);
  }

  /**
   * Takes outputs over, in the place of those of that name; an empty one leaves what was there.
   * @param {Keep} keep @param {Record<string, OrtTensor>} outputs
   */
  take(keep, outputs) {
    const kept = this.handles.get(keep.handle) ?? new Map();
    this.handles.set(keep.handle, kept);
    for (const [name, tensor] of Object.entries(outputs)) {
      const target = keep.target + name.slice(keep.source.length);
      const before = kept.get(target);
      if (tensor.size === 0 && before) {
        tensor.dispose();
        continue;
      }
      before?.dispose(); // on a GPU it would otherwise stay until the garbage collector comes by
      kept.set(target, tensor);
    }
  }

  /** @param {string} handle forget the tensors that were kept under it */
  free(handle) {
    for (const tensor of this.handles.get(handle)?.values() ?? []) tensor.dispose();
    this.handles.delete(handle);
  }
}
