/** Languages to choose from when something is translated: those that the models for it know most often. Pure. */

/** ISO 639 codes. */
export const LANGUAGES = Object.freeze(
  'ar bg bn ca cs da de el en es et fa fi fr ga he hi hr hu id is it ja ko lt lv mk ms nl no pl pt ro ru sk sl sq sr sv sw ta th tl tr uk ur vi zh'.split(' '),
);

/**
 * The pair that a model is made for, as the names of such models say it: `opus-mt-en-fr`.
 * @param {string} id
 * @returns {{from: string, to: string} | null}
 */
export function pairOf(id) {
  const [, from, to] = /opus-mt-([a-z]{2})-([a-z]{2})$/.exec(id) ?? [];
  return from && to ? { from, to } : null;
}
