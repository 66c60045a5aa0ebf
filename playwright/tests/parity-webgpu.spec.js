/** Every architecture on a WebGPU adapter (in software here: its results count, not its speed). */
import { join } from 'node:path';
import { compare, copyModels, names } from '../support/architectures.js';
import { openReady } from '../support/page.js';
import { isRequired } from '../support/programs.js';
import { expect, test } from '../support/test.js';

// One of each kind: all of them take minutes, as each compiles its shaders on the processor (`make soak`).
const WHICH = isRequired('webgpu') ? names() : ['bert_embed', 'deberta_nli', 'llama', 'roberta_qa', 't5', 'whisper', 'xlmr_rerank'];

// Their graphs compute the sine and cosine of each position on the card, where WGSL promises no more than 11 bits
// (https://www.w3.org/TR/WGSL/#concrete-float-accuracy); exports with tables of them do not have this.
const TURNING = new Set(['llama', 'llama_sp', 'qwen3', 'nomic_embed', 'moonshine']);

test('every architecture runs on a WebGPU adapter', async ({ profile, serve, folder }) => {
  test.setTimeout(600_000); // each model compiles its shaders on the processor
  const models = join(folder, 'models');
  copyModels(models);
  const server = await serve({ models: [models] });
  const context = await profile.launch({ args: ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'] });
  const page = context.pages()[0];
  await openReady(page, server.url);
  const found = await compare(page, { device: 'webgpu', allowFallbackAdapter: true }, WHICH);
  expect(Object.keys(found)).toEqual(WHICH);
  for (const [name, one] of Object.entries(found)) {
    expect.soft(one, name).toMatchObject({ different: [], dtype: 'fp32', backend: 'webgpu' });
    expect.soft(one.largest, name).toBeLessThanOrEqual(TURNING.has(name) ? 5e-3 : 1e-4);
    expect.soft(Math.min(one.numbers, one.lists), name).toBeGreaterThan(0);
  }
});
