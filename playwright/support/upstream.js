/**
 * A cloud provider of OpenAI's shape for tests: what it does is the name of the model it is asked for.
 *
 * `echo` streams the last user message word by word, with usage; `slow` starts and never ends (`aborts` counts who gave
 * up waiting); `cut` breaks the connection after three pieces; `refuse-429` and `refuse-400` refuse; `error-500` fails;
 * `garbage` answers what no client can read. Run by itself, `node upstream.js`, it prints `{port}` as its first line and
 * serves `GET /requests` with what it was asked (for tests in other languages).
 */
import { once } from 'node:events';
import { createServer } from 'node:http';

/**
 * @typedef {{role: string, content: string | {type: string, text: string}[]}} Message
 * @typedef {{path: string, authorization: string|null, headers: import('node:http').IncomingHttpHeaders, body: any}} Asked
 * @typedef {(body: any, response: import('node:http').ServerResponse) => void | Promise<void>} Deed
 */

/** What the refusals say; nothing of it may reach a page. */
export const PROVIDER_SECRET = 'org-canary-4711';

/** Milliseconds between two pieces. */
const PACE = 20;

const HEAD = { id: 'chatcmpl-upstream', created: 1_700_000_000, model: 'upstream-model', system_fingerprint: PROVIDER_SECRET };

/** @param {number} time */
const pause = (time) => new Promise((resolve) => void setTimeout(resolve, time));

/** @param {unknown} data */
const event = (data) => `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;

/** @param {Record<string, unknown>} delta @param {string|null} [finish] */
const piece = (delta, finish = null) =>
  event({ ...HEAD, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish, logprobs: null }] });

/** @param {Message[]} messages @returns {string} */
function lastWords(messages) {
  const content = messages.filter(({ role }) => role === 'user').at(-1)?.content ?? '';
  return typeof content === 'string' ? content : content.map(({ text }) => text).join('');
}

export class Upstream {
  /** Every request for a completion, in order. @type {Asked[]} */
  requests = [];
  /** Answers that the other side broke off. */
  aborts = 0;
  /** More models, or others: a test may set its own. @type {Record<string, Deed>} */
  models = {
    echo: (body, response) => this.#echo(body, response),
    slow: (body, response) => this.#slow(body, response),
    cut: (_, response) => this.#cut(response),
    'refuse-429': (_, response) => refuse(response, 429, 'rate_limit_exceeded', { 'retry-after': '7' }),
    'refuse-400': (_, response) => refuse(response, 400, 'context_length_exceeded'),
    'error-500': (_, response) => refuse(response, 500, 'server_error'),
    garbage: (body, response) => void response.writeHead(200, { 'content-type': body.stream ? 'text/event-stream' : 'application/json' }).end(body.stream ? event('{"choices": [{') : '<html>'),
  };

  /** Answers that this side broke off. @type {WeakSet<import('node:http').ServerResponse>} */
  #cuts = new WeakSet();

  constructor() {
    this.origin = '';
    this.port = 0;
    this.server = createServer((request, response) => void this.#answer(request, response));
  }

  /** @param {number} [port] */
  static async start(port = 0) {
    const upstream = new Upstream();
    upstream.server.listen(port, '127.0.0.1');
    await once(upstream.server, 'listening');
    const address = /** @type {import('node:net').AddressInfo} */ (upstream.server.address());
    upstream.port = address.port;
    upstream.origin = `http://127.0.0.1:${address.port}`;
    return upstream;
  }

  /** What the provider's `base_url` is in a configuration. */
  get url() {
    return `${this.origin}/v1`;
  }

  /** A configuration for `nearside serve --config`: one provider, every model under its own name, `echo` first. */
  get config() {
    const models = Object.keys(this.models).map(
      (name) =>
        `[models.${name}]\nprovider = "test"\nmodel = "${name}"\ncontext_window = 128000\nmax_output_tokens = 1000\n` +
        `input_price = "0.15"\noutput_price = "0.60"\n`,
    );
    return [`[providers.test]\nbase_url = "${this.url}"\n`, ...models].join('\n');
  }

  async stop() {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  /** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
  async #answer(request, response) {
    if (request.method === 'GET' && request.url === '/requests') {
      return void response.end(JSON.stringify({ requests: this.requests, aborts: this.aborts }));
    }
    const parts = [];
    for await (const part of request) parts.push(part);
    const asked = { path: request.url ?? '/', authorization: request.headers.authorization ?? null, headers: request.headers, body: JSON.parse(Buffer.concat(parts).toString() || 'null') };
    this.requests.push(asked);
    response.on('close', () => (this.aborts += response.writableFinished || this.#cuts.has(response) ? 0 : 1));
    const deed = this.models[asked.body?.model];
    if (asked.path !== '/v1/chat/completions' || !deed) return refuse(response, 404, 'model_not_found');
    return deed(asked.body, response);
  }

  /** @param {any} body @param {import('node:http').ServerResponse} response */
  async #echo(body, response) {
    const text = lastWords(body.messages);
    const words = text.match(/\S+\s*|\s+/g) ?? [];
    const usage = { prompt_tokens: 10, completion_tokens: words.length, total_tokens: 10 + words.length };
    if (!body.stream) {
      const choices = [{ index: 0, message: { role: 'assistant', content: text, refusal: null }, finish_reason: 'stop', logprobs: null }];
      response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': `org=${PROVIDER_SECRET}`, 'openai-organization': PROVIDER_SECRET });
      return void response.end(JSON.stringify({ ...HEAD, object: 'chat.completion', choices, usage }));
    }
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'set-cookie': `org=${PROVIDER_SECRET}` });
    response.write(piece({ role: 'assistant', content: '' }));
    for (const word of words) {
      await pause(PACE);
      if (response.destroyed) return;
      response.write(piece({ content: word }));
    }
    response.write(piece({}, 'stop'));
    if (body.stream_options?.include_usage) response.write(event({ ...HEAD, object: 'chat.completion.chunk', choices: [], usage }));
    response.end(event('[DONE]'));
  }

  /** @param {any} body @param {import('node:http').ServerResponse} response */
  #slow(body, response) {
    if (!body.stream) return; // no answer at all
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(piece({ role: 'assistant', content: 'Wait' }));
  }

  /** @param {import('node:http').ServerResponse} response */
  async #cut(response) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const word of ['One ', 'two ', 'three ']) {
      response.write(piece({ content: word }));
      await pause(PACE);
    }
    await pause(10 * PACE); // what is still on its way when a connection breaks may be lost
    this.#cuts.add(response);
    response.destroy();
  }
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {number} status
 * @param {string} code
 * @param {Record<string, string>} [headers]
 */
function refuse(response, status, code, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ error: { message: `No, said ${PROVIDER_SECRET}.`, type: 'provider_error', param: null, code } }));
}

if (process.argv[1] === import.meta.filename) {
  const upstream = await Upstream.start();
  console.log(JSON.stringify({ port: upstream.port }));
  process.stdin.resume().on('end', () => process.exit(0)); // whoever started this holds the other end
}
