/** The card that translates: two languages, the text, and the translation as it is written. */

import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { language } from '../format.js';
import { tasks, workbench } from '../strings-tasks.js';
import { LANGUAGES, pairOf } from '../tasks/languages.js';
import { choiceOf } from '../tasks/model-choice.js';
import * as icons from './icons.js';
import { TaskCard } from './task-card.js';
import { copyText } from './task-code.js';
import * as taskIcons from './task-icons.js';
import { textField } from './task-parts.js';

const words = tasks.translate;
const byName = [...LANGUAGES].sort((a, b) => language(a).localeCompare(language(b)));

export class TaskTranslate extends TaskCard {
  constructor() {
    super('translate');
    /** The model whose languages were put in last. @type {string | null} */
    this.fitted = null;
  }

  /** @override */
  follows() {
    return [...super.follows(), choiceOf(this.services, 'translate')];
  }

  /** A model for one pair of languages brings them along. @override */
  willUpdate() {
    const { current } = choiceOf(this.services, 'translate');
    if (current === this.fitted) return;
    this.fitted = current;
    const pair = current && pairOf(current);
    if (pair) this.bench.fill('translate', pair);
  }

  /** @override @returns {unknown} */
  picker() {
    const { from, to } = this.form;
    return html`<model-picker .services=${this.services} .task=${this.method} .languages=${from && to ? [from, to] : []}></model-picker>`;
  }

  #swap() {
    const { from, to } = this.form;
    if (from) this.bench.fill('translate', { from: to, to: from });
  }

  /** @override @returns {unknown} */
  fields() {
    return html`
      <div class="langs">
        ${this.#languages('from', words.from, true)}
        <button class="icon-button" type="button" aria-label=${words.swap} title=${words.swap} ?disabled=${!this.form.from} @click=${() => this.#swap()}>${taskIcons.swap}</button>
        ${this.#languages('to', words.to, false)}
      </div>
      ${textField(this, { name: 'text', label: words.text, hint: words.textHint, rows: 8 })}
    `;
  }

  /** @param {'from' | 'to'} name @param {string} label @param {boolean} auto */
  #languages(name, label, auto) {
    const value = this.form[name];
    const codes = !value || byName.includes(value) ? byName : [...byName, value];
    return html`
      <div class="field-block">
        <div class="field-head"><label for=${this.idOf(name)}>${label}</label></div>
        <select class="field" id=${this.idOf(name)} data-field=${name} .value=${live(value)} @change=${this.typed}>
          ${auto ? html`<option value="" ?selected=${!value}>${words.auto}</option>` : nothing}
          ${codes.map((code) => html`<option value=${code} ?selected=${code === value}>${language(code)}</option>`)}
        </select>
      </div>
    `;
  }

  /** @override @param {any} answer */
  answer({ text, from, to, usage }) {
    return html`
      <div class="stack-1">
        <h3 class="small-title">${words.between(from, to)}</h3>
        <p class="summary" dir="auto" lang=${to}>${text}</p>
        ${usage.written ? html`<p class="fineprint tabular">${words.tokens(usage.written)}</p>` : nothing}
      </div>
      <div class="row task-acts">
        <button class="button button-small button-quiet" type="button" @click=${() => copyText(this.services, text, workbench.textCopied)}>${icons.copy}${workbench.copyText}</button>
      </div>
    `;
  }
}

customElements.define('task-translate', TaskTranslate);
