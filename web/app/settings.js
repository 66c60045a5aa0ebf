/**
 * The settings as the page knows them: read from the engine, which keeps and enforces them. What the page adds is
 * the way to the local-only document: its policy holds from the first byte only if the browser is sent there
 * before anything else, so the mode is mirrored where a script in the document's head can read it. Fires `change`.
 */

import { describe } from './search-session.js';

/** @typedef {import('./types.js').Settings} Settings */
/** @typedef {import('./types.js').Mode} Mode */

/** Strictest first. @type {readonly Mode[]} */
export const MODES = ['local-only', 'prefer-local', 'balanced', 'prefer-cloud', 'cloud-only'];

/** Also read by the script in the document's head. */
export const MODE_KEY = 'nearside-mode';

/** Where the document lies whose policy lets nothing out. */
export const LOCAL = '/local/';

/** @param {string} pathname */
export const isLocal = (pathname) => pathname.startsWith(LOCAL);

/**
 * The document that a mode belongs to, when it is another than this one.
 * @param {Mode} mode @param {string} pathname of this document
 * @returns {string | null}
 */
export function documentFor(mode, pathname) {
  if (mode === 'local-only') return isLocal(pathname) ? null : LOCAL;
  return isLocal(pathname) ? '/' : null;
}

/**
 * @typedef {object} Place what is used of the window, so that tests can stand in for it
 * @property {{pathname: string, hash: string, assign: (url: string) => void}} location
 * @property {() => Pick<Storage, 'setItem' | 'removeItem'>} storage throws where the browser blocks it
 */

export class SettingsWatch extends EventTarget {
  /** Null until the engine has told them. @type {Settings | null} */
  value = null;
  /** @type {import('./types.js').ErrorInfo | null} */
  error = null;
  busy = false;
  #client;
  #place;

  /** @param {{settings: import('./types.js').Client['settings']}} client @param {Place} place */
  constructor(client, place) {
    super();
    this.#client = client;
    this.#place = place;
  }

  /** True in the document whose policy lets nothing out, whatever the engine has said so far. */
  get localOnly() {
    return isLocal(this.#place.location.pathname);
  }

  /** The alias that the cloud would answer under, if one is connected. */
  get alias() {
    return this.value?.provider.models[0] ?? null;
  }

  /** Reads them anew. Never rejects: look at `error`. */
  load() {
    return this.#do(() => this.#client.settings.get());
  }

  /**
   * Changes some of them. A change of the mode may lead to the other document.
   * @param {import('./types.js').SettingsChange} change
   */
  async set(change) {
    const done = await this.#do(() => this.#client.settings.set(change));
    if (!done || !change.mode) return;
    this.#mirror(change.mode);
    const target = documentFor(change.mode, this.#place.location.pathname);
    if (target) this.#place.location.assign(target + this.#place.location.hash);
  }

  /** @param {Mode} mode */
  #mirror(mode) {
    try {
      if (mode === 'local-only') this.#place.storage().setItem(MODE_KEY, mode);
      else this.#place.storage().removeItem(MODE_KEY);
    } catch (error) {
      if (!(error instanceof DOMException)) throw error; // storage blocked: the mode holds for this visit
    }
  }

  /** @param {() => Promise<Settings>} ask */
  async #do(ask) {
    this.busy = true;
    this.dispatchEvent(new Event('change'));
    try {
      this.value = await ask();
      this.error = null;
      return true;
    } catch (thrown) {
      this.error = describe(thrown);
      return false;
    } finally {
      this.busy = false;
      this.dispatchEvent(new Event('change'));
    }
  }
}
