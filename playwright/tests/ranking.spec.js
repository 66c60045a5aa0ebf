/** Ranking is Python's: a wheel with one constant changed changes what the page shows. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, expect } from '../support/test.js';
import { ask, openReady, results } from '../support/page.js';
import { ROOT } from '../support/programs.js';
import { inPython } from '../support/reference.js';
import { changeWheel, copySite, wheelPath } from '../support/site.js';

/** BM25's saturation: from "more of a word counts more" to "it counts less". */
const [MEMBER, OLD, NEW] = ['nearside/retrieval/bm25.py', 'K1 = 0.9\n', 'K1 = -0.6\n'];
const QUESTION = 'apple';
const DOCS = {
  'many.txt': 'apple apple apple apple apple apple, said the list',
  'one.txt': 'the list said apple, and so on and on it said',
  'none.txt': 'the boats went out before the tide turned',
};

/** The names of the results in order. @param {import('@playwright/test').Page} page @param {string} url */
async function order(page, url) {
  await openReady(page, url);
  await page.setInputFiles('input[type=file]', Object.entries(DOCS).map(([name, text]) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) })));
  await ask(page, QUESTION);
  await expect(results(page)).toHaveCount(3);
  return results(page).getByRole('heading').allTextContents();
}

test('a constant changed in the engine’s wheel changes the page’s ranking', async ({ browser, server, serve, folder, watch }) => {
  const changed = join(folder, 'py');
  cpSync(join(ROOT, 'py'), changed, { recursive: true, filter: (path) => !path.includes('__pycache__') });
  const file = join(changed, MEMBER);
  writeFileSync(file, readFileSync(file, 'utf8').replace(OLD, NEW));
  /** @type {[string, Record<string, unknown>][]} */
  const calls = [['search', { query: QUESTION, docs: Object.values(DOCS), passages: true }]];
  const names = (/** @type {any} */ [{ results: hits }]) => hits.map((/** @type {any} */ { index }) => Object.keys(DOCS)[index]);
  const usual = names(inPython(calls));
  const other = names(inPython(calls, { package: changed }));
  expect(other, 'the constant matters here').not.toEqual(usual);

  const second = await serve({
    site: copySite(join(folder, 'site'), { [wheelPath()]: (wheel) => changeWheel(wheel, MEMBER, OLD, NEW) }),
  });
  for (const [origin, expected] of [[server.url, usual], [second.url, other]]) {
    const context = await browser.newContext();
    watch.follow(context);
    expect(await order(await context.newPage(), origin)).toEqual(expected);
    await context.close();
  }
});
