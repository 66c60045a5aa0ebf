/**
 * Numbers, bytes, times and plurals in the page's language, all through Intl.
 * Formatters are made once: making one costs more than a thousand uses.
 */

const LANGUAGE = 'en';

const whole = new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 0 });
const decimal = new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 3 });
const points = new Intl.NumberFormat(LANGUAGE, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const share = new Intl.NumberFormat(LANGUAGE, { style: 'percent', maximumFractionDigits: 0 });
const rules = new Intl.PluralRules(LANGUAGE);
const listing = new Intl.ListFormat(LANGUAGE, { type: 'unit', style: 'short' });
const dates = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: 'medium', timeStyle: 'short' });
const languages = new Intl.DisplayNames(LANGUAGE, { type: 'language', fallback: 'code' });

/** @type {Map<string, Intl.NumberFormat>} */
const units = new Map();

/**
 * @param {string} unit an Intl unit name
 * @param {number} digits most digits after the point
 */
function unitFormat(unit, digits) {
  const key = `${unit}/${digits}`;
  let format = units.get(key);
  if (!format) {
    format = new Intl.NumberFormat(LANGUAGE, { style: 'unit', unit, unitDisplay: 'narrow', maximumFractionDigits: digits });
    units.set(key, format);
  }
  return format;
}

/**
 * A number with its unit's symbol: "23 MB", "1.3 s". Intl's short form says "sec" and its narrow form leaves
 * the space out, so the narrow form is taken apart and put together with a space that does not break.
 * @param {number} value @param {string} unit @param {number} digits
 */
function withUnit(value, unit, digits) {
  const parts = unitFormat(unit, digits).formatToParts(value).filter(({ type }) => type !== 'literal');
  const symbol = parts.filter(({ type }) => type === 'unit').map((part) => part.value.trim()).join('');
  return `${parts.filter(({ type }) => type !== 'unit').map((part) => part.value).join('')}\u00a0${symbol}`;
}

/** A whole number with separators. @param {number} value */
export const number = (value) => whole.format(value);

/** A number with up to three digits after the point. @param {number} value */
export const fine = (value) => decimal.format(value);

/** A score with two digits after the point. @param {number} value */
export const score = (value) => points.format(value);

/** A share of one as a percentage, rounded down so that 100 % means complete. @param {number} value */
export const percent = (value) => share.format(Math.floor(Math.min(1, Math.max(0, value)) * 100) / 100);

/** Decimal units (1 MB = 1,000,000 bytes), as browsers and file managers mostly show them. @param {number} bytes */
export function size(bytes) {
  const steps = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
  let value = Math.max(0, bytes);
  let step = 0;
  while (value >= 999.5 && step < steps.length - 1) {
    value /= 1000;
    step += 1;
  }
  return withUnit(value, /** @type {string} */ (steps[step]), step > 1 && value < 99.95 ? 1 : 0);
}

/** A time span: milliseconds below one second, else seconds or minutes. @param {number} ms */
export function duration(ms) {
  if (ms < 999.5) return withUnit(Math.max(0, ms), 'millisecond', 0);
  if (ms < 59_500) return withUnit(ms / 1000, 'second', ms < 9_950 ? 1 : 0);
  return `${whole.format(ms / 60_000)}\u00a0min`;
}

/**
 * The form of a word for a count: `plural(2, {one: 'file', other: 'files'})`.
 * @param {number} count
 * @param {{one: string, other: string}} forms
 */
export const plural = (count, forms) => (rules.select(count) === 'one' ? forms.one : forms.other);

/** "3 files". @param {number} value @param {{one: string, other: string}} forms */
export const counted = (value, forms) => `${number(value)} ${plural(value, forms)}`;

/** "a, b, c". @param {string[]} parts */
export const list = (parts) => listing.format(parts);

/** The name of a language code, or the code itself. @param {string} code */
export function language(code) {
  try {
    return languages.of(code) ?? code;
  } catch (error) {
    if (error instanceof RangeError) return code; // not a BCP 47 code: a card may hold any text
    throw error;
  }
}

/** A moment; accepts seconds (as Python counts) and milliseconds. @param {number} when */
export const moment = (when) => dates.format(new Date(when < 1e11 ? when * 1000 : when));
