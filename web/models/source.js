/**
 * From a model id to its card and addresses: starter pack, then the site's own /models/, then the public hub.
 */
import { NearsideError } from '../errors.js';
import { dtypeFiles } from './graphs.js';

/**
 * @typedef {import('../protocol.js').Card} Card
 * @typedef {{card: Card, url: (path: string) => string, origin: 'starter'|'site'|'hub'}} Source
 * @typedef {{type: string, path: string, size: number, oid?: string, lfs?: {oid: string, size: number}}} TreeEntry
 */

const ID = /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*(@[\w.-]+)?$/;

/** Side files that the engine reads as text: `SMALL_FILES` of `models/catalog.py`. */
export const TEXT_FILES = Object.freeze([
  'config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'generation_config.json',
  'preprocessor_config.json',
  'chat_template.jinja',
  'sentence_bert_config.json',
  'config_sentence_transformers.json',
  '1_Pooling/config.json',
]);

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
  // The name of a branch stands for another commit tomorrow: files are asked for by the commit.
  /** @type {{sha?: string, gated?: boolean|string, cardData?: {license?: string, language?: string|string[]}}|null} */
  const about = await getJson(fetch, `${hub}/api/models/${id}/revision/${encodeURIComponent(revision)}`, id, hub);
  if (about?.gated) throw gated(id, hub);
  const commit = about?.sha ?? revision;
  /** @type {TreeEntry[]|null} */
  const tree = about && (await getJson(fetch, `${hub}/api/models/${id}/tree/${encodeURIComponent(commit)}?recursive=true`, id, hub));
  if (!Array.isArray(tree)) throw new NearsideError('unknown_model', `The hub has no public model ${id} (${revision}).`);
  // Only what can be checked is offered: large files carry SHA-256, small ones git's SHA-1.
  const files = tree
    .filter((entry) => entry.type === 'file')
    .map(({ path, size, oid, lfs }) => ({ path, bytes: lfs?.size ?? size, sha256: lfs?.oid ?? null, sha1: lfs ? null : (oid ?? null) }));
  const dtypes = dtypeFiles(files.map(({ path }) => path));
  if (Object.keys(dtypes).length === 0) {
    throw new NearsideError('unsupported_model', `${id} carries no ONNX file that Nearside knows.`);
  }
  const { license, language = [] } = about?.cardData ?? {};
  const languages = (Array.isArray(language) ? language : [language]).filter((one) => typeof one === 'string');
  const card = { id, revision: commit, files, dtypes, source: hub, languages, ...(typeof license === 'string' ? { license } : {}) };
  return { card, url: hubUrl(card), origin: 'hub' };
}

/** @param {Card} card of a model of a hub @returns {(path: string) => string} the address of each of its files */
export const hubUrl = ({ id, revision, source }) => (path) => `${source}/${id}/resolve/${encodeURIComponent(revision)}/${path}`;

/** @param {string} id @param {string} hub @returns {NearsideError} for a model whose publisher wants to know who takes it */
export function gated(id, hub) {
  return new NearsideError('model_download_failed', `${id} is gated: its publisher gives it only to people who agree to its terms.`, {
    hint: `Agree at ${hub}/${id}, and put the files on this site; the browser cannot sign in there.`,
    retryable: false,
  });
}

/**
 * @param {typeof globalThis.fetch} fetch
 * @param {string} url
 * @param {string} [id] the model that a hub is asked for
 * @param {string} [hub]
 * @returns {Promise<any>} the parsed body, or null when the place says that there is no such thing
 */
async function getJson(fetch, url, id = '', hub = '') {
  let response;
  try {
    response = await fetch(url, { cache: 'no-cache' });
  } catch (cause) {
    throw new NearsideError('model_download_failed', `No answer from ${where(url)}.`, { cause });
  }
  if (hub && response.headers.get('x-error-code') === 'GatedRepo') throw gated(id, hub);
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
