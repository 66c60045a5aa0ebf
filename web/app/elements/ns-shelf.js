/** The visitor's texts: the text box, the drop zone, the list of documents, the samples. */

import { html, nothing } from 'lit';
import { ACCEPT, readFiles } from '../files.js';
import { size } from '../format.js';
import { parseHash } from '../routes.js';
import { loadSamples } from '../samples.js';
import { DRAFT_LIMIT } from '../shelf.js';
import { search, shelf as words, sync as syncWords } from '../strings.js';
import * as icons from './icons.js';
import { confirm } from './ns-confirm.js';
import { View } from './view.js';

/** The text box is looked at when typing pauses, never on each key. */
const PAUSE_MS = 400;

export class NsShelf extends View {
  /** @override @type {import('lit').PropertyDeclarations} */
  static properties = { open: { state: true }, refused: { state: true }, busy: { state: true } };

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #pause;
  /** The texts that are being read, one batch after the other. @type {Promise<void>} */
  #arriving = Promise.resolve();

  constructor() {
    super();
    /** Whether the shelf is unfolded where the page is narrow. */
    this.open = true;
    /** @type {{name: string, reason: import('../files.js').Refusal}[]} */
    this.refused = [];
    this.busy = false;
    /** The draft that the text box was last made to show. */
    this.shown = '';
  }

  /** @override */
  follows() {
    return [this.services.shelf, this.services.sync];
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    this.open = this.services.shelf.sources().length === 0 && parseHash(location.hash) === 'search';
    addEventListener('pagehide', this.#leave);
    document.addEventListener('visibilitychange', this.#leave);
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    removeEventListener('pagehide', this.#leave);
    document.removeEventListener('visibilitychange', this.#leave);
  }

  /** What was typed in the last moment before a reload must not be lost; phones only say that a page got hidden. */
  #leave = (/** @type {Event} */ { type }) => {
    if (type === 'pagehide' || document.visibilityState === 'hidden') this.flush();
  };

  /** Takes over what the text box holds now, without waiting for the pause. */
  flush() {
    clearTimeout(this.#pause);
    const box = this.#box();
    if (!box) return;
    const text = box.value;
    if (text.length <= DRAFT_LIMIT) {
      void this.services.shelf.setDraft(text);
      return;
    }
    // Browsers lay the whole box out on each key: with megabytes in it, that takes most of a second.
    box.value = '';
    void this.services.shelf.setDraft('');
    this.#addLarge(text);
  }

  /** Folds the shelf where the page is narrow, so that results come into sight. */
  fold() {
    this.open = false;
  }

  /** The opposite. */
  unfold() {
    this.open = true;
  }

  /** Resolves when no texts are on their way any more. */
  arrived() {
    return this.#arriving;
  }

  /** @param {Iterable<File>} files */
  addFiles(files) {
    return this.#await(async () => {
      const read = await readFiles(files);
      const good = read.filter((file) => file.ok);
      this.refused = read.filter((file) => !file.ok);
      if (good.length) await this.#add(good);
    });
  }

  addSamples() {
    return this.#await(async () => {
      const samples = await loadSamples();
      if (samples) await this.#add(samples);
      else this.services.notices.show({ id: 'samples', text: words.sampleFailed, tone: 'problem', stay: 8000 });
    });
  }

