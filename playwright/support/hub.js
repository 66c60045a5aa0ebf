/**
 * A model hub of the public one's shape: the tree API with sizes and SHA-256, files by redirect to an address that
 * expires, CORS headers, ranges. It serves the starter's files under other names, whole or spoilt.
 */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { SITE } from './programs.js';

const STARTER = join(SITE, 'models/nearside/all-MiniLM-L6-v2');
const ONNX = 'onnx/model_quantized.onnx';
const FILES = ['config.json', 'tokenizer.json', 'tokenizer_config.json', ONNX];
const CORS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,ETag,Link,Accept-Ranges,Content-Range,X-Linked-Size,X-Linked-ETag',
};

/** What is wrong with a model on this hub. @typedef {'good'|'web page'|'wrong hash'|'no weights'} Kind */

export class Hub {
  /** Paths of all requests, in order, with their range. @type {{path: string, range: string|null}[]} */
  seen = [];
  /** @type {Record<string, Kind>} */
  models = { 'tests/good': 'good', 'tests/page': 'web page', 'tests/spoilt': 'wrong hash', 'tests/bare': 'no weights' };
  /** Cuts the next answer with weights after so many bytes. @type {number|null} */
  cut = null;
  /** Addresses that redirects gave out; each serves one request. @type {Map<string, {path: string, kind: Kind}>} */
  #tickets = new Map();
  /** @type {Map<string, Buffer>} */
  #files = new Map(FILES.map((path) => [path, readFileSync(join(STARTER, path))]));

  constructor() {
    this.origin = '';
    this.server = createServer((request, response) => this.#answer(request, response));
  }

  static async start() {
    const hub = new Hub();
    hub.server.listen(0, '127.0.0.1');
    await once(hub.server, 'listening');
    hub.origin = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (hub.server.address()).port}`;
    return hub;
  }

  async stop() {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  /** @param {Kind} kind */
  #tree(kind) {
    const entries = [...this.#files].filter(([path]) => kind !== 'no weights' || path !== ONNX).map(([path, bytes]) => {
      const large = bytes.length > 100_000;
      const oid = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
      const sha256 = kind === 'wrong hash' && path === ONNX ? '0'.repeat(64) : createHash('sha256').update(bytes).digest('hex');
      // Of a large file the hub gives git's id of the pointer in place of the file's.
      return large
        ? { type: 'file', oid: '1'.repeat(40), size: bytes.length, lfs: { oid: sha256, size: bytes.length, pointerSize: 134 }, xetHash: '2'.repeat(64), path }
        : { type: 'file', oid, size: bytes.length, path };
    });
    return [{ type: 'directory', oid: '3'.repeat(40), size: 0, path: 'onnx' }, ...entries];
  }

  /** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
  #answer(request, response) {
    const { pathname } = new URL(request.url ?? '/', this.origin);
    const range = request.headers.range ?? null;
    this.seen.push({ path: pathname, range });
    const say = (/** @type {number} */ status, /** @type {string|Buffer} */ body, /** @type {Record<string, string|number>} */ headers = {}) =>
      void response.writeHead(status, { ...CORS, ...headers }).end(body);

    const tree = /^\/api\/models\/([^/]+\/[^/]+)\/tree\/main$/.exec(pathname);
    if (tree) {
      const kind = this.models[tree[1]];
      // The public hub answers 401 for what does not exist, as it might be private.
      if (!kind) return say(401, '{"error":"Invalid username or password."}', { 'content-type': 'application/json' });
      return say(200, JSON.stringify(this.#tree(kind)), { 'content-type': 'application/json' });
    }
    const file = /^\/([^/]+\/[^/]+)\/resolve\/main\/(.+)$/.exec(pathname);
    if (file) {
      const kind = this.models[file[1]];
      if (!kind || !this.#files.has(file[2])) return say(404, 'Entry not found');
      const ticket = `/cdn/${randomBytes(6).toString('hex')}`;
      this.#tickets.set(ticket, { path: file[2], kind });
      return say(302, 'Found', { location: ticket });
    }
    const ticket = this.#tickets.get(pathname);
    if (!ticket) return say(403, 'This address has expired');
    this.#tickets.delete(pathname);
    if (ticket.path === ONNX && ticket.kind === 'web page') return say(200, '<!doctype html><h1>Rate limited</h1>', { 'content-type': 'text/html; charset=utf-8' });
    return this.#file(ticket.path, range, response);
  }

  /** @param {string} path @param {string|null} range @param {import('node:http').ServerResponse} response */
  #file(path, range, response) {
    const bytes = /** @type {Buffer} */ (this.#files.get(path));
    const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    const part = bytes.subarray(start);
    response.writeHead(range ? 206 : 200, {
      ...CORS,
      'content-type': 'application/octet-stream',
      'content-length': part.length,
      'accept-ranges': 'bytes',
      etag: `"${createHash('sha256').update(bytes).digest('hex')}"`,
      ...(range ? { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {}),
    });
    if (path !== ONNX || this.cut === null) return void response.end(part);
    const most = this.cut;
    this.cut = null;
    response.write(part.subarray(0, most), () => response.destroy());
  }
}
