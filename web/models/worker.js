/**
 * A model worker: one model, one onnxruntime-web session, one port to the engine. It answers requests one at a time,
 * in order. Terminating it is the hard cancel and the only way to give its memory back.
 */
import { NearsideError, isOutOfMemory } from '../errors.js';
import { VERSION } from '../protocol.js';
import { load } from './loader.js';
import { Session } from './session.js';

/**
 * @typedef {import('../protocol.js').Init} Init
 * @typedef {import('../protocol.js').ModelEvent} ModelEvent
 * @typedef {import('../protocol.js').ModelRequest} ModelRequest
 * @typedef {import('../protocol.js').ModelReply} ModelReply
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
    const session = await open(init, tell);
    let tail = Promise.resolve();
    port.onmessage = ({ data }) => {
      tail = tail.then(() => answer(session, port, data));
    };
  } catch (thrown) {
    tell({ op: 'failed', error: NearsideError.from(thrown).toWire() });
  }
}

/**
 * @param {Init} init @param {(message: ModelEvent) => void} tell
 * @returns {Promise<Session>}
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
  const { card, choice, file } = loaded;
  tell({ op: 'progress', phase: 'prepare', ...progress });
  const session = await Session.create(init.ort, choice, loaded.model, loaded.external);
  const info = {
    id: card.id, revision: card.revision, dtype: choice.dtype, file: file.path, sha256: file.sha256,
    backend: choice.provider, build: choice.build, threads: choice.threads, inputs: [...session.inputs],
    outputs: [...session.outputs], versions: { 'onnxruntime-web': session.ort.env.versions.web ?? session.ort.env.versions.common }, card,
  };
  const { files, persistent, downloaded, note } = loaded;
  tell({ op: 'ready', info: JSON.stringify(info), files, persistent, downloaded, note });
  return session;
}

/** @param {Session} session @param {MessagePort} port @param {ModelRequest} request */
async function answer(session, port, request) {
  try {
    if (request.op === 'free') {
      session.free(request.handle);
      return port.postMessage({ id: request.id, out: {} });
    }
    const out = await session.run(request.feeds, request.want, request.keep);
    return port.postMessage({ id: request.id, out }, Object.values(out).map(({ data }) => data.buffer));
  } catch (thrown) {
    // After an abort or a failed allocation the WASM instance is not to be trusted any more.
    const fatal = thrown instanceof WebAssembly.RuntimeError || isOutOfMemory(String(thrown)) || /\babort/i.test(String(thrown));
    const error = NearsideError.from(thrown, fatal ? 'model_crashed' : 'engine_failed');
    return port.postMessage({ id: request.id, error: error.toWire(), fatal });
  }
}
