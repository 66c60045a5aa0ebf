/** The cards whose models label: sentiment (a text), names (its words). */

import { html, nothing } from 'lit';
import { score } from '../format.js';
import { tasks } from '../strings-tasks.js';
import { linesOf } from '../tasks/parse.js';
import { bars, byType, labelled } from '../tasks/show.js';
import { TaskCard } from './task-card.js';
import { eachText } from './task-compare.js';
import { lineField, scoreList, textField, tickField } from './task-parts.js';

export class TaskSentiment extends TaskCard {
  constructor() {
    super('sentiment');
  }

  /** @override @returns {unknown} */
  fields() {
    const words = tasks.sentiment;
    return html`
      ${textField(this, { name: 'text', label: words.text, hint: words.textHint, rows: 6 })}
      <div class="row ticks">${tickField(this, { name: 'lines', label: words.lines })} ${tickField(this, { name: 'sure', label: words.sure })}</div>
    `;
  }

  /** @override @param {any} answer @param {Record<string, any>} form */
  answer(answer, form) {
    const words = tasks.sentiment;
    if (form.lines) return html`<h3 class="small-title">${words.each}</h3>${eachText(linesOf(form.text), answer.results, words.each, words.unsure)}`;
    if (!answer.labels.length) return html`<h3 class="big">${words.unsure}</h3>`;
    return html`<h3 class="small-title">${words.scores}</h3>${scoreList(bars(answer), words.scores)}`;
  }
}

export class TaskEntities extends TaskCard {
  constructor() {
    super('entities');
  }

  /** @override @returns {unknown} */
  fields() {
    const words = tasks.entities;
    return html`
      ${textField(this, { name: 'text', label: words.text, hint: words.textHint, rows: 9 })}
      ${lineField(this, { name: 'types', label: words.types, hint: words.typesHint })}
    `;
  }

  /** @override @param {any} answer @param {Record<string, any>} form */
  answer({ entities }, form) {
    const words = tasks.entities;
    if (!entities.length) return html`<div class="stack-1"><h3 class="big">${words.found(0)}</h3><p class="muted">${words.none}</p></div>`;
    const groups = byType(entities);
    return html`
      <h3 class="small-title">${words.found(entities.length)}</h3>
      <div class="stack-1">
        <h4 class="hidden">${words.marked}</h4>
        <div class="source-text source-named" dir="auto" tabindex="0" role="group" aria-label=${words.marked}>${labelled(form.text, entities).map(({ text, type }) =>
          type === null ? text : html`<mark class="named named-${tone(type, groups)}">${text}<span class="named-type">${type}</span></mark>`)}</div>
      </div>
      <div class="stack-1">
        <h4 class="small-title">${words.list}</h4>
        <dl class="rows rows-tight">
          ${groups.map(
            ({ type, found }) => html`<div><dt><span class="named named-${tone(type, groups)}">${type}</span> ${words.types_[type] ?? nothing}</dt>
              <dd dir="auto">${found.map(({ text, count, best }, index) => html`${index ? ', ' : ''}<span title=${score(best)}>${text}${count > 1 ? ` ×${count}` : ''}</span>`)}</dd></div>`,
          )}
        </dl>
      </div>
    `;
  }
}

/** One of four looks for each type; its name stands beside it, so that nothing hangs on the colour. @param {string} type @param {{type: string}[]} groups */
const tone = (type, groups) => groups.findIndex((one) => one.type === type) % 4;

customElements.define('task-sentiment', TaskSentiment);
customElements.define('task-entities', TaskEntities);
