/**
 * The messages between page, frame, engine worker and model workers. Shapes only, no logic.
 *
 * ```
 * page ──control──▶ frame ──host──▶ engine worker (Python)
 *   └───────────call port────────────▶ engine worker ──model port──▶ model worker (one per loaded model)
 * ```
 * The frame is the hidden same-origin document /engine.html; it owns every worker, so closing it frees everything.
 * A request with an `id` gets exactly one reply with the same `id`. Typed arrays are moved, not copied.
 */

/** Raised whenever a shape below changes; both ends of the handshake compare it. */
export const VERSION = 3;

/** Marks window messages as ours: other scripts post to the same windows. */
export const MARK = 'nearside';

/** @typedef {import('./errors.js').WireError} WireError */

/**
 * Page → frame, window.postMessage, once.
 * @typedef {{mark: typeof MARK, op: 'connect', version: number}} Connect
 * Frame → page, window.postMessage: `hello` when the frame can be talked to, then `connected` with
 * [call port, control port].
 * @typedef {{mark: typeof MARK, op: 'hello'|'connected'|'refused', version: number, error?: WireError}} Hello
 */

/**
 * Frame → page, control port.
 * @typedef {{op: 'status', status: Status}} StatusMessage
 *
 * @typedef {{name: PhaseName, state: 'waiting'|'running'|'done'|'failed', ms: number|null}} Phase
 * @typedef {'frame'|'runtime'|'python'|'packages'|'engine'|'model'} PhaseName
 * @typedef {{state: 'downloading'|'preparing'|'ready'|'failed'|'crashed', loaded: number, total: number|null,
 *   error?: WireError, note?: string}} ModelStatus `note`: a sentence for a person about how it was opened
 * @typedef {{engine: 'starting'|'ready'|'failed'|'restarting', phases: Phase[], models: Record<string, ModelStatus>,
 *   storage: 'persistent'|'memory'|'unknown', hub: boolean|null, error?: WireError}} Status `hub`: whether this site
 *   lets models be downloaded from a hub; null while nobody asked, and where the site could not tell
 */

/**
 * Page → engine, call port. `params` is JSON; it stays a string up to Python's own parser, which keeps lone
 * surrogates and costs one crossing. In it, as in `result`'s JSON, `{"$": n}` stands for `buffers[n]`.
 * @typedef {{id: number, op: 'call', method: string, params: string, buffers: Float32Array[]}|{id: number, op: 'cancel'}} Call
 * Engine → page.
 * @typedef {{id: number, op: 'result', result: string, buffers: Float32Array[]}
 *   |{id: number, op: 'error', error: string}
 *   |{id: number, op: 'progress', progress: string}
 *   |{id: number, op: 'chunk', chunk: string}} Answer `chunk`: a part of a streamed answer, none is left out
 */

/**
 * Frame → engine worker, worker.postMessage, once, with [call port, host port].
 * @typedef {{op: 'ports', version: number, options: string}} Ports
 * Engine → frame, host port: requests, and once `booted` with the phases that only the worker could time, or `broken`.
 * @typedef {{id: number, op: 'start', name: string, model: string, hub: boolean}
 *   |{id: number, op: 'stop', name: string}
 *   |{id: number, op: 'cards'}|{id: number, op: 'probe'}|{id: number, op: 'stored'}|{id: number, op: 'storage'}
 *   |{id: number, op: 'delete', model: string}|{id: number, op: 'rollback', model: string}
 *   |{id: number, op: 'look', model: string, hub: boolean}
 *   |{op: 'booted', timings: string}|{op: 'broken', reason: string}} HostRequest
 * Frame → engine, host port. A reply to `start` carries the model port.
 * @typedef {{id: number, result: string}|{id: number, error: string}|{op: 'gone', name: string, error: string}} HostReply
 */

/**
 * Frame → model worker, worker.postMessage, once, with [model port].
 * @typedef {{op: 'init', version: number, model: string, ort: string, starter: Card, hub: string|null,
 *   device: 'auto'|'wasm'|'webgpu', allowFallbackAdapter: boolean, fallback: string|null}} Init `fallback`: the note of a
 *   graphics card that failed this model before, which then runs on the processor
 * Model worker → frame (worker.postMessage) and → engine (model port); `files` goes to the engine only. `fallback`: the
 * graphics card failed, and the model is not to be opened on it again.
 * @typedef {{op: 'progress', phase: 'download'|'prepare', loaded: number, total: number|null}
 *   |{op: 'ready', info: string, files: Record<string, string>, persistent: boolean, downloaded: boolean, note: string|null}
 *   |{op: 'fallback', note: string}
 *   |{op: 'failed', error: WireError}} ModelEvent
 * `ready`'s info is JSON.
 * @typedef {{file: string, sha256: string|null, inputs: string[], outputs: string[]}} GraphInfo
 * @typedef {GraphInfo & {id: string, revision: string, dtype: string, backend: string, build: string, threads: number,
 *   versions: Record<string, string|undefined>, card: Card, graphs: Record<string, GraphInfo>, note: string|null}} ModelInfo
 */

/**
 * Engine → model worker, model port; one at a time, in order.
 * `graph`: which of the model's graphs, the main one unless named. `want`: per output 'all', 'last' (last position
 * only) or `best` (the k best of the last position, as `name.values` float32 and `name.ids` int64). `keep`: outputs that
 * start with `source` stay here under `handle` as `target…` and are fed to the inputs of their names next time, cut to
 * `length` positions if that is given.
 * `ports/runtime.py` says what each means.
 * A feed may also be `fill`: an int64 tensor that holds one number everywhere, such as an attention mask.
 * @typedef {{data: Tensorable, dims: number[]}} Tensor
 * @typedef {Tensor|{fill: number, dims: number[]}} Feed
 * @typedef {Float32Array|Float64Array|BigInt64Array|Int32Array|Uint8Array|Int8Array|Uint16Array} Tensorable
 * @typedef {{handle: string, source: string, target: string, length?: number}} Keep
 * @typedef {{k: number, penalised?: Int32Array, penalty?: number, biased?: Int32Array, bias?: Float32Array,
 *   allowed?: Uint8Array}} Best
 * @typedef {'all'|'last'|{best: Best}} Want
 * @typedef {{id: number, op: 'run', feeds: Record<string, Feed>, want: Record<string, Want>, keep?: Keep, graph?: string}
 *   |{id: number, op: 'free', handle: string}} ModelRequest
 * @typedef {{id: number, out: Record<string, Tensor>}|{id: number, error: WireError, fatal?: boolean}} ModelReply
 */

/**
 * What is known of a model: `model.json` beside its files.
 * @typedef {{path: string, bytes: number|null, sha256: string|null, sha1?: string|null}} CardFile
 * @typedef {{id: string, revision: string, files: CardFile[], dtypes: Record<string, string>, task?: string,
 *   license?: string, source?: string, languages?: string[], dimensions?: number|null, maxTokens?: number|null,
 *   pooling?: string}} Card
 */
export {};
