/** The watch over the engine: progress that never runs backwards, recoveries that are noticed once. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { EngineWatch } from './engine-watch.js';

const ID = 'org/model';

/** A client that only tells its status. */
class Teller extends EventTarget {
  /** @type {import('./types.js').Status} */
  status = { engine: 'starting', phases: [], models: {}, storage: 'unknown', hub: null };

  /** @param {Partial<import('./types.js').Status>} change */
  tell(change) {
    this.status = { ...this.status, ...change };
    this.dispatchEvent(new CustomEvent('status', { detail: this.status }));
  }
}

function setUp(onLine = true) {
  const teller = new Teller();
  const events = new EventTarget();
  const watch = new EngineWatch(/** @type {any} */ (teller), { onLine, events });
  return { teller, events, watch };
}

/** @param {string[]} done @returns {import('./types.js').Phase[]} */
const phases = (...done) => ['frame', 'python', 'model'].map((name) => ({ name, state: done.includes(name) ? 'done' : 'waiting', ms: null }));
const ready = { [ID]: { state: 'ready', loaded: 1, total: 1 } };

test('progress never runs backwards', () => {
  const { teller, watch } = setUp();
  teller.tell({ phases: phases('frame', 'python') });
  const before = watch.fraction;
  teller.tell({ phases: phases('frame') });
  assert.ok(before > 0);
  assert.equal(watch.fraction, before);
});

test('a restart begins the progress anew and is counted when the engine is back', () => {
  const { teller, watch } = setUp();
  teller.tell({ engine: 'ready', phases: phases('frame', 'python', 'model'), models: ready });
  assert.deepEqual([watch.fraction, watch.recoveries], [1, 0]);
  teller.tell({ engine: 'restarting', phases: phases(), models: {} });
  assert.deepEqual([watch.fraction, watch.face], [0, 'restarting']);
  teller.tell({ engine: 'ready', phases: phases('frame', 'python', 'model'), models: ready });
  assert.deepEqual([watch.fraction, watch.recoveries], [1, 1]);
  teller.tell({ storage: 'persistent' });
  assert.equal(watch.recoveries, 1);
});

test('a model that is loaded again has a progress of its own', () => {
  const { teller, watch } = setUp();
  teller.tell({ engine: 'ready', phases: phases('frame', 'python', 'model'), models: ready });
  teller.tell({ models: {} });
  teller.tell({ models: { [ID]: { state: 'downloading', loaded: 1, total: 4 } } });
  assert.deepEqual([watch.fraction, watch.face, watch.recoveries], [0.2, 'starting', 0]);
});

test('a crashed model that comes back is a recovery too', () => {
  const { teller, watch } = setUp();
  teller.tell({ engine: 'ready', models: ready });
  teller.tell({ models: { [ID]: { state: 'crashed', loaded: 0, total: 1 } } });
  teller.tell({ models: { [ID]: { state: 'preparing', loaded: 1, total: 1 } } });
  assert.equal(watch.recoveries, 0);
  teller.tell({ models: ready });
  assert.equal(watch.recoveries, 1);
});

test('going offline and back changes the face and tells', () => {
  const { teller, events, watch } = setUp();
  teller.tell({ engine: 'ready', models: ready });
  let told = 0;
  watch.addEventListener('change', () => (told += 1));
  events.dispatchEvent(new Event('offline'));
  assert.equal(watch.face, 'offline');
  events.dispatchEvent(new Event('online'));
  assert.equal(watch.face, 'ready');
  assert.equal(told, 2);
});

test('settled waits for the end of the start, be it good or bad', async () => {
  for (const engine of ['ready', 'failed']) {
    const { teller, watch } = setUp();
    let settled = false;
    const waiting = watch.settled().then(() => (settled = true));
    teller.tell({ engine: 'ready', models: { [ID]: { state: 'downloading', loaded: 0, total: 1 } } });
    await Promise.resolve();
    assert.equal(settled, false);
    teller.tell({ engine, models: ready });
    await waiting;
    assert.equal(settled, true);
  }
});
