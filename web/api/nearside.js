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

export { listen } from './microphone.js';
export { NearsideError };

/**
 * @typedef {import('./shapes.js').Mode} Mode
 * @typedef {{device?: 'auto'|'wasm'|'webgpu', mode?: Mode, localOnly?: boolean, allowFallbackAdapter?: boolean}} Options
 */

const DEVICES = ['auto', 'wasm', 'webgpu'];
const MODES = ['local-only', 'prefer-local', 'balanced', 'prefer-cloud', 'cloud-only'];

/**
 * Starts an engine in a hidden frame and returns at once; calls wait until it answers.
 * @param {Options} [options] `device`: where models run, `auto` by default; `webgpu` fails where there is none.
 *   `mode`: how the two sides are to be used by this page; a visitor's local-only stands above it, and a call may
 *   only be stricter. `localOnly` starts the engine in a document whose security policy cannot reach the cloud or the
 *   model hub, so that the browser itself enforces it; it is on by itself in pages under /local/.
 *   `allowFallbackAdapter` admits a software WebGPU adapter, which is slow and meant for tests.
 * @returns {Client}
 * @throws {NearsideError} invalid_option
 */
export function connect(options = {}) {
  const { device = 'auto', mode, localOnly = location.pathname.startsWith('/local/'), allowFallbackAdapter = false, ...rest } = options;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new NearsideError('invalid_option', `connect has no option “${unknown}”.`);
  if (!DEVICES.includes(device)) throw new NearsideError('invalid_option', `device must be one of ${DEVICES.join(', ')}.`);
  if (mode !== undefined && !MODES.includes(mode)) throw new NearsideError('invalid_option', `mode must be one of ${MODES.join(', ')}.`);
  if (typeof localOnly !== 'boolean') throw new NearsideError('invalid_option', 'localOnly must be true or false.');
  const address = new URL(localOnly ? '/local/engine.html' : '/engine.html', import.meta.url);
  const given = { device, allowFallbackAdapter: String(allowFallbackAdapter), ...(mode === undefined ? {} : { mode }) };
  address.hash = new URLSearchParams(given).toString();
  return new Client(address.href);
}
