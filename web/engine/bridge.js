/**
 * The engine worker's JavaScript neighbour: the tokenizer and the database. One call tokenizes a whole batch, because
 * each crossing between Python and JavaScript costs more than a short text does.
 */
import { Tokenizer } from '@huggingface/tokenizers';
import { DataStore } from './database.js';

/** @type {Tokenizer[]} */
const loaded = [];

/**
 * @param {string} tokenizer text of tokenizer.json
 * @param {string} config text of tokenizer_config.json
 * @returns {number} handle for `encode` and `encodeOne`
 */
export function loadTokenizer(tokenizer, config) {
  return loaded.push(new Tokenizer(JSON.parse(tokenizer), JSON.parse(config))) - 1;
}

/**
 * @param {number} handle
 * @param {string[]} texts
 * @param {boolean} special whether to add the model's special tokens
 * @returns {[Int32Array, Int32Array]} all ids, one text after the other, and the number of ids of each text
 */
export function encode(handle, texts, special) {
  const rows = texts.map((text) => loaded[handle].encode(text, { add_special_tokens: special }).ids);
  const lengths = Int32Array.from(rows, (row) => row.length);
  const flat = new Int32Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const row of rows) {
    flat.set(row, at);
    at += row.length;
  }
  return [flat, lengths];
}

/**
 * @param {number} handle
 * @param {string} text
 * @param {boolean} special whether to add the model's special tokens
 * @returns {Int32Array}
 */
export function encodeOne(handle, text, special) {
  return Int32Array.from(loaded[handle].encode(text, { add_special_tokens: special }).ids);
}

const data = new DataStore();

export const openData = () => data.open();
export const getData = (/** @type {string} */ collection, /** @type {string} */ key) => data.get(collection, key);
export const listData = (/** @type {string} */ collection, /** @type {string} */ prefix) => data.list(collection, prefix);
export const writeData = (/** @type {import('./database.js').Change[]} */ changes) => data.write(changes);
export const dataGeneration = (/** @type {string} */ collection) => data.generation(collection);
export const closeData = () => data.close();

/** @returns {string} JSON of what only this worker could time, milliseconds by phase: called when the engine is imported */
export function timings() {
  const { started = NaN, loaded = NaN } = /** @type {{nearsideTimings?: {started: number, loaded: number}}} */ (globalThis).nearsideTimings ?? {};
  return JSON.stringify({ python: loaded - started, packages: performance.now() - loaded });
}
