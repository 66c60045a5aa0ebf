/**
 * Base of the task cards: samples, fields, run and stop, and one place for what comes of it. A card says which call it
 * makes (`name`), draws its fields and its answer, and leaves the rest to this.
 */

import { html, nothing } from 'lit';
import { readFile } from '../files.js';
import { otherSide } from '../offers.js';
import { hashOf } from '../routes.js';
import { shelf as shelfWords } from '../strings.js';
import { tasks, workbench as words } from '../strings-tasks.js';
import { cardOf } from '../tasks/cards.js';
import { filled, loadTaskSamples } from '../tasks/samples.js';
import { workbenchOf } from '../tasks/workbench.js';
import { startLine } from './boot-parts.js';
import * as icons from './icons.js';
import './model-needed.js';
import './model-picker.js';
import { bar, errorCard } from './parts.js';
import { routeLine } from './route-line.js';
import './task-code.js';
import * as taskIcons from './task-icons.js';
import { remark } from './task-parts.js';
import { View } from './view.js';

/** @typedef {import('../tasks/cards.js').CardName} CardName */
/** @typedef {import('../tasks/cards.js').Task} Task */
/** @typedef {import('../tasks/task-run.js').TaskRun} TaskRun */

export class TaskCard extends View {
  /** @override @type {import('lit').PropertyDeclarations} */
  static properties = { ...View.properties, samples: { state: true }, needs: { state: true }, refusal: { state: true } };

  /**
   * @param {CardName} name which form and call
   * @param {{task?: Task, main?: string}} [more] whose words, where they differ; the field that takes a dropped file
   */
  constructor(name, { task = /** @type {Task} */ (name), main = 'text' } = {}) {
    super();
    this.name = name;
    this.task = task;
    this.main = main;
    /** @type {import('../tasks/samples.js').Sample[] | null} */
    this.samples = [];
    /** True after Run was pressed while something was missing. */
    this.needs = false;
    /** Why a file was not taken. @type {string | null} */
    this.refusal = null;
  }

  get bench() {
    return workbenchOf(this.services);
  }

  /** @returns {Record<string, any>} */
  get form() {
    return this.bench.forms[this.name];
  }

  /** @returns {TaskRun} */
  get run() {
    return this.bench.runs[this.name];
  }

