/**
 * A model hub of the public one's shape: what it says of a model and its commits, the tree API with sizes and SHA-256,
 * files by redirect to another origin at addresses that expire, CORS headers, ranges, gated and missing models.
 */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, relative } from 'node:path';
import { ROOT, SITE } from './programs.js';

const STARTER = join(SITE, 'models/nearside/all-MiniLM-L6-v2');
const ARCHITECTURES = join(ROOT, 'tests/fixtures/architectures');
const ONNX = 'onnx/model_quantized.onnx';
const CORS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,ETag,Link,Accept-Ranges,Content-Range,X-Linked-Size,X-Linked-ETag',
};
const JSON_TYPE = { 'content-type': 'application/json' };

/** @typedef {Map<string, Buffer>} Files by path */
/** @typedef {'good'|'web page'|'wrong hash'|'gated'|'gated file'} Kind what is wrong with it */
/** @typedef {{kind: Kind, commits: {sha: string, files: Files}[]}} Model the newest commit last */
/** @typedef {{model: Model, path: string, bytes: Buffer}} Ticket */

/** @param {string} folder @returns {Files} */
function read(folder) {
  const files = /** @type {string[]} */ (readdirSync(folder, { recursive: true })).map((path) => join(folder, path)).filter((path) => statSync(path).isFile());
  return new Map(files.map((path) => [relative(folder, path), readFileSync(path)]));
}

/** The files of the site's starter model that a hub would have. @returns {Files} */
export function starterFiles() {
  const wanted = ['config.json', 'tokenizer.json', 'tokenizer_config.json', ONNX];
  return new Map(wanted.map((path) => [path, readFileSync(join(STARTER, path))]));
}

/** The files of one of the small models of `tests/fixtures/architectures`. @param {string} name @returns {Files} */
export function smallFiles(name) {
  const files = read(join(ARCHITECTURES, name));
  files.delete('reference.json'); // what the tests compare with
  return files;
}

/** @param {import('node:http').Server} server @returns {Promise<string>} its origin, once it listens */
async function listen(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
}

/** @param {Buffer} bytes @returns {string} */
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

export class Hub {
  /** Paths of all requests to the hub and to its files' origin, in order, with their range. @type {{path: string, range: string|null}[]} */
  seen = [];
  /** @type {Map<string, Model>} */
  models = new Map();
  /** Cuts the next answer with weights after so many bytes. @type {number|null} */
  cut = null;
  /** Sends only half of the next answer with weights until this is called. @type {(() => void)|null} */
  release = null;
  #held = false;
  /** How many of the next addresses have expired by the time they are asked for. */
  expired = 0;
  /** Addresses that redirects gave out; each serves one request. @type {Map<string, Ticket>} */
  #tickets = new Map();

  constructor() {
    this.origin = '';
    this.files = '';
    this.servers = [createServer((request, response) => this.#answer(request, response)), createServer((request, response) => this.#file(request, response))];
  }

  static async start() {
    const hub = new Hub();
    [hub.origin, hub.files] = await Promise.all(hub.servers.map(listen));
    return hub;
  }

  async stop() {
    for (const server of this.servers.filter(({ listening }) => listening)) {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }
  }

  /**
   * Adds a commit to a model.
   * @param {string} id @param {Files} files @param {Kind} [kind]
   * @returns {string} the commit
   */
  publish(id, files, kind = 'good') {
    const model = this.models.get(id) ?? { kind, commits: [] };
    const sha = createHash('sha1').update(`${id} ${model.commits.length}`).digest('hex');
    model.commits.push({ sha, files });
    this.models.set(id, { ...model, kind });
    return sha;
  }

  /** The next answer with weights stops halfway, until `release` is called. */
  hold() {
    this.#held = true;
    this.release = null;
  }

  /** @param {Model} model @param {Files} files */
  #tree(model, files) {
    const entries = [...files].map(([path, bytes]) => {
      const oid = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
      const hash = model.kind === 'wrong hash' && path === ONNX ? '0'.repeat(64) : sha256(bytes);
      // Of a large file the hub gives git's id of the pointer in place of the file's.
      return bytes.length > 100_000
        ? { type: 'file', oid: '1'.repeat(40), size: bytes.length, lfs: { oid: hash, size: bytes.length, pointerSize: 134 }, xetHash: '2'.repeat(64), path }
        : { type: 'file', oid, size: bytes.length, path };
    });
    return [{ type: 'directory', oid: '3'.repeat(40), size: 0, path: 'onnx' }, ...entries];
  }

  /** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
  #answer(request, response) {
    const { pathname } = new URL(request.url ?? '/', this.origin);
    this.seen.push({ path: pathname, range: request.headers.range ?? null });
    const say = (/** @type {number} */ status, /** @type {unknown} */ body, /** @type {Record<string, string>} */ headers = {}) =>
      void response.writeHead(status, { ...CORS, ...JSON_TYPE, ...headers }).end(JSON.stringify(body));

