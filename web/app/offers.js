/** What may be done with an answer beside reading it: ask the other side once, or agree to the cloud first. Pure. */

/** @typedef {import('./types.js').Decision} Decision */
/** @typedef {import('./types.js').ChatAnswer} ChatAnswer */
/** @typedef {import('./types.js').Mode} Mode */

/**
 * @typedef {object} Offer
 * @property {'near' | 'far'} tier the side that did not answer, but could
 * @property {string} model
 * @property {boolean} consent true when the visitor's word is all that is missing
 */

/**
 * The other side, where the rules leave it or only the visitor's consent is missing. Consent is the rules' last
 * word, so whatever it removed, nothing else stands against.
 * @param {Pick<Decision, 'tier' | 'candidates'> | null} decision
 * @returns {Offer | null}
 */
export function otherSide(decision) {
  if (!decision) return null;
  const other = decision.candidates?.find(({ tier }) => tier !== decision.tier);
  if (!other?.model || (other.removedBy && other.removedBy !== 'consent')) return null;
  return { tier: other.tier, model: other.model, consent: other.removedBy === 'consent' };
}

/** Modes in which somebody expects the cloud to answer. @type {readonly Mode[]} */
const WANTS_CLOUD = ['prefer-cloud', 'cloud-only'];

/**
 * True when the question about the cloud should be put openly, not behind a button: the device found nothing, or
 * failed, or the mode wants the cloud first.
 * @param {ChatAnswer} answer
 */
export function asksOpenly(answer) {
  const offer = otherSide(answer.decision);
  if (!offer?.consent || answer.state === 'waiting' || answer.state === 'streaming' || answer.declined) return false;
  return answer.found === false || answer.state === 'failed' || WANTS_CLOUD.includes(/** @type {Decision} */ (answer.decision).mode);
}

/** Whether an answer was written by a model; the one that comes with the page only quotes. @param {Pick<ChatAnswer, 'decision' | 'citations'>} answer */
export const isWritten = ({ decision, citations }) =>
  decision?.tier === 'far' || (decision !== null && decision.tier === 'near' && !decision.model.startsWith('nearside/') && !citations.length);
