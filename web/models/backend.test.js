import assert from 'node:assert/strict';
import test from 'node:test';
import { NearsideError } from '../errors.js';
import { BUILDS, choose } from './backend.js';

/** @type {import('./backend.js').Probe} */
const plain = { adapter: false, fallback: false, f16: false, jspi: true };
const gpu = { ...plain, adapter: true, f16: true };

/** @type {[string, import('./backend.js').Probe, string[], object, object][]} */
const cases = [
  ['no adapter: int8 on the small build', plain, ['fp32', 'int8', 'fp16'], {}, { build: 'wasm', provider: 'wasm', dtype: 'int8' }],
  ['one thread', plain, ['int8'], {}, { threads: 1 }],
  ['no int8: fp32', plain, ['fp16', 'fp32'], {}, { provider: 'wasm', dtype: 'fp32' }],
  ['nothing but fp16 still runs on WASM', plain, ['fp16'], {}, { provider: 'wasm', dtype: 'fp16' }],
  ['adapter with f16: fp16 on jspi', gpu, ['int8', 'fp32', 'fp16'], {}, { build: 'jspi', provider: 'webgpu', dtype: 'fp16' }],
  ['q4f16 before fp16', gpu, ['fp16', 'q4f16'], {}, { dtype: 'q4f16' }],
  ['adapter without f16: never fp16', { ...gpu, f16: false }, ['int8', 'fp32', 'fp16'], {}, { provider: 'webgpu', dtype: 'fp32' }],
  ['without JSPI: asyncify', { ...gpu, jspi: false }, ['fp32'], {}, { build: 'webgpu', provider: 'webgpu' }],
  ['int8 is no reason for the large builds', gpu, ['int8'], {}, { build: 'wasm', provider: 'wasm', dtype: 'int8' }],
  ['a software adapter is worse than WASM', { ...gpu, fallback: true }, ['int8', 'fp32'], {}, { provider: 'wasm', dtype: 'int8' }],
  ['unless it is allowed', { ...gpu, fallback: true }, ['int8', 'fp32'], { allowFallbackAdapter: true }, { provider: 'webgpu', dtype: 'fp32' }],
  ['device wasm wins over an adapter', gpu, ['int8', 'fp16'], { device: 'wasm' }, { provider: 'wasm', dtype: 'int8' }],
];

for (const [name, facts, dtypes, wish, expected] of cases) {
  test(name, () => {
    const choice = choose(facts, dtypes, wish);
    assert.deepEqual({ ...choice, ...expected }, choice);
    assert.ok(choice.build in BUILDS);
  });
}

test('a card without 16-bit numbers is told of only where it is the reason', () => {
  const weak = { ...gpu, f16: false };
  assert.match(choose(weak, ['int8', 'fp16']).note ?? '', /16-bit/);
  assert.equal(choose(weak, ['int8']).note, undefined);
  assert.equal(choose(weak, ['int8', 'fp16'], { device: 'wasm' }).note, undefined);
  assert.equal(choose(plain, ['int8', 'fp16']).note, undefined);
});

test('webgpu demanded without an adapter is refused', () => {
  for (const facts of [plain, { ...gpu, fallback: true }]) {
    assert.throws(() => choose(facts, ['fp32'], { device: 'webgpu' }), (error) => error instanceof NearsideError && error.code === 'unsupported_browser');
  }
});

test('a model without a file that runs is refused', () => {
  for (const dtypes of [[], ['q4f16'], ['int4']]) {
    assert.throws(() => choose(plain, dtypes), (error) => error instanceof NearsideError && error.code === 'unsupported_model');
  }
});
