/**
 * Everything between a model id and bytes in memory: resolve, read from the store or download, keep, tidy.
 */
import { NearsideError } from '../errors.js';
import { choose, probe } from './backend.js';
import { download } from './download.js';
import { TEXT_FILES, parseId, resolve } from './source.js';
import { ModelStore } from './store.js';

/**
 * @typedef {import('../protocol.js').Card} Card
 * @typedef {import('../protocol.js').CardFile} CardFile
 * @typedef {import('../protocol.js').Init} Init
 * @typedef {import('./backend.js').Choice} Choice
 * @typedef {{card: Card, choice: Choice, model: Uint8Array, external: {path: string, data: Uint8Array}[],
 *   file: CardFile, files: Record<string, string>, persistent: boolean, downloaded: boolean, note: string|null}} Loaded
 */

/**
 * @param {Init} init
 * @param {(loaded: number, total: number|null) => void} onProgress bytes over all files of this model; never falls
 * @returns {Promise<Loaded>}
 * @throws {NearsideError} any of the download's and the resolver's errors
 */
export async function load(init, onProgress) {
  const store = await ModelStore.open();
  // One tab downloads, the others wait and then read what it stored. Where nothing is stored there is nothing to wait
  // for, and a browser that forbids storage forbids locks, too.
  const alone = store.persistent && navigator.locks
    ? (/** @type {() => Promise<Loaded>} */ work) => navigator.locks.request(`nearside-model:${parseId(init.model).id}`, work)
    : (/** @type {() => Promise<Loaded>} */ work) => work();
  try {
    return await alone(() => fetchAll(init, store, onProgress));
  } finally {
    store.db?.close();
  }
}

/**
 * @param {Init} init @param {ModelStore} store @param {(loaded: number, total: number|null) => void} onProgress
 * @returns {Promise<Loaded>}
 */
async function fetchAll(init, store, onProgress) {
  const { card, url } = await find(init, store);
  const choice = choose(await probe(), Object.keys(card.dtypes), init);
  const main = card.dtypes[choice.dtype];
  const wanted = card.files.filter(({ path }) => path === main || path.startsWith(`${main}_data`) || TEXT_FILES.includes(path));
  const total = wanted.every((file) => file.bytes !== null) ? wanted.reduce((sum, file) => sum + (file.bytes ?? 0), 0) : null;
  /** @type {Map<string, Uint8Array>} */
  const bytes = new Map();
  const counts = new Map(wanted.map(({ path }) => [path, 0]));
  let most = 0;
  const report = (/** @type {string} */ path, /** @type {number} */ received) => {
    counts.set(path, received);
    most = Math.max(most, [...counts.values()].reduce((sum, count) => sum + count, 0));
    onProgress(most, total);
  };
  let downloaded = false;
  for (const file of wanted) {
    const kept = await store.read(card, file);
    if (kept) {
      bytes.set(file.path, kept);
      report(file.path, kept.byteLength);
      continue;
    }
    if (!downloaded) await store.reserve(remaining(wanted, bytes), card.id);
    downloaded = true;
    bytes.set(file.path, await download(url(file.path), card, file, store, { onBytes: (received) => report(file.path, received) }));
  }
  if (downloaded) await store.delete(card.id, (revision) => revision !== card.revision);
  const text = new TextDecoder();
  return {
    card,
    choice,
    file: /** @type {CardFile} */ (wanted.find(({ path }) => path === main)),
    model: /** @type {Uint8Array} */ (bytes.get(main)),
    external: wanted
      .filter(({ path }) => path.startsWith(`${main}_data`))
      .map(({ path }) => ({ path: path.slice(path.lastIndexOf('/') + 1), data: /** @type {Uint8Array} */ (bytes.get(path)) })),
    files: Object.fromEntries(TEXT_FILES.filter((path) => bytes.has(path)).map((path) => [path, text.decode(bytes.get(path))])),
    persistent: store.persistent,
    downloaded,
    note: store.note,
  };
}

/** @param {CardFile[]} wanted @param {Map<string, Uint8Array>} have @returns {number} bytes still to be stored */
function remaining(wanted, have) {
  return wanted.filter(({ path }) => !have.has(path)).reduce((sum, file) => sum + (file.bytes ?? 0), 0);
}

/**
 * The card from the network, or the one that was stored with the model when the network does not answer.
 * @param {Init} init @param {ModelStore} store
 */
async function find(init, store) {
  try {
    return await resolve(init.model, init);
  } catch (thrown) {
    const card = thrown instanceof NearsideError && thrown.retryable ? await store.card(parseId(init.model).id) : null;
    if (!card) throw thrown;
    return { card, url: (/** @type {string} */ path) => `/models/${card.id}/${path}` };
  }
}
