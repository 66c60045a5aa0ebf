/** The views that are not in the bar: a list behind one button (a disclosure, so that Tab and Escape do what they always do). */

import { html, nothing } from 'lit';
import { MORE, hashOf } from '../routes.js';
import { more as words, routes } from '../strings.js';
import * as icons from './icons.js';
import { View } from './view.js';

export class NsMore extends View {
  /** @override @type {import('lit').PropertyDeclarations} */
  static properties = { route: { attribute: false }, open: { state: true } };

  #life = new AbortController();

  constructor() {
    super();
    /** @type {import('../routes.js').Route} */
    this.route = 'chat';
    this.open = false;
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    this.#life = new AbortController();
    const { signal } = this.#life;
    addEventListener('hashchange', () => (this.open = false), { signal });
    addEventListener('pointerdown', (event) => this.contains(/** @type {Node} */ (event.target)) || (this.open = false), { signal });
    this.addEventListener('focusout', (event) => event.relatedTarget && !this.contains(/** @type {Node} */ (event.relatedTarget)) && (this.open = false), { signal });
    this.addEventListener('keydown', (event) => this.#key(event), { signal });
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.#life.abort();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== 'Escape' || !this.open) return;
    event.preventDefault();
    this.open = false;
    this.querySelector('button')?.focus();
  }

  /** @override */
  render() {
    const inside = MORE.includes(this.route);
    return html`
      <button class="more-button ${inside ? 'more-inside' : ''}" type="button" aria-expanded=${this.open} aria-controls="more"
        @click=${() => (this.open = !this.open)}>${words.button}${icons.chevron}</button>
      <ul class="more-list" id="more" ?hidden=${!this.open} aria-label=${words.label}>
        ${MORE.map(
          (route) => html`<li><a href=${hashOf(route)} aria-current=${route === this.route ? 'page' : nothing} @click=${() => (this.open = false)}>${routes[route]}</a></li>`,
        )}
      </ul>
    `;
  }
}

customElements.define('ns-more', NsMore);
