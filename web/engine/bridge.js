/**
 * The engine worker's JavaScript neighbour: the tokenizers and the database. One call tokenizes a whole batch, because
 * each crossing between Python and JavaScript costs more than a short text does.
 */
import { DataStore } from './database.js';

export { decode, encode, encodeOne, idOf, loadTokenizer, vocabulary } from './tokenizer.js';

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
