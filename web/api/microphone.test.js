import assert from 'node:assert/strict';
import test from 'node:test';
import { NearsideError } from '../errors.js';
import { listen, refused, Session } from './microphone.js';

const RATE = 1000;
const tick = () => new Promise((resolve) => setImmediate(resolve));

/** @param {number} seconds @param {number} level */
const sound = (seconds, level) => Array.from({ length: Math.round(seconds * 10) }, () => Float32Array.from({ length: 100 }, (_, i) => (i % 2 ? level : -level)));
const spoken = (/** @type {number} */ seconds) => sound(seconds, 0.3);
const pause = sound(1, 0);

/** A session with a microphone and an engine that answers when it is told to. @param {Record<string, unknown>} [options] */
function setUp(options = {}) {
  /** @type {{audio: Float32Array, options: any, answer: (text: string) => void, fail: (error: unknown) => void}[]} */
  const asked = [];
  const client = {
    transcribe: (/** @type {Float32Array} */ audio, /** @type {any} */ given) =>
      new Promise((resolve, reject) => {
        given.signal.addEventListener('abort', () => reject(new NearsideError('cancelled', 'x')));
        asked.push({ audio, options: given, answer: (text) => resolve({ text }), fail: reject });
      }),
  };
  const recording = { rate: RATE, stopped: false, onBlock: (/** @type {Float32Array} */ _block) => {}, stop: () => void (recording.stopped = true) };
  /** @type {string[]} */
  const partials = [];
  /** @type {any[]} */
  const finals = [];
  const told = { onPartial: (/** @type {string} */ text) => void partials.push(text), onFinal: (/** @type {any} */ phrase) => void finals.push(phrase), options };
  const session = new Session(/** @type {any} */ (client), recording, told);
  const feed = async (/** @type {Float32Array[]} */ blocks) => {
    for (const block of blocks) recording.onBlock(block);
    await tick();
  };
  return { session, recording, asked, partials, finals, feed };
}

test('a growing text, then the final one, in order, with times', async () => {
  const { session, asked, partials, finals, feed, recording } = setUp({ language: 'en', mode: 'local-only' });
  await feed(spoken(1));
  asked[0].answer('and');
  await tick();
  await feed([...spoken(1), ...pause]);
  assert.deepEqual(partials, ['and']);
  assert.equal(asked.length, 3, 'one more partial result, and the final one');
  assert.ok(asked[1].options.signal.aborted, 'the partial result is not waited for any more');
  assert.deepEqual({ ...asked[2].options, signal: null }, { language: 'en', mode: 'local-only', sampleRate: RATE, signal: null });
  await feed([...spoken(1), ...pause]);
  asked.at(-1)?.answer('never'); // the second final result waits for the first
  asked[2].answer('And so');
  await tick();
  assert.equal(finals.length, 1);
  assert.deepEqual(finals[0], { text: 'And so', start: 0, end: 2.8 });
  const stopped = session.stop();
  assert.ok(recording.stopped);
  await tick();
  asked.at(-1)?.answer('my friends');
  assert.equal(await stopped, 'And so my friends');
  assert.equal(await session.done, 'And so my friends');
  assert.deepEqual(finals.map(({ text }) => text), ['And so', 'my friends']);
});

test('only one partial result is made at a time', async () => {
  const { asked, feed } = setUp();
  await feed(spoken(4));
  assert.equal(asked.length, 1);
  asked[0].answer('a');
  await tick();
  await feed(spoken(1));
  assert.equal(asked.length, 2);
  assert.equal(asked[1].audio.length, 5 * RATE, 'it is made of all that was said');
});

test('stopping while somebody speaks gives the last words', async () => {
  const { session, asked, finals, feed } = setUp();
  await feed(spoken(0.5));
  const stopped = session.stop();
  await tick();
  asked[0].answer('the end');
  assert.equal(await stopped, 'the end');
  assert.equal(finals.length, 1);
  await feed(spoken(3));
  assert.equal(asked.length, 1, 'nothing is heard any more');
});

test('silence gives nothing', async () => {
  const { session, asked, feed } = setUp();
  await feed(sound(20, 0));
  assert.equal(await session.stop(), '');
  assert.equal(asked.length, 0);
});

test('what is no speech has no final result', async () => {
  const { session, asked, finals, feed } = setUp();
  await feed([...spoken(0.5), ...pause]);
  asked[0].answer('');
  assert.equal(await session.stop(), '');
  assert.deepEqual(finals, []);
});

for (const when of ['partial', 'final']) {
  test(`a failure of a ${when} result ends it`, async () => {
    const { session, asked, recording, feed } = setUp();
    await feed(when === 'partial' ? spoken(1) : [...spoken(0.5), ...pause]);
    asked[0].fail(new NearsideError('model_needed', 'There is no model.'));
    await assert.rejects(session.done, { code: 'model_needed' });
    assert.ok(recording.stopped);
    await assert.rejects(session.stop(), { code: 'model_needed' });
  });
}

test('ending at once cancels what is under way', async () => {
  const { session, asked, recording, feed } = setUp();
  await feed([...spoken(0.5), ...pause]);
  session.fail(new NearsideError('cancelled', 'Listening was cancelled.'));
  await assert.rejects(session.done, { code: 'cancelled' });
  assert.ok(asked[0].options.signal.aborted && recording.stopped);
});

test('why there is no microphone', () => {
  /** @param {string} name */
  const why = (name) => refused(Object.assign(new Error('x'), { name }));
  const names = ['NotAllowedError', 'SecurityError', 'NotFoundError', 'NotReadableError'];
  assert.deepEqual(names.map((name) => why(name).code), Array(4).fill('no_microphone'));
  assert.match(why('NotAllowedError').message, /not allowed/);
  assert.match(why('NotFoundError').message, /no microphone/);
  assert.match(why('NotReadableError').hint, /Another program/);
});

test('a page without a microphone of its own says so', () => assert.rejects(listen(/** @type {any} */ ({})), { code: 'unsupported_browser' }));
