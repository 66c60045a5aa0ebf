/** The engine's documents follow the shelf. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { NearsideError } from '../errors.js';
import { ShelfSync } from './shelf-sync.js';

/** @typedef {import('./types.js').Source} Source */

class FakeShelf extends EventTarget {
  /** @type {Source[]} */
  texts = [];
  draft = '';
  /** Ids that only the storage knows. */
  elsewhere = new Set();
  sources() {
    return [...(this.draft ? [{ id: 'draft', name: 'Pasted text', text: this.draft }] : []), ...this.texts];
  }
  async has(/** @type {string} */ id) {
    return this.elsewhere.has(id) || this.texts.some((text) => text.id === id);
  }
  change() {
    this.dispatchEvent(new Event('change'));
  }
}

function setUp({ held = /** @type {Source[]} */ ([]), ready = true, rest = 1e6 } = {}) {
  const engine = new Map(held.map((document) => [document.id, document.text]));
  const calls = /** @type {string[]} */ ([]);
  const problems = /** @type {string[]} */ ([]);
  const shelf = new FakeShelf();
  const state = { ready, error: /** @type {NearsideError | null} */ (null), hold: /** @type {((signal?: AbortSignal) => Promise<void>) | null} */ (null) };
  const sync = new ShelfSync({
    shelf,
    rest,
    engineReady: () => state.ready,
    onProblem: (error, name) => void problems.push(`${error.code} ${name}`),
    client: {
      documents: {
        list: async () => ({ documents: [...engine].map(([id]) => ({ id, name: id, characters: 1, passages: 1, current: id !== '7-7' })) }),
        add: async ({ id, text }, options) => {
          calls.push(`add ${id}`);
          options?.onProgress?.({ done: 1, total: 1 });
          await state.hold?.(options?.signal);
          if (state.error) throw state.error;
          engine.set(/** @type {string} */ (id), text);
        },
        delete: async (id) => {
          calls.push(`delete ${id}`);
          engine.delete(id);
        },
      },
    },
  });
  return { sync, shelf, engine, calls, problems, state };
}

/** @param {string} id @param {string} [text] */
const text = (id, text = id) => ({ id, name: id, text });

test('adds what is missing, deletes what left, leaves others’ documents alone', async () => {
  const { sync, shelf, engine, calls } = setUp({ held: [text('1-1'), text('2-2'), text('their own')] });
  shelf.texts = [text('1-1'), text('3-3')];
  sync.engineIsUp();
  await sync.settled();
  assert.deepEqual(calls, ['delete 2-2', 'add 3-3']);
  assert.deepEqual([...engine.keys()], ['1-1', 'their own', '3-3']);
});

test('a document with vectors of another model is given again', async () => {
  const { sync, shelf, calls } = setUp({ held: [text('7-7')] });
  shelf.texts = [text('7-7')];
  await sync.settled();
  assert.deepEqual(calls, ['add 7-7']);
});

test('the text box is read when it rests, at once when somebody asks, and goes when it is empty', async () => {
  const { sync, shelf, calls, engine } = setUp();
  shelf.draft = 'half a sen';
  shelf.change();
  await new Promise((resolve) => {
    setTimeout(resolve, 1);
  });
  assert.deepEqual(calls, []);
  shelf.draft = 'half a sentence';
  shelf.change();
  await sync.settled();
  assert.deepEqual([calls, engine.get('draft')], [['add draft'], 'half a sentence']);
  shelf.draft = '';
  shelf.change();
  await sync.settled();
  assert.deepEqual([calls, engine.size], [['add draft', 'delete draft'], 0]);
});

test('a text box that rests is read without being asked for', async () => {
  const { sync, shelf, calls } = setUp({ rest: 1 });
  shelf.draft = 'rested';
  const read = new Promise((resolve) => {
    sync.addEventListener('change', () => calls.length && resolve(undefined));
  });
  const held = setInterval(() => undefined, 1000); // the page's own timers do not hold Node
  shelf.change();
  await read;
  clearInterval(held);
  assert.deepEqual(calls, ['add draft']);
});

test('what another tab just stored is not deleted', async () => {
  const { sync, shelf, calls } = setUp({ held: [text('4-4')] });
  shelf.elsewhere.add('4-4');
  await sync.settled();
  assert.deepEqual(calls, []);
});

test('a text that is refused is said once, and does not hold up the next', async () => {
  const { sync, shelf, calls, problems, state } = setUp();
  state.error = new NearsideError('storage_full', 'Full.');
  shelf.texts = [text('1-1'), text('2-2')];
  shelf.change();
  await sync.settled();
  assert.deepEqual(problems, ['storage_full 1-1', 'storage_full 2-2']);
  await sync.settled();
  assert.equal(calls.length, 2);
  state.error = null;
  sync.engineIsUp();
  await sync.settled();
  assert.equal(calls.length, 4);
});

test('nothing is asked of an engine that is not there, nor after the end', async () => {
  const { sync, shelf, calls, state } = setUp({ ready: false });
  shelf.texts = [text('1-1')];
  shelf.change();
  await sync.settled();
  assert.deepEqual(calls, []);
  state.ready = true;
  sync.stop();
  await sync.settled();
  assert.deepEqual(calls, []);
});

test('an engine that goes away in the middle is asked again when it is back', async () => {
  const { sync, shelf, calls, problems, state } = setUp();
  state.error = new NearsideError('engine_failed', 'Gone.');
  shelf.texts = [text('1-1')];
  shelf.change();
  await sync.settled();
  assert.deepEqual(problems, []);
  state.error = null;
  sync.engineIsUp();
  await sync.settled();
  assert.deepEqual(calls, ['add 1-1', 'add 1-1']);
});

test('a text that leaves the shelf is not read to its end', async () => {
  const { sync, shelf, calls, problems, state } = setUp();
  shelf.texts = [text('1-1'), text('2-2')];
  state.hold = (signal) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new NearsideError('cancelled', 'Cancelled.')));
      setTimeout(() => {
        shelf.texts = [text('2-2')];
        state.hold = null;
        shelf.change();
      });
    });
  await sync.settled();
  assert.deepEqual([calls, problems], [['add 1-1', 'add 2-2'], []]);
});

test('waiting can be given up, the work goes on', async () => {
  const { sync, shelf, calls } = setUp();
  shelf.texts = [text('1-1')];
  const abort = new AbortController();
  abort.abort();
  const waiting = sync.settled(abort.signal);
  await waiting.catch(() => undefined);
  await sync.settled();
  assert.deepEqual(calls, ['add 1-1']);
});
