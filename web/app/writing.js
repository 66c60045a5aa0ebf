/** How a model that writes is to write: the visitor's wishes, kept in this browser. Fires `change`. */

const KEY = 'nearside-writing';

/** What can be wished, with the bounds of each. */
export const BOUNDS = Object.freeze({
  temperature: { least: 0, most: 2, step: 0.1 },
  max_tokens: { least: 1, most: 32_768, step: 1 },
  seed: { least: 0, most: 2 ** 31 - 1, step: 1 },
});

/** @typedef {{temperature: number | null, max_tokens: number | null, seed: number | null, thinking: boolean | null}} Wishes null: as the model was made */

export class Writing extends EventTarget {
  /** @type {Wishes} */
  wishes = { temperature: null, max_tokens: null, seed: null, thinking: null };
  #storage;

  /** @param {() => Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>} storage throws where the browser blocks it */
  constructor(storage) {
    super();
    this.#storage = storage;
    this.#do((place) => this.#read(place.getItem(KEY)));
  }

  /** Those that were made, by the names that a request has. @returns {Record<string, unknown>} */
  get parameters() {
    return Object.fromEntries(Object.entries(this.wishes).filter(([, value]) => value !== null));
  }

  /**
   * Makes a wish, or takes it back with null. A number out of its bounds becomes the nearest one in them.
   * @param {keyof Wishes} name @param {number | boolean | null} value
   */
  set(name, value) {
    Object.assign(this.wishes, { [name]: checked(name, value) });
    this.#do((place) => (Object.keys(this.parameters).length ? place.setItem(KEY, JSON.stringify(this.parameters)) : place.removeItem(KEY)));
    this.dispatchEvent(new Event('change'));
  }

  /** @param {string | null} text */
  #read(text) {
    try {
      for (const [name, value] of Object.entries(JSON.parse(text ?? '{}'))) {
        if (name in this.wishes) Object.assign(this.wishes, { [name]: checked(/** @type {keyof Wishes} */ (name), value) });
      }
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error; // somebody else wrote there: as if there were nothing
    }
  }

  /** @param {(place: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>) => void} use */
  #do(use) {
    try {
      use(this.#storage());
    } catch (error) {
      if (!(error instanceof DOMException)) throw error; // storage blocked: the wishes hold for this visit
    }
  }
}

/** @param {keyof Wishes} name @param {unknown} value */
function checked(name, value) {
  if (name === 'thinking') return typeof value === 'boolean' ? value : null;
  if (typeof value !== 'number' || !Number.isFinite(value)) return null;
  const { least, most, step } = BOUNDS[name];
  const within = Math.min(most, Math.max(least, value));
  return step === 1 ? Math.round(within) : within;
}
