/** Small templates that the task cards share: fields, scores as bars, marked text. */

import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { ACCEPT } from '../files.js';
import { score } from '../format.js';
import { workbench as words } from '../strings-tasks.js';
import { wordCount } from '../tasks/parse.js';
import { ranked } from '../tasks/show.js';
import * as icons from './icons.js';
import './ns-share.js';

/** @typedef {import('./task-card.js').TaskCard} TaskCard */

/**
 * A large text: typed, pasted, dropped, or read from a file.
 * @param {TaskCard} card
 * @param {{name: string, label: string, hint: string, rows?: number, note?: unknown, file?: boolean}} field
 */
export const textField = (card, { name, label, hint, rows = 8, note, file = true }) => html`
  <div class="field-block">
    <div class="field-head">
      <label for=${card.idOf(name)}>${label}</label>
      ${file
        ? html`<label class="link fineprint">
            <input class="hidden" type="file" accept=${ACCEPT} aria-label=${words.fileFor(label)}
              @change=${(/** @type {Event} */ event) => card.fileChosen(event, name)} />${words.file}</label>`
        : nothing}
    </div>
    <textarea class="field text-box" id=${card.idOf(name)} data-field=${name} dir="auto" rows=${rows} spellcheck="false" placeholder=${hint}
      .value=${live(card.form[name])} @input=${card.typed} @keydown=${card.key}></textarea>
    <p class="fineprint tabular">${note ?? words.count(wordCount(card.form[name]))}</p>
  </div>
`;

/**
 * One line.
 * @param {TaskCard} card @param {{name: string, label: string, hint: string}} field
 */
export const lineField = (card, { name, label, hint }) => html`
  <div class="field-block">
    <div class="field-head"><label for=${card.idOf(name)}>${label}</label></div>
    <input class="field" id=${card.idOf(name)} data-field=${name} type="text" dir="auto" autocomplete="off" maxlength="10000" placeholder=${hint}
      .value=${live(card.form[name])} @input=${card.typed} />
  </div>
`;

/** @param {TaskCard} card @param {{name: string, label: string}} field */
export const tickField = (card, { name, label }) => html`
  <label class="tick"><input type="checkbox" data-field=${name} .checked=${live(Boolean(card.form[name]))} @change=${card.typed} />${label}</label>
`;

/**
 * One of a few.
 * @param {TaskCard} card @param {{name: string, label: string, options: Record<string, string>}} field
 */
export const choiceField = (card, { name, label, options }) => html`
  <fieldset class="picks">
    <legend>${label}</legend>
    <div class="picks-row">
      ${Object.entries(options).map(
        ([value, text]) => html`<label class="pick">
          <input type="radio" name=${card.idOf(name)} data-field=${name} value=${value} .checked=${live(card.form[name] === value)} @change=${card.typed} /><span>${text}</span>
        </label>`,
      )}
    </div>
  </fieldset>
`;

/**
 * Names with bars and numbers, in the order given.
 * @param {{label: unknown, score: number, note?: unknown}[]} rows
 * @param {string} title
 */
export const scoreList = (rows, title) => html`
  <ol class="scores" aria-label=${title}>
    ${rows.map(
      (row, rank) => html`<li class=${rank === 0 ? 'scores-best' : ''}>
        <span class="scores-label" dir="auto">${row.label}</span>
        <span class="scores-number tabular">${row.note ?? score(row.score)}</span>
        <ns-share class="share share-wide" .value=${row.score}></ns-share>
      </li>`,
    )}
  </ol>
`;

/**
 * A text with places marked: the best one strongly, the others lightly.
 * @param {string} text @param {{start: number | null, end: number | null}[]} spans the best first
 */
export const markedText = (text, spans) =>
  ranked(text, spans).map(({ text: piece, rank }) => (rank === null ? piece : html`<mark class=${rank === 0 ? 'mark-best' : 'mark-other'}>${piece}</mark>`));

/**
 * The source with what was found in it, in a box of its own that scrolls.
 * @param {string} title @param {string} text @param {{start: number | null, end: number | null}[]} spans
 */
export const sourceText = (title, text, spans) => html`
  <div class="stack-1">
    <h4 class="small-title">${title}</h4>
    <div class="source-text" dir="auto" tabindex="0" role="group" aria-label=${title}>${markedText(text, spans)}</div>
  </div>
`;

/** @param {string} text */
export const remark = (text) => html`<p class="stale">${icons.info}<span>${text}</span></p>`;
