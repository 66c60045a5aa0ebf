/** Where the page begins: starts the engine, reads what is on the shelf, and puts the page up. */

import site from 'nearside:site';
import { connect } from '../api/nearside.js';
import { Offline } from '../offline/register.js';
import './elements/ns-app.js';
import { EngineWatch } from './engine-watch.js';
import { Notices } from './notices.js';
import { SearchSession } from './search-session.js';
import { Shelf } from './shelf.js';
import { engine as engineWords, notices as words, shelf as shelfWords } from './strings.js';
import { missingFeatures } from './support.js';
import { Theme } from './theme.js';

/** How long the first picture waits for the shelf, so that stored documents do not push it about. */
const SHELF_PATIENCE_MS = 400;

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
const services = { client, engine, shelf, session, notices, theme: new Theme(document.documentElement), offline, announce, version: site.version };

let wasReady = false;
let recoveries = 0;
engine.addEventListener('change', () => {
  if (engine.answersNow) session.engineIsUp();
  if (engine.answersNow && !wasReady) announce(engineWords.ready);
  wasReady ||= engine.answersNow;
  if (engine.recoveries > recoveries) {
    recoveries = engine.recoveries;
    notices.show({ id: 'recovered', text: engineWords.recovered, tone: 'good', stay: 8000 });
    announce(engineWords.recovered);
  }
});

await Promise.race([
  shelf.open(),
  new Promise((resolve) => {
    setTimeout(resolve, SHELF_PATIENCE_MS);
  }),
]);

const app = document.createElement('ns-app');
Object.assign(app, { services, missing: missingFeatures(globalThis), secure: isSecureContext });
document.querySelector('#boot')?.replaceWith(app);

void offline.start(engine.settled());
