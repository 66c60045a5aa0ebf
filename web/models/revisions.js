/**
 * The revisions of a model in the store: which one has answered here, the one before it, and those that failed.
 *
 * A new revision replaces the old one only after it answered once. Until then, and after it has, the old one's files
 * stay: for going back, and as the first to go when room is needed.
 */
import { NearsideError } from '../errors.js';
import { ModelStore } from './store.js';

/**
 * @typedef {import('../protocol.js').Card} Card
 * @typedef {import('./store.js').History} History
 */

/**
 * @param {ModelStore} store @param {string} id
 * @returns {Promise<Card|null>} the card of the revision that answered here last, if its files are there
 */
export async function proven(store, id) {
  const { current } = await store.history(id);
  return current === null ? null : whole(store, id, current);
}

/**
 * @param {ModelStore} store @param {string} id @param {string|null} revision any unless named
 * @returns {Promise<Card|null>} the card of a model whose files are there
 */
export async function whole(store, id, revision) {
  const card = await store.card(id, revision);
  const stored = await store.list();
  return card && stored.some((one) => one.id === id && one.revision === card.revision && one.complete) ? card : null;
}

/** A revision that has not answered here yet. */
export class Trial {
  #over = false;

  /** @param {Card} card @param {boolean} other whether there is another one to fall back to */
  constructor(card, other) {
    this.card = card;
    this.other = other;
  }

  /** It answered: from now on it is the one to use. Says so once. */
  async passed() {
    if (this.#over) return;
    this.#over = true;
    const { id, revision } = this.card;
    await withStore(async (store) => {
      const { current, refused } = await store.history(id);
      await store.setHistory(id, { current: revision, previous: current, refused });
      await store.delete(id, (one) => one !== revision && one !== current);
    });
  }

  /** It failed: where there is another one, this one is not tried again. @returns {Promise<boolean>} whether there is */
  async failed() {
    if (this.#over || !this.other) return false;
    this.#over = true;
    await withStore((store) => refuse(store, this.card.id, this.card.revision));
    return true;
  }
}

/**
 * Goes back to the revision before, and stays with it until there is a third.
 * @param {ModelStore} store @param {string} id
 * @returns {Promise<string>} that revision
 * @throws {NearsideError} not_found when no other revision is kept
 */
export async function rollback(store, id) {
  const { current, previous, refused } = await store.history(id);
  const stored = await store.list();
  const has = (/** @type {string|null} */ revision) =>
    revision !== null && stored.some((one) => one.id === id && one.revision === revision && one.complete);
  const newer = stored.find((one) => one.id === id && one.revision !== current && one.revision !== previous);
  if (newer && has(current)) {
    // One that was never proved, for instance because its outputs are not those that a task needs.
    await refuse(store, id, newer.revision);
    return /** @type {string} */ (current);
  }
  if (current === null || !has(previous)) {
    throw new NearsideError('not_found', `No other revision of ${id} is kept here.`, { hint: 'Name the revision: org/name@revision.' });
  }
  await store.setHistory(id, { current: previous, previous: null, refused: [...refused, current] });
  await store.delete(id, (one) => one === current);
  return /** @type {string} */ (previous);
}

/** @param {ModelStore} store @param {string} id @param {string} revision */
async function refuse(store, id, revision) {
  const history = await store.history(id);
  await store.setHistory(id, { ...history, refused: [...history.refused, revision] });
  await store.delete(id, (one) => one === revision);
}

/** @template T @param {(store: ModelStore) => Promise<T>} work @returns {Promise<T>} */
async function withStore(work) {
  const store = await ModelStore.open();
  try {
    return await work(store);
  } finally {
    store.db?.close();
  }
}
