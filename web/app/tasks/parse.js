/** What people type into the cards, as the calls want it. Pure. */

/** Labels between commas (or on lines), each once. @param {string} text */
export const labelsOf = (text) => [...new Set(text.split(/[,\n]/).map((label) => label.trim()).filter(Boolean))];

/** Lines with something on them. @param {string} text */
export const linesOf = (text) => text.split('\n').map((line) => line.trim()).filter(Boolean);

/**
 * Examples from lines of “label: text”. The first line that is none is named, so that it can be mended.
 * @param {string} text
 * @returns {{examples: {text: string, label: string}[], labels: string[], badLine: number | null}}
 */
export function examplesOf(text) {
  /** @type {{text: string, label: string}[]} */
  const examples = [];
  /** @type {number | null} */
  let badLine = null;
  for (const [index, line] of text.split('\n').entries()) {
    if (!line.trim()) continue;
    const colon = line.indexOf(':');
    const label = line.slice(0, Math.max(0, colon)).trim();
    const example = line.slice(colon + 1).trim();
    if (label && example) examples.push({ text: example, label });
    else badLine ??= index + 1;
  }
  return { examples, labels: [...new Set(examples.map(({ label }) => label))], badLine };
}

/** How many words a text has. @param {string} text */
export const wordCount = (text) => text.match(/\S+/g)?.length ?? 0;

/** A file name for a classifier. @param {string} name */
export const fileNameOf = (name) => `${name.trim().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '').toLowerCase() || 'classifier'}.classifier.json`;
