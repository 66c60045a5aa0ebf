/**
 * Models of their own, from the page: every card gives in the tab what the engine in CPython gives, the picker chooses who
 * answers, a writing model answers in the chat, and a task without a model says what it needs.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { copyModels } from '../support/architectures.js';
import { Hub, smallFiles } from '../support/hub.js';
import { call, dress, goTo, openReady, say } from '../support/page.js';
import { ROOT } from '../support/programs.js';
import { configFor } from '../support/provider.js';
import { inPython } from '../support/reference.js';
import { Server } from '../support/server.js';
import { test as base, expect } from '../support/test.js';
import { Upstream } from '../support/upstream.js';
import { Watch } from '../support/watch.js';

/** @typedef {import('@playwright/test').Page} Page */
/** @typedef {import('@playwright/test').Locator} Locator */
/** @typedef {{page: Page, models: string}} Desk */

/** One page with the small models at hand, for tests that put back what they choose. */
const test = base.extend(
  /** @type {import('@playwright/test').Fixtures<{desk: Desk}, {shared: Desk & {watch: Watch}}, import('@playwright/test').PlaywrightTestArgs & import('../support/test.js').TestFixtures, import('@playwright/test').PlaywrightWorkerArgs & import('../support/test.js').WorkerFixtures>} */ ({
    shared: [
      async ({ browser }, use) => {
        const models = mkdtempSync(join(tmpdir(), 'nearside-models-'));
        copyModels(models);
        const server = await Server.start({ models: [models] });
        const watch = new Watch();
        watch.origins.add(server.origin);
        const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
        watch.follow(context);
        const page = await context.newPage();
        await openReady(page, server.url);
        await use({ page, models, watch });
        await context.close();
        await server.stop();
        rmSync(models, { recursive: true, force: true });
      },
      { scope: 'worker' },
    ],
    desk: async ({ shared }, use) => {
      shared.watch.take();
      await use(shared);
      expect(shared.watch.take(), 'no console error, no request to anywhere else').toEqual([]);
    },
  }),
);

const SST2 = 'Xenova/distilbert-base-uncased-finetuned-sst-2-english';
const REVIEW = 'The room was bright and the bread still warm. 😀';
const NEWS = '😀 Angela Merkel met Emmanuel Macron in Berlin.';
const FERRY = 'The ferry leaves the harbour at nine. It crosses the bay in forty minutes. Tickets cost four euros.';
const INVOICE = '😀 Invoice no. HP-2291. Total due: £192.50. Questions: accounts@harbourprint.example';
const SOUND = join(ROOT, 'tests/fixtures/architectures/audio.wav');
const LINES = ['a bowl of soup', 'a warm bed', 'a red car'];

/**
 * What is put into each card, and the call that it stands for. `shown` is what has to stand in its result.
 * @type {{tab: string, model: string, fill: Record<string, string>, run: string, file?: string, method: string,
 *   params: Record<string, unknown>, shown: (answer: any, stage: Locator) => Promise<void>}[]}
 */