  /** @param {() => Promise<void>} bring */
  #await(bring) {
    this.busy = true;
    const mine = this.#arriving.then(bring, bring).finally(() => {
      if (this.#arriving === mine) this.busy = false;
    });
    this.#arriving = mine;
    return mine;
  }

  /** @param {{name: string, text: string, bytes: number}[]} texts */
  async #add(texts) {
    const { shelf, announce } = this.services;
    announce(words.added(texts.map(({ name }) => name)));
    await shelf.add(texts);
  }

  #box() {
    return /** @type {HTMLTextAreaElement | null} */ (this.querySelector('#draft'));
  }

  #typed() {
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => this.flush(), PAUSE_MS);
  }

  /** @param {ClipboardEvent} event */
  #pasted(event) {
    const files = event.clipboardData?.files;
    if (files?.length) {
      event.preventDefault();
      void this.addFiles(files);
      return;
    }
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (text.length <= DRAFT_LIMIT) return;
    event.preventDefault();
    this.#addLarge(text);
  }

  /** @param {string} text */
  #addLarge(text) {
    this.services.notices.show({ id: 'pasted', text: words.pastedAsDocument, stay: 6000 });
    void this.#await(() => this.#add([{ name: titleOf(text), text, bytes: new Blob([text]).size }]));
  }

  async #keepDraft() {
    this.flush();
    const text = this.services.shelf.draft;
    if (!text.trim()) return;
    await this.services.shelf.setDraft('');
    await this.#add([{ name: titleOf(text), text, bytes: new Blob([text]).size }]);
    this.#box()?.focus();
  }

  /** @param {import('../types.js').Document} document */
  async #remove(document) {
    this.services.announce(words.removed(document.name));
    await this.services.shelf.remove(document.id);
    // The button that had the focus is gone; the list is the nearest thing that is still there.
    const next = /** @type {HTMLElement | null} */ (this.querySelector('.documents .icon-button') ?? this.#box());
    next?.focus();
  }

  async #removeAll() {
    const agreed = await confirm({ title: words.removeAllTitle, text: words.removeAllText, action: words.removeAll });
    if (!agreed) return;
    clearTimeout(this.#pause);
    this.refused = [];
    await this.services.shelf.clear();
    this.services.session.clear();
    this.services.announce(words.removedAll);
    this.#box()?.focus();
  }

  /** @override */
  updated() {
    // The box is set only when the shelf says something else (loaded, cleared), never while somebody types.
    const box = this.#box();
    const { draft } = this.services.shelf;
    if (box && draft !== this.shown) {
      this.shown = draft;
      if (box.value !== draft) box.value = draft;
    }
  }

  /** @override */
  render() {
    const { shelf } = this.services;
    const count = shelf.sources().length;
    return html`
      <section class="card shelf" aria-labelledby="shelf-title">
        <div class="shelf-head">
          <h2 class="card-title" id="shelf-title">${words.heading}</h2>
          <span class="muted shelf-count">${words.summary(count)}</span>
          <button class="icon-button shelf-toggle" type="button" aria-expanded=${this.open} aria-controls="shelf-body"
            aria-label=${words.toggle} @click=${() => (this.open = !this.open)}>${icons.chevron}</button>
        </div>
        <div class="shelf-body stack-3 ${this.open ? '' : 'folded'}" id="shelf-body">
          ${this.#draftBox()} ${this.#dropZone()} ${this.#refusals()} ${this.#documents()}
        </div>
      </section>
    `;
  }

  #draftBox() {
    const { draft } = this.services.shelf;
    const count = draft.trim() ? words.draftCount(draft.match(/\S+/g)?.length ?? 0) : words.draftEmpty;
    return html`
      <div class="draft">
        <label class="hidden" for="draft">${words.draftLabel}</label>
        <textarea class="field draft-box" id="draft" dir="auto" rows="6" spellcheck="false" placeholder=${words.draftPlaceholder}
          @input=${this.#typed} @change=${this.flush} @paste=${this.#pasted}></textarea>
        <div class="row row-between draft-foot">
          <span class="fineprint">${count}</span>
          <button class="button button-small" type="button" ?disabled=${!draft.trim()} @click=${this.#keepDraft}>${words.keepDraft}</button>
        </div>
      </div>
    `;
  }

  #dropZone() {
    return html`
      <div class="drop">
        ${icons.upload}
        <p>
          ${words.drop}
          <label class="link">
            <input class="hidden" type="file" multiple accept=${ACCEPT} ?disabled=${this.busy}
              @change=${(/** @type {Event} */ event) => {
                const input = /** @type {HTMLInputElement} */ (event.target);
                const files = [...(input.files ?? [])];
                input.value = '';
                void this.addFiles(files);
              }} />${words.choose}</label>
        </p>
        <p class="fineprint">${this.busy ? words.reading : words.formats}</p>
        ${this.services.shelf.sources().length
          ? nothing
          : html`<p class="drop-sample">
              ${words.orSample} <button class="link" type="button" ?disabled=${this.busy} @click=${this.addSamples}>${search.trySample}</button>
            </p>`}
      </div>
    `;
  }

  #refusals() {
    if (!this.refused.length) return nothing;
    return html`
      <div class="refusals" role="alert">
        <p><strong>${words.refused}</strong></p>
        <ul>
          ${this.refused.map(({ name, reason }) => html`<li dir="auto">${words.refusals[reason](name)}</li>`)}
        </ul>
        <button class="icon-button icon-button-small" type="button" aria-label=${words.dismiss} @click=${() => (this.refused = [])}>
          ${icons.close}
        </button>
      </div>
    `;
  }

  #documents() {
    const { shelf } = this.services;
    const { reading } = this.services.sync;
    const all = shelf.documents.length + (shelf.draft.trim() ? 1 : 0);
    return html`
      ${shelf.documents.length
        ? html`
            <ul class="documents" aria-label=${words.documents}>
              ${shelf.documents.map(
                (document) => html`
                  <li>
                    ${icons.file}
                    <span class="document-name" dir="auto" title=${document.name}>${document.name}</span>
                    <span class="fineprint">${size(document.bytes)}</span>
                    <button class="icon-button icon-button-small" type="button" aria-label=${words.remove(document.name)}
                      @click=${() => this.#remove(document)}>${icons.close}</button>
                  </li>
                `,
              )}
            </ul>
          `
        : nothing}
      <div class="row row-between shelf-foot">
        <p class="fineprint storage-${shelf.storage}">${reading ? syncWords.reading(reading.name, reading.left) : words.storage[shelf.storage]}</p>
        ${all
          ? html`<button class="button button-small button-quiet" type="button" @click=${this.#removeAll}>${icons.trash}${words.removeAll}</button>`
          : nothing}
      </div>
    `;
  }
}

/**
 * A name for a pasted text: its first words.
 * @param {string} text
 */
function titleOf(text) {
  const line = /\S.*/.exec(text.slice(0, 2000))?.[0].trim() ?? '';
  if (!line) return words.draftName;
  return line.length <= 40 ? line : `${line.slice(0, 40).replace(/\s+\S*$/, '')}…`;
}

customElements.define('ns-shelf', NsShelf);
