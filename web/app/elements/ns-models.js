/** The models view: what runs here, how large it is, what is stored; download, unload, delete. */

import { html, nothing } from 'lit';
import { language, list, moment, percent, size } from '../format.js';
import { describe } from '../search-session.js';
import { boot, models as words, search } from '../strings.js';
import { confirm } from './ns-confirm.js';
import { bar, errorCard } from './parts.js';
import './ns-share.js';
import { View } from './view.js';

/** @typedef {import('../types.js').Model} Model */
/** @typedef {import('../types.js').ErrorInfo} ErrorInfo */

export class NsModels extends View {
  /** @override @type {import('lit').PropertyDeclarations} */
  static properties = { models: { state: true }, storage: { state: true }, error: { state: true }, busy: { state: true } };

  constructor() {
    super();
    /** @type {Model[] | null} */
    this.models = null;
    /** @type {import('../types.js').StorageReport | null} */
    this.storage = null;
    /** @type {ErrorInfo | null} */
    this.error = null;
    /** Ids of models with an action under way. @type {Set<string>} */
    this.busy = new Set();
    this.loading = false;
    /** States of the models when the list was last read. */
    this.seen = '';
  }

  /** @override */
  follows() {
    return [this.services.engine];
  }

  /** @override */
  updated() {
    // The list is read again whenever a model's state changes, not on every downloaded byte.
    const { status } = this.services.engine;
    const states = [status.engine, ...Object.entries(status.models).map(([id, { state }]) => `${id}=${state}`)].join(' ');
    if (states === this.seen || status.engine !== 'ready') return;
    this.seen = states;
    void this.#load();
  }

