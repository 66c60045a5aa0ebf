/**
 * Follows the engine's client for the views: its last status, whether the browser is online, how far the
 * start is (never running backwards), and whether the engine came back from a crash. Fires `change`.
 */

import { answersNow, faceOf, fractionOf, isBooting } from './boot.js';

/** @typedef {import('./types.js').Client} Client */
/** @typedef {import('./types.js').Status} Status */

export class EngineWatch extends EventTarget {
  /** @type {Status} */
  status;
  /** @type {boolean} */
  online;
  /** How often the engine was lost and came back in this visit. */
  recoveries = 0;
  #fraction = 0;
  #lost = false;

  /**
   * @param {Client} client
   * @param {{onLine: boolean, events: EventTarget}} network
   */
  constructor(client, network) {
    super();
    this.status = client.status;
    this.online = network.onLine;
    client.addEventListener('status', (event) => {
      this.#take(/** @type {CustomEvent<Status>} */ (event).detail);
    });
    for (const type of ['online', 'offline']) {
      network.events.addEventListener(type, () => {
        this.online = type === 'online';
        this.#changed();
      });
    }
    this.#take(client.status);
  }

  /** @returns {import('./boot.js').Face} */
  get face() {
    return faceOf(this.status, this.online);
  }

  /** Share of the start that is done, 0 to 1; grows only, until the next start. */
  get fraction() {
    return this.#fraction;
  }

  get booting() {
    return isBooting(this.status);
  }

  get answersNow() {
    return answersNow(this.status);
  }

  /** Resolves when the engine is ready or has failed: what else wants bandwidth can begin then. */
  settled() {
    return /** @type {Promise<void>} */ (
      new Promise((resolve) => {
        const look = () => {
          if (!this.booting) {
            this.removeEventListener('change', look);
            resolve();
          }
        };
        this.addEventListener('change', look);
        look();
      })
    );
  }

  /** @param {Status} status */
  #take(status) {
    const crashed = status.engine === 'restarting' || Object.values(status.models).some((model) => model.state === 'crashed');
    if (crashed) this.#lost = true;
    const anew = status.engine === 'restarting' ? this.status.engine !== 'restarting' : isBooting(status) && !isBooting(this.status);
    if (anew) this.#fraction = 0;
    if (this.#lost && !crashed && answersNow(status)) {
      this.#lost = false;
      this.recoveries += 1;
    }
    this.status = status;
    this.#fraction = Math.max(this.#fraction, fractionOf(status));
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
