/**
 * The service worker: makes the second visit work without a server. It keeps the shell and the runtime that
 * the build lists, and answers from there first; see rules.js for everything else. It waits with a new
 * version until the page says so, and it adds nothing to a kept answer: the policy headers in it (CSP, COEP,
 * COOP) are the server's own.
 */

import { PrecacheController } from 'workbox-precaching';
import site from 'nearside:site';
import { ASSET_CACHE, CONFIG_CACHE, OPTIONAL_RUNTIMES, isKeepable, isStale, kept, ruleFor } from './rules.js';

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

const precache = new PrecacheController();
precache.addToCacheList(kept(site.precache ?? []));

worker.addEventListener('install', (event) => {
  event.waitUntil(precache.install(/** @type {any} */ (event)));
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(
    Promise.all([precache.activate(/** @type {any} */ (event)), dropStaleAssets(), rememberConfig()]).then(() => worker.clients.claim()),
  );
});

worker.addEventListener('message', (event) => {
  if (event.data?.type === 'SKIP_WAITING') event.waitUntil(worker.skipWaiting());
  if (event.data?.type === 'KEEP_RUNTIME') event.waitUntil(keepRuntime());
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const rule = ruleFor(
    { method: request.method, url: request.url, hasRange: request.headers.has('range') },
    worker.location.origin,
    (url) => keyOf(url) !== undefined,
  );
  if (rule === 'precache') event.respondWith(fromPrecache(request));
  else if (rule === 'asset') event.respondWith(fromAssets(request));
  else if (rule === 'config') event.respondWith(fromConfig(request));
});

/**
 * The precache's key for an address; `/` and `/local/` are the page, and what follows `?` changes no file of ours.
 * @param {string} url
 */
function keyOf(url) {
  const { origin, pathname } = new URL(url);
  return precache.getCacheKeyForURL(origin + (pathname === '/' || pathname === '/local/' ? `${pathname}index.html` : pathname));
}

/** @param {Request} request */
async function fromPrecache(request) {
  const kept = await caches.match(/** @type {string} */ (keyOf(request.url)));
  // Missing only if the browser cleared the cache behind our back: the network is then as good as ever.
  return kept ?? fetch(request);
}

/** @param {Request} request */
async function fromAssets(request) {
  const cache = await caches.open(ASSET_CACHE);
  const known = await cache.match(request.url);
  if (known) return known;
  const response = await fetch(request);
  if (isKeepable(response)) await keep(cache, request.url, response.clone());
  return response;
}

/** @param {Request} request */
async function fromConfig(request) {
  const cache = await caches.open(CONFIG_CACHE);
  try {
    const response = await fetch(request);
    if (isKeepable(response)) await keep(cache, request.url, response.clone());
    return response;
  } catch (error) {
    const known = await cache.match(request.url);
    if (known) return known;
    throw error;
  }
}

/** The page read the configuration before this worker was there; the next visit may be offline already. */
async function rememberConfig() {
  try {
    await fromConfig(new Request('/config.json'));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // no network, nothing remembered
  }
}

/**
 * Keeps an answer if there is room; a full disk is no reason to fail the request.
 * @param {Cache} cache @param {string} url @param {Response} response
 */
async function keep(cache, url, response) {
  try {
    await cache.put(url, response);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}

/**
 * Takes over what the page loaded before this worker was there, out of the browser's HTTP cache. A build whose
 * script is not in that cache is one that this browser does not use, and is left alone; the program that belongs
 * to a script may be too large for that cache, and is then fetched once more.
 */
async function keepRuntime() {
  const cache = await caches.open(ASSET_CACHE);
  for (const names of OPTIONAL_RUNTIMES) {
    const [script, program] = names.map((name) => new URL(site.ort + name, worker.location.origin).href);
    if (await cache.match(program)) continue;
    const used = (await cache.match(script)) ?? (await fromHttpCache(script));
    if (!used || !isKeepable(used)) continue;
    await keep(cache, script, used);
    await fromAssets(new Request(program));
  }
}

/**
 * What the browser's HTTP cache holds; a miss is a network error in some browsers and a 504 in others.
 * @param {string} url
 */
async function fromHttpCache(url) {
  try {
    return await fetch(url, { cache: 'only-if-cached', mode: 'same-origin' });
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

async function dropStaleAssets() {
  const cache = await caches.open(ASSET_CACHE);
  for (const request of await cache.keys()) {
    if (isStale(request.url, site.ort)) await cache.delete(request);
  }
}
