/** Models of several graphs in one worker: what stays there between steps, on the processor and on WebGPU, and when the card fails. */
import { join } from 'node:path';
import { test, expect } from '../support/test.js';
import { openReady } from '../support/page.js';
import { SEQ2SEQ, STEPS, copyFixtures, countAsking, expectSteps, inCPython, inTab, withFailingGpu } from '../support/graphs.js';

const SWIFTSHADER = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
const GPU = { device: 'webgpu', allowFallbackAdapter: true };

/** @param {string} folder @returns {string} with the model in it */
function models(folder) {
  const made = join(folder, 'models');
  copyFixtures(made, 'bart_summ');
  return made;
}

test('an encoder and a decoder with a cache give what they give in CPython', async ({ page, serve, folder }) => {
  const made = models(folder);
  const server = await serve({ models: [made] });
  await openReady(page, server.url);
  const { steps, backend, note } = await inTab(page, { device: 'wasm' }, STEPS);
  expect([backend, note]).toEqual(['wasm', null]);
  expectSteps(steps, inCPython(made).steps, 1e-4);
});

test('the tokenizer, and what is loaded when it is needed', async ({ page, serve, folder }) => {
  const made = models(folder);
  const server = await serve({ models: [made] });
  await openReady(page, server.url);
  const { before, words, rendered } = await inTab(
    page,
    { device: 'wasm' },
    `
import importlib.util
before = importlib.util.find_spec("jinja2") is not None
await nearside._core.extras.ready()
from jinja2.sandbox import ImmutableSandboxedEnvironment
rendered = ImmutableSandboxedEnvironment().from_string("{{ a | upper }}{{ '<' | e }}").render(a="b")
made = words(nearside._core.manager._tokenizers.load(session.files))
print(json.dumps({"before": before, "words": made, "rendered": rendered}))
`,
  );
  expect([before, rendered]).toEqual([false, 'B&lt;']);
  expect(words).toEqual(inCPython(made).words);
});

test('the same on a WebGPU adapter, where the cache stays on the card', async ({ profile, serve, folder }) => {
  const made = models(folder);
  const server = await serve({ models: [made] });
  const context = await profile.launch({ args: SWIFTSHADER });
  const page = context.pages()[0];
  await openReady(page, server.url);
  const { steps, backend } = await inTab(page, GPU, STEPS);
  expect(backend).toBe('webgpu');
  expectSteps(steps, inCPython(made).steps, 1e-3);
});

test('a card that refuses: the processor takes over at once, says so and is taken next time', async ({ profile, serve, folder }) => {
  const made = models(folder);
  const server = await serve({ models: [made], site: withFailingGpu(join(folder, 'site'), 'refuses') });
  const context = await profile.launch({ args: SWIFTSHADER });
  const page = context.pages()[0];
  await openReady(page, server.url);
  const told = { backend: 'wasm', note: 'Runs on the processor, as the graphics card ran out of memory.' };
  let asked = await countAsking(page);
  const first = await inTab(page, GPU, STEPS);
  expect(first).toMatchObject(told);
  expectSteps(first.steps, inCPython(made).steps, 1e-4);
  expect(await asked()).toBe(1);
  await page.reload();
  asked = await countAsking(page);
  expect(await inTab(page, GPU, STEPS)).toMatchObject(told);
  expect(await asked(), 'it is remembered').toBe(0);
});

test('a card that is lost in the middle: the model has crashed, and is opened on the processor', async ({ profile, serve, folder, watch }) => {
  watch.expect(/The Device was lost/, /ort\.(jspi|webgpu)\.bundle/);
  const made = models(folder);
  const server = await serve({ models: [made], site: withFailingGpu(join(folder, 'site'), 'is lost') });
  const context = await profile.launch({ args: SWIFTSHADER });
  const page = context.pages()[0];
  await openReady(page, server.url);
  const told = await inTab(
    page,
    GPU,
    `
import asyncio
from js import BroadcastChannel
from nearside.errors import ModelCrashed
await start(session, "a", [0, 8, 21, 2])
await step(session, "a", 2, 4, True, Best(1))
before = session.info.backend
BroadcastChannel.new("lose the device").postMessage("now")
await asyncio.sleep(0.5)
crashed = None
try:
    await step(session, "a", 5, 4, False, Best(1))
except ModelCrashed as error:
    crashed = [error.code, error.retryable]
await session.close()
session = await runtime.open("${SEQ2SEQ}")
print(json.dumps({"before": before, "crashed": crashed, "backend": session.info.backend, "note": session.info.note, "steps": await steps(session)}))
`,
  );
  expect(told).toMatchObject({
    before: 'webgpu',
    crashed: ['model_crashed', true],
    backend: 'wasm',
    note: 'Runs on the processor, as the graphics card stopped answering.',
    status: { state: 'ready', note: 'Runs on the processor, as the graphics card stopped answering.' },
  });
  expectSteps(told.steps, inCPython(made).steps, 1e-4);
});
