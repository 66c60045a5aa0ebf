/**
 * The `openai` package as a caller of the proxy: `node openai-client.js BASE_URL` prints what it got, as one line of JSON.
 * The aliases are those of upstream.js.
 */
import OpenAI from 'openai';

const client = new OpenAI({ baseURL: process.argv[2], apiKey: 'unused', maxRetries: 0 });
const messages = [{ role: /** @type {const} */ ('user'), content: 'one two three' }];

/** @param {unknown} error */
const facts = (error) => {
  const { constructor, status, code, type, error: body, headers } = /** @type {any} */ (error);
  return { name: constructor.name, status, code, type, fallback: body?.fallback, retryAfter: headers?.get?.('retry-after') };
};

/** @param {string} model @param {number} [most] breaks off after so many pieces */
async function streamed(model, most = Infinity) {
  let text = '';
  let finish = null;
  let usage = null;
  let pieces = 0;
  try {
    const stream = await client.chat.completions.create({ model, messages, stream: true, stream_options: { include_usage: true } });
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      finish ??= chunk.choices[0]?.finish_reason ?? null;
      usage = chunk.usage ?? usage;
      pieces += 1;
      if (pieces >= most) break;
    }
    return { text, finish, usage };
  } catch (error) {
    return { text, error: facts(error) };
  }
}

/** @param {string} model @param {Record<string, unknown>} [more] */
async function whole(model, more = {}) {
  try {
    const { choices, usage } = await client.chat.completions.create({ model, messages, ...more, stream: false });
    return { text: choices[0]?.message.content, finish: choices[0]?.finish_reason, usage };
  } catch (error) {
    return { error: facts(error) };
  }
}

const models = (await client.models.list()).data.map(({ id }) => id);
const results = {
  models,
  whole: await whole('echo'),
  streamed: await streamed('echo'),
  left: await streamed('slow', 1),
  cut: await streamed('cut'),
  limited: await streamed('refuse-429'),
  refused: await whole('refuse-400'),
  failed: await whole('error-500'),
  garbage: await streamed('garbage'),
  unknown: await whole('no-such-model'),
  notPassed: await whole('echo', { user: 'somebody' }),
};
console.log(JSON.stringify(results));
