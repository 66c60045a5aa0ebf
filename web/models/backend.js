/**
 * Which onnxruntime-web build, provider and file serve a model on this device: probed in the worker that will run it.
 *
 * Rule (measured, smallest build that serves): a real WebGPU adapter and a file made for it → the jspi build, or
 * asyncify where JSPI is missing; everything else → the WASM-only build. int8 graphs run on the CPU even under WebGPU,
 * and fp16 needs shader-f16, so neither is a reason to fetch the larger builds. One thread each, isolated or not: a
 * second one slows short texts down, and long jobs go to several workers.
 */
import { NearsideError } from '../errors.js';

/**
 * @typedef {{adapter: boolean, fallback: boolean, f16: boolean, jspi: boolean, name?: string}} Probe `name`: the adapter's, as
 *   far as the browser tells
 * @typedef {{build: 'wasm'|'jspi'|'webgpu', provider: 'wasm'|'webgpu', dtype: string, threads: number, note?: string}} Choice
 *   `note`: a sentence for a person where the graphics card is not used for a reason of its own
 */

/** Entry module and wasm file of each build, below the site's onnxruntime folder. */
export const BUILDS = Object.freeze({
  wasm: { module: 'ort.wasm.bundle.min.mjs', wasm: 'ort-wasm-simd-threaded.wasm' },
  jspi: { module: 'ort.jspi.bundle.min.mjs', wasm: 'ort-wasm-simd-threaded.jspi.wasm' },
  webgpu: { module: 'ort.webgpu.bundle.min.mjs', wasm: 'ort-wasm-simd-threaded.asyncify.wasm' },
});

const WASM_ORDER = ['int8', 'q4', 'fp32'];
const GPU_ORDER = ['q4f16', 'fp16', 'q4', 'fp32'];
const NEEDS_F16 = new Set(['q4f16', 'fp16']);
const NO_HALVES = 'Runs on the processor, as the graphics card cannot compute with 16-bit numbers.';

/** @returns {Promise<Probe>} what this worker can use; never throws */
export async function probe() {
  const adapter = await requestAdapter();
  return {
    adapter: adapter !== null,
    fallback: adapter !== null && isFallback(adapter),
    f16: adapter?.features.has('shader-f16') ?? false,
    jspi: 'Suspending' in WebAssembly,
    name: adapter ? nameOf(adapter) : '',
  };
}

/** @returns {Promise<GPUAdapter|null>} null where there is no WebGPU, or no adapter, or the request fails */
export async function requestAdapter() {
  try {
    return (await navigator.gpu?.requestAdapter()) ?? null;
  } catch {
    return null; // a blocked or broken driver is the same to us as none
  }
}

/** @param {GPUAdapter} adapter @returns {string} */
function nameOf({ info }) {
  return [info?.vendor, info?.architecture, info?.device, info?.description].map((part) => part ?? '').join(' ').trim();
}

/** @param {GPUAdapter} adapter @returns {boolean} whether it is a software adapter, which is slower than WASM */
export function isFallback(adapter) {
  const old = /** @type {{isFallbackAdapter?: boolean}} */ (/** @type {unknown} */ (adapter));
  return adapter.info?.isFallbackAdapter ?? old.isFallbackAdapter ?? false;
}

/**
 * Pure choice over plain facts.
 * @param {Probe} facts
 * @param {string[]} dtypes what the model offers
 * @param {{device?: 'auto'|'wasm'|'webgpu', allowFallbackAdapter?: boolean}} [wish] `webgpu` makes a missing adapter an
 *   error; `allowFallbackAdapter` admits a software adapter (for tests)
 * @returns {Choice}
 * @throws {NearsideError} unsupported_model when no file fits; unsupported_browser when WebGPU was demanded in vain
 */
export function choose(facts, dtypes, wish = {}) {
  const device = wish.device ?? 'auto';
  const gpu = facts.adapter && (!facts.fallback || wish.allowFallbackAdapter === true);
  if (device === 'webgpu' && !gpu) {
    throw new NearsideError('unsupported_browser', 'WebGPU was asked for, but this browser offers no usable adapter.', {
      hint: "Use device: 'auto' to run on the processor instead.",
    });
  }
  if (gpu && device !== 'wasm') {
    const dtype = GPU_ORDER.find((name) => dtypes.includes(name) && (facts.f16 || !NEEDS_F16.has(name)));
    if (dtype) return { build: facts.jspi ? 'jspi' : 'webgpu', provider: 'webgpu', dtype, threads: 1 };
  }
  const dtype = WASM_ORDER.find((name) => dtypes.includes(name)) ?? dtypes.find((name) => name === 'fp16');
  if (!dtype) {
    throw new NearsideError('unsupported_model', `None of the model's files (${dtypes.join(', ') || 'none'}) runs here.`);
  }
  const halves = gpu && device !== 'wasm' && GPU_ORDER.some((name) => dtypes.includes(name));
  return { build: 'wasm', provider: 'wasm', dtype, threads: 1, ...(halves ? { note: NO_HALVES } : {}) };
}
