/** The cards that read one text: summarize, ask a text, language, embed. */

import { html, svg } from 'lit';
import { fine, language, number } from '../format.js';
import { tasks, workbench } from '../strings-tasks.js';
import { barsPath, covered, vectorFacts } from '../tasks/show.js';
import * as icons from './icons.js';
import { TaskCard } from './task-card.js';
import { copyText } from './task-code.js';
import { choiceField, lineField, scoreList, sourceText, textField } from './task-parts.js';

export class TaskSummarize extends TaskCard {
  constructor() {
    super('summarize');
  }

  /** @override @returns {unknown} */
  fields() {
    const words = tasks.summarize;
    return html`
      ${textField(this, { name: 'text', label: words.text, hint: words.textHint, rows: 10 })}
      ${choiceField(this, { name: 'style', label: words.style, options: words.styles })}
    `;
  }

  /** @override @param {any} answer @param {Record<string, any>} form */
  answer({ summary, sentences }, form) {
    const words = tasks.summarize;
    const places = [...sentences].sort((a, b) => b.score - a.score);
    return html`
      <h3 class="hidden">${workbench.result}</h3>
      <p class="summary" dir="auto">${summary}</p>
      <div class="row task-acts">
        <button class="button button-small button-quiet" type="button" @click=${() => copyText(this.services, summary, workbench.textCopied)}>${icons.copy}${workbench.copyText}</button>
      </div>
      ${sentences.length
        ? html`
            <div class="stack-1">
              <h4 class="small-title">${words.chosen(sentences.length, covered(form.text, sentences))}</h4>
              ${strip(form.text.length, sentences)}
              ${scoreList(
                places.map(({ text, start, score }) => ({ label: html`<span class="clip" title=${text}>${text}</span>`, score, note: words.at(start / form.text.length) })),
                words.chosen(sentences.length, covered(form.text, sentences)),
              )}
            </div>
            ${sourceText(words.source, form.text, places)}
          `
        : html`<p class="fineprint">${words.written}</p>`}
    `;
  }
}

/**
 * Where spans stand in a text, as ticks on a line.
 * @param {number} length @param {{start: number, end: number}[]} spans
 */
const strip = (length, spans) => html`
  <svg class="strip" viewBox="0 0 1000 12" preserveAspectRatio="none" role="img" aria-label=${tasks.summarize.strip}>
    <rect class="strip-all" x="0" y="4" width="1000" height="4" rx="2" />
    ${spans.map(
      ({ start, end }) => svg`<rect class="strip-one" x=${(start / length) * 1000} y="0" width=${Math.max(4, ((end - start) / length) * 1000)} height="12" rx="2" />`,
    )}
  </svg>
`;

export class TaskAnswer extends TaskCard {
  constructor() {
    super('answer', { main: 'context' });
  }

  /** @override @returns {unknown} */
  fields() {
    const words = tasks.answer;
    return html`
      ${lineField(this, { name: 'question', label: words.question, hint: words.questionHint })}
      ${textField(this, { name: 'context', label: words.context, hint: words.contextHint, rows: 9 })}
    `;
  }

  /** @override @param {any} given @param {Record<string, any>} form */
  answer({ answer, score, start, end, alternatives, noAnswer }, form) {
    const words = tasks.answer;
    const others = alternatives.filter((/** @type {any} */ one) => one.answer !== answer);
    return html`
      <div class="stack-1">
        <h3 class="small-title">${words.best}</h3>
        <p class="summary" dir="auto">${answer}</p>
        ${start === null ? html`<p class="fineprint">${words.elsewhere}</p>` : html`<p class="fineprint tabular">${words.match(score)}</p>`}
        ${noAnswer >= 0.5 ? html`<p class="task-bad">${words.unlikely(noAnswer)}</p>` : ''}
      </div>
      ${others.length
        ? html`<div class="stack-1">
            <h4 class="small-title">${words.alternatives}</h4>
            ${scoreList(others.map((/** @type {any} */ one) => ({ label: one.answer, score: one.score })), words.alternatives)}
          </div>`
        : ''}
      ${start === null ? '' : sourceText(words.source, form.context, [{ start, end }, ...others])}
    `;
  }
}

export class TaskLanguage extends TaskCard {
  constructor() {
    super('language');
  }

  /** @override @returns {unknown} */
  fields() {
    const words = tasks.language;
    return textField(this, { name: 'text', label: words.text, hint: words.textHint, rows: 6 });
  }

  /** @override @param {any} answer */
  answer({ language: code, name, confidence, alternatives }) {
    const words = tasks.language;
    if (!code) return html`<div class="stack-1"><h3 class="big">${words.unknown}</h3><p class="muted">${words.unknownText}</p></div>`;
    const rows = [{ language: code, confidence }, ...alternatives].map((one) => ({ label: language(one.language), score: one.confidence }));
    return html`
      <div class="stack-1">
        <h3 class="big">${name} <code>${code}</code></h3>
        <p class="fineprint tabular">${words.sure(confidence)}</p>
      </div>
      ${rows.length > 1 ? scoreList(rows.slice(0, 6), words.alternatives) : ''}
    `;
  }
}

export class TaskEmbed extends TaskCard {
  constructor() {
    super('embed');
  }

  /** @override @returns {unknown} */
  fields() {
    const words = tasks.embed;
    return textField(this, { name: 'text', label: words.text, hint: words.textHint, rows: 7 });
  }

  /** @override @param {any} answer */
  answer({ embeddings: [vector], usage }) {
    const words = tasks.embed;
    const facts = vectorFacts(vector);
    const rows = [
      [words.fields.dimensions, number(facts.dimensions)],
      [words.fields.length, fine(facts.length)],
      [words.fields.range, `${fine(facts.smallest)} … ${fine(facts.largest)}`],
      [words.fields.tokens, number(usage.tokens)],
      [words.fields.cached, usage.cached ? words.yes : words.no],
    ];
    return html`
      <h3 class="small-title">${words.facts}</h3>
      <svg class="vector" viewBox="0 0 ${facts.dimensions} 2" preserveAspectRatio="none" role="img" aria-label=${words.picture(facts.dimensions)}>
        <path d=${barsPath(vector)} />
      </svg>
      <dl class="rows">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd class="tabular">${value}</dd></div>`)}</dl>
      <div class="stack-1">
        <h4 class="small-title">${words.first}</h4>
        <p class="numbers tabular">${facts.first.map((value) => html`<code>${fine(value)}</code>`)}</p>
      </div>
      <div class="row task-acts">
        <button class="button button-small button-quiet" type="button" @click=${() => copyText(this.services, JSON.stringify(Array.from(vector)), words.copied)}>${icons.copy}${words.copy}</button>
      </div>
    `;
  }
}

customElements.define('task-summarize', TaskSummarize);
customElements.define('task-answer', TaskAnswer);
customElements.define('task-language', TaskLanguage);
customElements.define('task-embed', TaskEmbed);
