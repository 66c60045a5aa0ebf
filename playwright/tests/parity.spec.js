/** Every architecture in the tab gives what PyTorch gives. (On a WebGPU adapter: parity-webgpu.spec.js.) */
import { join } from 'node:path';
import { compare, copyModels, names } from '../support/architectures.js';
import { openReady } from '../support/page.js';
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
    expect.soft(one.numbers, name).toBeGreaterThan(0);
  }
});