  /** @override @returns {EventTarget[]} */
  follows() {
    return [this.bench, this.services.engine];
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    this.addEventListener('dragover', this.#over);
    this.addEventListener('drop', this.#drop);
    void loadTaskSamples().then((samples) => (this.samples = samples && (samples[this.name] ?? [])));
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.removeEventListener('dragover', this.#over);
    this.removeEventListener('drop', this.#drop);
  }

  /** @param {string} field */
  idOf(field) {
    return `${this.name}-${field}`;
  }

  /** Takes over what was typed or chosen. @param {Event} event */
  typed = (event) => {
    const box = /** @type {HTMLInputElement} */ (event.target);
    this.needs = false;
    this.bench.fill(this.name, { [box.dataset.field ?? '']: box.type === 'checkbox' ? box.checked : box.value });
  };

  /** Ctrl+Enter in a large text is Run. @param {KeyboardEvent} event */
  key = (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    void this.start();
  };

  /** @param {Event} event @param {string} field */
  fileChosen(event, field) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const file = input.files?.[0];
    input.value = '';
    if (file) void this.takeFile(file, field);
  }

  /** @param {File} file @param {string} field */
  async takeFile(file, field) {
    const read = await readFile(file);
    this.refusal = read.ok ? null : shelfWords.refusals[read.reason](read.name);
    if (!read.ok) return;
    this.needs = false;
    this.bench.fill(this.name, { [field]: read.text, ...this.named(read.name) });
    this.services.announce(words.dropped(read.name));
  }

  /** What a file's name fills in beside its text. @param {string} _name @returns {Record<string, string>} */
  named(_name) {
    return {};
  }

  #over = (/** @type {DragEvent} */ event) => {
    if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
  };

  #drop = (/** @type {DragEvent} */ event) => {
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    event.stopPropagation(); // the page would put it on the shelf and go there
    window.dispatchEvent(new DragEvent('dragleave')); // the page's veil waits for this
    const box = /** @type {HTMLElement} */ (event.target).closest?.('textarea');
    void this.takeFile(file, box?.dataset.field ?? this.main);
  };

  /** @param {import('../tasks/samples.js').Sample} sample */
  async useSample(sample) {
    const form = await filled(sample.form);
    if (!form) {
      this.refusal = words.samplesFailed;
      return;
    }
    this.refusal = null;
    this.bench.fill(this.name, form);
    await this.start();
  }

  /** @param {Record<string, unknown>} [more] options for this once */
  async start(more = {}) {
    this.needs = !cardOf(this.name).ready(this.form);
    if (this.needs) return;
    const { announce } = this.services;
    announce(words.announceRunning(this.heading));
    const starting = this.bench.start(this.name, more, (form, call) => this.prepare(form, call));
    void this.#show();
    const run = await starting;
    if (run.state === 'done') {
      announce(words.announceDone(this.heading, run.took));
      await this.done(run.result?.answer);
    } else if (run.state === 'cancelled') announce(words.stopped);
  }

  /** On a small screen the result is under the form: it is brought into sight as soon as there is something to see. */
  async #show() {
    await this.updateComplete;
    const stage = this.querySelector('.task-stage');
    if (!stage || stage.getBoundingClientRect().top < innerHeight - 120) return;
    stage.scrollIntoView({ block: 'start', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
  }

  /** Changes the call before it is made. @param {Record<string, any>} _form @param {import('../tasks/code.js').Call} call */
  async prepare(_form, call) {
    return call;
  }

  /** Called when an answer is there. @param {any} _answer */
  async done(_answer) {}

  get heading() {
    return tasks[this.task].name;
  }

  /** What Run is called, and what is missing for it. @returns {{run: string, need: string}} */
  get words() {
    return /** @type {any} */ (tasks[this.task]);
  }

  /** @returns {unknown} */
  fields() {
    return nothing;
  }

  /** @param {any} _answer @param {Record<string, any>} _form @returns {unknown} */
  answer(_answer, _form) {
    return nothing;
  }

  /** How far a call is, in words. @param {import('../types.js').Progress} progress @returns {unknown} */
  counted(progress) {
    return words.progress(progress);
  }

  /** What stands under the answer. @returns {unknown} */
  below() {
    return nothing;
  }

  /** @override @returns {unknown} */
  render() {
    return html`
      <div class="task-pair">
        <div class="card task-form stack-3">
          <div class="stack-1">
            <h2 class="task-title">${this.heading}</h2>
            <p class="muted">${tasks[this.task].lead}</p>
          </div>
          ${this.picker()} ${this.sampleRow()} ${this.formOf(this.fields())}
        </div>
        <div class="task-side">${this.stage()} ${this.below()}</div>
        <div class="card task-code">${this.codeOf()}</div>
      </div>
    `;
  }

  /** @param {unknown} fields */
  formOf(fields) {
    const pending = this.run.state === 'pending';
    return html`
      <form class="stack-3" aria-label=${this.words.run} @submit=${(/** @type {Event} */ event) => {
        event.preventDefault();
        void this.start();
      }}>
        ${fields} ${this.refusal ? html`<p class="task-need" role="alert">${icons.warning}<span dir="auto">${this.refusal}</span></p>` : nothing}
        <div class="row">
          ${pending
            ? html`<button class="button" type="button" @click=${() => this.run.cancel()}>${icons.stop}${words.stop}</button>`
            : html`<button class="button button-main" type="submit">${this.words.run}</button>`}
          ${this.needs ? html`<p class="task-need" role="alert">${this.words.need}</p>` : nothing}
        </div>
      </form>
    `;
  }

  /** Which model does it, where there are several. @returns {unknown} */
  picker() {
    return cardOf(this.name).models ? html`<model-picker .services=${this.services} .task=${this.method}></model-picker>` : nothing;
  }

  /** What the engine calls the task. */
  get method() {
    return cardOf(this.name).call(cardOf(this.name).blank).method;
  }

  /** @returns {unknown} */
  codeOf() {
    return html`<ns-code .services=${this.services} name=${this.idOf('code')} .call=${this.bench.callOf(this.name)}></ns-code>`;
  }

  /** @returns {unknown} */
  sampleRow() {
    if (this.samples?.length === 0) return nothing;
    if (this.samples === null) return html`<p class="fineprint">${words.samplesFailed}</p>`;
    return html`
      <div class="samples">
        <span class="small-title" id=${this.idOf('samples')}>${words.samples}</span>
        <ul aria-labelledby=${this.idOf('samples')}>
          ${this.samples.map(
            (sample) => html`<li><button class="sample" type="button" dir="auto" @click=${() => this.useSample(sample)}>${sample.label}</button></li>`,
          )}
        </ul>
      </div>
    `;
  }

  /** One thing at a time: waiting, progress, the answer, or what went wrong. */
  stage() {
    const { state, error } = this.run;
    if (state === 'failed' && error?.code === 'model_needed') return this.needed(error.message, (more) => this.start(more));
    if (state === 'failed' && error) return html`<div class="task-stage" role="region" aria-label=${words.result}>${this.#failure(error)}</div>`;
    return html`
      <section class="card task-stage stack-3" aria-label=${words.result} aria-busy=${state === 'pending'}>
        ${state === 'pending' ? this.#pending() : state === 'done' ? this.#done() : this.#empty(state === 'cancelled')}
      </section>
    `;
  }

  /** @param {boolean} stopped */
  #empty(stopped) {
    return html`
      <div class="task-empty">
        ${taskIcons[this.task === 'search' ? 'embed' : this.task]}
        <p class="muted">${stopped ? words.stopped : words.empty[this.task]}</p>
      </div>
      ${this.services.engine.booting ? startLine(this.services) : nothing}
    `;
  }

  /** @param {string} message what the engine said @param {(more?: Record<string, unknown>) => unknown} go makes the call again */
  needed(message, go) {
    return html`
      <section class="card task-stage stack-3" aria-label=${words.result}>
        <model-needed .services=${this.services} .task=${this.method} .message=${message} .go=${go}></model-needed>
      </section>
    `;
  }

  #pending() {
    const { engine } = this.services;
    if (engine.booting && !this.run.progress) {
      return html`<p class="muted">${words.waiting}</p>${startLine(this.services)}`;
    }
    const { progress, left, partial } = this.run;
    return html`
      <p class="muted">${words.working}</p>
      ${bar(words.working, progress?.total ? progress.done / progress.total : null)}
      <p class="fineprint tabular">${progress ? this.counted(progress) : nothing}${progress && left !== null ? html` · ${words.left(left)}` : nothing}&nbsp;</p>
      ${partial ? html`<p class="summary partial" dir="auto">${partial}</p>` : nothing}
    `;
  }

