/** “See this in Python, in JavaScript”: the call that a card makes, as code to read, copy and run. */

import { html, nothing } from 'lit';
import { hashOf } from '../routes.js';
import { workbench as words } from '../strings-tasks.js';
import { inJavaScript, inPython } from '../tasks/code.js';
import { workbenchOf } from '../tasks/workbench.js';
import * as icons from './icons.js';
import * as taskIcons from './task-icons.js';
import { View } from './view.js';

/** @typedef {'python' | 'javascript'} Language */

/** The one that was opened last opens with the next card, too. @type {Language | null} */
let preferred = null;

export class NsCode extends View {
  /** @override @type {import('lit').PropertyDeclarations} */
  static properties = { ...View.properties, call: { attribute: false }, language: { state: true }, name: { type: String } };

  constructor() {
    super();
    /** @type {import('../tasks/code.js').Call | null} */
    this.call = null;
    /** @type {Language | null} */
    this.language = preferred;
    /** Distinguishes the ids of two on one card. */
    this.name = 'code';
  }

  /** @param {Language} language */
  #toggle(language) {
    this.language = this.language === language ? null : language;
    preferred = this.language;
  }

  /** @param {boolean} whole */
  #code(whole) {
    const call = /** @type {import('../tasks/code.js').Call} */ (this.call);
    return this.language === 'python' ? inPython(call, { whole }) : inJavaScript(call, { origin: location.origin, whole });
  }

  async #copy() {
    await copyText(this.services, this.#code(true), words.copied);
  }

  #open() {
    workbenchOf(this.services).code = this.#code(true);
    location.hash = hashOf('console');
  }

  /** @override */
  render() {
    if (!this.call) return nothing;
    const { language } = this;
    return html`
      <div class="row see">
        ${this.#switch('python', words.seePython)} ${this.#switch('javascript', words.seeJavaScript)}
      </div>
      ${language
        ? html`
            <div class="code stack-1" id="${this.name}-panel">
              <pre class="code-text" tabindex="0" role="group" aria-label=${words.codeLabel[language]}><code>${this.#code(false)}</code></pre>
              <div class="row">
                <button class="button button-small" type="button" @click=${this.#copy}>${icons.copy}${words.copy}</button>
                ${language === 'python'
                  ? html`<button class="button button-small" type="button" @click=${this.#open}>${taskIcons.console}${words.inConsole}</button>`
                  : nothing}
              </div>
            </div>
          `
        : nothing}
    `;
  }

  /** @param {Language} language @param {string} label */
  #switch(language, label) {
    const open = this.language === language;
    return html`<button class="button button-small button-quiet see-button" type="button" aria-expanded=${open}
      aria-controls=${open ? `${this.name}-panel` : nothing} @click=${() => this.#toggle(language)}>${icons.chevron}${label}</button>`;
  }
}

customElements.define('ns-code', NsCode);

/**
 * Copies, and says so; where the browser does not allow it, says that.
 * @param {import('../types.js').Services} services @param {string} text @param {string} done
 */
export async function copyText({ announce, notices }, text, done) {
  try {
    await navigator.clipboard.writeText(text);
    announce(done);
    notices.show({ id: 'copied', text: done, tone: 'good', stay: 3000 });
  } catch (error) {
    // No clipboard on an insecure page (TypeError), or a refusal (DOMException).
    if (!(error instanceof TypeError) && !(error instanceof DOMException)) throw error;
    notices.show({ id: 'copied', text: words.copyFailed, tone: 'problem', stay: 6000 });
  }
}
