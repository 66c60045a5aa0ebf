/**
 * Light, dark, or as the system says. The choice is a `data-theme` attribute on the root element, which
 * the style sheet reads, and is remembered; the choice is never needed for the page to work.
 */

/** @typedef {'system' | 'light' | 'dark'} Choice */

/** @type {readonly Choice[]} */
export const CHOICES = ['system', 'light', 'dark'];

/** Also read by the script in the document's head, before the first paint. */
export const KEY = 'nearside-theme';

export class Theme extends EventTarget {
  /** @type {Choice} */
  choice;
  #root;

  /** @param {HTMLElement} root */
  constructor(root) {
    super();
    this.#root = root;
    this.choice = CHOICES.find((choice) => choice === remembered()) ?? 'system';
    this.#apply();
  }

  /** @param {Choice} choice */
  choose(choice) {
    this.choice = choice;
    try {
      localStorage.setItem(KEY, choice);
    } catch (error) {
      if (!(error instanceof DOMException)) throw error; // storage blocked: the choice holds for this visit
    }
    this.#apply();
    this.dispatchEvent(new Event('change'));
  }

  #apply() {
    if (this.choice === 'system') delete this.#root.dataset.theme;
    else this.#root.dataset.theme = this.choice;
  }
}

function remembered() {
  try {
    return localStorage.getItem(KEY);
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}
