/**
 * What the frame does for the engine: start and stop model workers, look into the model store, probe the device.
 * The frame owns the workers because only a page can terminate one, and because a model can then load while Python
 * is still booting.
 */
import { NearsideError } from '../errors.js';
import { VERSION } from '../protocol.js';
import { rollback } from '../models/revisions.js';
import { resolve } from '../models/source.js';
import { ModelStore } from '../models/store.js';
import { facts, storageFacts } from './probe.js';

/**
 * @typedef {import('../protocol.js').Card} Card
 * @typedef {import('../protocol.js').HostRequest} HostRequest
 * @typedef {import('../protocol.js').ModelEvent} ModelEvent
 * @typedef {import('./status.js').StatusBoard} StatusBoard
 * @typedef {{worker: Worker, model: string, port: MessagePort|null, ready: boolean}} Running `port` until handed over
 * @typedef {{device: 'auto'|'wasm'|'webgpu', allowFallbackAdapter: boolean, mode: string|null}} Options
 * @typedef {{worker: string, ort: string, starter: Card}} Site
 */

/** The engine's services in the frame. */
export class Host {
  /** @param {Site} site @param {Options} options @param {StatusBoard} board */
  constructor(site, options, board) {
    this.site = site;
    this.options = options;
    this.board = board;
    /** @type {Map<string, Running>} model workers by name (model#replica) */
    this.running = new Map();
    /** @type {Map<string, string>} notes of the graphics card's failures, by model: storage may be blocked */
    this.fallbacks = new Map();
    /** @type {MessagePort|null} */
    this.engine = null;
    /** @type {(timings: Record<string, number>) => void} */
    this.onBooted = () => {};
    /** @type {(reason: string) => void} */
    this.onBroken = () => {};
  }

  /** @param {MessagePort} port the engine's end of the host channel */
  attach(port) {
    this.engine = port;
    port.onmessage = ({ data }) => void this.#answer(data);
  }