  #done() {
    const { result, given, took } = this.run;
    if (!result || !given) return nothing;
    const { answer, foreign } = result;
    const offer = otherSide(answer.decision ?? null);
    return html`
      ${this.bench.stale(this.name) ? html`<p class="fineprint">${words.stale}</p>` : nothing} ${foreign ? remark(words.foreign(foreign)) : nothing}
      ${this.answer(answer, given.form)}
      <div class="task-foot">
        ${routeLine(answer.decision)}
        <div class="row">
          <span class="fineprint tabular">${words.took(took)}</span>
          ${offer
            ? html`<button class="button button-small button-quiet" type="button" @click=${() => this.start({ prefer: offer.tier, ...(offer.consent ? { consent: true } : {}) })}>
                ${offer.tier === 'far' ? taskIcons.far : taskIcons.near}${offer.tier === 'far' ? words.other.far(offer.model) : words.other.near}</button>`
            : nothing}
        </div>
      </div>
    `;
  }

  /** @param {import('../types.js').ErrorInfo} error */
  #failure(error) {
    return errorCard({
      title: words.failed,
      error,
      code: words.code(error.code),
      actions: html`
        ${error.retryable ? html`<button class="button button-main" type="button" @click=${() => this.start()}>${words.retry}</button>` : nothing}
        ${error.code === 'no_route' ? html`<a class="button" href=${hashOf('settings')}>${words.settings}</a>` : nothing}
      `,
    });
  }
}
