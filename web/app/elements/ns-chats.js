/** The bar above a conversation: a new one, the earlier ones, and deleting this one. */

import { html, nothing } from 'lit';
import { moment } from '../format.js';
import { chat as words } from '../strings.js';
import * as icons from './icons.js';
import { confirm } from './ns-confirm.js';
import { View } from './view.js';

export class NsChats extends View {
  /** @override @type {import('lit').PropertyDeclarations} */
  static properties = { open: { state: true } };

  constructor() {
    super();
    this.open = false;
  }

  /** @override */
  follows() {
    return [this.services.chat, this.services.chats];
  }

  /** @param {() => unknown} act */
  #then(act) {
    this.open = false;
    void act();
    /** @type {import('./ns-chat.js').NsChat} */ (this.closest('ns-chat')).focusMessage();
  }

  async #remove() {
    const { chat, announce } = this.services;
    const agreed = await confirm({ title: words.removeTitle, text: words.removeText, action: words.removeAction });
    if (!agreed) return;
    announce(words.removed);
    this.#then(() => chat.remove());
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== 'Escape' || !this.open) return;
    event.preventDefault();
    event.stopPropagation();
    this.open = false;
    /** @type {HTMLElement} */ (this.querySelector('.chats-button')).focus();
  }

  /** @override */
  render() {
    const { chat, chats } = this.services;
    const empty = !chat.turns.length;
    if (empty && !chats.list.length) return nothing;
    return html`
      <div class="chats-bar" @keydown=${this.#key}>
        <button class="button button-small button-quiet chats-button" type="button" aria-expanded=${this.open} aria-controls="chats"
          aria-label=${words.chatsLabel(chats.list.length)} @click=${() => (this.open = !this.open)}>${icons.chats}${words.chats}</button>
        <span class="chats-space"></span>
        ${empty ? nothing : html`
          <button class="icon-button icon-button-small" type="button" aria-label=${words.remove} title=${words.remove} @click=${this.#remove}>${icons.trash}</button>
          <button class="button button-small" type="button" @click=${() => this.#then(() => chat.begin())}>${icons.plus}${words.begin}</button>
        `}
      </div>
      <ul class="chats card" id="chats" ?hidden=${!this.open}>
        ${chats.list.length ? nothing : html`<li class="fineprint">${words.none}</li>`}
        ${chats.list.map(
          ({ id, title, changed }) => html`
            <li>
              <button class="chats-entry" type="button" aria-current=${id === chat.chat.id ? 'true' : nothing} @click=${() => this.#then(() => chat.show(id))}>
                <span class="chats-title" dir="auto">${title || words.untitled}</span><span class="fineprint">${moment(changed)}</span>
              </button>
            </li>
          `,
        )}
      </ul>
    `;
  }
}

customElements.define('ns-chats', NsChats);
