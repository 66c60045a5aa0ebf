/** Which model does a task: one line that unfolds into the models that could, with what each takes and whether it runs here. */

import { html, nothing } from 'lit';
import { hashOf } from '../routes.js';
import { picker as words } from '../strings-models.js';
import { choiceOf, hubShut } from '../tasks/model-choice.js';
import { shortModel } from '../tasks/route.js';
import * as icons from './icons.js';
import { bar } from './parts.js';
import * as taskIcons from './task-icons.js';
import { View } from './view.js';

/** @typedef {import('../types.js').Advice} Advice */

export class ModelPicker extends View {
  /** @override @type {import('lit').PropertyDeclarations} */
  static properties = { ...View.properties, task: { type: String }, languages: { attribute: false } };

  constructor() {
    super();
    /** As the engine calls it. */
    this.task = '';
    /** Of a translation: from, to. @type {string[]} */
    this.languages = [];
    /** States of the models when the list was last read. */
    this.seen = '';
  }

  get choice() {
    return choiceOf(this.services, this.task);
  }

  /** @override */
  follows() {
    return [this.choice, this.services.engine, this.services.settings];
  }

  /** @override */
  updated() {
    // Read again whenever a model's state changes, not on every downloaded byte.
    const { status } = this.services.engine;
    const states = [status.engine, this.languages, ...Object.entries(status.models).map(([id, { state }]) => `${id}=${state}`)].join(' ');
    if (states === this.seen || status.engine !== 'ready') return;
    this.seen = states;
    void this.choice.load(this.languages);
  }

