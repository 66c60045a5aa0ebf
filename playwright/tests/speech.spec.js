/** Speech to text in the tab: what CPython and PyTorch hear, files of other rates, the microphone. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openReady, ready } from '../support/page.js';
import { PYTHON, ROOT, isRequired } from '../support/programs.js';
import { voice, wav } from '../support/sound.js';
import { expect, test } from '../support/test.js';

const FIXTURES = join(ROOT, 'tests', 'fixtures', 'architectures');
const SHARED = join(ROOT, '..', 'shared');
const WHISPER = 'arch/whisper';

/** @typedef {import('@playwright/test').Page} Page */

/** @param {string} folder @returns {string} a folder of models for speech below it */
function speechModels(folder) {
  const models = join(folder, 'models');
  for (const name of ['whisper', 'moonshine']) cpSync(join(FIXTURES, name), join(models, 'arch', name), { recursive: true });
  return models;
}

/** @param {string} path of a WAV file @returns {string} its samples, in base64 */
function samplesOf(path) {
  const file = readFileSync(path);
  return file.subarray(file.indexOf('data') + 8).toString('base64');
}

/** What the engine in CPython hears. @param {string} models @param {string} audio a WAV file @param {object[]} calls @returns {any[]} */
function heardByCPython(models, audio, calls) {
  const done = spawnSync(PYTHON, [join(ROOT, 'playwright/support/speech.py')], { input: JSON.stringify({ models, audio, calls }), encoding: 'utf8' });
  expect(done.stderr).toBe('');
  return JSON.parse(done.stdout);
}

/**
 * Transcribes a file in the page. @param {Page} page @param {Buffer} file @param {object} [options]
 * @param {'file'|'bytes'|'decoded'} [as] how it is given
 * @returns {Promise<{value?: any, pieces: string[], progress: any[], error?: any}>}
 */
const transcribe = (page, file, options = {}, as = 'file') =>
  page.evaluate(
    async ([data, given, how]) => {
      const bytes = Uint8Array.from(atob(/** @type {string} */ (data)), (letter) => letter.charCodeAt(0));
      /** @type {any} */
      let sound = how === 'bytes' ? bytes.buffer : new File([bytes], 'a.wav', { type: 'audio/wav' });
      if (how === 'decoded') sound = await new OfflineAudioContext(1, 1, 48_000).decodeAudioData(bytes.buffer);
      /** @type {string[]} */
      const pieces = [];
      /** @type {any[]} */
      const progress = [];
      try {
        const value = await /** @type {any} */ (window.nearside).transcribe(sound, {
          .../** @type {object} */ (given),
          onText: (/** @type {string} */ piece) => pieces.push(piece),
          onProgress: (/** @type {any} */ told) => progress.push(told),
        });
        return { value, pieces, progress };
      } catch (thrown) {
        const { code, message, hint } = /** @type {any} */ (thrown);
        return { error: { code, message, hint }, pieces, progress };
      }
    },
    /** @type {[string, object, string]} */ ([file.toString('base64'), options, as]),
  );

/** Runs Python in the engine; its output is JSON. @param {Page} page @param {string} code @returns {Promise<any>} */
async function python(page, code) {
  const { output, error } = await page.evaluate((text) => window.nearside.console.run(text), code);
  expect(error).toBeNull();
  return JSON.parse(output);
}

/** @param {any} answer @returns {object} what must not depend on where it was made */
const said = ({ text, segments, language, duration, usage }) => ({ text, segments, language, duration, usage });

