import assert from 'node:assert/strict';
import test from 'node:test';
import { Utterances } from './utterances.js';

const RATE = 1000;
const LOUD = 0.3;
const FAINT = 0.0005;

/** @param {number} seconds @param {number} level @returns {Float32Array[]} blocks of a tenth of a second */
const sound = (seconds, level) => Array.from({ length: Math.round(seconds * 10) }, () => Float32Array.from({ length: 100 }, (_, i) => (i % 2 ? level : -level)));

/** @param {Utterances} utterances @param {Float32Array[]} blocks */
const feed = (utterances, blocks) => blocks.map((block) => utterances.add(block)).filter(Boolean);

test('nothing is due while nobody speaks, and silence is not collected', () => {
  const utterances = new Utterances(RATE);
  assert.deepEqual(feed(utterances, sound(30, FAINT)), []);
  assert.equal(utterances.current, null);
  assert.equal(utterances.take(), null);
});

test('a pause ends an utterance, which has a little of the silence before it', () => {
  const utterances = new Utterances(RATE, { pause: 0.8, before: 0.4 });
  assert.deepEqual(feed(utterances, sound(2, FAINT)), []);
  assert.deepEqual(feed(utterances, [...sound(0.5, LOUD), ...sound(0.7, FAINT)]), []);
  assert.equal(utterances.add(sound(0.1, FAINT)[0]), 'final');
  const taken = utterances.take();
  assert.ok(taken);
  assert.ok(Math.abs(taken.start - 1.6) <= 0.1001 && Math.abs(taken.end - 3.3) < 1e-9, `${taken.start} to ${taken.end}`);
  assert.equal(taken.audio.length, Math.round((taken.end - taken.start) * RATE));
  assert.equal(utterances.current, null);
});

test('a partial result is due again and again', () => {
  const every = feed(new Utterances(RATE, { every: 1 }), sound(5, LOUD));
  assert.deepEqual(every, Array(5).fill('partial'));
  assert.equal(feed(new Utterances(RATE, { every: 0.5 }), sound(5, LOUD)).length, 10);
});

test('an utterance has an end even when nobody pauses, and nothing is lost', () => {
  const utterances = new Utterances(RATE, { longest: 3, every: 100 });
  let collected = 0;
  for (const block of sound(10, LOUD)) if (utterances.add(block) === 'final') collected += utterances.take()?.audio.length ?? 0;
  collected += utterances.take()?.audio.length ?? 0;
  assert.equal(collected, 10 * RATE);
});

test('noise that begins is speech at first and no more later', () => {
  const utterances = new Utterances(RATE, { longest: 5 });
  feed(utterances, sound(3, FAINT));
  const finals = [];
  for (const block of sound(60, 0.02)) {
    const due = utterances.add(block);
    if (due === 'final') finals.push(utterances.take()?.end);
  }
  assert.ok(finals.length > 0, 'it is heard');
  assert.ok((finals.at(-1) ?? 99) < 45, 'it is got used to');
  assert.equal(utterances.add(sound(0.1, LOUD)[0]), null);
  assert.notEqual(utterances.current, null, 'a voice above it is heard');
});
