/**
 * Everything between a model id and bytes in memory: resolve, read from the store or download, keep, tidy.
 */
import { NearsideError } from '../errors.js';
import { choose, probe } from './backend.js';
import { download } from './download.js';
import { dataFiles, graphFiles, weightFiles } from './graphs.js';
import { Trial, proven, whole } from './revisions.js';
import { TEXT_FILES, hubUrl, parseId, resolve } from './source.js';
import { ModelStore } from './store.js';

/**
 * @typedef {import('../protocol.js').Card} Card
 * @typedef {import('../protocol.js').CardFile} CardFile
 * @typedef {import('../protocol.js').Init} Init
 * @typedef {import('./backend.js').Choice} Choice
 * @typedef {import('./session.js').GraphBytes} GraphBytes
 * @typedef {{card: Card, url: (path: string) => string, origin: 'starter'|'site'|'hub'|'stored'}} Place
 * @typedef {{card: Card, choice: Choice, gpu: string, parts: Record<string, GraphBytes>, graphs: Record<string, CardFile>,
 *   files: Record<string, string>, persistent: boolean, downloaded: boolean, note: string|null, trial: Trial|null}} Loaded `gpu`: the key under
 *   which a failure of the graphics card is remembered; `parts` and `graphs` by graph, the main one first
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
    return await alone(() => newest(init, store, onProgress));
  } finally {
    store.db?.close();
  }
}

/**
 * The newest revision; where it cannot be had or has failed here, the one that answered so far.
 * @param {Init} init @param {ModelStore} store @param {(loaded: number, total: number|null) => void} onProgress
 * @returns {Promise<Loaded>}
 */
async function newest(init, store, onProgress) {
  const source = await find(init, store);
  const { card, origin } = source;
  const settled = origin === 'starter' || origin === 'stored' || !store.persistent || parseId(init.model).revision !== null;
  const other = settled ? null : await proven(store, card.id);
  if (settled || other?.revision === card.revision) return fetchAll(init, store, source, null, onProgress);
  const before = async () => {
    const loaded = await fetchAll(init, store, stored(/** @type {Card} */ (other)), null, onProgress);
    loaded.choice.note ??= `The newest version of ${card.id} could not be used here; the one before it is.`;
    return loaded;
  };
  if (other && (await store.history(card.id)).refused.includes(card.revision)) return before();
  try {
    return await fetchAll(init, store, source, new Trial(card, other !== null), onProgress);
  } catch (thrown) {
    if (!other) throw thrown;
    return before();
  }
}

/**
 * @param {Init} init @param {ModelStore} store @param {Place} source @param {Trial|null} trial
 * @param {(loaded: number, total: number|null) => void} onProgress
 * @returns {Promise<Loaded>}
 */
async function fetchAll(init, store, { card, url, origin }, trial, onProgress) {
  const device = await probe();
  // Another version of the runtime may do what this one cannot: its address is a part of the key.
  const gpu = `${device.name}|${card.id}@${card.revision}|${init.ort}`;
  const fallback = init.fallback ?? (device.adapter ? await store.fallback(gpu) : null);
  const paths = card.files.map(({ path }) => path);
  // Where no place could be asked, or none may be: what is here, and nothing from the network.
  const here = origin === 'stored' ? await store.paths(card) : paths;
  const dtypes = Object.keys(card.dtypes).filter((dtype) => weightFiles(card.dtypes[dtype], paths).every((path) => here.includes(path)));
  const choice = choose(device, dtypes, fallback === null ? init : { ...init, device: 'wasm' });
  if (fallback !== null) choice.note = fallback;
  const main = card.dtypes[choice.dtype];
  const needed = new Set([...weightFiles(main, paths), ...TEXT_FILES.filter((path) => here.includes(path))]);
  const wanted = card.files.filter(({ path }) => needed.has(path));
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
    if (origin === 'stored') throw new NearsideError('model_corrupt', `${file.path} of ${card.id} is stored, but cannot be read.`);
    if (!downloaded) await store.reserve(remaining(wanted, bytes), card.id);
    downloaded = true;
    bytes.set(file.path, await download(url(file.path), card, file, store, { onBytes: (received) => report(file.path, received) }));
  }
  if (downloaded) {
    const { current, previous } = await store.history(card.id);
    await store.delete(card.id, (revision) => ![card.revision, current, previous].includes(revision));
  }
  const text = new TextDecoder();
  const graphs = Object.entries(graphFiles(main, paths));
  const had = (/** @type {string} */ path) => {
    const found = bytes.get(path);
    if (!found) throw new NearsideError('model_corrupt', `The card of ${card.id} does not list ${path}.`);
    return found;
  };
  return {
    card,
    choice,
    gpu,
    parts: Object.fromEntries(
      graphs.map(([name, path]) => [
        name,
        { model: had(path), external: dataFiles(path, paths).map((data) => ({ path: data.slice(data.lastIndexOf('/') + 1), data: had(data) })) },
      ]),
    ),
    graphs: Object.fromEntries(graphs.map(([name, path]) => [name, /** @type {CardFile} */ (wanted.find((file) => file.path === path))])),
    files: Object.fromEntries(TEXT_FILES.filter((path) => bytes.has(path)).map((path) => [path, text.decode(bytes.get(path))])),
    persistent: store.persistent,
    downloaded,
    note: store.note,
    trial,
  };
}

/** @param {CardFile[]} wanted @param {Map<string, Uint8Array>} have @returns {number} bytes still to be stored */
function remaining(wanted, have) {
  return wanted.filter(({ path }) => !have.has(path)).reduce((sum, file) => sum + (file.bytes ?? 0), 0);
}

/**
 * The card from the network, or the one that was stored with the model when no place gives one now.
 * @param {Init} init @param {ModelStore} store
 * @returns {Promise<Place>}
 */
async function find(init, store) {
  const { id, revision } = parseId(init.model);
  try {
    return await resolve(init.model, init);
  } catch (thrown) {
    const card = await whole(store, id, revision);
    if (!card) throw thrown;
    return stored(card);
  }
}

/** @param {Card} card of a model in the store @returns {Place} */
function stored(card) {
  const url = card.source?.startsWith('http') ? hubUrl(card) : (/** @type {string} */ path) => `/models/${card.id}/${path}`;
  return { card, url, origin: 'stored' };
}
