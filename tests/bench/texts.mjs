/** The benchmark's texts: made from a seed, so that every contender and every run gets the same ones. */

const WORDS = ('time people way water day part place case week company number group problem fact house world area book eye ' +
  'right story result change morning reason research girl moment air teacher force education foot boy age policy music ' +
  'market sense nation plan college interest death experience effect use class control field development role effort rate').split(' ');

/** @param {number} seed @returns {() => number} uniform in [0, 1); Park and Miller's minimal standard generator */
export function random(seed) {
  let state = seed;
  return () => (state = (state * 16807) % 2147483647) / 2147483647;
}

/** @param {() => number} next @param {number} words @returns {string} each word here is one token of MiniLM's vocabulary */
export function text(next, words) {
  return Array.from({ length: words }, () => WORDS[Math.floor(next() * WORDS.length)]).join(' ');
}

/**
 * Lengths as in mixed real text: log-normal, median 40 tokens, 4 to 250.
 * @param {() => number} next @param {number} count @returns {string[]}
 */
export function mixed(next, count) {
  return Array.from({ length: count }, () => {
    const normal = Math.sqrt(-2 * Math.log(next() || 1e-9)) * Math.cos(2 * Math.PI * next());
    return text(next, Math.round(Math.min(250, Math.max(4, 40 * Math.exp(0.75 * normal)))));
  });
}
