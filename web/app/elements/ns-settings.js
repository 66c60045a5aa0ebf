/** The settings: who answers, whether the cloud asks first, the model hub, and deleting everything. */

import { html, nothing } from 'lit';
import { MODES } from '../settings.js';
import { modes, search, settings as words } from '../strings.js';
import { wipeBrowser, wipeEngine } from '../wipe.js';
import * as icons from './icons.js';
import { confirm } from './ns-confirm.js';
import { bar, errorCard } from './parts.js';
import { View } from './view.js';

export class NsSettings extends View {
  /** @override @type {import('lit').PropertyDeclarations} */
  static properties = { wiping: { state: true } };

  constructor() {
    super();
    this.wiping = false;
  }

  /** @override */
  follows() {
    return [this.services.settings, this.services.engine];
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    // The provider may have come or gone since the page was opened.
    if (this.services.engine.status.engine === 'ready') void this.services.settings.load();
  }

  /** @param {Parameters<import('../settings.js').SettingsWatch['set']>[0]} change */
  async #set(change) {
    const { settings, announce, notices } = this.services;
    await settings.set(change);
    if (settings.error) notices.show({ id: 'settings', text: `${words.failed}. ${settings.error.message}`, tone: 'problem' });
    else announce(words.saved);
    this.requestUpdate();
  }

  async #wipe() {
    const agreed = await confirm({ title: words.wipeTitle, text: words.wipeConfirm, action: words.wipeAction });
    if (!agreed) return;
    const { client, sync, chat, chats, shelf, announce } = this.services;
    this.wiping = true;
    announce(words.wiping);
    sync.stop();
    chat.begin();
    await wipeEngine(client);
    client.close();
    await Promise.all([shelf.clear(), chats.clear()]);
    shelf.close();
    chats.close();
    await wipeBrowser({
      indexedDB,
      caches: isSecureContext ? caches : undefined,
      serviceWorker: isSecureContext ? navigator.serviceWorker : undefined,
      storages: () => [localStorage, sessionStorage],
    });
    location.replace('/');
  }

  /** @override */
  render() {
    return html`
      <div class="hero">
        <h1 class="title" tabindex="-1">${words.heading}</h1>
        <p class="lead">${words.lead}</p>
      </div>
      <div class="settings stack-3">${this.#content()} ${this.#everything()}</div>
    `;
  }

  #content() {
    const { settings, engine, client } = this.services;
    const error = engine.status.engine === 'failed' ? engine.status.error : settings.value ? null : settings.error;
    if (error) {
      return errorCard({
        title: words.loadFailed,
        error,
        code: search.failedCode(error.code),
        actions: html`<button class="button" type="button" @click=${() => (engine.status.engine === 'failed' ? client.restart() : settings.load())}>${search.retry}</button>`,
      });
    }
    if (!settings.value) return html`<div class="card stage stack-3"><p class="muted">${words.wait}</p>${bar(words.wait, engine.booting ? engine.fraction : null)}</div>`;
    return html`${this.#mode(settings.value)} ${this.#cloud(settings.value)} ${this.#hub(settings.value)}`;
  }

  /** @param {import('../types.js').Settings} value */
  #mode(value) {
    const mode = this.services.settings.localOnly ? 'local-only' : value.mode;
    return html`
      <fieldset class="card choices">
        <legend class="card-title">${words.mode}</legend>
        <p class="muted">${words.modeLead}</p>
        ${MODES.map((one) => this.#choice('mode', one, one === mode, modes[one], () => this.#set({ mode: one })))}
      </fieldset>
    `;
  }

  /** @param {import('../types.js').Settings} value */
  #cloud({ cloud, provider }) {
    const { localOnly } = this.services.settings;
    const state = localOnly
      ? words.provider.local
      : provider.state === 'up'
        ? words.provider.up(provider.models)
        : provider.connected
          ? words.provider.down
          : provider.state === 'unknown'
            ? words.provider.unknown
            : words.provider.none;
    return html`
      <fieldset class="card choices">
        <legend class="card-title">${words.cloud}</legend>
        <p class="muted">${words.cloudLead}</p>
        ${this.#choice('cloud', 'ask', cloud === 'ask', words.cloudAsk, () => this.#set({ cloud: 'ask' }))}
        ${this.#choice('cloud', 'allow', cloud === 'allow', words.cloudAllow, () => this.#set({ cloud: 'allow' }))}
        <p class="fineprint provider provider-${localOnly ? 'none' : provider.state}"><span class="dot"></span>${state}</p>
      </fieldset>
    `;
  }

  /** @param {import('../types.js').Settings} value */
  #hub({ hub }) {
    return html`
      <fieldset class="card choices">
        <legend class="card-title">${words.hub}</legend>
        <p class="muted">${words.hubLead}</p>
        <label class="choice">
          <input type="checkbox" .checked=${hub} ?disabled=${this.wiping}
            @change=${(/** @type {Event} */ event) => this.#set({ hub: /** @type {HTMLInputElement} */ (event.target).checked })} />
          <span><strong>${words.hubOn}</strong></span>
        </label>
        ${this.services.engine.status.hub === false ? html`<p class="fineprint">${words.hubNotHere}</p>` : nothing}
      </fieldset>
    `;
  }

  /**
   * @param {string} group @param {string} value @param {boolean} chosen
   * @param {{name: string, text: string}} say @param {() => unknown} choose
   */
  #choice(group, value, chosen, { name, text }, choose) {
    return html`
      <label class="choice">
        <input type="radio" name=${group} value=${value} .checked=${chosen} ?disabled=${this.wiping} @change=${choose} />
        <span><strong>${name}</strong><span class="muted">${text}</span></span>
      </label>
    `;
  }

  #everything() {
    return html`
      <section class="card stack-2" aria-labelledby="wipe-title">
        <h2 class="card-title" id="wipe-title">${words.wipe}</h2>
        <p class="muted">${words.wipeText}</p>
        ${this.wiping
          ? bar(words.wiping, null)
          : html`<div class="row"><button class="button button-danger" type="button" @click=${this.#wipe}>${icons.trash}${words.wipeAction}</button></div>`}
      </section>
    `;
  }
}

customElements.define('ns-settings', NsSettings);
