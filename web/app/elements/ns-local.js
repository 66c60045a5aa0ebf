/** The badge of the local-only document, and behind it the proof: the browser refuses while you watch. */

import { html } from 'lit';
import { prove } from '../local-proof.js';
import { local as words } from '../strings.js';
import { hashOf } from '../routes.js';
import * as icons from './icons.js';
import { View } from './view.js';

export class NsLocal extends View {
  /** @override @type {import('lit').PropertyDeclarations} */
  static properties = { proof: { state: true }, trying: { state: true } };

  constructor() {
    super();
    /** @type {import('../local-proof.js').Proof | null} */
    this.proof = null;
    this.trying = false;
  }

  async #try() {
    this.trying = true;
    this.proof = await prove({ fetch: (url, options) => fetch(url, options), events: document });
    this.trying = false;
    this.services.announce(this.#outcome());
  }

  #outcome() {
    const { proof } = this;
    if (!proof) return words.trying;
    return proof.outcome === 'refused' ? words.refused(proof.asked, proof.directive ?? '') : words[proof.outcome](proof.asked);
  }

  /** @override */
  render() {
    const tone = this.proof && this.proof.outcome !== 'refused' ? 'warn' : 'good';
    return html`
      <button class="chip chip-local" type="button" popovertarget="local-panel" aria-label=${words.badgeLong}>
        ${icons.shield}<span class="chip-text">${words.badge}</span>
      </button>
      <div class="popover popover-wide stack-2" id="local-panel" popover role="group" aria-label=${words.heading}
        @toggle=${(/** @type {ToggleEvent} */ event) => event.newState === 'open' && void this.#try()}>
        <h2 class="card-title">${words.heading}</h2>
        <p>${words.lead}</p>
        <p class="proof proof-${tone}">${this.proof?.outcome === 'refused' ? icons.check : this.proof ? icons.warning : icons.unknown}<span>${this.#outcome()}</span></p>
        <h3 class="small-title">${words.byHand}</h3>
        <ol class="proof-steps">${words.steps.map((step) => html`<li>${step}</li>`)}</ol>
        <div class="row">
          <button class="button button-small" type="button" ?disabled=${this.trying} @click=${this.#try}>${icons.again}${words.again}</button>
          <a class="link" href=${hashOf('settings')}>${words.leave}</a>
        </div>
      </div>
    `;
  }
}

customElements.define('ns-local', NsLocal);
