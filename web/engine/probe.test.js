import assert from 'node:assert/strict';
import test from 'node:test';
import { browser, formFactor, wasmHas } from './probe.js';

const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1';
const IPAD = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15';
const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';
const PIXEL = 'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36';
const TABLET = 'Mozilla/5.0 (Linux; Android 15; SM-X910) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0';
const EDGE = `${CHROME} Edg/156.0.1.2`;

/** @type {[string, string, number, string|null, string|undefined, string|undefined][]} */
const agents = [
  ['iPhone says "like Mac OS X" and is a phone', IPHONE, 5, 'phone', 'Safari', '26.0'],
  ['iPad says Macintosh and has a touch screen', IPAD, 5, 'tablet', 'Safari', '26.0'],
  ['a Mac has none', IPAD, 0, 'desktop', 'Safari', '26.0'],
  ['Chrome is not Safari', CHROME, 0, 'desktop', 'Chrome', '156.0.0.0'],
  ['Edge is not Chrome', EDGE, 0, 'desktop', 'Edge', '156.0.1.2'],
  ['Android phone', PIXEL, 5, 'phone', 'Chrome', '156.0.0.0'],
  ['Android tablet', TABLET, 5, 'tablet', 'Chrome', '156.0.0.0'],
  ['Firefox', FIREFOX, 0, 'desktop', 'Firefox', '153.0'],
  ['nothing known is null, not a guess', 'curl/8', 0, null, undefined, undefined],
];

for (const [name, agent, touch, form, browserName, version] of agents) {
  test(name, () => {
    assert.equal(formFactor(undefined, agent, touch), form);
    assert.equal(browser(undefined, agent)?.name, browserName);
    assert.equal(browser(undefined, agent)?.version, version);
  });
}

test('client hints come first, their decoy brand last', () => {
  const brands = [{ brand: 'Not?A_Brand', version: '99' }, { brand: 'Chromium', version: '156' }, { brand: 'Microsoft Edge', version: '156' }];
  assert.deepEqual(browser({ brands, mobile: false, platform: 'Linux' }, FIREFOX), { name: 'Microsoft Edge', version: '156' });
  assert.deepEqual(browser({ brands: brands.slice(0, 2), mobile: false, platform: 'Linux' }, FIREFOX), { name: 'Chromium', version: '156' });
  assert.equal(formFactor({ brands, mobile: true, platform: 'Linux' }, CHROME, 0), 'phone');
});

test('WebAssembly features are told by what validates, and none are there without WebAssembly', (t) => {
  assert.deepEqual([wasmHas('simd'), wasmHas('threads')], [true, true]); // every Node that runs this has both
  const real = globalThis.WebAssembly;
  t.after(() => Object.assign(globalThis, { WebAssembly: real }));
  Object.assign(globalThis, { WebAssembly: { validate: () => false } });
  assert.equal(wasmHas('simd'), false);
  Object.assign(globalThis, { WebAssembly: undefined });
  assert.equal(wasmHas('simd'), false);
});
