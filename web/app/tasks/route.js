/** What a decision says about an answer, as far as the page shows it. */

/** @typedef {{rule: string, text: string}} Reason */
/** @typedef {{tier: string, model: string | null, removedBy: string | null}} Candidate */

/**
 * @typedef {object} Decision
 * @property {string} [id]
 * @property {'near' | 'far'} tier
 * @property {string} model
 * @property {string} [mode]
 * @property {Reason[]} reasons
 * @property {string} explanation
 * @property {Candidate[]} [candidates]
 * @property {{tier: 'near' | 'far', code: string, message: string} | null} [escalatedFrom]
 * @property {number | null} [cost] nano-dollars
 * @property {number | null} [saved] nano-dollars
 */

/** The last part of a model's id, which is the part that people know it by. @param {string} id */
export const shortModel = (id) => id.split('/').at(-1) || id;

const dollarFormats = {
  small: new Intl.NumberFormat('en', { style: 'currency', currency: 'USD', maximumSignificantDigits: 2 }),
  usual: new Intl.NumberFormat('en', { style: 'currency', currency: 'USD', minimumFractionDigits: 2, maximumFractionDigits: 2 }),
};

/**
 * Nano-dollars as dollars: two digits that count below ten cents, else cents.
 * @param {number} nano
 */
export const dollars = (nano) => (nano > 0 && nano < 1e8 ? dollarFormats.small : dollarFormats.usual).format(nano / 1e9);

/**
 * The sides that could have answered and did not, with the rule that took them out.
 * @param {Decision} decision
 * @returns {Candidate[]}
 */
export const removed = ({ candidates = [] }) => candidates.filter(({ removedBy }) => removedBy);
