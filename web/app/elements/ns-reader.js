/** A found passage in its document: a dialog that shows the text around it, a stretch at a time. */

import { LitElement, html, nothing } from 'lit';
import { around, placeOf } from '../results.js';
import { reader as words, search } from '../strings.js';
import * as icons from './icons.js';
import { marked } from './ns-results.js';

/** Characters shown on each side of the passage at first, and added by each request for more. */
const REACH = 3000;

/** @typedef {{source: import('../types.js').Source, hit: import('../types.js').Hit}} Reading */

export class NsReader extends LitElement {
  /** @override @type {import('lit').PropertyDeclarations} */
  static properties = { reading: { state: true }, reach: { state: true } };

  constructor() {
    super();
    /** @type {Reading | null} */
    this.reading = null;
    this.reach = REACH;
  }

  /** @override */
  createRenderRoot() {
    return this;
  }

  /** @param {Reading} reading */
  async show(reading) {
    this.reading = reading;
    this.reach = REACH;
    await this.updateComplete;
    const dialog = /** @type {HTMLDialogElement} */ (this.querySelector('dialog'));
    dialog.showModal();
    this.querySelector('.passage')?.scrollIntoView({ block: 'center' });
  }

  /** @override */
  render() {
    if (!this.reading) return nothing;
    const { source, hit } = this.reading;
    const part = around(source.text, hit, this.reach);
    const inPassage = marked(part.passage, hit.text === part.passage ? hit.highlights : []);
    return html`
      <dialog class="dialog reader" aria-labelledby="reader-title" @close=${() => (this.reading = null)}
        @click=${(/** @type {MouseEvent} */ event) => {
          if (event.target instanceof HTMLDialogElement) event.target.close(); // a click beside the sheet
        }}>
        <div class="reader-sheet">
          <header class="reader-head">
            <div>
              <h2 class="card-title" id="reader-title" dir="auto">${source.name}</h2>
              <p class="fineprint">${search.place(placeOf(source.text, hit.start))}</p>
            </div>
            <button class="icon-button" type="button" aria-label=${words.close}
              @click=${() => this.querySelector('dialog')?.close()}>${icons.close}</button>
          </header>
          <div class="reader-body" tabindex="0" role="group" aria-label=${source.name}>
            ${part.start > 0 ? this.#more(words.earlier) : nothing}
            <div class="reader-text" dir="auto">${part.before}<span class="passage" role="group" aria-label=${words.passage}>${inPassage}</span>${part.after}</div>
            ${part.end < source.text.length ? this.#more(words.later) : nothing}
          </div>
        </div>
      </dialog>
    `;
  }

  /** @param {string} label */
  #more(label) {
    return html`<button class="button button-small" type="button" @click=${() => (this.reach += 4 * REACH)}>${label}</button>`;
  }
}

customElements.define('ns-reader', NsReader);
