/** What a browser must have, told from what it lacks. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { missingFeatures } from './support.js';

/** @param {boolean} readsType */
const workerClass = (readsType) =>
  /** @type {any} */ (
    class {
      /** @param {string} url @param {{type?: string}} options */
      constructor(url, options) {
        if (readsType) void options.type;
        throw new DOMException(`${url} is no address`, 'SyntaxError');
      }
    }
  );

test('this very engine has SIMD, and a worker that reads its options is enough', () => {
  assert.deepEqual(missingFeatures({ WebAssembly, Worker: workerClass(true) }), []);
});

test('each lack is named', () => {
  assert.deepEqual(missingFeatures({}), ['wasm', 'module_workers']);
  assert.deepEqual(missingFeatures({ WebAssembly, Worker: workerClass(false) }), ['module_workers']);
  const plain = /** @type {any} */ ({ validate: () => false });
  assert.deepEqual(missingFeatures({ WebAssembly: plain, Worker: workerClass(true) }), ['simd']);
});
