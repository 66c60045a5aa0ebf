/** Results as the cards draw them. Pure. */

/** @typedef {import('../types.js').Span} Span */

/** @typedef {{text: string, rank: number | null}} Piece rank: 0 for the best span, 1 for the others, null between them */

/**
 * A text cut at ranked spans; joined, the pieces are the text again. Overlaps go to the better span.
 * @param {string} text
 * @param {{start: number | null, end: number | null}[]} spans the best first
 * @returns {Piece[]}
 */
export function ranked(text, spans) {
  /** @type {{start: number, end: number, rank: number}[]} */
  const taken = [];
  spans.forEach(({ start, end }, index) => {
    if (start === null || end === null || end <= start || start < 0 || end > text.length) return;
    if (taken.every((other) => end <= other.start || start >= other.end)) taken.push({ start, end, rank: index === 0 ? 0 : 1 });
  });
  taken.sort((a, b) => a.start - b.start);
  /** @type {Piece[]} */
  const pieces = [];
  let at = 0;
  for (const { start, end, rank } of taken) {
    if (start > at) pieces.push({ text: text.slice(at, start), rank: null });
    pieces.push({ text: text.slice(start, end), rank });
    at = end;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), rank: null });
  return pieces;
}

/** How much of a text some spans are, 0 to 1. @param {string} text @param {Span[]} spans */
export const covered = (text, spans) => (text.length ? spans.reduce((sum, { start, end }) => sum + end - start, 0) / text.length : 0);

/**
 * What there is to say about a vector.
 * @param {ArrayLike<number>} vector
 */
export function vectorFacts(vector) {
  const values = Array.from(vector);
  return {
    dimensions: values.length,
    length: Math.hypot(...values),
    smallest: values.reduce((least, value) => Math.min(least, value), Infinity),
    largest: values.reduce((most, value) => Math.max(most, value), -Infinity),
    first: values.slice(0, 8),
  };
}

/**
 * The vector as bars of a drawing that is `count` wide and 2 high, around the middle.
 * @param {ArrayLike<number>} vector
 * @returns {string} an SVG path
 */
export function barsPath(vector) {
  const values = Array.from(vector);
  const most = Math.max(...values.map(Math.abs)) || 1;
  return values.map((value, index) => `M${index + 0.5} 1V${(1 - value / most).toFixed(3)}`).join('');
}

/** Labels with their scores, in the order given. @param {{labels: string[], scores: number[]}} answer */
export const bars = ({ labels, scores }) => labels.map((label, index) => ({ label, score: scores[index] ?? 0 }));

/** @typedef {{text: string, type: string, start: number, end: number, score: number}} Entity */

/**
 * A text cut at its entities; joined, the pieces are the text again. Of two that overlap the first one counts.
 * @param {string} text @param {Entity[]} entities
 * @returns {{text: string, type: string | null}[]}
 */
export function labelled(text, entities) {
  const pieces = [];
  let at = 0;
  for (const { start, end, type } of [...entities].sort((a, b) => a.start - b.start)) {
    if (start < at || end <= start || end > text.length) continue;
    if (start > at) pieces.push({ text: text.slice(at, start), type: null });
    pieces.push({ text: text.slice(start, end), type });
    at = end;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), type: null });
  return pieces;
}

/**
 * Entities by type, the type with most of them first; equal names once, with how often they stand there.
 * @param {Entity[]} entities
 */
export function byType(entities) {
  /** @type {Map<string, Map<string, {text: string, count: number, best: number}>>} */
  const groups = new Map();
  for (const { text, type, score } of entities) {
    const group = groups.get(type) ?? groups.set(type, new Map()).get(type);
    const one = group?.get(text) ?? { text, count: 0, best: 0 };
    group?.set(text, { text, count: one.count + 1, best: Math.max(one.best, score) });
  }
  return [...groups].map(([type, found]) => ({ type, found: [...found.values()] })).sort((a, b) => b.found.length - a.found.length);
}