test('the tab hears what CPython hears', async ({ page, serve, folder }) => {
  const models = speechModels(folder);
  const server = await serve({ models: [models] });
  await openReady(page, server.url);
  const calls = [
    { model: WHISPER },
    { model: WHISPER, language: 'en' },
    { model: WHISPER, language: 'fr', timestamps: true },
    { model: 'arch/moonshine' },
  ];
  const audio = join(FIXTURES, 'audio.wav');

  await test.step('a file', async () => {
    const wanted = heardByCPython(models, audio, calls);
    for (const [index, call] of calls.entries()) {
      const { value, pieces, progress, error } = await transcribe(page, readFileSync(audio), call);
      expect(error).toBeUndefined();
      expect(said(value)).toEqual(said(wanted[index]));
      expect(value.text.length).toBeGreaterThan(0);
      if (!('timestamps' in call)) expect(pieces.join('')).toBe(value.text);
      expect(progress.at(-1)).toEqual({ done: 2, total: 2 });
      expect(value.model).toMatchObject({ id: call.model, dtype: 'fp32', backend: 'wasm' });
    }
  });

  await test.step('a long one with pauses, in stereo at 48 kHz', async () => {
    const one = voice([[0.5, false], [2, true], [4, false], [2, true], [1, false]], 48_000);
    const file = join(folder, 'long.wav');
    writeFileSync(file, wav([one, one.map((value) => value / 2)], 48_000));
    // A decoded sound goes to the engine as it is, and is resampled there; a file is resampled by the browser.
    const decoded = await transcribe(page, readFileSync(file), calls[1], 'decoded');
    expect(said(decoded.value)).toEqual(said(heardByCPython(models, file, [calls[1]])[0]));
    const { value } = await transcribe(page, readFileSync(file), calls[1], 'bytes');
    expect(value.duration).toBeCloseTo(9.5, 3);
    expect(value.segments.length).toBe(2);
    for (const [index, start] of [0.5, 6.5].entries()) {
      expect(Math.abs(value.segments[index].start - start)).toBeLessThan(0.35);
      expect(Math.abs(value.segments[index].end - start - 2)).toBeLessThan(0.35);
    }
  });

  await test.step('silence, and what is no sound', async () => {
    const { value } = await transcribe(page, wav([new Float32Array(32_000)], 16_000), calls[0]);
    expect(value).toMatchObject({ text: '', segments: [], duration: 2 });
    const { error } = await transcribe(page, Buffer.from('This is no sound.'), calls[0]);
    expect(error).toMatchObject({ code: 'invalid_input', hint: expect.stringMatching(/WAV/) });
    expect((await transcribe(page, readFileSync(audio), { model: WHISPER, language: 'xx' })).error.code).toBe('invalid_option');
  });

  await test.step('a sound that was passed stays with its owner, and a call can be cancelled', async () => {
    const found = await page.evaluate(async (model) => {
      const nearside = /** @type {any} */ (window.nearside);
      const audio = Float32Array.from({ length: 48_000 }, (_, i) => 0.3 * Math.sin(i / 10));
      const made = await nearside.transcribe(audio, { model, sampleRate: 48_000 });
      const control = new AbortController();
      const cancelled = nearside.transcribe(audio, { model, signal: control.signal, onText: () => control.abort() });
      return { kept: audio.length, duration: made.duration, code: await cancelled.catch((/** @type {any} */ error) => error.code) };
    }, WHISPER);
    expect(found).toEqual({ kept: 48_000, duration: 1, code: 'cancelled' });
  });
});

test('the tab gives what PyTorch gives', async ({ page, serve, folder }) => {
  const server = await serve({ models: [speechModels(folder)] });
  await openReady(page, server.url);
  const references = Object.fromEntries(['whisper', 'moonshine'].map((name) => [name, JSON.parse(readFileSync(join(FIXTURES, name, 'reference.json'), 'utf8'))]));
  const data = samplesOf(join(FIXTURES, 'audio.wav'));
  const found = await python(
    page,
    `
import base64, json
import numpy as np
await nearside._core.extras.ready()
from nearside.speech.features import Mel, log_mel
from nearside.speech.moonshine import Moonshine
from nearside.speech.whisper import Whisper
audio = (np.frombuffer(base64.b64decode(${JSON.stringify(data)}), "<i2") / 32768).astype(np.float32)
references = json.loads(${JSON.stringify(JSON.stringify(references))})
open_model = nearside._core.manager.get
whisper, moonshine = Whisper(await open_model("arch/whisper")), Moonshine(await open_model("arch/moonshine"))
wanted = references["whisper"]["log_mel"]
mel = log_mel(audio, Mel(samples=48_000)).ravel()[:: wanted["every"]]
ids = [(await whisper.write(audio, "en", times, limit=24))[1] for times in (False, True)]
_, language = (await whisper.write(audio, limit=1))[0][:2]
print(json.dumps({
    "mel": float(np.abs(mel - wanted["values"]).max()),
    "ids": ids,
    "language": whisper._model.tokenizer.decode([int(language)], special=True),
    "moonshine": [1, *await moonshine.write(audio, limit=24)],
}))`,
  );
  expect(found.mel).toBeLessThan(1e-4);
  const { cases, detected_language: language } = references.whisper;
  expect(found.ids).toEqual([cases[0].greedy.ids, cases[2].greedy.ids]);
  expect(found.language).toBe(language);
  expect(found.moonshine).toEqual(references.moonshine.cases[0].greedy.ids);
});