  async #load() {
    try {
      const [{ models }, storage] = await Promise.all([this.services.client.models.list(), this.services.client.models.storage()]);
      this.models = models;
      this.storage = storage;
      this.error = null;
    } catch (thrown) {
      this.error = describe(thrown);
    }
  }

  /**
   * Runs one action on a model, then reads the list again.
   * @param {string} id @param {() => Promise<unknown>} action @param {string} done said when it worked
   */
  async #act(id, action, done) {
    this.busy = new Set([...this.busy, id]);
    try {
      await action();
      this.services.announce(done);
      await this.#load();
    } catch (thrown) {
      const error = describe(thrown);
      if (error.code !== 'cancelled') this.services.notices.show({ id: `model-${id}`, text: [error.message, error.hint].filter(Boolean).join(' '), tone: 'problem' });
    } finally {
      this.busy = new Set([...this.busy].filter((other) => other !== id));
    }
  }

  /** @param {Model} model */
  async #delete(model) {
    const agreed = await confirm({
      title: words.deleteTitle,
      text: words.deleteText(model.id, model.bytes ?? null),
      action: words.delete,
    });
    if (agreed) await this.#act(model.id, () => this.services.client.models.delete(model.id), words.deleted(model.id));
  }

  /** @override */
  render() {
    return html`
      <div class="hero">
        <h1 class="title" tabindex="-1">${words.heading}</h1>
        <p class="lead">${words.lead}</p>
      </div>
      <div class="stack-3">${this.error ? this.#failure(this.error) : nothing} ${this.models ? this.#content(this.models) : this.#waiting()}</div>
    `;
  }

  /** @param {ErrorInfo} error */
  #failure(error) {
    return errorCard({
      title: words.failed,
      error,
      code: search.failedCode(error.code),
      actions: html`<button class="button" type="button" @click=${() => this.#load()}>${search.retry}</button>`,
    });
  }

  #waiting() {
    if (this.error) return nothing;
    const { engine } = this.services;
    const failed = engine.status.engine === 'failed' ? engine.status.error : undefined;
    if (failed) {
      return errorCard({
        title: words.failed,
        error: failed,
        code: search.failedCode(failed.code),
        actions: html`<button class="button" type="button" @click=${() => this.services.client.restart()}>${search.retry}</button>`,
      });
    }
    return html`<div class="card stage stack-3"><p class="muted">${words.wait}</p>${bar(words.wait, engine.booting ? engine.fraction : null)}</div>`;
  }

  /** @param {Model[]} models */
  #content(models) {
    return html`
      ${this.#storage()}
      ${models.length
        ? html`<ul class="models">${models.map((model) => this.#model(model))}</ul>`
        : html`<p class="card stage muted">${words.none}</p>`}
    `;
  }

  #storage() {
    const { storage } = this;
    if (!storage) return nothing;
    const { used = null, quota = null, persisted = null } = storage;
    const memory = storage.persistent === false || this.services.engine.status.storage === 'memory';
    const amount = used === null ? words.unknown : quota === null ? words.usedOnly(used) : words.used(used, quota);
    return html`
      <section class="card storage stack-2" aria-labelledby="storage-title">
        <div class="row row-between">
          <h2 class="card-title" id="storage-title">${words.storage}</h2>
          <span class="tabular">${memory ? nothing : amount}</span>
        </div>
        ${memory || used === null || !quota ? nothing : html`<ns-share class="share share-wide" .value=${used / quota}></ns-share>`}
        <p class="muted">
          ${memory ? words.memory : html`${words.offlineFirst} ${persisted === true ? words.persisted : persisted === false ? words.notPersisted : nothing}`}
        </p>
        ${storage.note ? html`<p class="fineprint" dir="auto">${storage.note}</p>` : nothing}
      </section>
    `;
  }

  /** @param {Model} model */
  #model(model) {
    const live = this.services.engine.status.models[model.id];
    const { fields } = words;
    /** @type {[string, unknown][]} */
    const rows = [
      [fields.task, model.task ? (words.task[model.task] ?? model.task) : null],
      [fields.size, model.bytes ? size(model.bytes) : null],
      [fields.runs, words.runs(model.dtype, model.backend)],
      [fields.languages, model.languages?.length ? list(model.languages.map(language)) : null],
      [fields.license, model.license],
      [fields.source, model.source],
      [fields.revision, model.revision ? html`<code>${model.revision}</code>` : null],
      [fields.lastUsed, model.lastUsed ? moment(model.lastUsed) : null],
    ];
    return html`
      <li class="card model stack-3">
        <div class="model-head">
          <h2 class="card-title model-id">${model.id}</h2>
          ${model.starter ? html`<span class="badge">${words.starter}</span>` : nothing} ${stateBadge(model, live)}
        </div>
        ${live && (live.state === 'downloading' || live.state === 'preparing') ? progressOf(model.id, live) : nothing}
        ${live?.error ? html`<p class="model-error" role="alert">${live.error.message} <span class="muted">${live.error.hint}</span></p>` : nothing}
        <dl class="rows">
          ${rows.filter(([, value]) => value).map(([label, value]) => html`<div><dt>${label}</dt><dd dir="auto">${value}</dd></div>`)}
        </dl>
        <div class="row">${this.#actions(model, live)}</div>
      </li>
    `;
  }

  /** @param {Model} model @param {import('../types.js').ModelStatus | undefined} live */
  #actions(model, live) {
    const { models } = this.services.client;
    const busy = this.busy.has(model.id) || live?.state === 'downloading' || live?.state === 'preparing';
    /** @param {string} label @param {string} look @param {() => unknown} act */
    const button = (label, look, act) => html`
      <button class="button button-small ${look}" type="button" ?disabled=${busy} aria-label=${words.actionOn(label, model.id)} @click=${act}>${label}</button>
    `;
    const load = () => this.#act(model.id, () => models.preload(model.id), words.ready(model.id));
    return html`
      ${model.loaded ? nothing : button(model.stored ? words.load : words.download, 'button-main', load)}
      ${model.loaded ? button(words.unload, '', () => this.#act(model.id, () => models.unload(model.id), words.unloaded(model.id))) : nothing}
      ${model.stored || live?.error ? button(words.delete, 'button-quiet', () => this.#delete(model)) : nothing}
      ${model.loaded ? html`<span class="fineprint">${words.unloadHint}</span>` : nothing}
    `;
  }
}

/** @param {Model} model @param {import('../types.js').ModelStatus | undefined} live */
function stateBadge(model, live) {
  const { states } = words;
  const passing = live && live.state !== 'ready' ? /** @type {Record<string, string>} */ (states)[live.state] : undefined;
  const [text, tone] = passing
    ? [passing, live?.error ? 'bad' : 'busy']
    : model.loaded
      ? [states.loaded, 'good']
      : model.stored
        ? [states.stored, 'plain']
        : [states.absent, 'plain'];
  return html`<span class="badge badge-${tone}"><span class="dot"></span>${text}</span>`;
}

/** @param {string} id @param {import('../types.js').ModelStatus} live */
function progressOf(id, live) {
  const share = live.state === 'downloading' && live.total ? live.loaded / live.total : null;
  return html`
    <div class="stack-1">
      ${bar(words.progress(id), share)}
      <p class="fineprint tabular">
        ${live.state === 'preparing' ? boot.preparing : html`${boot.downloading(live.loaded, live.total)}${share === null ? nothing : ` · ${percent(share)}`}`}
      </p>
    </div>
  `;
}

customElements.define('ns-models', NsModels);
