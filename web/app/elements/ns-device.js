/** The device view: what the engine found out about this browser, what that means, and a copy of it. */

import { html, nothing } from 'lit';
import { number, size } from '../format.js';
import { groupsOf, meaningsOf } from '../report.js';
import { describe } from '../search-session.js';
import { device as words, search } from '../strings.js';
import * as icons from './icons.js';
import { bar, errorCard } from './parts.js';
import { View } from './view.js';

const LEVEL_ICONS = /** @type {Record<string, unknown>} */ ({ good: icons.check, ok: icons.check, limit: icons.warning, unknown: icons.unknown });

export class NsDevice extends View {
  /** @override @type {import('lit').PropertyDeclarations} */
  static properties = { report: { state: true }, error: { state: true }, showJson: { state: true } };

  constructor() {
    super();
    /** @type {Record<string, unknown> | null} */
    this.report = null;
    /** @type {import('../types.js').ErrorInfo | null} */
    this.error = null;
    this.showJson = false;
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

  async #load() {
    try {
      this.report = await this.services.client.device();
      this.error = null;
    } catch (thrown) {
      this.error = describe(thrown);
    }
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText(this.#json());
      this.services.notices.show({ id: 'copy', text: words.copied, tone: 'good', stay: 3000 });
      this.services.announce(words.copied);
    } catch (error) {
      // No clipboard outside secure contexts (TypeError), or refused (DOMException): show it for selecting by hand.
      if (!(error instanceof DOMException) && !(error instanceof TypeError)) throw error;
      this.showJson = true;
      await this.updateComplete;
      const box = /** @type {HTMLTextAreaElement} */ (this.querySelector('#device-json'));
      box.focus();
      box.select();
      this.services.notices.show({ id: 'copy', text: words.copyFailed, stay: 8000 });
    }
  }

  #json() {
    return JSON.stringify(this.report, null, 2);
  }

  /** @override */
  render() {
    return html`
      <div class="hero hero-split">
        <div>
          <h1 class="title" tabindex="-1">${words.heading}</h1>
          <p class="lead">${words.lead}</p>
        </div>
        <button class="button" type="button" ?disabled=${!this.report} @click=${this.#copy}>${icons.copy}${words.copy}</button>
      </div>
      <div class="stack-3">${this.error ? this.#failure(this.error) : this.report ? this.#content(this.report) : this.#waiting()}</div>
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

  /** @param {Record<string, unknown>} report */
  #content(report) {
    const means = meaningsOf(report);
    return html`
      ${means.length
        ? html`
            <section class="card stack-2" aria-labelledby="means-title">
              <h2 class="card-title" id="means-title">${words.means}</h2>
              <ul class="means">
                ${means.map(
                  ({ level, text }) => html`
                    <li class="mean mean-${level}">
                      ${LEVEL_ICONS[level] ?? icons.info}
                      <span class="mean-level">${words.levels[level] ?? level}</span>
                      <span>${text}</span>
                    </li>
                  `,
                )}
              </ul>
            </section>
          `
        : nothing}
      <div class="groups">
        ${groupsOf(report).map(
          ({ group, rows }) => html`
            <section class="card stack-2" aria-labelledby="group-${group}">
              <h2 class="card-title" id="group-${group}">${words.groups[group] ?? group}</h2>
              <dl class="rows rows-tight">
                ${rows.map((row) => html`<div><dt>${labelOf(row)}</dt><dd>${valueOf(row)}</dd></div>`)}
              </dl>
            </section>
          `,
        )}
      </div>
      ${this.showJson
        ? html`
            <label class="small-title" for="device-json">${words.json}</label>
            <textarea class="field json" id="device-json" readonly rows="12" .value=${this.#json()}></textarea>
          `
        : nothing}
    `;
  }
}

/**
 * The page's own label for a field, or the field's name in words: `maxBufferSize` → "Max buffer size".
 * @param {import('../report.js').Row} row
 */
function labelOf({ path, key }) {
  const known = words.rows[path];
  if (known) return known;
  const spaced = key.replace(/([a-z\d])([A-Z])/g, '$1 $2').replace(/[_-]/g, ' ').toLowerCase();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** @param {import('../report.js').Row} row */
function valueOf({ path, key, value }) {
  if (value === null || value === '') return html`<span class="muted">${words.unknown}</span>`;
  if (typeof value === 'boolean') return html`<span class="flag flag-${value}">${value ? words.yes : words.no}</span>`;
  if (typeof value === 'number') {
    if (path === 'memoryGiB') return words.gibibytes(value);
    return /^storage\.(quota|used)$/.test(path) || /bytes|size$/i.test(key) ? size(value) : number(value);
  }
  if (Array.isArray(value)) return value.length ? html`<span class="tags">${value.map((item) => html`<code>${item}</code>`)}</span>` : words.nothing;
  return String(value);
}

customElements.define('ns-device', NsDevice);
