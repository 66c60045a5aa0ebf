/** The search view: the question, what happens to it, and the results. The visitor's texts lie beside it, in the page. */

import { html, nothing } from 'lit';
import { failedModel } from '../boot.js';
import { describe } from '../search-session.js';
import { isSample } from '../samples.js';
import { boot as bootWords, engine as engineWords, search as words } from '../strings.js';
import { startLine } from './boot-parts.js';
import * as icons from './icons.js';
import { phaseList } from './ns-header.js';
import './ns-results.js';
import { bar, errorCard } from './parts.js';
import { View } from './view.js';

export class NsSearch extends View {
  /** @override @type {import('lit').PropertyDeclarations} */
  static properties = { asked: { state: true } };

  constructor() {
    super();
    /** True after a question was asked while there was no text to search. */
    this.asked = false;
  }

  /** @override */
  follows() {
    return [this.services.engine, this.services.session, this.services.shelf];
  }

  /** @returns {HTMLInputElement} */
  get box() {
    return /** @type {HTMLInputElement} */ (this.querySelector('#query'));
  }

  /** @returns {import('./ns-shelf.js').NsShelf} */
  get shelfElement() {
    return /** @type {import('./ns-shelf.js').NsShelf} */ (document.querySelector('ns-shelf'));
  }

  /** Puts the cursor into the question. */
  focusQuery() {
    this.box.focus();
    this.box.select();
  }

  /** Searches the texts for what the box holds. */
  async ask() {
    const { session, shelf, announce } = this.services;
    const query = this.box.value.trim();
    if (!query) return;
    this.shelfElement.flush();
    await this.shelfElement.arrived();
    const sources = shelf.sources();
    this.asked = sources.length === 0;
    if (this.asked) {
      announce(words.needText);
      return;
    }
    this.shelfElement.fold();
    announce(words.announceRunning);
    await session.run(query, sources, undefined, shelf.revision);
    if (session.state === 'done' && session.answer) announce(words.announce(session.answer.results.length, session.query));
    if (session.state === 'cancelled') announce(words.announceCancelled);
  }

