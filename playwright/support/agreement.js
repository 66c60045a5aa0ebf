/** The committed fixture of what the engine in CPython makes of fifty texts: tests/fixtures/agreement. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { ROOT } from './programs.js';

/**
 * @typedef {{index: number, start: number, end: number, score: number}} Hit
 * @typedef {{query: string, passages: boolean, hits: Hit[]}} Search `hits`: the first ones, whose order is beyond doubt
 */

const folder = join(ROOT, 'tests/fixtures/agreement');
const given = JSON.parse(readFileSync(join(folder, 'texts.json'), 'utf8'));
const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));

/** How alike a text's vectors must be in full precision. */
export const ALIKE = 0.9999;

/**
 * How alike they must be in int8, at least and on average. The two runtimes add floats up in different orders, and one
 * last bit can flip the rounding of an activation, which later layers amplify: noise of one unit in the last place
 * inside CPython alone gives a minimum of 0.998 over these texts too.
 */
export const INT8 = Object.freeze({ least: 0.997, mean: 0.9995 });

/** @param {number[]} cosines @param {{least: number, mean: number}} bounds */
export function expectAlike(cosines, bounds) {
  const told = cosines.map((one) => one.toFixed(6)).join(' ');
  expect(Math.min(...cosines), told).toBeGreaterThanOrEqual(bounds.least);
  expect(cosines.reduce((sum, one) => sum + one, 0) / cosines.length, told).toBeGreaterThanOrEqual(bounds.mean);
}

/** @type {string[]} */
export const TEXTS = given.texts;
/** @type {string[]} */
export const DOCS = given.search.docs;
/** @type {Search[]} */
export const SEARCHES = expected.searches;
/** Which weights made the vectors. @type {{id: string, dtype: string, sha256: string}} */
export const MODEL = { id: expected.model, dtype: expected.dtype, sha256: expected.sha256 };
/** One for each text. @type {Float32Array[]} */
export const VECTORS = rows(readFileSync(join(folder, 'expected.npy')));

/**
 * @param {Buffer} file numpy's format, float32 [n, width]
 * @returns {Float32Array[]}
 */
function rows(file) {
  const start = 10 + file.readUInt16LE(8);
  const header = file.toString('latin1', 10, start);
  const [, count, width] = /'descr': '<f4', 'fortran_order': False, 'shape': \((\d+), (\d+)\)/.exec(header) ?? [];
  const values = new Float32Array(file.buffer.slice(file.byteOffset + start, file.byteOffset + file.length));
  return Array.from({ length: Number(count) }, (_, row) => values.subarray(row * Number(width), (row + 1) * Number(width)));
}