    const [, id, what, name, path] =
      /^\/api\/models\/([^/]+\/[^/]+)\/(revision|tree)\/([^/]+)$/.exec(pathname) ?? /^\/([^/]+\/[^/]+)\/(resolve)\/([^/]+)\/(.+)$/.exec(pathname) ?? [];
    const model = this.models.get(id);
    // The public hub answers 401 for what does not exist, as it might be private.
    if (!model) return say(401, { error: 'Invalid username or password.' });
    const commit = name === 'main' ? model.commits.at(-1) : model.commits.find(({ sha }) => sha === name);
    if (!commit) return say(404, { error: `Invalid rev id: ${name}` }, { 'x-error-code': 'RevisionNotFound' });
    const { sha, files } = commit;
    if (what === 'revision') {
      const gated = model.kind === 'gated' ? 'manual' : false;
      return say(200, { id, sha, gated, private: false, pipeline_tag: 'feature-extraction', cardData: { license: 'apache-2.0', language: ['en'] } });
    }
    if (what === 'tree') return say(200, this.#tree(model, files));
    if (model.kind === 'gated file') return say(401, { error: 'Access to this model is restricted.' }, { 'x-error-code': 'GatedRepo' });
    const bytes = files.get(path);
    if (!bytes) return say(404, { error: 'Entry not found' }, { 'x-error-code': 'EntryNotFound' });
    const ticket = `/cdn/${randomBytes(6).toString('hex')}`;
    this.#tickets.set(ticket, { model, path, bytes });
    return say(302, 'Found', { location: this.files + ticket, 'x-repo-commit': sha });
  }

  /** What the other origin answers. @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
  #file(request, response) {
    const { pathname } = new URL(request.url ?? '/', this.files);
    const range = request.headers.range ?? null;
    this.seen.push({ path: pathname, range });
    // A request with a range asks before, as it is none of the simple ones.
    if (request.method === 'OPTIONS') return void response.writeHead(204, { ...CORS, 'access-control-allow-headers': 'range' }).end();
    const ticket = this.#tickets.get(pathname);
    this.#tickets.delete(pathname);
    if (!ticket || this.expired > 0) {
      this.expired -= 1;
      return void response.writeHead(403, CORS).end('Request has expired');
    }
    const { model, path, bytes } = ticket;
    if (path === ONNX && model.kind === 'web page') {
      return void response.writeHead(200, { ...CORS, 'content-type': 'text/html; charset=utf-8' }).end('<!doctype html><h1>Rate limited</h1>');
    }
    const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    const part = bytes.subarray(start);
    response.writeHead(range ? 206 : 200, {
      ...CORS,
      'content-type': 'application/octet-stream',
      'content-length': part.length,
      'accept-ranges': 'bytes',
      etag: `"${sha256(bytes)}"`,
      ...(range ? { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {}),
    });
    if (this.#held && path.endsWith('.onnx')) {
      this.#held = false;
      response.write(part.subarray(0, part.length / 2));
      this.release = () => void response.end(part.subarray(part.length / 2));
      return undefined;
    }
    if (path !== ONNX || this.cut === null) return void response.end(part);
    const most = this.cut;
    this.cut = null;
    return void response.write(part.subarray(0, most), () => response.destroy());
  }
}