const CARDS = [
  {
    tab: 'Sentiment',
    model: 'arch/distilbert_sst2',
    fill: { Text: REVIEW },
    run: 'Read the mood',
    method: 'classify',
    params: { texts: REVIEW },
    shown: scores,
  },
  {
    tab: 'Classify',
    model: 'arch/bert_nli',
    fill: { 'Text to classify': REVIEW, 'Labels, separated by commas': 'hotel, weather, sport' },
    run: 'Classify',
    method: 'zeroShot',
    params: { texts: REVIEW, labels: ['hotel', 'weather', 'sport'] },
    shown: scores,
  },
  {
    tab: 'Names',
    model: 'arch/bert_ner',
    fill: { Text: NEWS },
    run: 'Find names',
    method: 'extractEntities',
    params: { texts: NEWS },
    shown: async ({ entities }, stage) => {
      expect(entities.length).toBeGreaterThan(0);
      for (const { text, start, end } of entities) expect(NEWS.slice(start, end)).toBe(text);
      await expect(stage.locator('mark')).toHaveText(entities.map((/** @type {any} */ { text, type }) => `${text}${type}`));
    },
  },
  {
    tab: 'Rank',
    model: 'arch/bert_rerank',
    fill: { 'Question or topic': 'a place to sleep', 'Texts, one on each line': LINES.join('\n') },
    run: 'Rank',
    method: 'rerank',
    params: { query: 'a place to sleep', docs: LINES },
    shown: async ({ results }, stage) => {
      await expect(stage.locator('.scores-label')).toHaveText(results.map((/** @type {any} */ { text }) => text));
      await expect(stage.locator('.scores-number')).toHaveText(results.map((/** @type {any} */ { index, score }) => `was ${index + 1}. ${score.toFixed(2)}`));
    },
  },
  {
    tab: 'Ask a text',
    model: 'arch/roberta_qa',
    fill: { Question: 'When does the ferry leave?', 'Text to look in': FERRY },
    run: 'Ask',
    method: 'answer',
    params: { question: 'When does the ferry leave?', context: FERRY },
    shown: async ({ answer, score }, stage) => {
      await expect(stage.locator('.summary')).toHaveText(answer);
      await expect(stage.getByText(`Score ${score.toFixed(2)}`)).toBeVisible();
    },
  },
  {
    tab: 'Summarize',
    model: 'arch/bart_summ',
    fill: { 'Text to summarize': FERRY },
    run: 'Summarize',
    method: 'summarize',
    params: { text: FERRY, style: 'brief' },
    shown: async ({ summary, sentences }, stage) => {
      expect(sentences).toEqual([]);
      await expect(stage.locator('.summary')).toHaveText(summary);
    },
  },
  {
    tab: 'Translate',
    model: 'arch/marian',
    fill: { 'Text to translate': 'The ferry leaves at nine.' },
    run: 'Translate',
    method: 'translate',
    params: { text: 'The ferry leaves at nine.', to: 'fr' },
    shown: async ({ text, usage }, stage) => {
      await expect(stage.locator('.summary')).toHaveText(text.trim());
      await expect(stage.getByText(`${usage.written} tokens written`)).toBeVisible();
    },
  },
  {
    tab: 'Transcribe',
    model: 'arch/whisper',
    fill: {},
    file: SOUND,
    run: 'Transcribe',
    method: 'transcribe',
    params: { audio: { wav: SOUND }, timestamps: true },
    shown: async ({ text }, stage) => void (await expect(stage.locator('.summary, .big').first()).toHaveText(text || 'Nobody was heard to speak.')),
  },
  {
    tab: 'Extract',
    model: '',
    fill: { Text: INVOICE, 'Fields, one on each line': 'invoice number\ntotal: number\nemail: email\nphone' },
    run: 'Extract',
    method: 'extract',
    params: {
      text: INVOICE,
      schema: {
        type: 'object',
        properties: { invoice_number: { type: 'string' }, total: { type: 'number' }, email: { type: 'string', format: 'email' }, phone: { type: 'string' } },
        required: ['invoice_number', 'total', 'email', 'phone'],
      },
    },
    shown: async ({ value, fields, missing }, stage) => {
      expect(value).toMatchObject({ total: 192.5, email: 'accounts@harbourprint.example' });
      expect(INVOICE.slice(fields.email.start, fields.email.end)).toBe(value.email);
      await expect(stage.locator('tbody th')).toHaveText(Object.keys(fields).map((path) => path.replaceAll('_', ' ')));
      await expect(stage.locator('tbody td:nth-child(2)')).toHaveText(Object.keys(fields).map((path) => String(value[path])));
      await expect(stage.locator('.badge')).toHaveText(missing);
    },
  },
];

/** @param {any} answer @param {Locator} stage */
async function scores({ labels, scores: values }, stage) {
  await expect(stage.locator('.scores-label')).toHaveText(labels);
  await expect(stage.locator('.scores-number')).toHaveText(values.map((/** @type {number} */ value) => value.toFixed(2)));
}

/** @param {Page} page @param {string} name as its tab says */
async function openCard(page, name) {
  if (!(await page.locator('ns-tasks').isVisible())) await goTo(page, 'Tasks');
  await page.getByRole('tab', { name, exact: true }).click();
}

/** Chooses a model in the picker that is in sight, unless it answers anyway. @param {Page} page @param {string} id */
async function choose(page, id) {
  const summary = page.locator('.pickm > summary:visible');
  await summary.click();
  const row = page.locator('.pickm-row', { has: page.getByText(id, { exact: true }) });
  await expect(row).toBeVisible();
  if (!(await row.getByText('In use').isVisible())) await page.getByRole('button', { name: `Use it: ${id}`, exact: true }).click();
  await expect(page.locator('.pickm-current')).toContainText(id);
  await summary.click();
}

