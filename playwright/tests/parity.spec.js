/** Every architecture in the tab gives what PyTorch gives. (On a WebGPU adapter: parity-webgpu.spec.js.) */
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compare, copyModels, names } from '../support/architectures.js';
import { openReady } from '../support/page.js';
import { ROOT, isRequired } from '../support/programs.js';
import { expect, test } from '../support/test.js';

test('every architecture gives what PyTorch gives', async ({ page, serve, folder }) => {
  const models = join(folder, 'models');
  copyModels(models);
  const server = await serve({ models: [models] });
  await openReady(page, server.url);
  const found = await compare(page, { device: 'wasm' }, names());
  expect(Object.keys(found)).toEqual(names());
  for (const [name, one] of Object.entries(found)) {
    expect.soft(one, name).toMatchObject({ different: [], dtype: 'fp32', backend: 'wasm' });
    expect.soft(one.largest, name).toBeLessThanOrEqual(1e-4);
    expect.soft(Math.min(one.numbers, one.lists), name).toBeGreaterThan(0);
  }
});

const STORIES = join(ROOT, '..', 'shared', 'models', 'stories260K');

test('a real language model tells the story that it is known for', async ({ page, serve, folder }) => {
  test.skip(!existsSync(STORIES) && !isRequired('shared'), 'needs the shared models');
  const models = join(folder, 'models');
  cpSync(STORIES, join(models, 'real', 'stories260K'), { recursive: true, filter: (path) => !path.includes('_quantized') });
  const server = await serve({ models: [models] });
  await openReady(page, server.url);
  const wanted = JSON.parse(readFileSync(join(STORIES, 'greedy.json'), 'utf8'));
  const told = await page.evaluate(
    (code) => window.nearside.console.run(code),
    `
import json
import numpy as np
await nearside._core.extras.ready()
from nearside.generation.loop import Greedy, new_handle, tokens
model = await nearside._core.manager.get("real/stories260K")
ids = [1]
async for token in tokens(model, np.asarray(ids), Greedy(), handle=new_handle(), stop=(2,), limit=${wanted.ids.length - 1}):
    ids.append(token)
print(json.dumps({"ids": ids, "text": model.tokenizer.decode(ids), "dtype": model.info.dtype}))`,
  );
  expect(told.error).toBeNull();
  expect(JSON.parse(told.output)).toEqual({ ids: wanted.ids, text: wanted.text, dtype: 'fp32' });
});
