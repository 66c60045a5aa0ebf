/** Raw facts about this browser and device; `null` where it cannot be known. Python's `device.py` says what they mean. */
import { isFallback, requestAdapter } from '../models/backend.js';
import { storageOpens } from './storage.js';

/** The smallest modules that use each feature; what validates is supported. From the WebAssembly feature-detect set. */
const WASM = {
  simd: [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11],
  relaxedSimd: [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15, 253, 128, 2, 11],
  threads: [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 5, 4, 1, 3, 1, 1, 10, 11, 1, 9, 0, 65, 0, 254, 16, 2, 0, 26, 11],
  memory64: [0, 97, 115, 109, 1, 0, 0, 0, 5, 3, 1, 4, 1],
};

/** @param {keyof typeof WASM} feature @returns {boolean} whether this browser's WebAssembly has it; false where there is none at all */
export const wasmHas = (feature) => typeof WebAssembly === 'object' && WebAssembly.validate(new Uint8Array(WASM[feature]));

/** GPU limits that decide what fits. */
const LIMITS = /** @type {const} */ (['maxBufferSize', 'maxStorageBufferBindingSize', 'maxComputeWorkgroupStorageSize', 'maxComputeInvocationsPerWorkgroup']);

/**
 * @typedef {{brands: {brand: string, version: string}[], mobile: boolean, platform: string}} UAData
 */

/** @returns {Promise<Record<string, unknown>>} the facts of the contract in `nearside/ports/probe.py` */
export async function facts() {
  const device = /** @type {Navigator & {userAgentData?: UAData, deviceMemory?: number, connection?: any}} */ (navigator);
  const [adapter, storage] = await Promise.all([gpu(), storageFacts()]);
  return {
    browser: browser(device.userAgentData, navigator.userAgent),
    formFactor: formFactor(device.userAgentData, navigator.userAgent, navigator.maxTouchPoints),
    cores: navigator.hardwareConcurrency ?? null,
    memoryGiB: device.deviceMemory ?? null,
    secure: globalThis.isSecureContext,
    isolated: globalThis.crossOriginIsolated === true,
    webgpu: 'gpu' in navigator,
    adapter,
    wasm: {
      ...Object.fromEntries(Object.keys(WASM).map((name) => [name, wasmHas(/** @type {keyof typeof WASM} */ (name))])),
      jspi: 'Suspending' in WebAssembly,
    },
    storage,
    connection: connection(device.connection),
    builtinAI: Object.fromEntries(
      [['prompt', 'LanguageModel'], ['summarizer', 'Summarizer'], ['translator', 'Translator'], ['languageDetector', 'LanguageDetector']]
        .map(([name, global]) => [name, global in globalThis]),
    ),
  };
}

/** @returns {Promise<Record<string, unknown>|null>} */
async function gpu() {
  const adapter = await requestAdapter();
  if (!adapter) return null;
  const { vendor, architecture, device, description } = adapter.info ?? {};
  return {
    vendor: vendor || null, architecture: architecture || null, device: device || null, description: description || null,
    fallback: isFallback(adapter),
    features: [...adapter.features].sort(),
    limits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name] ?? null])),
  };
}

/** @returns {Promise<Record<string, unknown>>} the part of the facts about storage */
export async function storageFacts() {
  const manager = navigator.storage;
  // A browser that refuses to answer leaves these unknown; that is a fact of its own, not an error.
  const estimate = await manager?.estimate?.().catch(() => null);
  const persisted = await manager?.persisted?.().catch(() => null);
  return {
    indexeddb: await storageOpens(),
    opfs: typeof manager?.getDirectory === 'function',
    serviceWorker: 'serviceWorker' in navigator,
    quota: estimate?.quota ?? null,
    used: estimate?.usage ?? null,
    persisted: persisted ?? null,
  };
}

/** @param {any} info @returns {Record<string, unknown>|null} */
function connection(info) {
  if (!info) return null;
  return {
    metered: info.type === 'cellular' ? true : null,
    saveData: info.saveData ?? null,
    effectiveType: info.effectiveType ?? null,
  };
}

/**
 * @param {UAData|undefined} data client hints, where the browser has them
 * @param {string} agent the user-agent string
 * @returns {{name: string, version: string}|null}
 */
export function browser(data, agent) {
  const brand = data?.brands.find(({ brand: name }) => !/not.?a.?brand|^Chromium$/i.test(name)) ?? data?.brands.find(({ brand: name }) => name === 'Chromium');
  if (brand) return { name: brand.brand, version: brand.version };
  // Order matters: most agents also claim to be one of those further down.
  for (const [name, pattern] of /** @type {[string, RegExp][]} */ ([
    ['Edge', /Edg(?:e|A|iOS)?\/([\d.]+)/], ['Firefox', /(?:Firefox|FxiOS)\/([\d.]+)/], ['Samsung Internet', /SamsungBrowser\/([\d.]+)/],
    ['Opera', /OPR\/([\d.]+)/], ['Chrome', /(?:Chrome|CriOS)\/([\d.]+)/], ['Safari', /Version\/([\d.]+).*Safari\//],
    ['WebKit', /AppleWebKit\/([\d.]+)/],
  ])) {
    const match = pattern.exec(agent);
    if (match) return { name, version: match[1] };
  }
  return null;
}

/**
 * @param {UAData|undefined} data @param {string} agent @param {number} touchPoints
 * @returns {'desktop'|'phone'|'tablet'|null}
 */
export function formFactor(data, agent, touchPoints) {
  if (/iPhone|iPod/.test(agent)) return 'phone'; // before any look at "like Mac OS X", which every iPhone says
  if (/iPad/.test(agent) || (/Macintosh/.test(agent) && touchPoints > 1)) return 'tablet';
  if (/Android/.test(agent)) return data?.mobile ?? /Mobile/.test(agent) ? 'phone' : 'tablet';
  if (data) return data.mobile ? 'phone' : 'desktop';
  return /Windows|Macintosh|X11|CrOS/.test(agent) ? 'desktop' : null;
}
