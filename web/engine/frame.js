/**
 * The hidden frame /engine.html: the one document that may evaluate code (PyScript needs it), so that the document
 * which shows people's text does not have to. It starts the Python engine and the model workers and joins them and
 * the page by ports.
 */
import site from 'nearside:site';
import { NearsideError } from '../errors.js';
import { MARK, VERSION } from '../protocol.js';
import { Host } from './host.js';
import { wasmHas } from './probe.js';
import { StatusBoard } from './status.js';
import { replaceBlockedStorage } from './storage.js';

/** @typedef {import('./host.js').Options} Options */

const { worker = '', bridge = '', interpreter = '' } = site; // only the bundles of those parts lack them
const board = new StatusBoard();
const options = readOptions(location.hash);
const local = location.pathname.startsWith('/local/');
// Under /local/ lies the same script with a policy of its own: a worker obeys the one that its script came with.
const host = new Host({ ...site, worker: local ? `/local${worker}` : worker }, options, board);
const calls = new MessageChannel();

board.phase('frame', 'done', performance.now());
// The model first: its download and compilation overlap Python's boot.
board.phase('model', 'running');
board.listeners.add(({ models }) => {
  const state = models[site.starter.id]?.state;
  const phase = board.status.phases.find(({ name }) => name === 'model');
  if (phase?.state !== 'running') return;
  if (state === 'ready') board.phase('model', 'done');
  if (state === 'failed' || state === 'crashed') board.phase('model', 'failed');
});
void host.start(`${site.starter.id}#0`, site.starter.id);
welcome();
void boot();

/**
 * @param {string} hash of the frame's address; a query would make the service worker's copy miss
 * @returns {Options}
 */
function readOptions(hash) {
  const given = new URLSearchParams(hash.slice(1));
  const device = given.get('device');
  return {
    device: device === 'wasm' || device === 'webgpu' ? device : 'auto',
    allowFallbackAdapter: given.get('allowFallbackAdapter') === 'true',
    mode: given.get('mode'),
  };
}

/** Shakes hands with the page that holds this frame, once, and with nobody else. */
function welcome() {
  const parent = window.parent;
  if (parent === window) return; // opened by hand, as a page
  const say = (/** @type {object} */ message, /** @type {Transferable[]} */ transfer = []) =>
    parent.postMessage({ mark: MARK, version: VERSION, ...message }, location.origin, transfer);
  window.addEventListener('message', function connect({ data, source, origin }) {
    if (source !== parent || origin !== location.origin || data?.mark !== MARK || data.op !== 'connect') return;
    window.removeEventListener('message', connect);
    if (data.version !== VERSION) {
      const error = new NearsideError('protocol_mismatch', 'The page and the engine are of different versions.');
      return say({ op: 'refused', error: error.toWire() });
    }
    const control = new MessageChannel();
    const tell = (/** @type {import('../protocol.js').Status} */ status) => control.port1.postMessage({ op: 'status', status });
    board.listeners.add(tell);
    say({ op: 'connected' }, [calls.port1, control.port2]);
    tell(board.status);
  });
  say({ op: 'hello' });
}

/** Starts PyScript and the engine in it. */
async function boot() {
  try {
    board.phase('runtime', 'running');
    const restore = await replaceBlockedStorage();
    const { PyWorker } = await import(/* webpackIgnore: true */ site.pyscript).finally(restore);
    await customElements.whenDefined('py-script'); // before that PyScript's hooks are missing and the worker breaks
    board.phase('runtime', 'done');
    board.phase('python', 'running');
    // PyScript says nothing when this is missing, and would wait for ever.
    const program = await fetch('/engine.py');
    if (!program.ok) throw new NearsideError('engine_failed', `The engine’s program cannot be had (HTTP ${program.status}).`);
    const engine = await PyWorker('/engine.py', {
      async: true,
      version: new URL(interpreter, location.href).href, // PyWorker ignores config.interpreter
      config: {
        packages: ['numpy'],
        packages_cache: 'passthrough',
        sync_main_only: true,
        js_modules: { worker: { [new URL(bridge, location.href).href]: 'nearside_bridge' } },
      },
    });
    board.phase('python', 'done');
    board.phase('engine', 'running');
    engine.onerror = (/** @type {ErrorEvent} */ event) => fail(event.error ?? event.message);
    const channel = new MessageChannel();
    host.attach(channel.port1);
    host.onBroken = (reason) => fail(new NearsideError('engine_failed', `The engine could not start (${reason}).`));
    host.onBooted = (timings) => {
      for (const name of /** @type {const} */ (['python', 'packages'])) if (timings[name]) board.phase(name, 'done', timings[name]);
      board.phase('engine', 'done');
      board.set({ engine: 'ready' });
    };
    const facts = {
      cores: navigator.hardwareConcurrency ?? 1,
      starter: site.starter,
      extras: site.extras.map((path) => new URL(path, location.href).href),
      origin: location.origin,
      mode: options.mode,
      localOnly: local,
    };
    engine.postMessage({ op: 'ports', version: VERSION, options: JSON.stringify(facts) }, [calls.port2, channel.port2]);
  } catch (thrown) {
    fail(thrown);
  }
}

/** @param {unknown} thrown */
function fail(thrown) {
  const error = NearsideError.from(thrown, wasmHas('simd') ? 'engine_failed' : 'unsupported_browser');
  for (const { name, state } of board.status.phases) if (state === 'running' && name !== 'model') board.phase(name, 'failed');
  board.set({ engine: 'failed', error: error.toWire() });
}
