/**
 * Pure helpers for showing search results: cutting a text at its highlights, naming a passage's place
 * in its document, comparing scores. Ranking and splitting are the engine's; nothing here reorders.
 */

/** @typedef {import('./types.js').Span} Span */
/** @typedef {{text: string, mark: boolean}} Segment */

/** How many results the page asks for, step by step; the last one is the most it ever draws. */
export const STEPS = /** @type {const} */ ([10, 25, 50, 100, 200]);

/**
 * The next larger result count, or null at the end.
 * @param {number} current
 * @returns {number | null}
 */
export const nextStep = (current) => STEPS.find((step) => step > current) ?? null;

/**
 * Cuts a text into marked and unmarked pieces; joined, the pieces are the text again. Spans may come in
 * any order, overlap or reach outside the text: they are clamped and merged.
 * @param {string} text
 * @param {readonly Span[]} highlights
 * @returns {Segment[]}
 */
export function segments(text, highlights) {
  const spans = highlights
    .map(({ start, end }) => ({ start: Math.max(0, start), end: Math.min(text.length, end) }))
    .filter(({ start, end }) => end > start)
    .sort((a, b) => a.start - b.start);
  /** @type {Segment[]} */
  const pieces = [];
  let at = 0;
  let open = 0; // where the last marked piece began, so that touching spans become one
  for (const { start, end } of spans) {
    const last = pieces.at(-1);
    if (last?.mark && start <= at) {
      if (end > at) {
        last.text = text.slice(open, end);
        at = end;
      }
      continue;
    }
    if (start > at) pieces.push({ text: text.slice(at, start), mark: false });
    pieces.push({ text: text.slice(start, end), mark: true });
    open = start;
    at = end;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), mark: false });
  return pieces;
}

/**
 * @typedef {object} Place where a passage begins
 * @property {'paragraph' | 'line' | 'offset'} unit
 * @property {number} at counted from 1 (percent from 0 to 1 for `offset`)
 * @property {number} of
 */

/** Longer texts are not walked through: the place is then given as a share of the text. */
const WALK_LIMIT = 2_000_000;

/** @type {Map<string, {paragraphs: number[], lines: number}>} */
const maps = new Map();

/**
 * Offsets where paragraphs (runs of lines between blank lines) begin, and the number of lines. Kept for
 * the last few texts, because every hit of one document asks for the same one.
 * @param {string} text
 */
function mapOf(text) {
  let map = maps.get(text);
  if (!map) {
    map = { paragraphs: [], lines: 1 };
    let blank = true;
    for (let from = 0; from <= text.length; ) {
      const newline = text.indexOf('\n', from);
      const end = newline < 0 ? text.length : newline;
      const empty = /^\s*$/.test(text.slice(from, end));
      if (!empty && blank) map.paragraphs.push(from);
      blank = empty;
      if (newline < 0) break;
      map.lines += 1;
      from = newline + 1;
    }
    if (maps.size >= 8) maps.delete(/** @type {string} */ (maps.keys().next().value));
    maps.set(text, map);
  }
  return map;
}

/**
 * Names the place of an offset: the paragraph where the text has several, else the line, else the share.
 * @param {string} text the whole document
 * @param {number} start UTF-16 offset of the passage
 * @returns {Place}
 */
export function placeOf(text, start) {
  if (text.length > WALK_LIMIT) return { unit: 'offset', at: start / text.length, of: 1 };
  const { paragraphs, lines } = mapOf(text);
  if (paragraphs.length > 1) {
    let at = 0;
    while (at < paragraphs.length && /** @type {number} */ (paragraphs[at]) <= start) at += 1;
    return { unit: 'paragraph', at: Math.max(1, at), of: paragraphs.length };
  }
  if (lines > 1) {
    let at = 1;
    for (let next = text.indexOf('\n'); next >= 0 && next < start; next = text.indexOf('\n', next + 1)) at += 1;
    return { unit: 'line', at, of: lines };
  }
  return { unit: 'offset', at: text.length ? start / text.length : 0, of: 1 };
}

/**
 * A score as a share of the best one, for the length of its bar (0 to 1).
 * @param {number} score
 * @param {number} best
 */
export function relative(score, best) {
  if (!Number.isFinite(score) || !Number.isFinite(best) || best <= 0) return 0;
  return Math.min(1, Math.max(0, score / best));
}

/**
 * The stretch of a document around a passage, cut at spaces where there are some.
 * @param {string} text
 * @param {Span} passage
 * @param {number} reach characters on each side
 * @returns {{before: string, passage: string, after: string, start: number, end: number}}
 */
export function around(text, passage, reach) {
  let start = Math.max(0, passage.start - reach);
  let end = Math.min(text.length, passage.end + reach);
  if (start > 0) {
    const space = text.slice(start, start + 80).search(/\s/);
    if (space >= 0 && start + space < passage.start) start += space + 1;
  }
  if (end < text.length) {
    const tail = text.slice(Math.max(passage.end, end - 80), end);
    const space = tail.search(/\s\S*$/);
    if (space >= 0) end = end - tail.length + space;
  }
  return {
    before: text.slice(start, passage.start),
    passage: text.slice(passage.start, passage.end),
    after: text.slice(passage.end, end),
    start,
    end,
  };
}
