/** `nearside serve` as a process of its own, which a test can stop and start again on the same port. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { NEARSIDE, SITE } from './programs.js';

/**
 * @typedef {object} ServerOptions
 * @property {string} [site] folder of the built site
 * @property {string[]} [models] more folders of models
 * @property {string} [hub] address of a hub, or `off` (the default here: tests never ask the public one)
 * @property {string} [config] file with the providers and models of the far side
 * @property {number} [port] a free one unless given
 */

/** @returns {Promise<number>} a port that was free a moment ago */
export async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (probe.address());
  probe.close();
  await once(probe, 'close');
  return port;
}

/** A running (or stopped) server. */
export class Server {
  /** @type {import('node:child_process').ChildProcess|null} */
  #process = null;

  /** @param {number} port @param {ServerOptions} options */
  constructor(port, options) {
    this.port = port;
    this.options = options;
    this.origin = `http://127.0.0.1:${port}`;
    this.url = `${this.origin}/`;
  }

  /** @param {ServerOptions} [options] @returns {Promise<Server>} */
  static async start(options = {}) {
    const server = new Server(options.port ?? (await freePort()), options);
    await server.start();
    return server;
  }

  /** Starts the process; resolves when it accepts connections. */
  async start() {
    const { site = SITE, models = [], hub = 'off', config } = this.options;
    const args = ['serve', '--port', String(this.port), '--site', site, '--hub', hub];
    for (const folder of models) args.push('--models', folder);
    if (config) args.push('--config', config);
    const child = spawn(NEARSIDE, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process = child;
    let said = '';
    const hear = (/** @type {Buffer} */ data) => (said += data);
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    await new Promise((resolve, reject) => {
      child.stdout.on('data', () => said.includes(' is ready at ') && resolve(undefined));
      child.once('exit', (code) => reject(new Error(`nearside serve ended with ${code}:\n${said}`)));
      child.once('error', reject);
    });
  }

  /** Ends the process; resolves when it is gone. Does nothing when it does not run. */
  async stop() {
    const child = this.#process;
    this.#process = null;
    if (!child || child.exitCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
}
