/**
 * The page's three places, kept in the address's hash so that every place has a link, Back works,
 * and the server needs to know one document only.
 */

/** @typedef {'search' | 'models' | 'device'} Route */

/** @type {readonly Route[]} */
export const ROUTES = ['search', 'models', 'device'];

/**
 * The place a hash names: `#/models` → `models`. Null for a hash that is no place (such as `#main`),
 * which leaves the visitor where they are.
 * @param {string} hash
 * @returns {Route | null}
 */
export function parseHash(hash) {
  if (hash === '' || hash === '#') return 'search';
  const name = /^#\/([a-z]*)\/?$/.exec(hash)?.[1];
  if (name === undefined) return hash.startsWith('#/') ? 'search' : null;
  return ROUTES.find((route) => route === name) ?? 'search';
}

/** @param {Route} route */
export const hashOf = (route) => `#/${route}`;
