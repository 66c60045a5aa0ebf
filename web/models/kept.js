/** Tensors that stay between the calls, by handle: see `Keep` in `py/nearside/ports/runtime.py`. */

/**
 * @typedef {import('onnxruntime-web').Tensor} OrtTensor
 * @typedef {import('../protocol.js').Keep} Keep
 */

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
