/** What comes from a microphone, cut where the speaker pauses. No timers: everything follows from the sound itself. */

/** A block is speech when it is so much louder than the quietest that was heard lately, and louder than a quiet room. */
const ABOVE_DB = 9;
const ROOM_DB = -55;

/** How fast what counts as the quietest is forgotten, in dB a second: noise may begin. */
const FORGET_DB = 1;

/** The quietest that is assumed at the beginning: somebody may be speaking already. */
const FIRST_FLOOR_DB = -45;

/** @typedef {{audio: Float32Array, start: number, end: number}} Utterance times in seconds since the beginning */

/** Collects blocks of sound into utterances. */
export class Utterances {
  #rate;
  #limits;
  #floor = FIRST_FLOOR_DB;
  /** @type {Float32Array[]} */
  #blocks = [];
  #size = 0; // samples in the blocks
  #heard = 0; // samples since the beginning
  #quiet = 0; // samples since somebody spoke
  #fresh = 0; // samples since the last word of a partial result
  #speaking = false;

  /**
   * @param {number} rate samples a second
   * @param {{pause?: number, longest?: number, every?: number, before?: number}} [limits] seconds: a `pause` ends an
   *   utterance, and none is longer than `longest`; a partial result is due `every` second; `before` is kept of the
   *   silence before the first word
   */
  constructor(rate, { pause = 0.8, longest = 25, every = 1, before = 0.4 } = {}) {
    this.#rate = rate;
    this.#limits = { pause: pause * rate, longest: longest * rate, every: every * rate, before: before * rate };
  }

  /**
   * @param {Float32Array} block
   * @returns {'partial'|'final'|null} what is due now: `final` when an utterance is complete and can be taken
   */
  add(block) {
    const spoken = this.#spoken(block);
    this.#blocks.push(block);
    this.#size += block.length;
    this.#heard += block.length;
    this.#quiet = spoken ? 0 : this.#quiet + block.length;
    this.#speaking ||= spoken;
    if (!this.#speaking) {
      while (this.#size - this.#blocks[0].length >= this.#limits.before) this.#size -= /** @type {Float32Array} */ (this.#blocks.shift()).length;
      return null;
    }
    if (this.#quiet >= this.#limits.pause || this.#size >= this.#limits.longest) return 'final';
    this.#fresh += block.length;
    if (!spoken || this.#fresh < this.#limits.every) return null; // silence adds no words
    this.#fresh = 0;
    return 'partial';
  }

  /** @returns {Utterance|null} what was said so far, null while nobody has spoken */
  get current() {
    if (!this.#speaking) return null;
    const audio = new Float32Array(this.#size);
    let at = 0;
    for (const block of this.#blocks) {
      audio.set(block, at);
      at += block.length;
    }
    return { audio, start: (this.#heard - this.#size) / this.#rate, end: this.#heard / this.#rate };
  }

  /** Ends the utterance. @returns {Utterance|null} */
  take() {
    const taken = this.current;
    this.#blocks = [];
    this.#size = this.#quiet = this.#fresh = 0;
    this.#speaking = false;
    return taken;
  }

  /** @param {Float32Array} block */
  #spoken(block) {
    let power = 0;
    for (const sample of block) power += sample * sample;
    const level = 10 * Math.log10(power / block.length + 1e-12);
    this.#floor = Math.min(level, this.#floor + (FORGET_DB * block.length) / this.#rate);
    return level > Math.max(ROOM_DB, this.#floor + ABOVE_DB);
  }
}