  /**
   * Starts a model worker under `name`; its port waits for the engine to ask for it.
   * @param {string} name model#replica
   * @param {string} model
   * @param {boolean} [mayAskHub] whether it may be fetched from the public hub
   * @returns {Promise<Running>}
   */
  async start(name, model, mayAskHub = true) {
    const hub = model === this.site.starter.id || !mayAskHub ? null : await this.#hub();
    const { device, allowFallbackAdapter } = this.options;
    const { port1, port2 } = new MessageChannel();
    const worker = new Worker(this.site.worker, { type: 'module', name: `nearside model ${name}` });
    const running = { worker, model, port: port2, ready: false };
    this.running.set(name, running);
    worker.onmessage = ({ data }) => this.#told(name, running, data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#crashed(name, running, event.message);
    };
    worker.postMessage(
      { op: 'init', version: VERSION, model, ort: new URL(this.site.ort, location.href).href, starter: this.site.starter, hub, device, allowFallbackAdapter, fallback: this.fallbacks.get(model) ?? null },
      [port1],
    );
    return running;
  }

  /** Terminates a model worker: its memory comes back. @param {string} name @returns {boolean} whether it ran */
  stop(name) {
    const running = this.running.get(name);
    running?.worker.terminate();
    if (running && name.endsWith('#0')) this.board.forget(running.model);
    return this.running.delete(name);
  }

  /** @param {HostRequest} request */
  async #answer(request) {
    if (request.op === 'booted') return this.onBooted(JSON.parse(request.timings));
    if (request.op === 'broken') return this.onBroken(request.reason);
    const port = /** @type {MessagePort} */ (this.engine);
    try {
      if (request.op === 'start') {
        const model = await this.#hand(request.name, request.model, request.hub);
        return port.postMessage({ id: request.id, result: 'null' }, [model]);
      }
      return port.postMessage({ id: request.id, result: JSON.stringify((await this.#serve(request)) ?? null) });
    } catch (thrown) {
      return port.postMessage({ id: request.id, error: JSON.stringify(NearsideError.from(thrown).toWire()) });
    }
  }

  /** @param {HostRequest} request @returns {Promise<unknown>} */
  async #serve(request) {
    switch (request.op) {
      case 'stop':
        return this.stop(request.name);
      case 'probe':
        return facts();
      case 'cards':
        return this.#cards();
      case 'stored':
        return this.#withStore(async (store) => {
          const stored = await store.list();
          return Promise.all(
            stored.map(async ({ id, revision, ...model }) => ({
              id, revision, ...model, card: await store.card(id, revision), config: await store.text(id, revision, 'config.json'),
              tokenizer: await store.text(id, revision, 'tokenizer_config.json'),
            })),
          );
        });
      case 'look': {
        const { starter } = this.site;
        return (await resolve(request.model, { starter, hub: request.hub ? await this.#hub() : null })).card;
      }
      case 'rollback':
        return this.#withStore((store) => rollback(store, request.model));
      case 'delete':
        return this.#withStore((store) => store.delete(request.model));
      case 'storage':
        return this.#storage();
      default:
        throw new NearsideError('protocol_mismatch', 'The engine asked the frame for something that it does not know.');
    }
  }

  /**
   * @param {string} name @param {string} model @param {boolean} mayAskHub
   * @returns {Promise<MessagePort>} a port that nobody else has
   */
  async #hand(name, model, mayAskHub) {
    let running = this.running.get(name);
    if (!running?.port) {
      this.stop(name);
      running = await this.start(name, model, mayAskHub);
    }
    const port = /** @type {MessagePort} */ (running.port);
    running.port = null;
    return port;
  }

  /** @param {string} name @param {Running} running @param {ModelEvent} message */
  #told(name, running, message) {
    const first = name.endsWith('#0');
    if (message.op === 'progress' && first) {
      const state = message.phase === 'download' ? 'downloading' : 'preparing';
      this.board.model(running.model, { state, loaded: message.loaded, total: message.total });
    } else if (message.op === 'ready') {
      running.ready = true;
      const { loaded = 0, total = null } = this.board.status.models[running.model] ?? {};
      const { note } = JSON.parse(message.info);
      if (first) this.board.model(running.model, { state: 'ready', loaded, total, ...(note ? { note } : {}) });
      this.board.set({ storage: message.persistent ? 'persistent' : 'memory' });
      // Asked once something worth keeping is there, and never awaited: Firefox shows a prompt.
      if (message.downloaded && message.persistent) void navigator.storage?.persist?.().catch(() => false);
    } else if (message.op === 'fallback') {
      this.fallbacks.set(running.model, message.note);
    } else if (message.op === 'failed') {
      if (first) this.board.model(running.model, { state: 'failed', loaded: 0, total: null, error: message.error });
      running.worker.terminate();
      if (running.port === null && this.running.get(name) === running) this.running.delete(name);
    }
  }

  /** @param {string} name @param {Running} running @param {string} why */
  #crashed(name, running, why) {
    running.worker.terminate();
    if (this.running.get(name) === running) this.running.delete(name);
    const error = new NearsideError('model_crashed', `The worker of ${running.model} stopped (${why || 'no reason given'}).`).toWire();
    this.board.model(running.model, { state: 'crashed', loaded: 0, total: null, error });
    this.engine?.postMessage({ op: 'gone', name, error: JSON.stringify(error) });
  }

  /** @returns {Promise<Card[]>} the starter's card and those of the site's other models, as far as they can be reached */
  async #cards() {
    const { starter } = this.site;
    // Offline there is nothing to list but what is stored; the store has those cards.
    const [list] = await Promise.all([
      fetch('/models/index.json').then((response) => (response.ok ? response.json() : null)).catch(() => null),
      this.board.status.hub === null ? this.#hub() : null, // whoever lists models wants to know which others can be had
    ]);
    const others = /** @type {Card[]} */ (list?.models ?? []).filter(({ id }) => id !== starter.id);
    return [starter, ...others];
  }

  /** @returns {Promise<string|null>} the hub's address, or null when it is switched off */
  async #hub() {
    const answer = await fetch('/config.json').then((response) => response.json()).catch(() => null);
    if (!answer) return null;
    this.board.set({ hub: Boolean(answer.hub) });
    return answer.hub ?? null;
  }

  /** @template T @param {(store: ModelStore) => Promise<T>} work @returns {Promise<T>} */
  async #withStore(work) {
    const store = await ModelStore.open();
    try {
      return await work(store);
    } finally {
      store.db?.close();
    }
  }

  /** @returns {Promise<Record<string, unknown>>} */
  #storage() {
    return this.#withStore(async (store) => {
      const storage = /** @type {any} */ (await storageFacts());
      const used = (await store.list()).reduce((sum, { bytes }) => sum + bytes, 0);
      return { persistent: store.persistent, used, quota: storage.quota, persisted: storage.persisted, note: store.note };
    });
  }
}
