/**
 * Tokenizers in the browser: `@huggingface/tokenizers`, made to agree with the Rust package `tokenizers` where it does
 * not (tests/py/platform/test_tokenizer_parity.py compares the two). Each difference that is mended here names itself.
 */
import {
  BertNormalizer, BertPreTokenizer, ByteFallbackDecoder, LowercaseNormalizer, MetaspaceDecoder, MetaspacePreTokenizer,
  PrecompiledNormalizer, StripNormalizer, Tokenizer, WhitespaceSplitPreTokenizer,
} from '@huggingface/tokenizers';
import { Charsmap } from './charsmap.js';
import { NEWER_CONTROLS, NEWER_MARKS, NEWER_PUNCTUATION, OLDER_PUNCTUATION } from './unicode.js';

/** @type {Tokenizer[]} */
const loaded = [];

/**
 * @param {string} tokenizer text of tokenizer.json
 * @param {string} config text of tokenizer_config.json
 * @returns {number} handle for the other functions
 */
export function loadTokenizer(tokenizer, config) {
  return loaded.push(new Tokenizer(JSON.parse(tokenizer), JSON.parse(config))) - 1;
}

/**
 * @param {number} handle
 * @param {string[]} texts
 * @param {boolean} special whether to add the model's special tokens
 * @returns {[Int32Array, Int32Array]} all ids, one text after the other, and the number of ids of each text
 */
export function encode(handle, texts, special) {
  const rows = texts.map((text) => loaded[handle].encode(text, { add_special_tokens: special }).ids);
  const lengths = Int32Array.from(rows, (row) => row.length);
  const flat = new Int32Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const row of rows) {
    flat.set(row, at);
    at += row.length;
  }
  return [flat, lengths];
}

/**
 * @param {number} handle
 * @param {string} text
 * @param {boolean} special whether to add the model's special tokens
 * @returns {Int32Array}
 */
export function encodeOne(handle, text, special) {
  return Int32Array.from(loaded[handle].encode(text, { add_special_tokens: special }).ids);
}

/**
 * The library's own `decode` tidies up, puts a token in the place of unknown ids, and takes more tokens for special.
 * @param {number} handle @param {ArrayLike<number>} ids @param {boolean} special whether special tokens are told
 * @returns {string}
 */
export function decode(handle, ids, special) {
  const { decoder, model, all_special_ids: hidden } = /** @type {any} */ (loaded[handle]);
  const tokens = Array.from(ids).filter((id) => special || !hidden.includes(id)).map((id) => model.vocab[id]).filter((token) => token !== undefined);
  return decoder ? decoder(tokens) : tokens.join(' ');
}

/** @param {number} handle @param {string} token @returns {number|undefined} */
export function idOf(handle, token) {
  return loaded[handle].token_to_id(token);
}

/** @param {number} handle @returns {string} JSON: the token of every id, null for an id that has none */
export function vocabulary(handle) {
  return JSON.stringify(Array.from(/** @type {any} */ (loaded[handle]).model.vocab, (token) => token ?? null));
}

/** @param {any} kind one of the library's classes @param {Record<string, (this: any, ...given: any[]) => unknown>} methods */
function mend(kind, methods) {
  Object.assign(kind.prototype, methods);
}

const CHINESE = /[\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B920}-\u{2CEAF}\u{2F800}-\u{2FA1F}]/gu;

/** White space to Unicode; to JavaScript, U+FEFF is some and U+0085 is none. */
const SPACES = '\\t\\n\\v\\f\\r \\x85\\xA0\\u1680\\u2000-\\u200A\\u2028\\u2029\\u202F\\u205F\\u3000';
const SPACE = new RegExp(`[${SPACES}]`);
const LEADING = new RegExp(`^[${SPACES}]+`);
const TRAILING = new RegExp(`[${SPACES}]+$`);
const BETWEEN_SPACES = new RegExp(`[^${SPACES}]+`, 'g');

/** Each character by itself: the library asks whether a sigma ends its word. @param {string} text */
const lower = (text) => (/\u03A3/.test(text) ? Array.from(text, (char) => char.toLowerCase()).join('') : text.toLowerCase());

