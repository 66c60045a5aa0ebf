/** The two servers of a run: the product's own behind a byte counter, and one for the peers' pages. */
import { spawn } from 'node:child_process';
import { createReadStream, statSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { connect, createServer as createTcp } from 'node:net';
import { extname, join, normalize } from 'node:path';

/** @returns {Promise<number>} a port that was free a moment ago */
export function freePort() {
  return new Promise((done) => {
    const probe = createTcp().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (probe.address());
      probe.close(() => done(port));
    });
  });
}

/**
 * `nearside serve`, ready to answer.
 * @param {string} command path of the nearside command
 * @param {string} site folder of the built site
 * @param {string} models folder of further models
 */
export async function startNearside(command, site, models) {
  const port = await freePort();
  const started = performance.now();
  const child = spawn(command, ['serve', '--port', String(port), '--hub', 'off', '--site', site, '--models', models], { stdio: ['ignore', 'ignore', 'inherit'] });
  const url = `http://127.0.0.1:${port}`;
  for (let left = 200; ; left -= 1) {
    if (await fetch(`${url}/healthz`).then((answer) => answer.ok, () => false)) break;
    if (left === 0 || child.exitCode !== null) throw new Error('nearside serve did not start; was the site built?');
    await new Promise((done) => setTimeout(done, 50));
  }
  return { port, startMs: performance.now() - started, stop: () => child.kill() };
}

/** Passes TCP through to a port and counts what comes back: every byte of every worker's requests. @param {number} target */
export async function countBytes(target) {
  const counter = { bytes: 0, port: 0, close: () => {} };
  const server = createTcp((client) => {
    const upstream = connect(target, '127.0.0.1');
    upstream.on('data', (data) => (counter.bytes += data.length));
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) socket.on('error', () => (client.destroy(), upstream.destroy()));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  counter.port = /** @type {import('node:net').AddressInfo} */ (server.address()).port;
  counter.close = () => server.close();
  return counter;
}

const TYPES = /** @type {Record<string, string>} */ ({ '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm', '.json': 'application/json' });

/**
 * Files of several folders, isolated as the product's page is.
 * @param {Record<string, string>} mounts URL prefix → folder
 */
export async function startPeers(mounts) {
  const server = createHttp((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://peers').pathname);
    const prefix = Object.keys(mounts).find((one) => path.startsWith(one));
    const file = prefix ? join(mounts[prefix], normalize(path.slice(prefix.length))) : '';
    const size = prefix ? statSync(file, { throwIfNoEntry: false })?.size : undefined;
    if (size === undefined) return void response.writeHead(404).end();
    response.writeHead(200, {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'content-length': size, 'cache-control': 'no-store',
      'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp', 'cross-origin-resource-policy': 'same-origin',
    });
    createReadStream(file).pipe(response);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  return { port: /** @type {import('node:net').AddressInfo} */ (server.address()).port, close: () => server.close() };
}
