/** Models of several graphs: the committed fixtures in hub layout, the program that runs one, and a graphics card that fails. */
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { PYTHON, ROOT, SITE } from './programs.js';
import { copySite } from './site.js';

/** @typedef {import('@playwright/test').Page} Page */
/** @typedef {{graphs: string[], hidden: number[][], tokens: number[], last: number[][], best: [number[], number[]][], types: string[]}} Steps */

export const SEQ2SEQ = 'tests/bart_summ';

const PROGRAM = join(import.meta.dirname, 'kept_steps.py');

/** @param {string} models folder to put fixtures into, in hub layout @param {string[]} names */
export function copyFixtures(models, ...names) {
  for (const name of names) cpSync(join(ROOT, 'tests/fixtures/architectures', name), join(models, 'tests', name), { recursive: true });
}

/** What the program gives in CPython. @param {string} models @returns {{steps: Steps, words: object}} */
export function inCPython(models) {
  const env = { ...process.env, PYTHONPATH: join(ROOT, 'py') };
  const ran = spawnSync(PYTHON, [PROGRAM, models, SEQ2SEQ], { encoding: 'utf8', env, maxBuffer: 2 ** 28 });
  expect(ran.status, ran.stderr).toBe(0);
  return JSON.parse(ran.stdout);
}

/**
 * Runs Python in the engine of a client of its own, with `session` opened from the runtime; its last line prints JSON.
 * @param {Page} page @param {object} options of the client @param {string} code @returns {Promise<any>}
 */
export async function inTab(page, options, code) {
  const program = readFileSync(PROGRAM, 'utf8').split('async def _main')[0];
  const opened = `runtime = nearside._core.manager._runtime\nsession = await runtime.open("${SEQ2SEQ}")\n`;
  const ran = await page.evaluate(
    async ([how, text]) => {
      const { connect } = await import(String(new URL('/nearside.js', location.href)));
      const client = connect(how);
      try {
        return { ...(await client.console.run(text)), models: client.status.models };
      } finally {
        client.close();
      }
    },
    /** @type {[object, string]} */ ([options, program + opened + code]),
  );
  expect(ran.error).toBeNull();
  return { ...JSON.parse(ran.output), status: ran.models[SEQ2SEQ] };
}

/** The program, and how the model was opened. */
export const STEPS = `
print(json.dumps({"steps": await steps(session), "backend": session.info.backend, "dtype": session.info.dtype, "note": session.info.note}))
await session.close()
`;

/** How often a card that refuses was asked from now on. @param {Page} page @returns {Promise<() => Promise<number>>} */
export async function countAsking(page) {
  await page.evaluate(() => {
    const counter = Object.assign(window, { asked: 0 });
    new BroadcastChannel('asked for a device').onmessage = () => (counter.asked += 1);
  });
  return () => page.evaluate(() => /** @type {any} */ (window).asked);
}

/** @param {Steps} made @param {Steps} expected @param {number} within */
export function expectSteps(made, expected, within) {
  expect(made.graphs).toEqual(expected.graphs);
  expect(made.types).toEqual(expected.types);
  expect(made.tokens).toEqual(expected.tokens);
  expect(made.best.map(([ids]) => ids)).toEqual(expected.best.map(([ids]) => ids));
  const numbers = (/** @type {Steps} */ one) => [...one.hidden, ...one.last, ...one.best.map(([, values]) => values)].flat();
  const [here, there] = [numbers(made), numbers(expected)];
  expect(here.length).toBe(there.length);
  const differences = here.map((value, at) => Math.abs(value - there[at]));
  const largest = differences.reduce((most, one) => Math.max(most, one), 0);
  expect(largest).toBeLessThan(within);
}

/**
 * A site whose GPU builds meet a card that gives no device, which is told on the channel "asked for a device", or one
 * that is lost when somebody says so on the channel "lose the device".
 * @param {string} folder @param {'refuses'|'is lost'} how @returns {string} the site
 */
export function withFailingGpu(folder, how) {
  const patch = {
    refuses: `GPUAdapter.prototype.requestDevice = async () => {
  new BroadcastChannel('asked for a device').postMessage('now');
  throw new DOMException('Out of memory', 'OperationError');
};\n`,
    'is lost': `{ const real = GPUAdapter.prototype.requestDevice;
GPUAdapter.prototype.requestDevice = async function (...given) {
  const device = await real.apply(this, given);
  new BroadcastChannel('lose the device').onmessage = () => device.destroy();
  return device;
}; }\n`,
  }[how];
  const { files } = JSON.parse(readFileSync(join(SITE, 'build.json'), 'utf8'));
  const builds = files.map((/** @type {any} */ { path }) => path).filter((/** @type {string} */ path) => /ort\.(jspi|webgpu)\.bundle\.min\.mjs$/.test(path));
  return copySite(folder, Object.fromEntries(builds.map((/** @type {string} */ path) => [path, (/** @type {Buffer} */ content) => patch + content.toString()])));
}
