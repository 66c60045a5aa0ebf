/**
 * Deletes everything that Nearside keeps in this browser. What the engine keeps is deleted through the engine first,
 * so that other tabs of the site lose it too; then whole databases and caches go, and the service worker. Every step is
 * tried, whatever the one before said.
 */

import { describe } from './search-session.js';

/** Where `indexedDB.databases` is not known, these are deleted by name. */
const DATABASES = ['nearside-documents', 'nearside-chats', 'nearside-data', 'nearside-models'];

/** A database that another tab holds open is not waited for any longer: it is empty by then. */
const PATIENCE_MS = 3000;

/** @param {string} name what Nearside, its service worker or its Python runtime (PyScript's file system) gave that name */
const isOurs = (name) => name.startsWith('nearside') || name.includes('workbox-precache') || name.startsWith('IDBMap/');

/**
 * @param {Pick<import('./types.js').Client, 'records' | 'documents' | 'classifiers' | 'models' | 'settings'>} client
 */
export async function wipeEngine(client) {
  await tried(() => client.records.clear());
  await tried(async () => {
    const { documents } = await client.documents.list();
    for (const { id } of documents) await tried(() => client.documents.delete(id));
  });
  await tried(async () => {
    const { classifiers } = await client.classifiers.list();
    for (const { id } of classifiers) await tried(async () => (await client.classifiers.get(id)).delete());
  });
  await tried(async () => {
    const { models } = await client.models.list();
    for (const { id, stored } of models) if (stored) await tried(() => client.models.delete(id));
  });
  await tried(() => client.settings.set({ mode: null, cloud: null, hub: null }));
}

/**
 * @typedef {object} Scope what is used of the window
 * @property {IDBFactory} indexedDB
 * @property {Pick<CacheStorage, 'keys' | 'delete'> | undefined} caches
 * @property {{getRegistrations: () => Promise<readonly {unregister: () => Promise<boolean>}[]>} | undefined} serviceWorker
 * @property {() => Storage[]} storages throws where the browser blocks them
 * @property {number} [patience]
 */

/** @param {Scope} scope */
export async function wipeBrowser({ indexedDB, caches, serviceWorker, storages, patience = PATIENCE_MS }) {
  await tried(async () => {
    const known = indexedDB.databases ? (await indexedDB.databases()).map(({ name }) => name ?? '') : DATABASES;
    await Promise.all(known.filter(isOurs).map((name) => deleteDatabase(indexedDB, name, patience)));
  });
  await tried(async () => {
    for (const name of (await caches?.keys()) ?? []) if (isOurs(name)) await caches?.delete(name);
  });
  await tried(async () => {
    for (const registration of (await serviceWorker?.getRegistrations()) ?? []) await registration.unregister();
  });
  await tried(async () => {
    for (const storage of storages()) for (const key of Object.keys(storage)) if (isOurs(key)) storage.removeItem(key);
  });
}

/**
 * @param {IDBFactory} factory @param {string} name @param {number} patience
 * @returns {Promise<void>} settles in any case
 */
function deleteDatabase(factory, name, patience) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, patience);
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    const request = factory.deleteDatabase(name);
    request.onsuccess = done;
    request.onerror = done;
  });
}

/**
 * Does what can fail for a reason that is known: an engine that is not there, storage that the browser blocks.
 * @param {() => Promise<unknown>} step
 */
async function tried(step) {
  try {
    await step();
  } catch (thrown) {
    if (!(thrown instanceof DOMException) && describe(thrown).code === 'unexpected') throw thrown;
  }
}
