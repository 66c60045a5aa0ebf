/** The card that fills in fields: what is wanted, the text, and each value with its place. */

import { html, nothing } from 'lit';
import { tasks } from '../strings-tasks.js';
import { KIND_NAMES, foundRows, nameOf, schemaOf } from '../tasks/schema.js';
import * as icons from './icons.js';
import { TaskCard } from './task-card.js';
import { copyText } from './task-code.js';
import { sourceText, textField } from './task-parts.js';

const words = tasks.extract;

export class TaskExtract extends TaskCard {
  constructor() {
    super('extract');
  }

  /** @override @returns {unknown} */
  fields() {
    const { count, badLine } = schemaOf(this.form.fields);
    return html`
      ${textField(this, { name: 'text', label: words.text, hint: words.textHint, rows: 8 })}
      ${textField(this, {
        name: 'fields',
        label: words.fields,
        hint: words.fieldsHint,
        rows: 5,
        file: false,
        note: badLine === null ? words.count(count) : html`<span class="task-bad">${words.badLine(badLine)}</span>`,
      })}
      <p class="fineprint">${words.kinds(KIND_NAMES)}</p>
    `;
  }

  /** @override @param {any} answer @param {Record<string, any>} form */
  answer({ value, fields, missing }, form) {
    const rows = foundRows({ value, fields });
    const json = JSON.stringify(value, null, 2);
    return html`
      <h3 class="small-title">${words.found(rows.length, rows.length + missing.length)}</h3>
      ${rows.length
        ? html`<table class="found-fields">
            <thead><tr><th scope="col">${words.columns.field}</th><th scope="col">${words.columns.value}</th><th scope="col">${words.columns.how}</th></tr></thead>
            <tbody>
              ${rows.map(
                ({ path, value: one, method }) => html`<tr><th scope="row" dir="auto">${nameOf(path)}</th><td dir="auto">${said(one)}</td><td class="fineprint">${words.methods[method] ?? method}</td></tr>`,
              )}
            </tbody>
          </table>`
        : nothing}
      ${missing.length
        ? html`<p class="row"><span class="small-title">${words.missing}</span> ${missing.map((/** @type {string} */ path) => html`<span class="badge" dir="auto">${nameOf(path)}</span>`)}</p>`
        : nothing}
      <div class="row task-acts">
        <button class="button button-small button-quiet" type="button" @click=${() => copyText(this.services, json, words.copied)}>${icons.copy}${words.copy}</button>
      </div>
      ${rows.some(({ start }) => start !== null) ? sourceText(words.source, form.text, rows) : nothing}
    `;
  }
}

/** @param {unknown} value */
const said = (value) => (typeof value === 'string' ? value : JSON.stringify(value));

customElements.define('task-extract', TaskExtract);
