/**
 * Short messages that lie over the corner of the page: one per id, newest last, gone by themselves or by
 * hand. They never move the page's content. Fires `change`.
 */

/** @typedef {'info' | 'good' | 'problem'} Tone */
/**
 * @typedef {object} Notice
 * @property {string} id a second notice with the same id replaces the first
 * @property {string} text
 * @property {Tone} [tone]
 * @property {{label: string, run: () => void}} [action]
 * @property {number} [stay] milliseconds until it goes by itself; without it, it stays until closed
 */

export class Notices extends EventTarget {
  /** @type {Notice[]} */
  list = [];
  /** @type {Map<string, ReturnType<typeof setTimeout>>} */
  #timers = new Map();

  /** @param {Notice} notice */
  show(notice) {
    this.#forget(notice.id);
    this.list = [...this.list.filter(({ id }) => id !== notice.id), notice];
    if (notice.stay !== undefined) this.#timers.set(notice.id, setTimeout(() => this.close(notice.id), notice.stay));
    this.dispatchEvent(new Event('change'));
  }

  /** @param {string} id */
  close(id) {
    this.#forget(id);
    this.list = this.list.filter((notice) => notice.id !== id);
    this.dispatchEvent(new Event('change'));
  }

  /** @param {string} id */
  #forget(id) {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }
}