test('Silero hears in the tab where somebody speaks', async ({ page, serve, folder }) => {
  const silero = join(SHARED, 'models/silero-vad/silero_vad.onnx');
  test.skip(!existsSync(silero) && !isRequired('shared'), 'needs the shared models');
  const models = join(folder, 'models');
  mkdirSync(join(models, 'real/silero-vad/onnx'), { recursive: true });
  cpSync(silero, join(models, 'real/silero-vad/onnx/model.onnx'));
  writeFileSync(join(models, 'real/silero-vad/config.json'), '{}');
  const server = await serve({ models: [models] });
  await openReady(page, server.url);
  const data = samplesOf(join(SHARED, 'audio/jfk.wav'));
  const found = await python(
    page,
    `
import base64, json, time
import numpy as np
await nearside._core.extras.ready()
from nearside.speech.vad import spoken
audio = (np.frombuffer(base64.b64decode(${JSON.stringify(data)}), "<i2") / 32768).astype(np.float32)
model = await nearside._core.manager.get("real/silero-vad")
made = await spoken(model, audio)
noise = await spoken(model, np.random.default_rng(0).standard_normal(32_000).astype(np.float32) * np.float32(0.05))
print(json.dumps({"share": float((made > 0.5).mean()), "most": float(made.max()), "noise": float(noise.max())}))`,
  );
  expect(found.share).toBeCloseTo(0.68, 2);
  expect(found.most).toBeGreaterThan(0.999);
  expect(found.noise).toBeLessThan(0.1);
});

/** Listens until something was said and its end was found. @param {Page} page */
const listenOnce = (page) =>
  page.evaluate(async (model) => {
    const { listen } = await import(String(new URL('/nearside.js', location.href)));
    const client = /** @type {any} */ (window.nearside);
    /** @type {{audio: Float32Array, rate: number}[]} */
    const asked = [];
    const recorded = {
      transcribe: (/** @type {Float32Array} */ audio, /** @type {any} */ options) => {
        asked.push({ audio: audio.slice(), rate: options.sampleRate });
        return client.transcribe(audio, { ...options, model });
      },
    };
    /** @type {string[]} */
    const partials = [];
    /** @type {any[]} */
    const finals = [];
    /** @type {() => void} */
    let heard = () => {};
    const once = new Promise((resolve) => (heard = () => resolve(undefined)));
    try {
      const listening = await listen(recorded, {
        language: 'en',
        onPartial: (/** @type {string} */ text) => partials.push(text),
        onFinal: (/** @type {any} */ phrase) => (finals.push(phrase), heard()),
      });
      await Promise.race([once, listening.done]);
      const whole = await listening.stop();
      const { audio, rate } = asked[asked.length - 1];
      // How much of the sound is at 160 Hz and its harmonics, and how much between them.
      const at = (/** @type {number} */ hertz) => {
        let [real, imaginary] = [0, 0];
        for (let i = 0; i < audio.length; i += 1) {
          real += audio[i] * Math.cos((2 * Math.PI * hertz * i) / rate);
          imaginary += audio[i] * Math.sin((2 * Math.PI * hertz * i) / rate);
        }
        return Math.hypot(real, imaginary);
      };
      return { partials, finals, whole, rate, seconds: audio.length / rate, ratio: at(320) / at(400) };
    } catch (thrown) {
      const { code, message, hint } = /** @type {any} */ (thrown);
      return { error: { code, message, hint } };
    }
  }, WHISPER);

for (const path of ['/', '/local/']) {
  test(`the microphone is written down while somebody speaks, at ${path}`, async ({ serve, folder, profile }) => {
    const server = await serve({ models: [speechModels(folder)] });
    const file = join(folder, 'spoken.wav');
    writeFileSync(file, wav([voice([[1, false], [2.5, true], [3, false]], 48_000)], 48_000));
    const context = await profile.launch({
      args: ['--use-fake-device-for-media-stream', `--use-file-for-fake-audio-capture=${file}`],
    });
    await context.grantPermissions(['microphone'], { origin: server.origin });
    const page = await context.newPage();
    await page.goto(`${server.origin}${path}`);
    await ready(page);
    // Opened before, so that partial results are not waited for longer than somebody speaks.
    await transcribe(page, readFileSync(join(FIXTURES, 'audio.wav')), { model: WHISPER });
    const { error, partials, finals, whole, rate, seconds, ratio } = await listenOnce(page);
    expect(error).toBeUndefined();
    expect(rate).toBe(16_000);
    expect(/** @type {any[]} */ (partials).length).toBeGreaterThan(0);
    expect(finals?.[0].text.length).toBeGreaterThan(0);
    expect(String(whole).startsWith(finals?.[0].text)).toBe(true);
    expect(finals?.[0].end - finals?.[0].start).toBeGreaterThan(2);
    expect(Number(seconds)).toBeLessThan(8);
    expect(Number(ratio), 'it is the sound of the file').toBeGreaterThan(5);
  });
}

test('a microphone that is not allowed is a typed error with a hint', async ({ page, serve, folder }) => {
  const server = await serve({ models: [speechModels(folder)] });
  await openReady(page, server.url);
  expect((await listenOnce(page)).error).toMatchObject({ code: 'no_microphone', hint: expect.stringMatching(/./) });
});
