/** SentencePiece's map of character sequences: a double array over UTF-8 bytes, and the texts that it leads to. */

const utf8 = new TextEncoder();

/** A parsed `precompiled_charsmap`. */
export class Charsmap {
  /** @param {string} encoded base64 */
  constructor(encoded) {
    const raw = Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0));
    const view = new DataView(raw.buffer);
    const size = view.getUint32(0, true);
    this.units = Uint32Array.from({ length: size / 4 }, (_, at) => view.getUint32(4 + at * 4, true));
    this.texts = raw.subarray(4 + size);
    this.segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
    /** @type {Map<string, string|null>} */
    this.found = new Map();
  }

  /**
   * Whole characters as a reader sees them where they are short, else one code point after the other.
   * @param {string} text @returns {string}
   */
  normalize(text) {
    let made = '';
    for (const { segment } of this.segmenter.segment(text)) {
      const whole = utf8.encode(segment).length < 6 ? this.get(segment) : null;
      made += whole ?? Array.from(segment, (char) => this.get(char) ?? char).join('');
    }
    return made;
  }

  /** @param {string} text @returns {string|null} what its shortest known beginning becomes, null where none is known */
  get(text) {
    let found = this.found.get(text);
    if (found === undefined) this.found.set(text, (found = this.search(utf8.encode(text))));
    return found;
  }

  /** @param {Uint8Array} key @returns {string|null} */
  search(key) {
    const offset = (/** @type {number} */ unit) => (unit >>> 10) << ((unit & 512) >>> 6);
    let at = offset(this.units[0]);
    for (const byte of key) {
      at ^= byte;
      const unit = this.units[at] ?? 0;
      if (byte === 0 || (unit & 0x800000ff) >>> 0 !== byte) return null;
      at ^= offset(unit);
      if ((unit >>> 8) & 1) {
        const start = this.units[at] & 0x7fffffff;
        return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.texts.subarray(start, this.texts.indexOf(0, start)));
      }
    }
    return null;
  }
}