  /** @param {string} id */
  async #take(id) {
    /** @type {HTMLElement | null} */ (this.querySelector('summary'))?.focus();
    if (await this.choice.choose(id)) this.services.announce(words.taken(id));
  }

  /** @param {string} id */
  async #fetch(id) {
    this.services.announce(words.fetching(id));
    if (await this.choice.fetch(id)) this.services.announce(words.taken(id));
  }

  async #reset() {
    /** @type {HTMLElement | null} */ (this.querySelector('summary'))?.focus(); // the button that has the focus goes
    if (await this.choice.choose(null)) this.services.announce(words.back);
  }

  /** @override */
  render() {
    const { choice } = this;
    const { current } = choice;
    return html`
      <details class="pickm">
        <summary>
          <span class="pickm-label">${words.label}</span>
          <span class="pickm-name" title=${current ?? ''}>${choice.fetching ? words.fetching(shortModel(choice.fetching)) : current ? shortModel(current) : choice.report ? words.none : '…'}</span>
          ${choice.fetching ? html`<span class="dot bench-busy"></span>` : nothing}
        </summary>
        <div class="pickm-in stack-3">
          <p class="fineprint">${words.why}</p>
          ${this.#problem()} ${choice.report ? this.#list(choice.report) : html`<p class="fineprint">${choice.error ? nothing : words.wait}</p>`}
          ${this.#other()}
          <p class="row">
            ${choice.chosen && !choice.report?.starter
              ? html`<button class="button button-small" type="button" @click=${() => this.#reset()}>${icons.again}${words.resetNone}</button>`
              : nothing}
            <a class="link fineprint" href=${hashOf('models')}>${words.manage}</a>
          </p>
        </div>
      </details>
    `;
  }

  #problem() {
    const { error } = this.choice;
    return error
      ? html`<p class="task-need" role="alert">${icons.warning}<span dir="auto">${words.failed} ${error.message} ${error.hint ?? ''}</span></p>`
      : nothing;
  }

  /** @param {import('../tasks/model-choice.js').Report} report */
  #list({ models, starter }) {
    const shut = hubShut(this.services);
    return html`
      ${models.length ? nothing : html`<p class="fineprint">${words.empty}</p>`}
      ${shut ? shutLine(shut) : nothing}
      <ul class="pickm-list" aria-label=${words.list}>
        ${starter && !models.some(({ id }) => id === starter) ? this.#starter(starter) : nothing} ${models.map((advice) => this.#row(advice, shut === null))}
      </ul>
    `;
  }

  /** @param {string} id */
  #starter(id) {
    const current = id === this.choice.current;
    return html`
      <li class="pickm-row ${current ? 'pickm-current' : ''}">
        <div class="pickm-text"><strong class="model-id">${id}</strong><span class="fineprint">${words.starter}</span></div>
        ${current
          ? html`<span class="badge badge-good"><span class="dot"></span>${words.inUse}</span>`
          : html`<button class="button button-small" type="button" @click=${() => this.#reset()}>${icons.again}${words.reset}</button>`}
      </li>
    `;
  }

  /** @param {Advice} advice @param {boolean} hub whether what is not here can be fetched */
  #row(advice, hub) {
    const { choice } = this;
    const { id, verdict, reasons, smaller } = advice;
    const here = choice.isHere(id);
    const runs = verdict !== 'no';
    const current = id === choice.current;
    const fetching = id === choice.fetching;
    return html`
      <li class="pickm-row ${current ? 'pickm-current' : ''}">
        <div class="pickm-text">
          <strong class="model-id">${id}</strong>
          <span class="fineprint">${id === choice.report?.best?.id ? words.best : nothing}${words.facts(advice)}</span>
          <span class="fineprint ${runs ? '' : 'task-bad'}" dir="auto">${words.verdicts[verdict]} ${verdict === 'good' ? words.memory(advice.memory) : reasons.join(' ')} ${!runs && smaller ? words.smaller(smaller) : nothing}</span>
        </div>
        ${current
          ? html`<span class="badge badge-good"><span class="dot"></span>${words.inUse}</span>`
          : fetching || !runs || (!here && !hub)
            ? nothing
            : html`<button class="button button-small" type="button" ?disabled=${choice.fetching !== null}
                aria-label=${words.actionOn(here ? words.use : words.fetch, id)}
                @click=${() => (here ? this.#take(id) : this.#fetch(id))}>${here ? icons.check : taskIcons.download}${here ? words.use : words.fetch}</button>`}
        ${fetching ? fetchLine(choice) : nothing}
      </li>
    `;
  }

  #other() {
    const { choice } = this;
    const { named } = choice;
    const box = () => /** @type {HTMLInputElement} */ (this.querySelector('.pickm-other input'));
    return html`
      <form class="pickm-other stack-1" @submit=${(/** @type {Event} */ event) => {
        event.preventDefault();
        if (box().value.trim()) void choice.look(box().value.trim());
      }}>
        <label class="small-title" for="other-${this.task}">${words.other}</label>
        <div class="row row-tight">
          <input class="field" id="other-${this.task}" type="text" autocomplete="off" spellcheck="false" placeholder=${words.otherHint} />
          <button class="button" type="submit">${words.look}</button>
        </div>
      </form>
      ${named && !choice.report?.models.some(({ id }) => id === named.id) ? html`<ul class="pickm-list">${this.#row(named, hubShut(this.services) === null)}</ul>` : nothing}
    `;
  }
}

/** Why nothing can be downloaded. @param {NonNullable<ReturnType<typeof hubShut>>} why */
export const shutLine = (why) => html`
  <p class="fineprint">${words.shut[why]} ${why === 'settings' ? html`<a class="link" href=${hashOf('settings')}>${words.settings}</a>` : nothing}</p>
`;

/**
 * How far a download is, and a way out of it.
 * @param {import('../tasks/model-choice.js').ModelChoice} choice
 */
export const fetchLine = (choice) => {
  const { fetching, progress } = choice;
  const share = progress?.phase === 'download' && progress.total ? progress.loaded / progress.total : null;
  return html`
    <div class="pickm-fetch stack-1">
      ${bar(words.fetching(fetching ?? ''), share)}
      <p class="row row-between">
        <span class="fineprint tabular">${progress ? words.progress(progress) : words.begin}</span>
        <button class="button button-small button-quiet" type="button" @click=${() => choice.cancel()}>${words.cancel}</button>
      </p>
    </div>
  `;
};

customElements.define('model-picker', ModelPicker);
