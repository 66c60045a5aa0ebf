/**
 * A model worker: one model with a session for each of its graphs, one port to the engine. It answers requests one at a
 * time, in order. Terminating it is the hard cancel and the only way to give its memory back.
 *
 * When the graphics card fails, that is remembered, and the model runs on the processor from then on: at once when it
 * fails while the model is opened; else the worker dies of it, with what it kept, and the engine opens the model again.
 * A new revision that cannot be opened, or whose first run fails, gives way to the one before in the same way.
 */
import { NearsideError, isOutOfMemory } from '../errors.js';
import { VERSION } from '../protocol.js';
import { GpuFailed, noteOf } from './gpu.js';
import { load } from './loader.js';
import { Session } from './session.js';
import { ModelStore } from './store.js';

/**
 * @typedef {import('../protocol.js').Init} Init
 * @typedef {import('../protocol.js').ModelEvent} ModelEvent
 * @typedef {import('../protocol.js').ModelRequest} ModelRequest
 * @typedef {import('../protocol.js').ModelReply} ModelReply
 * @typedef {import('../protocol.js').ModelInfo} ModelInfo
 * @typedef {import('./loader.js').Loaded} Loaded
 * @typedef {import('./revisions.js').Trial} Trial
 * @typedef {{session: Session, gpu: string, trial: Trial|null}} Opened `gpu`: see `Loaded`
 */

const PROGRESS_EVERY_MS = 60;

self.onmessage = (event) => {
  /** @type {Init} */
  const init = event.data;
  if (init.op === 'init') void start(init, event.ports[0]);
};

/** @param {Init} init @param {MessagePort} port */
async function start(init, port) {
  const tell = (/** @type {ModelEvent} */ message) => {
    port.postMessage(message);
    self.postMessage(message.op === 'ready' ? { ...message, files: {} } : message);
  };
  try {
    if (init.version !== VERSION) throw new NearsideError('protocol_mismatch', 'The page and the model worker are of different versions.');
    const opened = await open(init, tell);
    const failed = (/** @type {unknown} */ thrown) => giveUpGpu(opened.gpu, thrown, tell);
    let tail = Promise.resolve();
    port.onmessage = ({ data }) => {
      tail = tail.then(() => answer(opened, port, data, failed));
    };
  } catch (thrown) {
    tell({ op: 'failed', error: NearsideError.from(thrown).toWire() });
  }
}

/**
 * @param {Init} init @param {(message: ModelEvent) => void} tell
 * @returns {Promise<Opened>}
 */
async function open(init, tell) {
  let last = 0;
  /** @type {{loaded: number, total: number|null}} all files together, as told last */
  let progress = { loaded: 0, total: null };
  const loaded = await load(init, (bytes, total) => {
    progress = { loaded: bytes, total };
    if (performance.now() - last < PROGRESS_EVERY_MS && bytes !== total) return;
    last = performance.now();
    tell({ op: 'progress', phase: 'download', ...progress });
  });
  tell({ op: 'progress', phase: 'prepare', ...progress });
  let session;
  try {
    session = await Session.create(init.ort, loaded.choice, loaded.parts);
  } catch (thrown) {
    // Never more than once: with the note in place, the processor is chosen.
    if (thrown instanceof GpuFailed) return open({ ...init, fallback: await giveUpGpu(loaded.gpu, thrown, tell) }, tell);
    if (await loaded.trial?.failed()) return open(init, tell); // the one before, then
    throw thrown;
  }
  const { files, persistent, downloaded, note } = loaded;
  tell({ op: 'ready', info: JSON.stringify(describe(loaded, session)), files, persistent, downloaded, note });
  return { session, gpu: loaded.gpu, trial: loaded.trial };
}

/** @param {Loaded} loaded @param {Session} session @returns {ModelInfo} */
function describe({ card, choice, graphs }, session) {
  const described = Object.fromEntries(
    Object.entries(session.graphs).map(([name, { inputNames, outputNames }]) => [
      name,
      { file: graphs[name].path, sha256: graphs[name].sha256, inputs: [...inputNames], outputs: [...outputNames] },
    ]),
  );
  const { web, common } = session.ort.env.versions;
  return {
    id: card.id, revision: card.revision, dtype: choice.dtype, backend: choice.provider, build: choice.build, threads: choice.threads,
    versions: { 'onnxruntime-web': web ?? common }, card, ...Object.values(described)[0], graphs: described, note: choice.note ?? null,
  };
}

/**
 * Remembers that the graphics card failed: in the store for the next visit, in the frame for this one.
 * @param {string} key @param {unknown} thrown @param {(message: ModelEvent) => void} tell
 * @returns {Promise<string>} the note
 */
async function giveUpGpu(key, thrown, tell) {
  const note = noteOf(thrown);
  tell({ op: 'fallback', note });
  const store = await ModelStore.open();
  await store.rememberFallback(key, note);
  store.db?.close();
  return note;
}

/**
 * @param {Opened} opened @param {MessagePort} port @param {ModelRequest} request
 * @param {(thrown: unknown) => Promise<string>} failed what to do when the graphics card does
 */
async function answer({ session, trial }, port, request, failed) {
  try {
    if (request.op === 'free') {
      session.free(request.handle);
      return port.postMessage({ id: request.id, out: {} });
    }
    const out = await session.run(request.feeds, request.want, request.keep, request.graph);
    await trial?.passed();
    return port.postMessage({ id: request.id, out }, Object.values(out).map(({ data }) => data.buffer));
  } catch (thrown) {
    if (thrown instanceof GpuFailed) await failed(thrown);
    const refused = !(thrown instanceof GpuFailed) && (await trial?.failed());
    // After an abort or a failed allocation the WASM instance is not to be trusted any more.
    const fatal =
      refused || thrown instanceof GpuFailed || thrown instanceof WebAssembly.RuntimeError || isOutOfMemory(String(thrown)) || /\babort/i.test(String(thrown));
    const error = NearsideError.from(thrown, fatal ? 'model_crashed' : 'engine_failed');
    return port.postMessage({ id: request.id, error: error.toWire(), fatal });
  }
}
