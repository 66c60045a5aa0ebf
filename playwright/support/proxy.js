/** A proxy in front of a server that misbehaves on demand: holds, cuts or replaces answers, and keeps a log. */
import { once } from 'node:events';
import { createServer, request as ask } from 'node:http';

/**
 * What to do with a request instead of passing it on as it is. `flip` changes the byte at that place of the body.
 * @typedef {{cutAfter: number} | {refuse: true} | {dropRange: true} | {flip: number} | {wait: Promise<unknown>}
 *   | {answer: {status: number, headers: Record<string, string>, body: string}}} Deed
 * @typedef {{path: string, range: string|null, status: number|null, sent: number}} Seen `sent`: bytes of the body
 */

export class Proxy {
  /** Every request so far, in order. @type {Seen[]} */
  seen = [];
  /** Asked for every request; `undefined` passes it on. @type {(seen: Seen) => Deed|undefined} */
  rule = () => undefined;

  /** @param {number} target port of the server behind */
  constructor(target) {
    this.target = target;
    this.origin = '';
    this.url = '';
    this.server = createServer((request, response) => void this.#pass(request, response));
  }

  /** @param {number} target @returns {Promise<Proxy>} */
  static async start(target) {
    const proxy = new Proxy(target);
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    const { port } = /** @type {import('node:net').AddressInfo} */ (proxy.server.address());
    proxy.origin = `http://127.0.0.1:${port}`;
    proxy.url = `${proxy.origin}/`;
    return proxy;
  }

  /** @param {RegExp} path @returns {Seen[]} the requests for it */
  asked(path) {
    return this.seen.filter((one) => path.test(one.path));
  }

  /** Holds back every answer for a path until the returned function is called. @param {RegExp} path @returns {() => void} */
  hold(path) {
    let release = () => {};
    const wait = new Promise((resolve) => {
      release = () => resolve(undefined);
    });
    const before = this.rule;
    this.rule = (seen) => (path.test(seen.path) ? { wait } : before(seen));
    return release;
  }

  async stop() {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  /** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
  async #pass(request, response) {
    /** @type {Seen} */
    const seen = { path: request.url ?? '/', range: request.headers.range ?? null, status: null, sent: 0 };
    this.seen.push(seen);
    const deed = this.rule(seen);
    if (deed && 'refuse' in deed) return void request.socket.destroy();
    if (deed && 'wait' in deed) await deed.wait;
    if (deed && 'answer' in deed) {
      seen.status = deed.answer.status;
      return void response.writeHead(deed.answer.status, deed.answer.headers).end(deed.answer.body);
    }
    const headers = { ...request.headers };
    if (deed && 'dropRange' in deed) delete headers.range;
    const upstream = ask({ host: '127.0.0.1', port: this.target, path: seen.path, method: request.method, headers });
    upstream.on('error', () => request.socket.destroy());
    upstream.end();
    response.on('close', () => upstream.destroy());
    upstream.on('response', (answer) => {
      seen.status = answer.statusCode ?? null;
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on('error', () => request.socket.destroy());
      answer.on('end', () => response.end());
      answer.on('data', (/** @type {Buffer} */ data) => {
        const most = deed && 'cutAfter' in deed ? deed.cutAfter : Infinity;
        const part = data.subarray(0, most - seen.sent);
        const flip = deed && 'flip' in deed ? deed.flip - seen.sent : -1;
        if (flip >= 0 && flip < part.length) part[flip] ^= 0xff;
        seen.sent += part.length;
        if (seen.sent >= most) {
          answer.pause();
          // The bytes so far must arrive: the connection goes only when they are on their way.
          response.write(part, () => response.destroy());
        } else if (!response.write(part)) {
          answer.pause();
          response.once('drain', () => answer.resume());
        }
      });
    });
  }
}
