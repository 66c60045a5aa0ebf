import assert from 'node:assert/strict';
import test from 'node:test';
import { NearsideError } from '../errors.js';
import { Completions, streamText } from './chat.js';

const piece = (/** @type {string} */ content) => ({ choices: [{ delta: { content }, finish_reason: null }] });
const mark = (/** @type {object} */ nearside) => ({ choices: [{ delta: {}, finish_reason: 'stop' }], nearside });
const ASK = { messages: [{ role: 'user', content: 'hi' }] };

/**
 * A line to an engine that hands over these chunks, then fails or ends; `seen` is what it was asked.
 * @param {object[]} chunks @param {unknown} [failure]
 */
function engine(chunks, failure) {
  const seen = /** @type {any} */ ({ aborted: false });
  /** @type {any} */
  const call = async (/** @type {string} */ method, /** @type {any} */ params, /** @type {any} */ { signal, onChunk }) => {
    Object.assign(seen, { method, params });
    signal?.addEventListener('abort', () => (seen.aborted = true));
    for (const chunk of chunks) {
      await new Promise((resolve) => {
        setTimeout(resolve);
      });
      if (signal?.aborted) throw new NearsideError('cancelled', 'Stopped.');
      onChunk?.(chunk);
    }
    if (failure) throw failure;
    return { whole: true };
  };
  return { seen, completions: new Completions(call) };
}

test('a request is split into messages, options and parameters of the model', async () => {
  const { seen, completions } = engine([]);
  const made = await completions.create({ ...ASK, model: 'cloud-fast', temperature: 0.5 }, { mode: 'balanced' });
  assert.deepEqual(made, { whole: true });
  assert.equal(seen.method, 'chat');
  assert.deepEqual(seen.params, { ...ASK, mode: 'balanced', model: 'cloud-fast', stream: false, parameters: { temperature: 0.5 } });
});

test('a stream gives every chunk in order and ends', async () => {
  const { seen, completions } = engine(['a', 'b', 'c'].map(piece));
  const got = [];
  for await (const chunk of await completions.create({ ...ASK, stream: true })) got.push(chunk.choices[0].delta.content);
  assert.deepEqual(got, ['a', 'b', 'c']);
  assert.equal(seen.params.stream, true);
});

test('what came before a failure is not lost', async () => {
  const { completions } = engine([piece('a')], new NearsideError('cloud_failed', 'Cut.'));
  const got = /** @type {unknown[]} */ ([]);
  await assert.rejects(
    async () => {
      for await (const chunk of await completions.create({ ...ASK, stream: true })) got.push(chunk.choices[0].delta.content);
    },
    { code: 'cloud_failed' },
  );
  assert.deepEqual(got, ['a']);
});

test('leaving the loop, or the caller’s signal, stops the answer', async () => {
  const left = engine(['a', 'b', 'c'].map(piece));
  for await (const chunk of await left.completions.create({ ...ASK, stream: true })) if (chunk) break;
  assert.equal(left.seen.aborted, true);

  const stopped = engine(['a', 'b', 'c'].map(piece));
  const abort = new AbortController();
  await assert.rejects(
    async () => {
      for await (const chunk of await stopped.completions.create({ ...ASK, stream: true }, { signal: abort.signal })) if (chunk) abort.abort();
    },
    { code: 'cancelled' },
  );
});

test('a stream of text separates the two sides, and its result is the last one’s', async () => {
  const done = { event: 'done', decision: { tier: 'near' }, citations: [], found: true, model: { id: 'm' } };
  const { seen, completions } = engine([piece('half'), mark({ event: 'fallback' }), piece('whole'), mark(done)]);
  const stream = streamText(completions, 'hi', { parameters: { seed: 1 }, model: 'cloud-fast', consent: true });
  let all = '';
  for await (const { text } of stream) all += text;
  assert.equal(all, 'half\n\nwhole');
  const result = await stream.result;
  assert.deepEqual([result.text, result.finishReason, result.decision.tier], ['whole', 'stop', 'near']);
  assert.deepEqual(seen.params, { messages: ASK.messages, consent: true, model: 'cloud-fast', stream: true, parameters: { seed: 1 } });
});

test('the result of a stream that is not read to its end is cancelled, of one that fails its error', async () => {
  const { completions } = engine([piece('a'), piece('b')]);
  const left = streamText(completions, 'hi', {});
  for await (const { text } of left) if (text) break;
  await assert.rejects(left.result, { code: 'cancelled' });
  const failing = streamText(engine([], new NearsideError('offline', 'Gone.')).completions, 'hi', {});
  await assert.rejects(async () => {
    for await (const each of failing) assert.fail(String(each));
  });
  await assert.rejects(failing.result, { code: 'offline' });
});
