/**
 * From a model id to its card and addresses: starter pack, then the site's own /models/, then the public hub.
 */
import { NearsideError } from '../errors.js';

/**
 * @typedef {import('../protocol.js').Card} Card
 * @typedef {{card: Card, url: (path: string) => string, origin: 'starter'|'site'|'hub'}} Source
 * @typedef {{type: string, path: string, size: number, oid?: string, lfs?: {oid: string, size: number}}} TreeEntry
 */

const ID = /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*(@[\w.-]+)?$/;

/** dtype → the file name that hub repositories use. */
export const DTYPE_FILES = Object.freeze({
  fp32: 'onnx/model.onnx',
  fp16: 'onnx/model_fp16.onnx',
  int8: 'onnx/model_quantized.onnx',
  q4: 'onnx/model_q4.onnx',
  q4f16: 'onnx/model_q4f16.onnx',
});

/** Side files that the engine reads as text. */
export const TEXT_FILES = Object.freeze(['config.json', 'tokenizer.json', 'tokenizer_config.json']);

/**
 * @param {string} model `org/name[@revision]`
 * @returns {{id: string, revision: string|null}}
 * @throws {NearsideError} unknown_model when the text is no model id
 */
export function parseId(model) {
  if (!ID.test(model)) throw new NearsideError('unknown_model', `“${model}” is not a model id.`);
  const [id, revision = null] = model.split('@');
  return { id, revision };
}

/**
 * @param {string} model
 * @param {{starter: Card, hub: string|null, fetch?: typeof globalThis.fetch}} places
 * @returns {Promise<Source>}
 * @throws {NearsideError} unknown_model when no place has it, model_download_failed when one cannot be asked
 */
export async function resolve(model, { starter, hub, fetch = globalThis.fetch }) {
  const { id, revision } = parseId(model);
  const local = (/** @type {string} */ path) => `/models/${id}/${path}`;
  if (id === starter.id && (revision === null || revision === starter.revision)) {
    return { card: starter, url: local, origin: 'starter' };
  }
  const own = await getJson(fetch, local('model.json'));
  if (own && (revision === null || own.revision === revision)) return { card: own, url: local, origin: 'site' };
  if (!hub) throw new NearsideError('unknown_model', `The model ${model} is not on this site, and the hub is switched off.`);
  return resolveOnHub(fetch, hub, id, revision ?? 'main');
}

/**
 * @param {typeof globalThis.fetch} fetch
 * @param {string} hub
 * @param {string} id
 * @param {string} revision
 * @returns {Promise<Source>}
 */
async function resolveOnHub(fetch, hub, id, revision) {
  /** @type {TreeEntry[]|null} */
  const tree = await getJson(fetch, `${hub}/api/models/${id}/tree/${encodeURIComponent(revision)}?recursive=true`);
  if (!Array.isArray(tree)) throw new NearsideError('unknown_model', `The hub has no public model ${id} (${revision}).`);
  // Only what can be checked is offered: large files carry SHA-256, small ones git's SHA-1.
  const files = tree
    .filter((entry) => entry.type === 'file')
    .map(({ path, size, oid, lfs }) => ({ path, bytes: lfs?.size ?? size, sha256: lfs?.oid ?? null, sha1: lfs ? null : (oid ?? null) }));
  const dtypes = Object.fromEntries(
    Object.entries(DTYPE_FILES).filter(([, path]) => files.some((file) => file.path === path)),
  );
  if (Object.keys(dtypes).length === 0) {
    throw new NearsideError('unsupported_model', `${id} carries no ONNX file that Nearside knows.`);
  }
  const card = { id, revision, files, dtypes, source: hub };
  return { card, url: (path) => `${hub}/${id}/resolve/${encodeURIComponent(revision)}/${path}`, origin: 'hub' };
}

/**
 * @param {typeof globalThis.fetch} fetch
 * @param {string} url
 * @returns {Promise<any>} the parsed body, or null when the place says that there is no such thing
 */
async function getJson(fetch, url) {
  let response;
  try {
    response = await fetch(url, { cache: 'no-cache' });
  } catch (cause) {
    throw new NearsideError('model_download_failed', `No answer from ${where(url)}.`, { cause });
  }
  if (response.status === 404 || response.status === 401 || response.status === 403) return null;
  if (!response.ok) throw new NearsideError('model_download_failed', `${where(url)} answered ${response.status}.`);
  try {
    return await response.json();
  } catch (cause) {
    throw new NearsideError('model_download_failed', `${where(url)} answered with something that is not a model list.`, { cause });
  }
}

/** @param {string} url @returns {string} the host for a message, or "this site" */
function where(url) {
  return url.startsWith('/') ? 'This site' : new URL(url).host;
}
