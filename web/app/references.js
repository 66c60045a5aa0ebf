/** References in an answer's text: “[2]” stands for the second citation. Pure. */

/** @typedef {import('./types.js').Citation} Citation */

/**
 * Cuts a text at its references. What looks like one but cites nothing stays text.
 * @param {string} text
 * @param {readonly Citation[]} citations
 * @returns {(string | Citation)[]}
 */
export function pieces(text, citations) {
  if (!citations.length) return [text];
  /** @type {(string | Citation)[]} */
  const cut = [];
  let at = 0;
  for (const match of text.matchAll(/ ?\[(\d{1,3})\]/g)) {
    const citation = citations.find(({ number }) => number === Number(match[1]));
    if (!citation) continue;
    if (match.index > at) cut.push(text.slice(at, match.index));
    cut.push(citation);
    at = match.index + match[0].length;
  }
  if (at < text.length) cut.push(text.slice(at));
  return cut;
}

/**
 * A citation as the reader wants it: the text it is from, and the place in it. When the text is not what it was, or
 * not to be had, the citation itself is shown.
 * @param {Citation} citation
 * @param {string | null} text
 * @returns {import('./elements/ns-reader.js').Reading}
 */
export function readingOf(citation, text) {
  const { id, name } = citation;
  let start = citation.start;
  if (text !== null && text.slice(start, citation.end) !== citation.text) start = text.indexOf(citation.text);
  const source = text !== null && start >= 0 ? { id, name, text } : { id, name, text: citation.text };
  const from = source.text === text ? start : 0;
  return { source, hit: { index: 0, score: citation.score, text: citation.text, start: from, end: from + citation.text.length, highlights: [] } };
}
