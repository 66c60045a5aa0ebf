/** The card that teaches a classifier, and beside it the ones that were taught: try, export, import, delete. */

import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { moment } from '../format.js';
import { describe } from '../search-session.js';
import { tasks } from '../strings-tasks.js';
import { examplesOf, fileNameOf } from '../tasks/parse.js';
import { filled } from '../tasks/samples.js';
import { bars } from '../tasks/show.js';
import * as icons from './icons.js';
import { confirm } from './ns-confirm.js';
import { TaskCard } from './task-card.js';
import { lineField, scoreList, textField } from './task-parts.js';

/** @typedef {{id: string, name: string, labels: string[], examples: number, created: number}} Info */

const words = tasks.teach;

export class TaskTeach extends TaskCard {
  /** @override @type {import('lit').PropertyDeclarations} */
  static properties = { ...TaskCard.properties, kept: { state: true } };

  constructor() {
    super('teach', { main: 'examples' });
    /** @type {Info[] | null} */
    this.kept = null;
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    void this.list();
  }

  /** Reads the list; what goes wrong is said, as there is nothing to show in its place. */
  async list() {
    await this.#try(async () => {
      const { classifiers } = await /** @type {any} */ (this.services.client).classifiers.list();
      this.kept = classifiers;
      const { id } = this.bench.forms.use;
      if (!classifiers.some((/** @type {Info} */ one) => one.id === id)) this.bench.fill('use', { id: classifiers.at(-1)?.id ?? '' });
    });
  }

  /** @param {() => Promise<void>} act */
  async #try(act) {
    try {
      await act();
    } catch (thrown) {
      const { code, message, hint } = describe(thrown);
      if (code === 'unexpected') throw thrown;
      this.services.notices.show({ id: 'classifiers', text: [message, hint].filter(Boolean).join(' '), tone: 'problem' });
    }
  }

  /** @override @param {import('../tasks/samples.js').Sample} sample */
  async useSample(sample) {
    const then = await filled(sample.then ?? {});
    if (then) this.bench.fill('use', then);
    await super.useSample(sample);
  }

  /** @override @param {any} classifier */
  async done(classifier) {
    this.bench.fill('use', { id: classifier.id });
    this.bench.runs.use.clear();
    await this.list();
  }

  /** @override @returns {unknown} */
  fields() {
    const { examples, labels, badLine } = examplesOf(this.form.examples);
    return html`
      ${lineField(this, { name: 'name', label: words.nameLabel, hint: words.nameHint })}
      ${textField(this, {
        name: 'examples',
        label: words.examples,
        hint: words.examplesHint,
        rows: 10,
        note: badLine === null ? words.count(examples.length, labels) : html`<span class="task-bad">${words.badLine(badLine)}</span>`,
      })}
    `;
  }

  /** @override @param {any} classifier */
  answer({ name, examples, labels }) {
    return html`
      <h3 class="big">${words.learned(name, examples)}</h3>
      <p class="tags">${labels.map((/** @type {string} */ label) => html`<span class="badge">${label}</span>`)}</p>
    `;
  }

  /** @override */
  below() {
    return html`
      <section class="card task-form stack-3" aria-labelledby="kept-classifiers">
        <div class="row row-between">
          <h2 class="card-title" id="kept-classifiers">${words.kept}</h2>
          <label class="link task-import">
            <input class="hidden" type="file" accept=".json,application/json" @change=${this.#import} />${words.import}</label>
        </div>
        ${this.kept?.length
          ? html`<ul class="kept">${this.kept.map((info) => this.#row(info))}</ul>`
          : html`<p class="muted">${words.keptNone}</p>`}
      </section>
      <task-use .services=${this.services} .kept=${this.kept ?? []}></task-use>
    `;
  }

  /** @param {Info} info */
  #row(info) {
    return html`
      <li>
        <div class="kept-text">
          <strong dir="auto">${info.name}</strong>
          <span class="fineprint" dir="auto">${words.keptFacts(info.examples, info.labels)}. ${moment(info.created)}</span>
        </div>
        <button class="button button-small button-quiet" type="button" aria-label=${words.exportOf(info.name)} @click=${() => this.#export(info)}>${icons.download}${words.export}</button>
        <button class="icon-button icon-button-small" type="button" aria-label=${words.deleteOf(info.name)} @click=${() => this.#delete(info)}>${icons.trash}</button>
      </li>
    `;
  }

  /** @param {Info} info */
  async #export({ id, name }) {
    await this.#try(async () => {
      const classifier = await /** @type {any} */ (this.services.client).classifiers.get(id);
      const url = URL.createObjectURL(new Blob([await classifier.export()], { type: 'application/json' }));
      const link = Object.assign(document.createElement('a'), { href: url, download: fileNameOf(name) });
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000); // the download reads it after this turn
    });
  }

  #import = async (/** @type {Event} */ event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const file = input.files?.[0];
    if (!file) return;
    const text = await file.text();
    input.value = '';
    await this.#try(async () => {
      const classifier = await /** @type {any} */ (this.services.client).classifiers.import(text);
      this.bench.fill('use', { id: classifier.id });
      this.services.announce(words.imported(classifier.name));
      await this.list();
    });
  };

  /** @param {Info} info */
  async #delete({ id, name }) {
    if (!(await confirm({ title: words.deleteTitle, text: words.deleteText(name), action: words.delete }))) return;
    await this.#try(async () => {
      await (await /** @type {any} */ (this.services.client).classifiers.get(id)).delete();
      this.services.announce(words.deleted(name));
      await this.list();
    });
  }
}

/** Tries a taught classifier on a text. */
export class TaskUse extends TaskCard {
  /** @override @type {import('lit').PropertyDeclarations} */
  static properties = { ...TaskCard.properties, kept: { attribute: false } };

  constructor() {
    super('use', { task: 'teach' });
    /** @type {Info[]} */
    this.kept = [];
  }

  /** @override */
  get words() {
    return { run: words.useRun, need: words.useNeed };
  }

  /** @override @returns {unknown} */
  fields() {
    return html`
      <div class="field-block">
        <div class="field-head"><label for=${this.idOf('id')}>${words.use}</label></div>
        <select class="field" id=${this.idOf('id')} data-field="id" .value=${live(this.form.id)} @change=${this.typed} ?disabled=${!this.kept.length}>
          ${this.kept.map(({ id, name }) => html`<option value=${id} ?selected=${id === this.form.id}>${name}</option>`)}
        </select>
      </div>
      ${textField(this, { name: 'text', label: words.useText, hint: words.useHint, rows: 3 })}
    `;
  }

  /** @override @param {any} answer */
  answer(answer) {
    return scoreList(bars(answer), tasks.classify.scores);
  }

  /** @override @returns {unknown} */
  render() {
    return html`
      <section class="card task-form stack-3" aria-label=${words.useRun}>
        ${this.formOf(this.fields())} ${this.codeOf()} ${this.run.state === 'idle' ? nothing : this.stage()}
      </section>
    `;
  }

  /** @override @returns {unknown} */
  codeOf() {
    return this.kept.length ? super.codeOf() : nothing;
  }
}

customElements.define('task-teach', TaskTeach);
customElements.define('task-use', TaskUse);
