/** In the place of a result: the task needs a model that is not here. It names one, fetches it, and goes on. */

import { html, nothing } from 'lit';
import { otherSide } from '../offers.js';
import { describe } from '../search-session.js';
import { needed as words, picker } from '../strings-models.js';
import { choiceOf, hubShut } from '../tasks/model-choice.js';
import * as icons from './icons.js';
import { fetchLine, shutLine } from './model-picker.js';
import * as taskIcons from './task-icons.js';
import { View } from './view.js';

export class ModelNeeded extends View {
  /** @override @type {import('lit').PropertyDeclarations} */
  static properties = { ...View.properties, task: { type: String }, message: { type: String }, go: { attribute: false }, cloud: { state: true } };

  constructor() {
    super();
    /** As the engine calls it. */
    this.task = '';
    /** What the engine said. */
    this.message = '';
    /** Makes the call again. @type {(options?: Record<string, unknown>) => unknown} */
    this.go = () => {};
    /** The cloud's model, where it would answer. @type {string | null} */
    this.cloud = null;
  }

  get choice() {
    return choiceOf(this.services, this.task);
  }

  /** @override */
  follows() {
    return [this.choice, this.services.settings, this.services.engine];
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    if (!this.choice.report) void this.choice.load();
    void this.#askCloud();
  }

  /** A refusal names no other side; a dry run tells whether the cloud would answer with the visitor's consent. */
  async #askCloud() {
    try {
      const decision = await this.services.client.route({ task: this.task, prompt: '', prefer: 'far', consent: true });
      const offer = decision.tier === 'far' ? { tier: decision.tier, model: decision.model } : otherSide(decision);
      this.cloud = offer?.tier === 'far' ? offer.model : null;
    } catch (thrown) {
      if (describe(thrown).code === 'unexpected') throw thrown;
    }
  }

  /** @param {import('../types.js').Advice} advice */
  async #get({ id }) {
    const taken = this.choice.isHere(id) ? await this.choice.choose(id) : await this.choice.fetch(id);
    if (!taken) return;
    this.services.announce(picker.taken(id));
    this.go();
  }

  /** @override */
  render() {
    const { choice } = this;
    const { best, error } = choice;
    const here = best !== null && choice.isHere(best.id);
    const shut = here ? null : hubShut(this.services);
    return html`
      <div class="stack-3">
        <div class="stack-1" role="alert">
          <h3 class="big">${words.title}</h3>
          <p class="muted">${words.lead} ${best ? words.offer(best.id) : choice.report ? words.none : this.message}</p>
        </div>
        ${best ? html`<p class="fineprint">${picker.facts(best)}<br />${picker.verdicts[best.verdict]} ${best.verdict === 'good' ? picker.memory(best.memory) : best.reasons.join(' ')}</p>` : nothing}
        ${error ? html`<p class="task-need" role="alert">${icons.warning}<span dir="auto">${picker.failed} ${error.message} ${error.hint ?? ''}</span></p>` : nothing}
        ${choice.fetching
          ? fetchLine(choice)
          : html`<div class="row">
              ${best && best.verdict !== 'no' && !shut
                ? html`<button class="button button-main" type="button" @click=${() => this.#get(best)}>${taskIcons.download}${best.stored ? words.use : words.fetch(best.bytes, best.exact)}</button>`
                : nothing}
              ${this.cloud
                ? html`<button class="button" type="button" title=${words.cloudNote} @click=${() => this.go({ prefer: 'far', consent: true })}>${taskIcons.far}${words.cloud(this.cloud)}</button>`
                : nothing}
            </div>`}
        ${shut ? shutLine(shut) : best && !best.stored ? html`<p class="fineprint">${words.then}</p>` : nothing}
      </div>
    `;
  }
}

customElements.define('model-needed', ModelNeeded);
