/** How the chat writes: which model, whether it thinks first, temperature, length, seed. Folded until somebody looks. */

import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { fine, number } from '../format.js';
import { writing as words } from '../strings-models.js';
import { choiceOf } from '../tasks/model-choice.js';
import { shortModel } from '../tasks/route.js';
import { BOUNDS } from '../writing.js';
import * as icons from './icons.js';
import './model-picker.js';
import { View } from './view.js';

export class NsWriting extends View {
  /** @override @type {import('lit').PropertyDeclarations} */
  static properties = { ...View.properties, open: { state: true } };

  constructor() {
    super();
    this.open = false;
  }

  get choice() {
    return choiceOf(this.services, 'chat');
  }

  /** @override */
  follows() {
    return [this.choice, this.services.settings, this.services.writing];
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== 'Escape' || !this.open) return;
    event.preventDefault();
    event.stopPropagation();
    this.#fold();
  }

  #fold() {
    this.open = false;
    /** @type {HTMLElement | null} */ (this.querySelector('.writing-button'))?.focus();
  }

  /** @override */
  render() {
    const { chosen } = this.choice;
    return html`
      <div @keydown=${this.#key}>
        <button class="link writing-button" type="button" aria-expanded=${this.open} aria-controls=${this.open ? 'writing' : nothing} @click=${() => (this.open = !this.open)}>
          ${chosen ? words.by(shortModel(chosen)) : words.button}
        </button>
        ${this.open ? this.#panel(chosen !== null) : nothing}
      </div>
    `;
  }

  /** @param {boolean} writes a model that writes was chosen */
  #panel(writes) {
    const { writing } = this.services;
    const thinks = this.choice.thinks === true;
    return html`
      <section class="card writing stack-3" id="writing" aria-label=${words.heading}>
        <div class="row row-between">
          <h2 class="card-title">${words.heading}</h2>
          <button class="icon-button icon-button-small" type="button" aria-label=${words.close} @click=${() => this.#fold()}>${icons.close}</button>
        </div>
        <p class="fineprint">${writes ? words.lead : words.quotes}</p>
        <model-picker .services=${this.services} .task=${'chat'}></model-picker>
        <div class="writing-fields">
          ${this.#number('temperature')} ${this.#number('max_tokens')} ${this.#number('seed')}
        </div>
        ${thinks ? html`<div class="stack-1">
          <label class="tick"><input type="checkbox" aria-describedby="thinking-hint" .checked=${live(writing.wishes.thinking ?? true)}
            @change=${(/** @type {Event} */ event) => writing.set('thinking', /** @type {HTMLInputElement} */ (event.target).checked ? null : false)} />${words.thinking}</label>
          <p class="fineprint" id="thinking-hint">${words.thinkingHint}</p>
        </div>` : nothing}
      </section>
    `;
  }

  /** @param {'temperature' | 'max_tokens' | 'seed'} name */
  #number(name) {
    const { writing } = this.services;
    const { least, most, step } = BOUNDS[name];
    const shown = () => String(writing.wishes[name] ?? '');
    return html`
      <div class="field-block">
        <label class="field-head" for="writing-${name}">${words.fields[name]}</label>
        <input class="field" id="writing-${name}" type="number" inputmode="decimal" min=${least} max=${most} step=${step === 1 ? 1 : 'any'}
          placeholder=${words.asMade} aria-describedby="writing-${name}-hint" .value=${shown()}
          @change=${(/** @type {Event} */ event) => {
            const box = /** @type {HTMLInputElement} */ (event.target);
            writing.set(name, Number.isNaN(box.valueAsNumber) ? null : box.valueAsNumber);
            box.value = shown(); // not by drawing alone: that would take away what somebody is typing
          }} />
        <p class="fineprint" id="writing-${name}-hint">${words.hints[name](step === 1 ? number(most) : fine(most))}</p>
      </div>
    `;
  }
}

customElements.define('ns-writing', NsWriting);
