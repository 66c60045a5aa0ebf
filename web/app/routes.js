/**
 * The page's places, kept in the address's hash so that every place has a link, Back works,
 * and the server needs to know one document only.
 */

/** @typedef {'chat' | 'search' | 'tasks' | 'console' | 'records' | 'settings' | 'models' | 'device'} Route */

/** The places that the bar shows by name. @type {readonly Route[]} */
export const MAIN = ['chat', 'search', 'tasks'];

/** The places behind “More”. @type {readonly Route[]} */
export const MORE = ['console', 'records', 'settings', 'models', 'device'];

/** @type {readonly Route[]} */
export const ROUTES = [...MAIN, ...MORE];

/** Where the visitor's texts lie beside the view. @param {Route} route */
export const hasShelf = (route) => route === 'chat' || route === 'search';

/**
 * The place a hash names: `#/models` → `models`. Null for a hash that is no place (such as `#main`),
 * which leaves the visitor where they are.
 * @param {string} hash
 * @returns {Route | null}
 */
export function parseHash(hash) {
  if (hash === '' || hash === '#') return 'chat';
  const name = /^#\/([a-z]*)\/?$/.exec(hash)?.[1];
  if (name === undefined) return hash.startsWith('#/') ? 'chat' : null;
  return ROUTES.find((route) => route === name) ?? 'chat';
}

/** @param {Route} route */
export const hashOf = (route) => `#/${route}`;
