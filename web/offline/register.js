/**
 * The page's side of the service worker: registers it once the engine no longer needs the line, tells when
 * the page works offline, and when a new version waits. Fires `change`.
 */

import { Workbox } from 'workbox-window';

/** @typedef {'waiting' | 'ready' | 'never'} OfflineState */

/** The engine's start gets the line to itself for so long at most. */
const PATIENCE_MS = 15_000;

export class Offline extends EventTarget {
  /** @type {OfflineState} */
  state;
  /** A new version waits to take over. */
  waiting = false;

  /** @type {Workbox | null} */
  #workbox = null;
  #reloads = false;
  #update;
  #installed;

  /**
   * @param {{onUpdate: () => void, onInstalled: () => unknown}} told `onUpdate`: a new version is ready;
   *   `onInstalled`: the first one is
   */
  constructor({ onUpdate, onInstalled }) {
    super();
    this.#update = onUpdate;
    this.#installed = onInstalled;
    this.state = 'serviceWorker' in navigator && isSecureContext ? 'waiting' : 'never';
  }

  /**
   * @param {Promise<unknown>} settled the engine is up, or has failed
   */
  async start(settled) {
    if (this.state === 'never') return;
    await Promise.race([
      settled,
      new Promise((resolve) => {
        setTimeout(resolve, PATIENCE_MS);
      }),
    ]);
    const workbox = new Workbox('/sw.js', { updateViaCache: 'none' });
    this.#workbox = workbox;
    workbox.addEventListener('waiting', () => this.#hasUpdate());
    workbox.addEventListener('activated', (event) => {
      if (!event.isUpdate) this.#installed();
      this.#ready(settled);
    });
    workbox.addEventListener('controlling', (event) => {
      if (this.#reloads) location.reload();
      else if (event.isUpdate) this.#tookOver();
    });
    try {
      const registration = await workbox.register({ immediate: true });
      if (registration?.active) this.#ready(settled);
    } catch (error) {
      // Blocked by a setting, or the script could not be had: the page works, only not offline.
      if (!(error instanceof DOMException) && !(error instanceof TypeError)) throw error;
      this.#set('never');
    }
  }

  /** Lets the waiting version take over; the page reloads when it has. */
  takeUpdate() {
    this.#reloads = true;
    if (this.waiting && this.#workbox) this.#workbox.messageSkipWaiting();
    else location.reload();
  }

  #hasUpdate() {
    this.waiting = true;
    this.#update();
  }

  /** Another tab asked for the update. This one may be in the middle of something, so it asks too. */
  #tookOver() {
    this.waiting = false;
    this.#update();
  }

  /** @param {Promise<unknown>} settled */
  #ready(settled) {
    this.#set('ready');
    void settled.then(async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      registration?.active?.postMessage({ type: 'KEEP_RUNTIME' });
    });
  }

  /** @param {OfflineState} state */
  #set(state) {
    this.state = state;
    this.dispatchEvent(new Event('change'));
  }
}
