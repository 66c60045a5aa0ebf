/** Forms to calls, and when a call can be made. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import * as strings from '../strings-tasks.js';
import { TASKS, cardOf, cards } from './cards.js';
import { examplesOf, fileNameOf, labelsOf, linesOf, wordCount } from './parse.js';

test('labels, lines and examples', () => {
  assert.deepEqual(labelsOf(' a, b ,,c\nb '), ['a', 'b', 'c']);
  assert.deepEqual(linesOf('\n one \n\ntwo\n'), ['one', 'two']);
  assert.deepEqual(examplesOf('a: one: more\n\nb:two'), {
    examples: [{ text: 'one: more', label: 'a' }, { text: 'two', label: 'b' }],
    labels: ['a', 'b'],
    badLine: null,
  });
  assert.equal(examplesOf('a: one\n\nno label here\n: none').badLine, 3);
  assert.equal(examplesOf('a:').badLine, 1);
  assert.equal(wordCount('  two words '), 2);
  assert.equal(fileNameOf('Support desk / 2'), 'support-desk-2.classifier.json');
  assert.equal(fileNameOf('…'), 'classifier.classifier.json');
});

test('an empty form is not ready, and each missing part is noticed', () => {
  for (const name of /** @type {(keyof typeof cards)[]} */ (Object.keys(cards))) assert.equal(cardOf(name).ready(cardOf(name).blank), false, name);
  assert.equal(cards.classify.ready({ text: 'x', labels: 'one' }), false);
  assert.equal(cards.classify.ready({ text: 'x', labels: 'one, two' }), true);
  assert.equal(cards.teach.ready({ examples: 'a: x\na: y' }), false);
  assert.equal(cards.teach.ready({ examples: 'a: x\nb: y\noops' }), false);
  assert.equal(cards.teach.ready({ examples: 'a: x\nb: y' }), true);
  assert.equal(cards.rerank.ready({ query: 'q', docs: 'one' }), false);
  assert.equal(cards.answer.ready({ question: 'q', context: ' ' }), false);
});

test('every card has its words, and every sample fills a card so that it can run', () => {
  const samples = JSON.parse(readFileSync(new URL('../../../static/samples/tasks/samples.json', import.meta.url), 'utf8'));
  for (const task of TASKS) {
    assert.ok(strings.tasks[task].name && strings.tasks[task].lead, task);
    if (task !== 'search' && task !== 'transcribe') assert.ok(samples[task]?.length, task);
  }
  for (const [task, list] of Object.entries(samples)) {
    const card = cardOf(/** @type {any} */ (task));
    for (const { label, form } of list) {
      assert.ok(label);
      for (const [name, value] of Object.entries(form)) {
        assert.ok(name in card.blank, `${task}.${name}`);
        if (value.file) form[name] = readFileSync(new URL(`../../../static${value.file}`, import.meta.url), 'utf8');
      }
      assert.equal(card.ready({ ...card.blank, ...form }), true, `${task}: ${label}`);
    }
  }
});

test('no sentence is empty', () => {
  /** @param {unknown} value @param {string} path */
  const walk = (value, path) => {
    if (typeof value === 'string') assert.ok(value.trim(), path);
    else if (value && typeof value === 'object') for (const [key, inner] of Object.entries(value)) walk(inner, `${path}.${key}`);
  };
  for (const [name, group] of Object.entries(strings)) walk(group, name);
  assert.equal(strings.tasks.teach.count(12, ['a', 'b', 'c']), '12 examples of 3 labels');
  assert.equal(strings.tasks.summarize.chosen(1, 0.053), '1 sentence, 5% of the text');
  assert.equal(strings.route.removed('In the cloud', 'cloud-fast', 'Consent'), 'In the cloud (cloud-fast), because of: Consent');
});
