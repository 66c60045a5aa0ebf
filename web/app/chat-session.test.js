/** A conversation's life: streamed, stopped, edited, tried again, handed from one side to the other, kept. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { NearsideError } from '../errors.js';
import { ChatSession, messagesUpTo } from './chat-session.js';

/** @typedef {import('./types.js').Chat} Chat */

/** @param {'near' | 'far'} tier @returns {any} */
const decision = (tier) => ({ id: '1', tier, model: tier === 'near' ? 'org/m' : 'cloud-fast', mode: 'prefer-local', reasons: [], explanation: `${tier}.`, candidates: [] });
/** @param {string} content @returns {any} */
const piece = (content) => ({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });
/** @param {any} nearside @returns {any} */
const event = (nearside) => ({ choices: [{ index: 0, delta: {}, finish_reason: null }], nearside });
/** @param {'near' | 'far'} [tier] @param {any} [more] */
const done = (tier = 'near', more = {}) => event({ event: 'done', decision: decision(tier), citations: [], found: true, model: null, ...more });

/** A client that plays scripts: an array of chunks, in which an Error is thrown and a function is awaited. */
function setUp(/** @type {any[][]} */ ...scripts) {
  const calls = /** @type {any[]} */ ([]);
  const kept = /** @type {Map<string, Chat>} */ (new Map());
  const client = {
    chat: {
      completions: {
        create: async (/** @type {any} */ request, /** @type {any} */ options) => {
          calls.push({ ...request, options });
          const script = scripts.shift() ?? [];
          return (async function* play() {
            for (const step of script) {
              if (step instanceof Error) throw step;
              if (typeof step === 'function') await step(options.signal);
              else yield step;
            }
          })();
        },
      },
    },
    route: async () => decision('far'),
  };
  const chats = {
    get: async (/** @type {string} */ id) => structuredClone(kept.get(id)) ?? null,
    save: async (/** @type {Chat} */ chat) => void kept.set(chat.id, structuredClone(chat)),
    remove: async (/** @type {string} */ id) => void kept.delete(id),
  };
  return { session: new ChatSession(client, chats), calls, kept, chats };
}

/** @param {AbortSignal} signal */
const untilAborted = (signal) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new NearsideError('cancelled', 'The call was cancelled.')));
  });

test('an answer comes in pieces, with its decision, and is kept', async () => {
  const citation = { number: 1, id: 'd', name: 'D', text: 'x', start: 0, end: 1, score: 1 };
  const { session, calls, kept } = setUp([event({ event: 'decision', decision: decision('near') }), piece('Cats '), piece('nap.'), done('near', { citations: [citation] })]);
  const states = /** @type {string[]} */ ([]);
  session.addEventListener('change', () => states.push(session.turns[0]?.answers[0]?.state ?? ''));
  await session.send('Where do cats sleep?');
  const [answer] = session.turns[0].answers;
  assert.deepEqual([answer.text, answer.state, answer.found, answer.decision?.tier, answer.citations], ['Cats nap.', 'done', true, 'near', [citation]]);
  assert.deepEqual([...new Set(states)], ['waiting', 'streaming', 'done']);
  assert.deepEqual(calls[0].messages, [{ role: 'user', content: 'Where do cats sleep?' }]);
  assert.equal(calls[0].stream, true);
  await session.flush();
  assert.equal(kept.get(session.chat.id)?.turns[0].answers[0].text, 'Cats nap.');
});

test('a question is kept before there is any answer', async () => {
  const { session, kept } = setUp([untilAborted]);
  const sending = session.send('Will this be lost?');
  await new Promise((resolve) => void setTimeout(resolve, 0));
  assert.deepEqual(kept.get(session.chat.id)?.turns.map(({ question, answers }) => [question, answers[0].state]), [['Will this be lost?', 'waiting']]);
  session.stop();
  await sending;
});

test('stop keeps what came, and aborts the call', async () => {
  const { session, calls } = setUp([piece('Half'), untilAborted]);
  const running = session.send('Go');
  await new Promise((resolve) => {
    session.addEventListener('change', () => session.turns[0].answers[0].text && resolve(undefined));
  });
  session.stop();
  await running;
  assert.equal(calls[0].options.signal.aborted, true);
  assert.deepEqual([session.turns[0].answers[0].text, session.turns[0].answers[0].state, session.pending], ['Half', 'stopped', false]);
});

test('a side that breaks off leaves its words, and the other side’s are another answer', async () => {
  const error = { code: 'cloud_failed', message: 'The stream ended early.', hint: null, retryable: true };
  const { session } = setUp([
    event({ event: 'decision', decision: decision('far') }), piece('The far'),
    event({ event: 'fallback', from: 'far', to: 'near', error, decision: decision('near') }), piece('The near.'), done('near'),
  ]);
  await session.send('Go');
  const [far, near] = session.turns[0].answers;
  assert.deepEqual([far.text, far.state, far.error, far.decision?.tier], ['The far', 'failed', error, 'far']);
  assert.deepEqual([near.text, near.state, near.decision?.tier], ['The near.', 'done', 'near']);
});

