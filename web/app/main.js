/** Where the page begins: starts the engine, reads what is on the shelf, and puts the page up. */

import site from 'nearside:site';
import { connect } from '../api/nearside.js';
import { Offline } from '../offline/register.js';
import { ChatSession } from './chat-session.js';
import { Chats } from './chats.js';
import './elements/ns-app.js';
import { EngineWatch } from './engine-watch.js';
import { Notices } from './notices.js';
import { SearchSession } from './search-session.js';
import { SettingsWatch } from './settings.js';
import { Shelf } from './shelf.js';
import { ShelfSync } from './shelf-sync.js';
import { engine as engineWords, notices as words, shelf as shelfWords, sync as syncWords } from './strings.js';
import { missingFeatures } from './support.js';
import { Theme } from './theme.js';
import { Writing } from './writing.js';

/** How long after the start the help is read, which the first question would have to wait for. */
const PREPARE_AFTER_MS = 4000;

/** How long the first picture waits for what is stored, so that it does not push the picture about. */
const STORED_PATIENCE_MS = 400;

/** Which conversation this tab shows: after a reload it is the same one. */
const CHAT_KEY = 'nearside-chat';

/** @typedef {import('./types.js').Services} Services */

const notices = new Notices();

// The last resort: whatever nobody expected is said calmly, and the page goes on.
const unexpected = () => notices.show({ id: 'unexpected', text: words.unexpected, tone: 'problem' });
addEventListener('error', (event) => event.error !== undefined && unexpected());
addEventListener('unhandledrejection', unexpected);

/** One place that screen readers listen to; there from the start, or its first words are lost. */
const status = /** @type {HTMLElement} */ (document.querySelector('#status'));

/** @param {string} message */
function announce(message) {
  status.textContent = '';
  setTimeout(() => (status.textContent = message), 60); // a change after emptiness is spoken even when the words repeat
}

const client = connect();
Object.assign(window, { nearside: client });

const engine = new EngineWatch(client, { onLine: navigator.onLine, events: window });
const shelf = new Shelf({ draftName: shelfWords.draftName });
const session = new SearchSession(client, { answersNow: () => engine.answersNow });
const settings = new SettingsWatch(client, { location, storage: () => localStorage });
const sync = new ShelfSync({
  client,
  shelf,
  engineReady: () => engine.status.engine === 'ready',
  onProblem: (error, name) => notices.show({ id: 'sync', text: syncWords.problem(name, error.message), tone: 'problem', stay: 10_000 }),
});
const chats = new Chats();
const writing = new Writing(() => localStorage);
/** A question is answered from the texts that are on the shelf when it is asked, so they are read first. */
const chat = new ChatSession(client, chats, async (signal) => {
  const ended = new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  await Promise.race([client.ready, ended]);
  await sync.settled(signal);
}, () => writing.parameters);
const offline = new Offline({
  onUpdate: () => {
    notices.show({ id: 'update', text: words.update, action: { label: words.updateAction, run: () => offline.takeUpdate() } });
    announce(words.update);
  },
  onInstalled: async () => {
    await engine.settled();
    if (!engine.answersNow) return; // a page without an engine is nothing to be told about
    const text = engine.status.storage === 'memory' ? words.offlineHalf : words.offlineReady;
    notices.show({ id: 'offline', text, tone: 'good', stay: 6000 });
    announce(text);
  },
});

/** @type {Services} */
const services = { client, engine, shelf, session, chats, chat, settings, sync, writing, notices, theme: new Theme(document.documentElement), offline, announce, version: site.version };

let wasReady = false;
let wasUp = false;
let recoveries = 0;
engine.addEventListener('change', () => {
  const up = engine.status.engine === 'ready';
  if (up && !wasUp) {
    void settings.load();
    sync.engineIsUp();
  }
  wasUp = up;
  if (engine.answersNow) session.engineIsUp();
  if (engine.answersNow && !wasReady) {
    announce(engineWords.ready);
    // Read once per device, in idle time. Should it fail, the first question does it.
    setTimeout(() => void client.chat.prepare().catch(() => undefined), PREPARE_AFTER_MS);
  }
  wasReady ||= engine.answersNow;
  if (engine.recoveries > recoveries) {
    recoveries = engine.recoveries;
    notices.show({ id: 'recovered', text: engineWords.recovered, tone: 'good', stay: 8000 });
    announce(engineWords.recovered);
  }
});

/** Goes on with the conversation that this tab showed before it was reloaded, else the newest one. */
async function openChats() {
  await chats.open();
  const last = tabStorage((storage) => storage.getItem(CHAT_KEY));
  const id = last ?? chats.list[0]?.id;
  if (id && !chat.turns.length) await chat.show(id);
  chat.addEventListener('change', () => tabStorage((storage) => storage.setItem(CHAT_KEY, chat.chat.id)));
}

/**
 * @template T
 * @param {(storage: Storage) => T} use
 * @returns {T | null} null where the browser blocks it
 */
function tabStorage(use) {
  try {
    return use(sessionStorage);
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}

await Promise.race([
  Promise.all([shelf.open(), openChats()]),
  new Promise((resolve) => {
    setTimeout(resolve, STORED_PATIENCE_MS);
  }),
]);

const app = document.createElement('ns-app');
Object.assign(app, { services, missing: missingFeatures(globalThis), secure: isSecureContext });
document.querySelector('#boot')?.replaceWith(app);

void offline.start(engine.settled());
