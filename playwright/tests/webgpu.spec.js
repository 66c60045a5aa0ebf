/** WebGPU, on a software adapter: the same vectors as on the processor, and a plain word where there is none. */
import { join } from 'node:path';
import { test, expect } from '../support/test.js';
import { cosine, openReady } from '../support/page.js';
import { makeFp32 } from '../support/fp32.js';

/** Embeds in a client of its own. @param {import('@playwright/test').Page} page @param {object} options @param {string} [model] */
const embed = (page, options, model) =>
  page.evaluate(
    async ([how, id]) => {
      const { connect } = await import(String(new URL('/nearside.js', location.href)));
      const client = connect(how);
      try {
        const answer = await client.embed('A short text.', id ? { model: id } : {});
        return { vector: [...answer.embeddings[0]], model: answer.model };
      } catch (error) {
        const { code, message, hint } = /** @type {any} */ (error);
        return { error: { code, message, hint } };
      } finally {
        client.close();
      }
    },
    /** @type {[object, string|undefined]} */ ([options, model]),
  );

test('a model on a WebGPU adapter gives the vectors of the processor', async ({ profile, serve, folder }) => {
  const models = join(folder, 'models');
  makeFp32(models);
  const server = await serve({ models: [models] });
  const context = await profile.launch({ args: ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'] });
  const page = context.pages()[0];
  await openReady(page, server.url);
  const gpu = await embed(page, { device: 'webgpu', allowFallbackAdapter: true }, 'tests/fp32');
  expect(gpu.error).toBeUndefined();
  expect(gpu.model).toMatchObject({ id: 'tests/fp32', dtype: 'fp32', backend: 'webgpu' });
  const cpu = await embed(page, { device: 'wasm' }, 'tests/fp32');
  expect(cpu.model).toMatchObject({ dtype: 'fp32', backend: 'wasm' });
  expect(cosine(gpu.vector ?? [], cpu.vector ?? [])).toBeGreaterThan(0.999);

  await test.step('a software adapter is not taken by itself', async () => {
    const report = await page.evaluate(() => window.nearside.device());
    expect(report.adapter).toMatchObject({ fallback: true, features: expect.any(Array), limits: expect.any(Object) });
    expect((await embed(page, {})).model).toMatchObject({ backend: 'wasm', dtype: 'int8' });
    expect((await embed(page, { device: 'webgpu' })).error).toMatchObject({ code: 'unsupported_browser' });
  });
});