/** Waits for a card's result. @param {Page} page */
async function result(page) {
  const stage = page.locator('.task-side > .task-stage');
  await expect(stage.locator('.task-foot')).toBeVisible();
  return stage;
}

test('every card gives with a model of its own what CPython gives', async ({ desk: { page, models } }) => {
  const expected = inPython(CARDS.map(({ method, params, model }) => [method, model ? { ...params, model } : params]), { models });
  for (const [index, { tab, model, fill, file, run, shown }] of CARDS.entries()) {
    await test.step(tab, async () => {
      await openCard(page, tab);
      if (model) await choose(page, model);
      for (const [label, text] of Object.entries(fill)) await page.locator('.task-form').getByRole('textbox', { name: new RegExp(`^${label}`) }).fill(text);
      if (file) await page.locator('task-transcribe input[type=file]').setInputFiles(file);
      await page.getByRole('button', { name: run, exact: true }).click();
      const stage = await result(page);
      await expect(stage.locator('.route-model')).toHaveText(model ? (model.split('/')[1] ?? '') : 'all-MiniLM-L6-v2');
      await shown(expected[index], stage);
    });
  }
  const { value } = await call(page, 'settings.get');
  expect(value.models).toMatchObject({ zeroShot: 'arch/bert_nli', rerank: 'arch/bert_rerank', summarize: 'arch/bart_summ' });
});

test('the picker names who answers, tells of others, and goes back to the starter', async ({ desk: { page } }) => {
  await page.evaluate(async () => {
    const { models } = await window.nearside.settings.get();
    await window.nearside.settings.set(Object.fromEntries(Object.keys(models).map((task) => [`models.${task}`, null])));
  });
  await openCard(page, 'Rank');
  await choose(page, 'arch/bert_rerank');
  await expect(page.locator('.pickm-name')).toHaveText('bert_rerank');
  await page.locator('.pickm > summary:visible').click();
  await expect(page.locator('.pickm-row', { hasText: 'Xenova/' }).first()).toContainText(/about [\d.,]+\s.B/);
  await page.getByLabel('Another model, by its id').fill('arch/marian');
  await page.getByRole('button', { name: 'Look' }).click();
  await expect(page.locator('.pickm-row', { hasText: 'arch/marian' })).toContainText('Runs well here.');
  await page.getByLabel('Another model, by its id').fill('nowhere');
  await page.getByRole('button', { name: 'Look' }).click();
  await expect(page.locator('.pickm [role=alert]')).toContainText('is not a model id');
  await page.getByRole('button', { name: 'Use the starter again' }).click();
  await expect(page.locator('.pickm-name')).toHaveText('all-MiniLM-L6-v2');
  expect((await call(page, 'settings.get')).value.models).toEqual({});
});

test('a writing model answers in the chat, with its wishes, until it is stopped', async ({ desk: { page, models } }) => {
  const messages = [{ role: 'user', content: 'Tell me about the sea.' }];
  const parameters = { temperature: 0, max_tokens: 12 };
  const [expected] = inPython([['chat', { messages, parameters, model: 'arch/llama' }]], { models });
  await goTo(page, 'Chat');
  await page.getByRole('button', { name: 'How it writes' }).click();
  await choose(page, 'arch/llama');
  await page.getByLabel('Temperature').fill('0');
  await page.getByLabel('Most tokens').fill('12');
  await call(page, 'models.preload', 'arch/llama'); // everything is drawn anew
  await expect(page.locator('.pickm-current')).toContainText('arch/llama');
  await expect(page.getByLabel('Most tokens'), 'what is being typed stays').toHaveValue('12');
  await page.getByLabel('Most tokens').press('Tab');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Writes: llama' })).toBeFocused();
  const answer = await say(page, 'Tell me about the sea.');
  await expect(answer.locator('.route-model')).toHaveText('llama');
  expect((await answer.locator('.answer-text').innerText()).trim()).toBe(expected.choices[0].message.content.trim());
  await expect(answer).toContainText(`${expected.usage.prompt_tokens} tokens read, ${expected.usage.completion_tokens} written`);
  await expect(answer).toContainText('the most tokens were reached');

  await page.getByRole('button', { name: 'Writes: llama' }).click();
  await page.getByLabel('Most tokens').fill('4000');
  await page.getByLabel('Most tokens').press('Tab');
  await page.keyboard.press('Escape');
  await page.getByLabel('Your message').fill('And of the land?');
  await page.getByLabel('Your message').press('Enter');
  const last = page.locator('.turn').last();
  await expect(last.locator('.answer-text')).not.toBeEmpty();
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(last.getByText('Stopped.')).toBeVisible();
  const text = await last.locator('.answer-text').innerText();
  await expect(page.getByRole('button', { name: 'Send' })).toBeVisible();
  expect(await last.locator('.answer-text').innerText(), 'nothing comes any more').toBe(text);
  await page.getByRole('button', { name: 'Writes: llama' }).click();
  const thinking = page.getByLabel('May think before it answers');
  await expect(page.getByLabel('Temperature')).toBeVisible();
  await expect(thinking, 'this one does not think').toHaveCount(0);
  await choose(page, 'arch/qwen3');
  await call(page, 'models.preload', 'arch/qwen3');
  await expect(thinking).toBeChecked();
  await page.locator('.pickm > summary:visible').click();
  await page.getByRole('button', { name: 'Use the starter again' }).click();
  await expect(thinking).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'How it writes' })).toBeVisible();
});

