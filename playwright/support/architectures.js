/** The project's small models, one for each architecture, as folders of models for a server; and what PyTorch gave. */
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { ROOT } from './programs.js';

const FIXTURES = join(ROOT, 'tests', 'fixtures', 'architectures');

/** @returns {string[]} the names of the small models */
export const names = () => readdirSync(FIXTURES).filter((name) => existsSync(join(FIXTURES, name, 'onnx'))).sort();

/** The samples of the sound that the references heard. */
function pcm() {
  const file = readFileSync(join(FIXTURES, 'audio.wav'));
  const start = file.indexOf('data') + 8;
  return Array.from({ length: (file.length - start) / 2 }, (_, index) => file.readInt16LE(start + 2 * index));
}

/**
 * Copies the small models, in full precision only, as `arch/<name>`.
 * @param {string} folder where to
 */
export function copyModels(folder) {
  for (const name of names()) {
    mkdirSync(join(folder, 'arch'), { recursive: true });
    cpSync(join(FIXTURES, name), join(folder, 'arch', name), {
      recursive: true,
      filter: (path) => !path.includes('_quantized'),
    });
  }
}

/** @param {string} path below the folder of small models @returns {string} */
const read = (path) => readFileSync(join(FIXTURES, path), 'utf8');

/**
 * Compares models with PyTorch, in a client of their own.
 * @param {import('@playwright/test').Page} page @param {object} options of `connect` @param {string[]} which
 * @returns {Promise<Record<string, {largest: number, numbers: number, lists: number, different: string[], backend: string,
 *   dtype: string}>>} by name
 */
export async function compare(page, options, which) {
  const { output, error } = await page.evaluate(
    async ([how, code]) => {
      const { connect } = await import(String(new URL('/nearside.js', location.href)));
      const client = connect(how);
      try {
        return await client.console.run(code);
      } finally {
        client.close();
      }
    },
    /** @type {[object, string]} */ ([options, comparison(which)]),
  );
  expect(error).toBeNull();
  return JSON.parse(output);
}

/** @param {string[]} which @returns {string} Python for the engine's console, which prints one JSON object */
function comparison(which) {
  const references = Object.fromEntries(which.map((name) => {
    const reference = JSON.parse(read(`${name}/reference.json`));
    return [name, 'audio' in reference ? { ...reference, pcm: pcm() } : reference];
  }));
  return `
import json
await nearside._core.extras.ready()
space = {}
exec(compile(${JSON.stringify(read('measure.py'))}, "measure.py", "exec"), space)
found = {}
for name, reference in json.loads(${JSON.stringify(JSON.stringify(references))}).items():
    found[name] = await space["measure"](nearside, "arch/" + name, reference)
    await nearside.models.unload("arch/" + name)
print(json.dumps(found))`;
}