/** @param {string} char @returns {boolean} whether it is left out; the library overlooks some, and takes newer ones */
const isDropped = (char) => /[\0\uFFFD]|(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}]/u.test(char) && !NEWER_CONTROLS.test(char);

mend(LowercaseNormalizer, { normalize: lower });

mend(BertNormalizer, {
  normalize(text) {
    const { clean_text: clean, handle_chinese_chars: chinese, lowercase, strip_accents: strip } = this.config;
    let made = text;
    if (clean !== false && /[^\x20-\x7e]/.test(made)) {
      made = Array.from(made, (char) => (isDropped(char) ? '' : SPACE.test(char) ? ' ' : char)).join('');
    }
    if (chinese !== false) made = made.replace(CHINESE, ' $& '); // those above U+FFFF too
    if ((strip ?? lowercase) && /[^\0-\x7f]/.test(made)) {
      made = made.normalize('NFD').replace(/\p{Mn}/gu, (/** @type {string} */ mark) => (NEWER_MARKS.test(mark) ? mark : ''));
    }
    return lowercase ? lower(made) : made;
  },
});

const WORD = /[^\s\p{P}\x21-\x2F\x3A-\x40\x5B-\x60\x7B-\x7E]+|[\p{P}\x21-\x2F\x3A-\x40\x5B-\x60\x7B-\x7E]/gu;

mend(BertPreTokenizer, {
  pre_tokenize_text(text) {
    if (!/[^\0-\u05ff]/.test(text)) return text.match(WORD) ?? [];
    /** @type {string[]} */
    const words = [''];
    for (const char of text) {
      const mark = (/[\p{P}\x21-\x2F\x3A-\x40\x5B-\x60\x7B-\x7E]/u.test(char) && !NEWER_PUNCTUATION.test(char)) || OLDER_PUNCTUATION.test(char);
      if (mark) words.push(char, '');
      else if (SPACE.test(char)) words.push('');
      else words[words.length - 1] += char;
    }
    return words.filter(Boolean);
  },
});

mend(WhitespaceSplitPreTokenizer, { pre_tokenize_text: (text) => text.match(BETWEEN_SPACES) ?? [] });

mend(StripNormalizer, {
  normalize(text) {
    const started = this.config.strip_left ? text.replace(LEADING, '') : text;
    return this.config.strip_right ? started.replace(TRAILING, '') : started;
  },
});

/** @type {WeakMap<object, Charsmap>} */
const charsmaps = new WeakMap();

// The library guesses what SentencePiece's map holds; the map itself is there.
mend(PrecompiledNormalizer, {
  normalize(text) {
    let map = charsmaps.get(this.config);
    if (!map) charsmaps.set(this.config, (map = new Charsmap(this.config.precompiled_charsmap)));
    return map.normalize(text);
  },
});

mend(MetaspacePreTokenizer, {
  pre_tokenize_text(text, { section_index: section } = {}) {
    const { replacement: mark, prepend_scheme: scheme } = this;
    let made = text.replaceAll(' ', mark);
    if (!made.startsWith(mark) && (scheme === 'always' || (scheme === 'first' && section === 0))) made = mark + made;
    return [made];
  },
});

// In the first token all spaces go, and none does where none was put before the text.
mend(MetaspaceDecoder, {
  decode_chain(tokens) {
    const { replacement: mark, config } = this;
    return tokens.map((/** @type {string} */ token, /** @type {number} */ at) =>
      token.replaceAll(mark, at === 0 && config.prepend_scheme !== 'never' ? '' : ' '),
    );
  },
});

/** As many bytes, as many U+FFFD, unless all of them together are text. */
mend(ByteFallbackDecoder, {
  decode_chain(tokens) {
    /** @type {string[]} */
    const made = [];
    /** @type {number[]} */
    let bytes = [];
    const flush = () => {
      if (bytes.length === 0) return;
      try {
        made.push(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes)));
      } catch {
        made.push(...bytes.map(() => '\uFFFD'));
      }
      bytes = [];
    };
    for (const token of tokens) {
      const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(token);
      if (byte) {
        bytes.push(Number.parseInt(byte[1], 16));
      } else {
        flush();
        made.push(token);
      }
    }
    flush();
    return made;
  },
});
