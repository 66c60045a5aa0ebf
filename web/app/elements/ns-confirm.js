/** One question before something is deleted: a modal dialog that answers with a promise. */

import { LitElement, html } from 'lit';
import { dialog as words } from '../strings.js';

/** @typedef {{title: string, text: string, action: string}} Question */

export class NsConfirm extends LitElement {
  /** @override @type {import('lit').PropertyDeclarations} */
  static properties = { question: { state: true } };

  constructor() {
    super();
    /** @type {Question} */
    this.question = { title: '', text: '', action: '' };
    /** @type {(answer: boolean) => void} */
    this.answer = () => {};
  }

  /** @override */
  createRenderRoot() {
    return this;
  }

  /**
   * @param {Question} question
   * @returns {Promise<boolean>} true when the visitor agreed; Escape and Cancel mean no
   */
  async ask(question) {
    this.answer(false);
    this.question = question;
    await this.updateComplete;
    const dialog = /** @type {HTMLDialogElement} */ (this.querySelector('dialog'));
    dialog.returnValue = '';
    dialog.showModal();
    return new Promise((resolve) => {
      this.answer = resolve;
    });
  }

  /** @override */
  render() {
    const { title, text, action } = this.question;
    return html`
      <dialog
        class="dialog"
        aria-labelledby="confirm-title"
        aria-describedby="confirm-text"
        @close=${(/** @type {Event} */ event) =>
          this.answer(/** @type {HTMLDialogElement} */ (event.target).returnValue === 'yes')}
      >
        <form method="dialog" class="stack-3">
          <h2 id="confirm-title" class="card-title">${title}</h2>
          <p id="confirm-text" class="muted">${text}</p>
          <div class="row row-end">
            <button class="button" value="" autofocus>${words.cancel}</button>
            <button class="button button-danger" value="yes">${action}</button>
          </div>
        </form>
      </dialog>
    `;
  }
}

customElements.define('ns-confirm', NsConfirm);

/**
 * Asks in the page's one dialog.
 * @param {Question} question
 * @returns {Promise<boolean>}
 */
export function confirm(question) {
  const element = /** @type {NsConfirm} */ (document.querySelector('ns-confirm'));
  return element.ask(question);
}
