/**
 * Nearside's public module: `import { connect } from '/nearside.js'`.
 *
 * ```js
 * const client = connect();
 * const { results } = await client.search('how do I get there?', documents, { topK: 3 });
 * ```
 */
import { NearsideError } from '../errors.js';
import { Client } from './client.js';

export { NearsideError };

/** @typedef {import('./client.js').ConnectOptions & {allowFallbackAdapter?: boolean}} Options */

const DEVICES = ['auto', 'wasm', 'webgpu'];

/**
 * Starts an engine in a hidden frame and returns at once; calls wait until it answers.
 * @param {Options} [options] `device`: where models run, `auto` by default; `webgpu` fails where there is none.
 *   `allowFallbackAdapter` admits a software WebGPU adapter, which is slow and meant for tests.
 * @returns {Client}
 * @throws {NearsideError} invalid_option
 */
export function connect(options = {}) {
  const { device = 'auto', allowFallbackAdapter = false, ...rest } = options;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new NearsideError('invalid_option', `connect has no option “${unknown}”.`);
  if (!DEVICES.includes(device)) throw new NearsideError('invalid_option', `device must be one of ${DEVICES.join(', ')}.`);
  const address = new URL('/engine.html', import.meta.url);
  address.hash = new URLSearchParams({ device, allowFallbackAdapter: String(allowFallbackAdapter) }).toString();
  return new Client(address.href);
}