test('a side that said nothing leaves nothing', async () => {
  const error = { code: 'rate_limited', message: 'Too many.', hint: null, retryable: true };
  const { session } = setUp([event({ event: 'decision', decision: decision('far') }), event({ event: 'fallback', from: 'far', to: 'near', error, decision: decision('near') }), piece('Near.'), done('near')]);
  await session.send('Go');
  assert.deepEqual(session.turns[0].answers.map(({ text, decision: made }) => [text, made?.tier]), [['Near.', 'near']]);
});

test('editing goes on from there, and what came after is gone', async () => {
  const { session, calls } = setUp([piece('A1'), done()], [piece('A2'), done()], [piece('A3'), done()]);
  await session.send('Q1');
  await session.send('Q2');
  assert.deepEqual(calls[1].messages.map((/** @type {any} */ one) => one.content), ['Q1', 'A1', 'Q2']);
  await session.edit(session.turns[0].id, 'Q1 changed');
  assert.deepEqual(session.turns.map(({ question }) => question), ['Q1 changed']);
  assert.deepEqual(calls[2].messages.map((/** @type {any} */ one) => one.content), ['Q1 changed']);
});

test('a retry replaces, the other side is added, and its wish is passed on', async () => {
  const { session, calls } = setUp([piece('one'), done()], [piece('two'), done()], [piece('far'), done('far')]);
  await session.send('Q');
  const { id } = session.turns[0];
  await session.retry(id);
  assert.deepEqual(session.turns[0].answers.map(({ text }) => text), ['two']);
  await session.ask(id, { prefer: 'far', consent: true });
  assert.deepEqual(session.turns[0].answers.map(({ text }) => text), ['two', 'far']);
  assert.deepEqual([calls[2].options.prefer, calls[2].options.consent], ['far', true]);
  const next = { id: 'n', question: 'next', answers: [] };
  assert.deepEqual(messagesUpTo([...session.turns, next], next).map(({ content }) => content), ['Q', 'far', 'next']);
});

test('an error is shown as it is; where only consent is missing, there is something to ask', async () => {
  const { session } = setUp([new NearsideError('engine_failed', 'It stopped.')], [new NearsideError('no_route', 'Cloud-only is on.')]);
  await session.send('Q');
  assert.deepEqual([session.turns[0].answers[0].state, session.turns[0].answers[0].error?.code, session.turns[0].answers[0].decision], ['failed', 'engine_failed', null]);
  await session.send('Q');
  assert.deepEqual(session.turns[1].answers[0].decision?.candidates, [{ tier: 'far', model: 'cloud-fast', removedBy: 'consent' }]);
});

test('another conversation ends the answer of this one, and coming back shows it', async () => {
  const { session, kept } = setUp([piece('Half'), untilAborted], [piece('B'), done()]);
  const running = session.send('A?');
  await new Promise((resolve) => {
    session.addEventListener('change', () => session.turns[0]?.answers[0]?.text && resolve(undefined));
  });
  const { id } = session.chat;
  session.begin();
  await running;
  assert.deepEqual([session.turns.length, session.pending], [0, false]);
  await session.send('B?');
  await session.show(id);
  assert.deepEqual([session.turns[0].question, session.turns[0].answers[0].state], ['A?', 'stopped']);
  await session.remove();
  assert.equal(kept.has(id), false);
  assert.deepEqual([...kept.values()].map(({ turns }) => turns[0].question), ['B?']);
});

test('what has to be done first is done first, and can be stopped', async () => {
  const { session, chats, calls } = setUp();
  const slow = new ChatSession({ chat: { completions: { create: async (request) => calls.push(request) && untilAborted(new AbortController().signal) } }, route: async () => decision('near') }, chats, untilAborted);
  const running = slow.send('Q');
  slow.stop();
  await running;
  assert.equal(slow.turns[0].answers[0].state, 'stopped');
  assert.deepEqual([calls.length, session.turns.length], [0, 0]);
});

test('thoughts stand apart from the answer, with its tokens and what was left out', async () => {
  const thought = (/** @type {string} */ text) => ({ choices: [{ index: 0, delta: { reasoning_content: text }, finish_reason: null }] });
  const end = { ...done('near', { dropped: 2 }), choices: [{ index: 0, delta: {}, finish_reason: 'length' }], usage: { prompt_tokens: 30, completion_tokens: 7 } };
  const { session, calls } = setUp([thought('Let me '), thought('see.'), piece('Yes.'), end]);
  await session.send('Is it so?');
  const [answer] = session.turns[0].answers;
  assert.deepEqual([answer.thoughts, answer.text, answer.usage, answer.dropped, answer.cut], ['Let me see.', 'Yes.', { read: 30, written: 7 }, 2, true]);
  assert.deepEqual(messagesUpTo(session.turns, session.turns[0]), calls[0].messages);
});

test('the visitor’s wishes about writing go along', async () => {
  const { calls, chats } = setUp();
  const client = { chat: { completions: { create: async (/** @type {any} */ request) => (calls.push(request), (async function* none() {})()) } }, route: async () => decision('far') };
  const session = new ChatSession(client, chats, async () => {}, () => ({ temperature: 0.2, thinking: false }));
  await session.send('Hello');
  assert.deepEqual([calls[0].temperature, calls[0].thinking, calls[0].stream, calls[0].messages], [0.2, false, true, [{ role: 'user', content: 'Hello' }]]);
});
