/**
 * What must not happen in any test: an error in a console, an error that nobody caught, a request to another origin.
 * `Watch` sees what the browser tells of its pages and workers; `Outside` is a proxy that the browser must use for
 * everything but this machine, so that nothing gets past unseen, wherever in the browser it comes from.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';

/** @typedef {import('@playwright/test').BrowserContext} BrowserContext */

/** Collects offences in the contexts it follows. */
export class Watch {
  /** @type {string[]} */
  #offences = [];
  /** @type {RegExp[]} */
  #expected = [];
  #over = false;
  /** Origins that pages may talk to. @type {Set<string>} */
  origins = new Set();

  /** @param {BrowserContext} context */
  follow(context) {
    context.on('console', (message) => {
      if (message.type() === 'error') this.report(`console: ${message.text()} (${message.location().url})`);
    });
    context.on('weberror', (error) => this.report(`uncaught: ${error.error().stack ?? error.error()}`));
    context.on('request', (request) => {
      const { protocol, origin } = new URL(request.url());
      if (/^(https?|wss?):$/.test(protocol) && !this.origins.has(origin)) this.report(`foreign request: ${request.url()}`);
    });
  }

  /** @param {string} offence */
  report(offence) {
    if (!this.#over) this.#offences.push(offence);
  }

  /** The test is over: what its pages say when their server goes away under them is no offence. */
  end() {
    this.#over = true;
  }

  /** Names offences that belong to this test. @param {...RegExp} expected */
  expect(...expected) {
    this.#expected.push(...expected);
  }

  /** @returns {string[]} what happened that nobody expected; forgets everything */
  take() {
    const left = this.#offences.filter((offence) => !this.#expected.some((pattern) => pattern.test(offence)));
    this.#offences = [];
    this.#expected = [];
    return left;
  }
}

/** The browser's own services, as far as no flag switches them off: exact hosts, none of which a page would use. */
const BROWSER_ITSELF = /^(https?:\/\/)?((update|optimizationguide-pa|content-autofill)\.googleapis|accounts\.google|redirector\.gvt1|clients2\.google)\.com(:443|\/|$)/;

/** A proxy that lets nothing through and remembers what was asked. */
export class Outside {
  /** @type {string[]} */
  #asked = [];

  constructor() {
    this.server = createServer((request, response) => {
      this.#asked.push(request.url ?? '');
      response.writeHead(502).end();
    });
    this.server.on('connect', (request, socket) => {
      this.#asked.push(request.url ?? '');
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
    this.port = 0;
  }

  async start() {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = /** @type {import('node:net').AddressInfo} */ (this.server.address()).port;
  }

  async stop() {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  /** @returns {string[]} hosts that were asked for, as offences; forgets them */
  take() {
    const asked = this.#asked.filter((host) => !BROWSER_ITSELF.test(host));
    this.#asked = [];
    return asked.map((host) => `left this machine: ${host}`);
  }
}
