/** The card of the kept documents: add, search, list, delete. What is added here lies on the page's shelf, too. */

import { html, nothing } from 'lit';
import { score } from '../format.js';
import { describe } from '../search-session.js';
import { tasks } from '../strings-tasks.js';
import { filled } from '../tasks/samples.js';
import * as icons from './icons.js';
import { confirm } from './ns-confirm.js';
import { marked } from './ns-results.js';
import { TaskCard } from './task-card.js';
import { lineField, textField } from './task-parts.js';

/** @typedef {{id: string, name: string, kind: string, characters: number, passages: number, current: boolean}} Info */

const words = tasks.documents;

export class TaskDocuments extends TaskCard {
  /** @override @type {import('lit').PropertyDeclarations} */
  static properties = { ...TaskCard.properties, kept: { state: true } };

  constructor() {
    super('documents');
    /** @type {Info[] | null} */
    this.kept = null;
  }

  /** @override */
  follows() {
    return [...super.follows(), this.services.sync];
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    void this.list();
    this.services.sync.addEventListener('change', this.#synced);
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.services.sync.removeEventListener('change', this.#synced);
  }

  /** The shelf's texts came to the engine, or left it. */
  #synced = () => {
    if (!this.services.sync.reading) void this.list();
  };

  async list() {
    try {
      const { documents } = await this.services.client.documents.list();
      this.kept = /** @type {any} */ (documents);
    } catch (thrown) {
      const { code, message } = describe(thrown);
      if (code === 'unexpected') throw thrown;
      this.services.notices.show({ id: 'documents', text: `${words.listFailed}. ${message}`, tone: 'problem' });
    }
  }

  /** @override @param {import('../tasks/samples.js').Sample} sample */
  async useSample(sample) {
    const then = await filled(sample.then ?? {});
    if (then) this.bench.fill('find', then);
    await super.useSample(sample);
  }

  /** A file's name is the document's. @override @param {string} name */
  named(name) {
    return { name };
  }

  /**
   * The shelf gives the id, so that the page's own keeping in step finds the document there already.
   * @override @param {Record<string, any>} form @param {import('../tasks/code.js').Call} call
   */
  async prepare({ name, text }, call) {
    const { shelf } = this.services;
    const there = shelf.documents.find((document) => document.name === name.trim() && document.text === text);
    const [document] = there ? [there] : await shelf.add([{ name: name.trim(), text, bytes: new Blob([text]).size }]);
    return { ...call, fields: { id: document.id } };
  }

  /** @override */
  async done() {
    await this.list();
  }

  /** @override @returns {unknown} */
  fields() {
    return html`
      ${lineField(this, { name: 'name', label: words.nameLabel, hint: words.nameHint })}
      ${textField(this, { name: 'text', label: words.text, hint: words.textHint, rows: 8 })}
    `;
  }

  /** @override @param {any} answer */
  answer({ document }) {
    return html`<h3 class="big">${words.added(document.name, document.passages)}</h3>`;
  }

  /** @override */
  below() {
    return html`
      <section class="card task-form stack-3" aria-labelledby="kept-documents">
        <h2 class="card-title" id="kept-documents">${words.kept}</h2>
        ${this.kept?.length
          ? html`<ul class="kept">${this.kept.map((info) => this.#row(info))}</ul>`
          : html`<p class="muted">${words.keptNone}</p>`}
      </section>
      <task-find .services=${this.services}></task-find>
    `;
  }

  /** @param {Info} info */
  #row(info) {
    return html`
      <li>
        <div class="kept-text">
          <strong dir="auto">${info.name}</strong>
          <span class="fineprint">${words.keptFacts(words.kinds[info.kind] ?? info.kind, info.characters, info.passages)}</span>
          ${info.current ? nothing : html`<span class="fineprint task-bad">${words.outdated}</span>`}
        </div>
        <button class="icon-button icon-button-small" type="button" aria-label=${words.deleteOf(info.name)} @click=${() => this.#delete(info)}>${icons.trash}</button>
      </li>
    `;
  }

  /** @param {Info} info */
  async #delete({ id, name }) {
    if (!(await confirm({ title: words.deleteTitle, text: words.deleteText(name), action: words.delete }))) return;
    const { shelf, client, announce } = this.services;
    if (shelf.documents.some((document) => document.id === id)) await shelf.remove(id);
    await client.documents.delete(id);
    announce(words.deleted(name));
    await this.list();
  }
}

/** Searches all kept documents. */
export class TaskFind extends TaskCard {
  constructor() {
    super('find', { task: 'documents' });
  }

  /** @override */
  get words() {
    return { run: words.searchRun, need: words.searchNeed };
  }

  /** @override @returns {unknown} */
  fields() {
    return lineField(this, { name: 'query', label: words.query, hint: words.queryHint });
  }

  /** @override @param {any} answer */
  answer({ results }) {
    return html`
      <h3 class="small-title">${words.found(results.length)}</h3>
      <ol class="found">
        ${results.map(
          (/** @type {any} */ hit) => html`<li>
            <p class="row row-between"><strong dir="auto">${hit.name}</strong><span class="fineprint tabular">${score(hit.score)}</span></p>
            <p class="found-text" dir="auto">${marked(hit.text, hit.highlights)}</p>
          </li>`,
        )}
      </ol>
    `;
  }

  /** @override @returns {unknown} */
  render() {
    return html`
      <section class="card task-form stack-3" aria-label=${words.searchRun}>
        ${this.formOf(this.fields())} ${this.codeOf()} ${this.run.state === 'idle' ? nothing : this.stage()}
      </section>
    `;
  }
}

customElements.define('task-documents', TaskDocuments);
customElements.define('task-find', TaskFind);
