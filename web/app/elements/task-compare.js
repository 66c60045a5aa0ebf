/** The cards that weigh texts against labels, a question, or each other: classify, rank, compare. */

import { html } from 'lit';
import { score } from '../format.js';
import { tasks } from '../strings-tasks.js';
import { linesOf } from '../tasks/parse.js';
import { bars } from '../tasks/show.js';
import { TaskCard } from './task-card.js';
import { lineField, scoreList, textField, tickField } from './task-parts.js';

/** Longer lists would be slow to draw; the call's answer has them all. */
const MOST = 200;

export class TaskClassify extends TaskCard {
  constructor() {
    super('classify');
  }

  /** @override @returns {unknown} */
  fields() {
    const words = tasks.classify;
    return html`
      ${textField(this, { name: 'text', label: words.text, hint: words.textHint, rows: 6 })}
      ${lineField(this, { name: 'labels', label: words.labels, hint: words.labelsHint })}
      <div class="row ticks">${tickField(this, { name: 'lines', label: words.lines })} ${tickField(this, { name: 'multi', label: words.multi })}</div>
    `;
  }

  /** @override @param {any} answer @param {Record<string, any>} form */
  answer(answer, form) {
    const words = tasks.classify;
    if (!form.lines) return html`<h3 class="small-title">${words.scores}</h3>${scoreList(bars(answer), words.scores)}`;
    return html`<h3 class="small-title">${words.each}</h3>${eachText(linesOf(form.text), answer.results, words.each)}`;
  }
}

/**
 * Each text with its best label.
 * @param {string[]} texts @param {{labels: string[], scores: number[]}[]} results @param {string} title
 * @param {string} [none] said of a text that no label fits
 */
export const eachText = (texts, results, title, none = '') => html`
  <ol class="scores" aria-label=${title}>
    ${results.slice(0, MOST).map(
      ({ labels, scores }, index) => html`<li>
        <span class="scores-label" dir="auto">${texts[index]}</span>
        <span class="scores-number">${labels.length ? html`<span class="badge">${labels[0]}</span> <span class="tabular">${score(scores[0] ?? 0)}</span>` : none}</span>
        <ns-share class="share share-wide" .value=${scores[0] ?? 0}></ns-share>
      </li>`,
    )}
  </ol>
`;

export class TaskRerank extends TaskCard {
  constructor() {
    super('rerank', { main: 'docs' });
  }

  /** @override @returns {unknown} */
  fields() {
    const words = tasks.rerank;
    return html`
      ${lineField(this, { name: 'query', label: words.query, hint: words.queryHint })}
      ${textField(this, { name: 'docs', label: words.docs, hint: words.docsHint, rows: 8 })}
    `;
  }

  /** @override @param {any} answer */
  answer({ results }) {
    const words = tasks.rerank;
    const rows = results.slice(0, MOST).map((/** @type {any} */ { index, score: value, text }) => ({
      label: text,
      score: value,
      note: html`<span class="fineprint">${words.was(index + 1)}</span> ${score(value)}`,
    }));
    return html`<h3 class="small-title">${words.best}</h3><div class="numbered">${scoreList(rows, words.best)}</div>`;
  }
}

export class TaskSimilarity extends TaskCard {
  constructor() {
    super('similarity', { main: 'a' });
  }

  /** @override @returns {unknown} */
  fields() {
    const words = tasks.similarity;
    return html`
      ${textField(this, { name: 'a', label: words.a, hint: words.aHint, rows: 4 })}
      ${textField(this, { name: 'b', label: words.b, hint: words.bHint, rows: 4 })}
    `;
  }

  /** @override @param {any} answer */
  answer({ score: value }) {
    const words = tasks.similarity;
    return html`
      <div class="stack-1">
        <h3 class="small-title">${words.label}</h3>
        <p class="huge tabular">${score(value)}</p>
        <ns-share class="share share-wide share-thick" .value=${value}></ns-share>
        <p class="fineprint">${words.scale}</p>
      </div>
    `;
  }
}

customElements.define('task-classify', TaskClassify);
customElements.define('task-rerank', TaskRerank);
customElements.define('task-similarity', TaskSimilarity);
