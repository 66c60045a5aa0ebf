/** The workbench: a list of tasks, and the card of the one that is open. */

import { html } from 'lit';
import { hashOf } from '../routes.js';
import { tasks, workbench as words } from '../strings-tasks.js';
import { SEARCH_EXAMPLE, TASKS } from '../tasks/cards.js';
import { workbenchOf } from '../tasks/workbench.js';
import * as icons from './icons.js';
import './task-code.js';
import './task-compare.js';
import './task-documents.js';
import './task-extract.js';
import * as taskIcons from './task-icons.js';
import './task-labels.js';
import './task-teach.js';
import './task-text.js';
import './task-transcribe.js';
import './task-translate.js';
import { View } from './view.js';

/** @typedef {import('../tasks/cards.js').Task} Task */

export class NsTasks extends View {
  /** @override */
  follows() {
    return [workbenchOf(this.services)];
  }

  get bench() {
    return workbenchOf(this.services);
  }

  /** The open task's name stays in sight where the list is a strip. @override */
  updated() {
    const list = this.querySelector('.bench-list');
    const tab = /** @type {HTMLElement | null} */ (this.querySelector(`#tab-${this.bench.open}`));
    if (!list || !tab || list.scrollWidth <= list.clientWidth) return;
    list.scrollLeft = tab.offsetLeft - /** @type {HTMLElement} */ (list).offsetLeft - (list.clientWidth - tab.offsetWidth) / 2;
  }

  /** Arrow keys go through the list, as in any list of tabs. @param {KeyboardEvent} event */
  #key(event) {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    const to = event.key === 'Home' ? 0 : event.key === 'End' ? TASKS.length - 1 : step ? (TASKS.indexOf(this.bench.open) + step + TASKS.length) % TASKS.length : null;
    if (to === null) return;
    event.preventDefault();
    const task = /** @type {Task} */ (TASKS[to]);
    this.bench.choose(task);
    void this.updateComplete.then(() => /** @type {HTMLElement | null} */ (this.querySelector(`#tab-${task}`))?.focus());
  }

  /** @override */
  render() {
    const { open } = this.bench;
    return html`
      <div class="hero">
        <h1 class="title" tabindex="-1">${words.heading}</h1>
        <p class="lead">${words.lead}</p>
      </div>
      <div class="bench">
        <div class="bench-list" role="tablist" aria-label=${words.choose} aria-orientation="vertical" @keydown=${this.#key}>
          ${TASKS.map((task) => this.#tab(task, task === open))}
        </div>
        <div class="bench-card" id="task-panel" role="tabpanel" aria-labelledby="tab-${open}">${this.#card(open)}</div>
      </div>
    `;
  }

  /** @param {Task} task @param {boolean} open */
  #tab(task, open) {
    const icon = task === 'search' ? icons.magnifier : taskIcons[task];
    const run = task === 'search' ? null : this.bench.runs[task];
    return html`
      <button class="bench-tab" id="tab-${task}" type="button" role="tab" aria-selected=${open} aria-controls="task-panel" tabindex=${open ? 0 : -1}
        @click=${() => this.bench.choose(task)}>
        ${icon}<span>${tasks[task].name}</span>${run?.state === 'pending' ? html`<span class="dot bench-busy"></span><span class="hidden">${words.working}</span>` : ''}
      </button>
    `;
  }

  /** @param {Task} task */
  #card(task) {
    const { services } = this;
    switch (task) {
      case 'summarize':
        return html`<task-summarize .services=${services}></task-summarize>`;
      case 'answer':
        return html`<task-answer .services=${services}></task-answer>`;
      case 'translate':
        return html`<task-translate .services=${services}></task-translate>`;
      case 'transcribe':
        return html`<task-transcribe .services=${services}></task-transcribe>`;
      case 'entities':
        return html`<task-entities .services=${services}></task-entities>`;
      case 'extract':
        return html`<task-extract .services=${services}></task-extract>`;
      case 'sentiment':
        return html`<task-sentiment .services=${services}></task-sentiment>`;
      case 'classify':
        return html`<task-classify .services=${services}></task-classify>`;
      case 'teach':
        return html`<task-teach .services=${services}></task-teach>`;
      case 'rerank':
        return html`<task-rerank .services=${services}></task-rerank>`;
      case 'language':
        return html`<task-language .services=${services}></task-language>`;
      case 'similarity':
        return html`<task-similarity .services=${services}></task-similarity>`;
      case 'embed':
        return html`<task-embed .services=${services}></task-embed>`;
      case 'documents':
        return html`<task-documents .services=${services}></task-documents>`;
      default:
        return this.#search();
    }
  }

  #search() {
    const { name, lead, text, open, example } = tasks.search;
    return html`
      <div class="card task-form stack-3">
        <div class="stack-1"><h2 class="task-title">${name}</h2><p class="muted">${lead}</p></div>
        <p>${text}</p>
        <p><a class="button button-main" href=${hashOf('search')}>${icons.magnifier}${open}</a></p>
        <p class="fineprint">${example}</p>
        <ns-code .services=${this.services} name="search-code" .call=${SEARCH_EXAMPLE}></ns-code>
      </div>
    `;
  }
}

customElements.define('ns-tasks', NsTasks);
