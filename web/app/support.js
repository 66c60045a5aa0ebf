/**
 * What this browser must have for the engine to start at all, and whether the page's address allows the
 * rest. Looked at once, before the first paint of the views, so that a notice never moves the page.
 */

/** The smallest module that uses a SIMD instruction (i8x16.splat). */
const SIMD = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

/** @typedef {'wasm' | 'simd' | 'module_workers'} Missing */

/**
 * True when `new Worker(url, {type: 'module'})` is understood: the options are read before the address,
 * and this address is refused before anything is fetched or a policy is asked.
 * @param {typeof Worker} WorkerClass
 */
function readsWorkerType(WorkerClass) {
  let read = false;
  const options = {
    get type() {
      read = true;
      return /** @type {const} */ ('module');
    },
  };
  try {
    new WorkerClass('http://[', options).terminate();
  } catch (error) {
    if (!(error instanceof DOMException) && !(error instanceof TypeError)) throw error;
  }
  return read;
}

/**
 * @param {{WebAssembly?: typeof WebAssembly, Worker?: typeof Worker}} scope
 * @returns {Missing[]} empty when the engine can start
 */
export function missingFeatures(scope) {
  /** @type {Missing[]} */
  const missing = [];
  if (typeof scope.WebAssembly !== 'object') missing.push('wasm');
  else if (!scope.WebAssembly.validate(SIMD)) missing.push('simd');
  if (typeof scope.Worker !== 'function' || !readsWorkerType(scope.Worker)) missing.push('module_workers');
  return missing;
}