  /** @param {string} query */
  #suggest(query) {
    this.box.value = query;
    this.requestUpdate();
    void this.ask();
  }

  #clear() {
    this.box.value = '';
    this.services.session.clear();
    this.box.focus();
    this.requestUpdate();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== 'Escape' || event.isComposing) return;
    event.preventDefault();
    if (this.services.session.state === 'pending') this.services.session.cancel();
    else this.#clear();
  }

  /** @override */
  render() {
    return html`
      <section class="answers" aria-label=${words.submit}>${this.#form()} ${this.#stage()}</section>
    `;
  }

  #form() {
    return html`
      <form class="query" role="search" @submit=${(/** @type {Event} */ event) => {
        event.preventDefault();
        void this.ask();
      }}>
        <label class="hidden" for="query">${words.label}</label>
        <span class="query-icon">${icons.magnifier}</span>
        <input class="query-box" id="query" type="search" dir="auto" autocomplete="off" enterkeyhint="search" maxlength="10000"
          placeholder=${words.placeholder} aria-keyshortcuts="/" @keydown=${this.#key} @input=${() => this.requestUpdate()} />
        ${this.hasUpdated && this.box.value
          ? html`<button class="icon-button icon-button-small" type="button" aria-label=${words.clear} @click=${this.#clear}>${icons.close}</button>`
          : html`<kbd class="key" title=${words.keyHint} aria-hidden="true">/</kbd>`}
        <button class="button button-main" type="submit">${icons.magnifier}<span>${words.submit}</span></button>
      </form>
    `;
  }

  /** What lies under the question: one thing at a time, so that nothing pushes anything else about. */
  #stage() {
    const { session, engine } = this.services;
    if (session.state === 'pending') {
      const again = session.answer && session.answeredQuery === session.query;
      return again ? html`<div class="dimmed" aria-busy="true">${this.#results()}</div>` : this.#pending();
    }
    if (session.state === 'failed' && session.error) {
      return errorCard({
        title: words.failedTitle,
        error: session.error,
        code: words.failedCode(session.error.code),
        actions: session.error.retryable
          ? html`<button class="button button-main" type="button" @click=${() => session.retry()}>${words.retry}</button>`
          : nothing,
      });
    }
    if (session.state === 'done') return this.#results();
    if (this.asked && !this.services.shelf.sources().length) return this.#empty(words.needText);
    if (engine.face === 'failed') return this.#engineFailed();
    if (session.state === 'cancelled') return this.#ready(words.cancelled);
    if (engine.status.engine === 'restarting') return this.#restarting();
    return this.services.shelf.sources().length ? this.#ready() : this.#empty();
  }

  #results() {
    return html`<ns-results .services=${this.services}></ns-results>`;
  }

  #pending() {
    const { session, engine } = this.services;
    const cancel = html`<button class="button" type="button" @click=${() => session.cancel()}>${words.cancel}</button>`;
    if (engine.booting && !session.progress) {
      return html`
        <div class="card stage stack-3">
          <div class="row row-between row-top">
            <div class="stack-1"><h2 class="card-title">${words.queued}</h2><p class="muted">${words.queuedText}</p></div>
            ${cancel}
          </div>
          ${this.#bootProgress()}
        </div>
      `;
    }
    const { progress, left } = session;
    return html`
      <div class="card stage stack-3">
        <div class="row row-between row-top">
          <div class="stack-1"><h2 class="card-title">${words.running}</h2><p class="muted">${words.runningText}</p></div>
          ${cancel}
        </div>
        ${bar(words.running, progress?.total ? progress.done / progress.total : null)}
        <p class="fineprint tabular">
          ${progress ? words.progress(progress) : nothing}${progress && left !== null ? html` · ${words.left(left)}` : nothing}&nbsp;
        </p>
      </div>
    `;
  }

  #restarting() {
    return html`
      <div class="card stage stack-3">
        <div class="stack-1">
          <h2 class="card-title">${bootWords.again}</h2>
          <p class="muted">${engineWords.facesLong.restarting}</p>
        </div>
        ${this.#bootProgress()}
      </div>
    `;
  }

  #bootProgress() {
    const { engine } = this.services;
    return html`${bar(bootWords.progress, engine.fraction)} ${phaseList(engine.status)}`;
  }

  #engineFailed() {
    const { client, engine } = this.services;
    const model = failedModel(engine.status);
    const error = model?.error ?? engine.status.error ?? { code: 'engine_failed', message: engineWords.failed };
    return errorCard({
      title: model ? engineWords.modelFailed : engineWords.failed,
      error,
      code: words.failedCode(error.code),
      actions: html`
        ${model
          ? html`<button class="button button-main" type="button" @click=${() => this.#loadAgain(model.id)}>${words.retry}</button>`
          : html`<button class="button button-main" type="button" @click=${() => client.restart()}>${engineWords.restart}</button>`}
        <button class="button" type="button" @click=${() => location.reload()}>${engineWords.reload}</button>
      `,
    });
  }

  /** @param {string} id */
  async #loadAgain(id) {
    try {
      await this.services.client.models.preload(id);
    } catch (thrown) {
      // The status says the same and is shown already; only what has no code is a surprise.
      if (describe(thrown).code === 'unexpected') throw thrown;
    }
  }

  /** @param {string} [note] */
  #ready(note) {
    const { shelf } = this.services;
    const samples = shelf.documents.some(({ name }) => isSample(name));
    return html`
      <div class="card stage stack-3">
        <div class="stack-1">
          <h2 class="card-title">${words.readyTitle(shelf.sources().length)}</h2>
          <p class="muted">${note ?? words.readyText}</p>
        </div>
        ${samples
          ? html`
              <div class="stack-2">
                <h3 class="small-title" id="suggestions">${words.suggestions}</h3>
                <ul class="suggestions" aria-labelledby="suggestions">
                  ${words.suggested.map(
                    (query) => html`<li><button class="suggestion" type="button" @click=${() => this.#suggest(query)}>${icons.magnifier}${query}</button></li>`,
                  )}
                </ul>
              </div>
            `
          : nothing}
        ${startLine(this.services)}
      </div>
    `;
  }

  /** @param {string} [need] said when a question was asked without any text */
  #empty(need) {
    return html`
      <div class="card stage stack-3">
        ${need
          ? html`<p class="stale">${icons.info}<span>${need}</span></p>`
          : html`<h2 class="card-title">${words.emptyTitle}</h2>`}
        <ol class="steps">
          ${words.emptySteps.map(({ title, text }) => html`<li><strong>${title}</strong><span class="muted">${text}</span></li>`)}
        </ol>
        <div class="row ${need ? '' : 'stage-sample'}">
          <button class="button ${need ? 'button-main' : ''}" type="button" @click=${() => this.shelfElement.addSamples()}>${words.trySample}</button>
          <span class="fineprint">${words.trySampleText}</span>
        </div>
        ${startLine(this.services)}
      </div>
    `;
  }
}

customElements.define('ns-search', NsSearch);
