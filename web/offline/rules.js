/**
 * Who answers a request when the service worker is asked: pure decisions over an address, without caches.
 *
 * Shell and runtime come from the precache. Other hashed assets (the larger builds of the model runtime,
 * which only some browsers load) are kept once used. Models live in the model store, never here. What the
 * server decides (`/config.json`, `/v1`, `/healthz`) is asked over the network.
 */

/** Where hashed assets that are not precached are kept. */
export const ASSET_CACHE = 'nearside-assets';

/** Where the last good answer of `/config.json` is kept. */
export const CONFIG_CACHE = 'nearside-config';

/** Builds of the model runtime that are not precached, script and program: a browser uses one, or neither. */
export const OPTIONAL_RUNTIMES = [
  ['ort.jspi.bundle.min.mjs', 'ort-wasm-simd-threaded.jspi.wasm'],
  ['ort.webgpu.bundle.min.mjs', 'ort-wasm-simd-threaded.asyncify.wasm'],
];

/** @typedef {'precache' | 'asset' | 'config' | 'network'} Rule */

/**
 * @param {{method: string, url: string, hasRange: boolean}} request
 * @param {string} origin the site's own
 * @param {(url: string) => boolean} precached
 * @returns {Rule}
 */
export function ruleFor({ method, url, hasRange }, origin, precached) {
  const { origin: from, pathname } = new URL(url);
  if (method !== 'GET' || from !== origin || hasRange) return 'network';
  if (pathname.startsWith('/models/') || pathname.startsWith('/v1/')) return 'network';
  if (pathname === '/config.json') return 'config';
  if (precached(url)) return 'precache';
  return pathname.startsWith('/assets/') || pathname.startsWith('/local/assets/') ? 'asset' : 'network';
}

/**
 * True for an answer that may be kept: whole, good, and our own. An error page, a part (206), a redirect's
 * target or an opaque answer is none of that.
 * @param {{status: number, type: string, redirected: boolean}} response
 */
export const isKeepable = ({ status, type, redirected }) => status === 200 && type === 'basic' && !redirected;

/**
 * What the service worker keeps on installing: everything the build lists, save pictures for the README.
 * @param {readonly {url: string, revision: string | null}[]} list
 */
export const kept = (list) => list.filter(({ url }) => !url.startsWith('/docs/') && !url.startsWith('/models/'));

/**
 * True for a kept asset that no longer belongs to this version's runtime folder.
 * @param {string} url @param {string} runtime the folder's path, ending with a slash
 */
export const isStale = (url, runtime) => !new URL(url).pathname.startsWith(runtime);
