/** The records: what was asked of whom and why, without a word of what was said. */

import { html, nothing } from 'lit';
import { moment } from '../format.js';
import { fileName, filtered, problemOf, totals } from '../records.js';
import { describe } from '../search-session.js';
import { records as words, search } from '../strings.js';
import { dollars } from '../tasks/route.js';
import * as icons from './icons.js';
import { confirm } from './ns-confirm.js';
import { bar, errorCard } from './parts.js';
import { routeLine } from './route-line.js';
import { View } from './view.js';

/** Read at first, and by each “more”. */
const STEP = 100;

const SIDES = /** @type {const} */ (['all', 'near', 'far', 'problem']);

export class NsRecords extends View {
  /** @override @type {import('lit').PropertyDeclarations} */
  static properties = { records: { state: true }, error: { state: true }, filter: { state: true }, limit: { state: true } };

  constructor() {
    super();
    /** @type {import('../types.js').Rec[] | null} */
    this.records = null;
    /** @type {import('../types.js').ErrorInfo | null} */
    this.error = null;
    /** @type {import('../records.js').Filter} */
    this.filter = { text: '', tier: 'all' };
    this.limit = STEP;
    this.asked = false;
  }

  /** @override */
  follows() {
    return [this.services.engine];
  }

  /** @override */
  updated() {
    if (this.asked || this.services.engine.status.engine !== 'ready') return;
    this.asked = true;
    void this.#load();
  }

  async #load(limit = this.limit) {
    try {
      const { records } = await this.services.client.records.list({ limit });
      this.records = /** @type {import('../types.js').Rec[]} */ (records);
      this.limit = limit;
      this.error = null;
    } catch (thrown) {
      this.error = describe(thrown);
    }
  }

  async #export() {
    try {
      const lines = await this.services.client.records.export();
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([lines], { type: 'application/jsonl' }));
      link.download = fileName(new Date());
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000); // some browsers read it only now
    } catch (thrown) {
      this.error = describe(thrown);
    }
  }

  async #clear() {
    const agreed = await confirm({ title: words.clearTitle, text: words.clearText, action: words.clear });
    if (!agreed) return;
    try {
      await this.services.client.records.clear();
      this.services.announce(words.cleared);
    } catch (thrown) {
      this.error = describe(thrown);
    }
    await this.#load();
  }

  /** @override */
  render() {
    return html`
      <div class="hero hero-split">
        <div>
          <h1 class="title" tabindex="-1">${words.heading}</h1>
          <p class="lead">${words.lead}</p>
        </div>
        <div class="row">
          <button class="button" type="button" ?disabled=${!this.records} @click=${() => this.#load()}>${icons.again}${words.refresh}</button>
          <button class="button" type="button" ?disabled=${!this.records?.length} @click=${this.#export}>${icons.download}${words.export}</button>
          <button class="button button-quiet" type="button" ?disabled=${!this.records?.length} @click=${this.#clear}>${icons.trash}${words.clear}</button>
        </div>
      </div>
      <div class="stack-3">${this.error ? this.#failure(this.error) : this.records ? this.#content(this.records) : this.#waiting()}</div>
    `;
  }

  /** @param {import('../types.js').ErrorInfo} error */
  #failure(error) {
    return errorCard({
      title: words.failed,
      error,
      code: search.failedCode(error.code),
      actions: html`<button class="button" type="button" @click=${() => this.#load()}>${search.retry}</button>`,
    });
  }

  #waiting() {
    const { engine } = this.services;
    const failed = engine.status.engine === 'failed' ? engine.status.error : undefined;
    if (failed) return this.#failure(failed);
    return html`<div class="card stage stack-3"><p class="muted">${words.wait}</p>${bar(words.wait, engine.booting ? engine.fraction : null)}</div>`;
  }

  /** @param {import('../types.js').Rec[]} all */
  #content(all) {
    if (!all.length) return html`<p class="card muted">${words.none}</p>`;
    const shown = filtered(all, this.filter);
    const { near, far, cost, saved } = totals(shown);
    return html`
      <div class="records-bar">
        <label class="hidden" for="filter">${words.filter}</label>
        <input class="field" id="filter" type="search" autocomplete="off" placeholder=${words.filterPlaceholder} .value=${this.filter.text}
          @input=${(/** @type {Event} */ event) => (this.filter = { ...this.filter, text: /** @type {HTMLInputElement} */ (event.target).value })} />
        <div class="segments" role="radiogroup" aria-label=${words.sidesLabel}>
          ${SIDES.map(
            (tier) => html`<label class="segment"><input type="radio" name="side" value=${tier} .checked=${this.filter.tier === tier}
              @change=${() => (this.filter = { ...this.filter, tier })} /><span>${words.sides[tier]}</span></label>`,
          )}
        </div>
      </div>
      <p class="fineprint" aria-live="polite">
        ${words.count(shown.length, all.length)} · ${words.sums(near, far)}${cost ? ` · ${words.cost(dollars(cost))}` : nothing}${saved ? ` · ${words.saved(dollars(saved))}` : nothing}
      </p>
      ${shown.length
        ? html`<ul class="records card">${shown.map((record) => this.#record(record))}</ul>`
        : html`<p class="card muted">${words.noMatch}</p>`}
      ${all.length >= this.limit
        ? html`<div class="row">
            <button class="button" type="button" @click=${() => this.#load(this.limit + STEP)}>${words.more}</button>
            <span class="fineprint">${words.newest(this.limit)}</span>
          </div>`
        : nothing}
    `;
  }

  /** @param {import('../types.js').Rec} record */
  #record(record) {
    const problem = problemOf(record);
    return html`
      <li class="record">
        <div class="record-head">
          <strong class="record-task">${record.task}</strong>
          ${problem ? html`<span class="badge badge-bad"><span class="dot"></span>${problem}</span>` : nothing}
          <span class="record-facts fineprint tabular">
            <span>${words.took(record.latency)}</span>
            ${record.usage ? html`<span>${words.tokens(record.usage.tokens + (record.usage.written ?? 0))}</span>` : nothing}
            <time datetime=${new Date(record.time * 1000).toISOString()}>${moment(record.time)}</time>
          </span>
        </div>
        ${record.decision ? routeLine(record.decision) : html`<p class="fineprint">${words.noDecision}</p>`}
      </li>
    `;
  }
}

customElements.define('ns-records', NsRecords);