test('the cards, the picker and the part about writing are accessible, and fit 360 pixels', async ({ desk: { page } }) => {
  /** @param {string} place */
  const check = async (place) => {
    for (const [colorScheme, width] of /** @type {const} */ ([['light', 1280], ['dark', 360]])) {
      await page.setViewportSize({ width, height: 900 });
      await dress(page, colorScheme);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect.soft(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`), `${place}, ${colorScheme}, ${width}`).toEqual([]);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect.soft(over, `${place} at ${width}: no sideways scrolling`).toBeLessThanOrEqual(0);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
  };
  for (const tab of ['Sentiment', 'Names', 'Translate', 'Transcribe', 'Extract']) {
    await openCard(page, tab);
    if (tab === 'Translate') await page.locator('.pickm > summary:visible').click();
    else if (tab !== 'Transcribe') await page.locator('.task-pair .sample').first().click();
    if (tab !== 'Translate' && tab !== 'Transcribe') await result(page);
    await check(tab);
  }
  await goTo(page, 'Chat');
  await page.getByRole('button', { name: 'How it writes' }).click();
  await check('How it writes');
  await page.keyboard.press('Escape');
});

test('the microphone is refused calmly', async ({ desk: { page } }) => {
  await openCard(page, 'Transcribe');
  await page.getByRole('button', { name: 'Speak' }).click();
  await expect(page.locator('.task-stage [role=alert]')).toContainText(/microphone/);
  await expect(page.getByRole('button', { name: 'Speak' })).toBeVisible();
});

base('without a hub a task without a model names one, says why it cannot be had, and offers nothing', async ({ page, server }) => {
  await openReady(page, `${server.url}#/tasks`);
  await openCard(page, 'Sentiment');
  await page.locator('.task-pair .sample').first().click();
  const needed = page.locator('model-needed');
  await expect(needed.getByRole('heading')).toHaveText('This needs a model of its own');
  await expect(needed).toContainText(SST2);
  await expect(needed).toContainText('This site does not let models be downloaded from a hub');
  await expect(needed.getByRole('button')).toHaveCount(0);
  await page.locator('.pickm > summary:visible').click();
  await expect(page.locator('.pickm')).toContainText('This site does not let models be downloaded from a hub');
  await expect(page.locator('.pickm-row', { hasText: SST2 })).toContainText(/about 6[\d.]+\sMB/);
  await expect(page.locator('.pickm-row').getByRole('button')).toHaveCount(0);
  await goTo(page, 'Settings');
  await expect(page.getByText('Whoever runs this site has switched the hub off for everybody.')).toBeVisible();
});

base('a card fetches its model from the hub, or asks the cloud once, and goes on', async ({ page, serve, folder, watch }) => {
  watch.expect(/404 \(Not Found\).*\/models\/Xenova\//, /ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONTENT_LENGTH_MISMATCH|ERR_ABORTED/);
  const hub = await Hub.start();
  const upstream = await Upstream.start();
  watch.origins.add(hub.origin).add(hub.files);
  hub.publish(SST2, smallFiles('distilbert_sst2'));
  upstream.models = {
    names: (body, response) => upstreamSays(upstream, body, response, { results: [[{ text: 'Angela Merkel', type: 'PER', confidence: 0.9 }, { text: 'Nobody At All', type: 'PER', confidence: 0.9 }]] }),
    ...upstream.models,
  };
  const server = await serve({ hub: `${hub.origin},${hub.files}`, config: configFor(folder, upstream, ['names']) });
  await openReady(page, `${server.url}#/tasks`);
  const needed = page.locator('model-needed');

  await base.step('downloaded: progress, cancelled, again, and the answer', async () => {
    await openCard(page, 'Sentiment');
    await page.locator('.task-pair .sample').first().click();
    await expect(needed).toContainText('It is fetched once, kept in this browser, and then your text is read.');
    expect(hub.seen, 'nobody asks the hub before a model of it is wanted').toEqual([]);
    const fetch = needed.getByRole('button', { name: /^Download it \(about 6[\d.]+\sMB\)$/ });
    hub.hold();
    await fetch.click();
    await expect(needed.getByRole('progressbar')).toBeVisible();
    await expect(needed).toContainText(/\d\skB of \d+\skB · \d+\s?%/);
    await needed.getByRole('button', { name: 'Cancel' }).click();
    await expect(fetch, 'it can be begun again').toBeVisible();
    await expect(needed.locator('.task-need'), 'to cancel is no failure').toHaveCount(0);
    await fetch.click();
    const stage = await result(page);
    await expect(stage.locator('.route-model')).toHaveText(SST2.split('/')[1]);
    await expect(stage.locator('.scores-label')).toHaveCount(2);
    await expect(page.locator('.pickm-name')).toHaveText(SST2.split('/')[1]);
    expect((await call(page, 'models.list')).value.models.find((/** @type {any} */ { id }) => id === SST2)).toMatchObject({ stored: true, loaded: true, task: 'classify' });
  });

  await base.step('a download that fails says so and can be tried again', async () => {
    await openCard(page, 'Translate');
    await page.getByRole('textbox', { name: 'Text to translate' }).fill('Good morning.');
    await page.getByRole('button', { name: 'Translate', exact: true }).click();
    watch.expect(/401 \(Unauthorized\)/);
    const fetch = needed.getByRole('button', { name: /^Download it/ });
    await fetch.click();
    await expect(needed.locator('.task-need')).toContainText('The hub has no public model');
    await expect(fetch).toBeVisible();
  });

  await base.step('the cloud is asked once, with this text only', async () => {
    await openCard(page, 'Names');
    await page.locator('.task-form').getByRole('textbox', { name: /^Text/ }).fill(NEWS);
    await page.getByRole('button', { name: 'Find names', exact: true }).click();
    await expect(needed).toBeVisible();
    expect(upstream.requests, 'nothing goes out before').toEqual([]);
    await needed.getByRole('button', { name: 'Ask cloud-names in the cloud, once' }).click();
    const stage = await result(page);
    await expect(stage.locator('mark')).toHaveText(['Angela MerkelPER']);
    await expect(stage.locator('.route-model')).toHaveText('cloud-names');
    expect(upstream.requests.length).toBe(1);
    expect(JSON.stringify(upstream.requests[0].body.messages)).toContain('Emmanuel Macron');
    expect((await call(page, 'settings.get')).value.cloud, 'once is not always').toBe('ask');
    await page.getByRole('button', { name: 'Find names', exact: true }).click();
    await expect(needed).toBeVisible();
    expect(upstream.requests.length).toBe(1);
  });

  await base.step('with downloads switched off the cloud is left', async () => {
    await call(page, 'settings.set', { hub: false });
    await openCard(page, 'Transcribe');
    await openCard(page, 'Names');
    await expect(needed).toContainText('Downloads from the model hub are switched off.');
    await expect(needed.getByRole('link', { name: 'Settings' })).toBeVisible();
    await expect(needed.getByRole('button')).toHaveText(['Ask cloud-names in the cloud, once']);
  });
  await Promise.all([hub.stop(), upstream.stop()]);
});

/** The scripted provider answers with an object. @param {Upstream} upstream @param {any} body @param {import('node:http').ServerResponse} response @param {unknown} said */
const upstreamSays = (upstream, body, response, said) => upstream.models.echo({ ...body, messages: [{ role: 'user', content: JSON.stringify(said) }] }, response);
