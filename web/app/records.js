/** The record list: what is shown of a record, and which ones a filter lets through. Pure. */

/** @typedef {import('./types.js').Rec} Rec */
/** @typedef {{text: string, tier: 'all' | 'near' | 'far' | 'problem'}} Filter */

/** The error that a request ended with, or null. @param {Rec} record */
export const problemOf = ({ outcome }) => (outcome && outcome !== 'ok' ? outcome : null);

/** The error that made the other side answer, or null. @param {Rec} record */
export const fallbackOf = ({ decision }) => decision?.escalatedFrom?.code ?? null;

/**
 * Everything in a record that somebody might look for, as one text.
 * @param {Rec} record
 */
function wordsOf(record) {
  const { task, decision, outcome } = record;
  const reasons = decision?.reasons.flatMap(({ rule, text }) => [rule, text]) ?? [];
  return [task, outcome, decision?.tier, decision?.model, decision?.mode, decision?.explanation, fallbackOf(record), ...reasons].join(' ').toLowerCase();
}

/**
 * @param {readonly Rec[]} records
 * @param {Filter} filter
 */
export function filtered(records, { text, tier }) {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  return records.filter((record) => {
    if (tier === 'problem' ? !problemOf(record) && !fallbackOf(record) : tier !== 'all' && record.decision?.tier !== tier) return false;
    if (!wanted.length) return true;
    const words = wordsOf(record);
    return wanted.every((word) => words.includes(word));
  });
}

/**
 * What the records come to: how many on each side, what they cost and what was saved, where prices are known.
 * @param {readonly Rec[]} records
 */
export function totals(records) {
  const sums = { near: 0, far: 0, cost: 0, saved: 0 };
  for (const { decision, outcome } of records) {
    if (!decision || outcome !== 'ok') continue;
    sums[decision.tier] += 1;
    sums.cost += decision.cost ?? 0;
    sums.saved += decision.saved ?? 0;
  }
  return sums;
}

/**
 * A name for the downloaded file that sorts by time.
 * @param {Date} now
 */
export const fileName = (now) => `nearside-records-${now.toISOString().slice(0, 19).replaceAll(':', '-')}.jsonl`;
