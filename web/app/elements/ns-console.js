/** The Python console: a log of what ran and what came of it, and a box for the next lines. */

import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { console as words } from '../strings-tasks.js';
import { consoleOf, enterRuns } from '../tasks/console-session.js';
import { workbenchOf } from '../tasks/workbench.js';
import { startLine } from './boot-parts.js';
import * as icons from './icons.js';
import * as taskIcons from './task-icons.js';
import { View } from './view.js';

/** @typedef {import('../tasks/console-session.js').Entry} Entry */

export class NsConsole extends View {
  #atEnd = true;

  /** @override */
  follows() {
    return [this.session, this.services.engine];
  }

  get session() {
    return consoleOf(this.services);
  }

  /** @returns {HTMLTextAreaElement} */
  get box() {
    return /** @type {HTMLTextAreaElement} */ (this.querySelector('#console-code'));
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    const bench = workbenchOf(this.services);
    if (bench.code !== null) {
      this.session.type(bench.code);
      bench.code = null;
    }
  }

  async #run() {
    this.#atEnd = true;
    const entry = await this.session.run(this.session.draft);
    if (entry) this.services.announce(said(entry));
  }

  #restart() {
    this.session.restart();
    this.services.announce(words.restarted);
    this.services.notices.show({ id: 'console', text: words.restarted, tone: 'info', stay: 8000 });
  }

  /** @param {string} code */
  async #sample(code) {
    this.session.type(code);
    this.requestUpdate();
    await this.#run();
  }

  /** Tab is left alone: it leaves the box, as everywhere. @param {KeyboardEvent} event */
  #key(event) {
    if (event.isComposing || event.altKey) return;
    const { box, session } = this;
    if (event.key === 'Enter' && !event.shiftKey) {
      if (!event.ctrlKey && !event.metaKey && !enterRuns(box.value)) return;
      event.preventDefault();
      void this.#run();
    } else if (event.key === 'Escape' && session.running) {
      event.preventDefault();
      session.stop();
    } else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      const up = event.key === 'ArrowUp';
      const beyond = up ? box.value.slice(0, box.selectionStart) : box.value.slice(box.selectionEnd);
      if (event.shiftKey || event.ctrlKey || event.metaKey || beyond.includes('\n') || session.recall(up ? -1 : 1) === null) return;
      event.preventDefault();
      void this.updateComplete.then(() => box.setSelectionRange(box.value.length, box.value.length));
    }
  }

  /** @override */
  willUpdate() {
    const log = this.querySelector('.console-log');
    if (log && !this.session.running) return;
    if (log) this.#atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  }

  /** @override */
  updated() {
    const log = this.querySelector('.console-log');
    if (log && this.#atEnd) log.scrollTop = log.scrollHeight;
  }

  /** @override */
  render() {
    const { session, services } = this;
    return html`
      <div class="hero">
        <h1 class="title" tabindex="-1">${words.heading}</h1>
        <p class="lead">${words.lead}</p>
      </div>
      <div class="card console stack-2">
        <div class="row row-between row-top">
          <div class="samples">
            <span class="small-title" id="console-samples">${words.samples}</span>
            <ul aria-labelledby="console-samples">
              ${words.sampleList.map(({ label, code }) => html`<li><button class="sample" type="button" ?disabled=${session.running} @click=${() => this.#sample(code)}>${label}</button></li>`)}
            </ul>
          </div>
          <button class="button button-small button-quiet" type="button" ?disabled=${!session.entries.length} @click=${() => session.clear()}>${words.clear}</button>
        </div>
        <div class="console-log" role="log" aria-live="off" aria-label=${words.log} tabindex="0">
          ${session.entries.length ? session.entries.map((entry) => this.#entry(entry)) : html`<p class="console-empty muted">${taskIcons.console}${words.empty}</p>`}
        </div>
        ${session.running && services.engine.booting ? html`<p class="muted">${words.waiting}</p>${startLine(services)}` : nothing}
        ${session.slow
          ? html`<div class="stale" role="alert">${icons.info}<span>${words.slow}</span>
              <button class="button button-small" type="button" @click=${this.#restart}>${words.restart}</button></div>`
          : nothing}
        <form class="console-form" @submit=${(/** @type {Event} */ event) => {
          event.preventDefault();
          void this.#run();
        }}>
          <label class="hidden" for="console-code">${words.code}</label>
          <textarea class="field console-box" id="console-code" rows=${Math.min(14, Math.max(3, session.draft.split('\n').length))} dir="ltr" spellcheck="false"
            autocapitalize="off" autocomplete="off" aria-describedby="console-keys" placeholder=${words.placeholder} .value=${live(session.draft)}
            @input=${() => {
              session.type(this.box.value);
              this.requestUpdate();
            }} @keydown=${this.#key}></textarea>
          <div class="row row-between">
            <p class="fineprint" id="console-keys">${words.keys}</p>
            ${session.running
              ? html`<button class="button" type="button" @click=${() => session.stop()}>${icons.stop}${words.stop}</button>`
              : html`<button class="button button-main" type="submit">${words.run}</button>`}
          </div>
        </form>
      </div>
    `;
  }

  /** @param {Entry} entry */
  #entry({ id, code, state, output, result, error }) {
    return html`
      <article class="entry entry-${state}" aria-label="${words.input} ${id}">
        <pre class="entry-code"><span class="entry-mark" aria-hidden="true">${id}</span><code>${code}</code></pre>
        ${output ? html`<pre class="entry-output"><span class="hidden">${words.output}: </span>${output}</pre>` : nothing}
        ${result === null ? nothing : html`<pre class="entry-result"><span class="hidden">${words.result}: </span>${result}</pre>`}
        ${error ? html`<pre class="entry-error"><span class="hidden">${words.error}: </span>${error}</pre>` : nothing}
        ${state === 'running' ? html`<p class="fineprint entry-wait">${words.running}</p>` : nothing}
        ${state === 'stopped' ? html`<p class="fineprint">${words.stopped}</p>` : nothing}
        ${state === 'done' && !output && result === null ? html`<p class="fineprint">${words.nothing}</p>` : nothing}
      </article>
    `;
  }
}

/** What is spoken of an entry: the end of it, not a page of it. @param {Entry} entry */
function said({ state, result, output, error }) {
  if (state === 'stopped') return words.stopped;
  if (error) return `${words.announceError}: ${error.split('\n').at(-1)}`;
  const text = result ?? output.trim().split('\n').at(-1) ?? '';
  return text ? text.slice(0, 200) : words.nothing;
}

customElements.define('ns-console', NsConsole);
