/** The whole page: header, the view that the address names, footer, and what lies above them all. */

import { html, nothing } from 'lit';
import { hasShelf, hashOf, parseHash } from '../routes.js';
import { banners, chat as chatWords, product, search as searchWords, shelf as shelfWords, titles, viewFailed } from '../strings.js';
import { laterStyles } from '../styles.js';
import * as icons from './icons.js';
import './ns-chat.js';
import './ns-confirm.js';
import './ns-header.js';
import './ns-notices.js';
import './ns-reader.js';
import './ns-shelf.js';
import { banner } from './parts.js';
import { View } from './view.js';

/** @typedef {import('../routes.js').Route} Route */

/**
 * What each view is made of; the chat is part of the first picture, the others come when they are asked for.
 * @type {Partial<Record<Route, () => Promise<unknown>>>}
 */
const PARTS = {
  search: () => import('./ns-search.js'),
  tasks: () => Promise.all([import('./ns-tasks.js'), laterStyles()]),
  console: () => Promise.all([import('./ns-console.js'), laterStyles()]),
  records: () => import('./ns-records.js'),
  settings: () => import('./ns-settings.js'),
  models: () => import('./ns-models.js'),
  device: () => import('./ns-device.js'),
};

export class NsApp extends View {
  /** @override @type {import('lit').PropertyDeclarations} */
  static properties = { route: { state: true }, there: { state: true }, broken: { state: true }, dragging: { state: true }, missing: { attribute: false }, secure: { attribute: false } };

  /** Ends everything this element listens to on the window. */
  #life = new AbortController();

  constructor() {
    super();
    /** @type {Route} */
    this.route = parseHash(location.hash) ?? 'chat';
    /** Views whose code is there. @type {Set<Route>} */
    this.there = new Set(['chat']);
    /** The view whose code could not be had. @type {Route | null} */
    this.broken = null;
    this.dragging = false;
    /** What this browser lacks. @type {import('../support.js').Missing[]} */
    this.missing = [];
    this.secure = true;
  }

  /** @override */
  follows() {
    return [this.services.offline, this.services.chat];
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    this.#life = new AbortController();
    const { signal } = this.#life;
    window.addEventListener('hashchange', () => this.#go(), { signal });
    window.addEventListener('keydown', (event) => this.#key(event), { signal });
    window.addEventListener('dragenter', (event) => this.#drag(event), { signal });
    window.addEventListener('dragover', (event) => this.#drag(event), { signal });
    window.addEventListener('dragleave', (event) => event.relatedTarget === null && (this.dragging = false), { signal });
    window.addEventListener('drop', (event) => this.#drop(event), { signal });
    document.title = titles[this.route];
    void this.#fetch(this.route);
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.#life.abort();
  }

  /** @returns {import('./ns-search.js').NsSearch} */
  get search() {
    return /** @type {import('./ns-search.js').NsSearch} */ (this.querySelector('ns-search'));
  }

  /** @returns {import('./ns-chat.js').NsChat} */
  get chat() {
    return /** @type {import('./ns-chat.js').NsChat} */ (this.querySelector('ns-chat'));
  }

  /** Makes sure that a view's code is there. @param {Route} route */
  async #fetch(route) {
    this.broken = null;
    try {
      await PARTS[route]?.();
      this.there = new Set([...this.there, route]);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // what a module that cannot be fetched is in every browser
      this.broken = route;
    }
    await this.updateComplete;
  }

  /** Goes where the address says. @param {Route} route */
  async #show(route) {
    this.route = route;
    document.title = titles[route];
    await this.#fetch(route);
    // Searching begins with a text; where the page is narrow, that is what has to be in sight.
    if (route === 'search' && !this.services.shelf.sources().length) this.search?.shelfElement.unfold();
  }

  async #go() {
    const route = parseHash(location.hash);
    if (route === null || route === this.route) return;
    await this.#show(route);
    if (this.route !== route) return;
    scrollTo(0, 0);
    // The new view's heading takes the focus, so that a screen reader begins there.
    /** @type {HTMLElement | null} */ (this.querySelector('main .view:not([hidden]) h1'))?.focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  async #key(event) {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.closest?.('input, textarea, select, dialog, [contenteditable]')) return;
    event.preventDefault();
    if (!hasShelf(this.route)) {
      location.hash = hashOf('chat');
      await this.#show('chat');
    }
    if (this.route === 'chat') this.chat.focusMessage();
    else this.search?.focusQuery();
  }

  /** @param {DragEvent} event */
  #drag(event) {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    this.dragging = true;
  }

  /** @param {DragEvent} event */
  #drop(event) {
    this.dragging = false;
    const files = event.dataTransfer?.files;
    if (!files?.length || event.defaultPrevented) return; // a view may have taken them for itself
    event.preventDefault();
    if (!hasShelf(this.route)) location.hash = hashOf('chat');
    void /** @type {import('./ns-shelf.js').NsShelf} */ (this.querySelector('ns-shelf')).addFiles([...files]);
  }

  /** @override */
  render() {
    const { services } = this;
    return html`
      <a class="skip" href="#main" @click=${(/** @type {Event} */ event) => {
        event.preventDefault();
        /** @type {HTMLElement} */ (this.querySelector('main')).focus();
      }}>${product.skip}</a>
      <ns-header .services=${services} .route=${this.route}></ns-header>
      <main id="main" tabindex="-1">
        ${this.#banners()}
        ${this.#workspace()} ${this.#other()}
      </main>
      ${this.#footer()}
      <ns-notices .services=${services}></ns-notices>
      <ns-reader></ns-reader>
      <ns-confirm></ns-confirm>
      <div class="drop-veil" ?hidden=${!this.dragging}><p>${icons.upload}${shelfWords.dropHere}</p></div>
    `;
  }

  /** The chat and the search, which share the visitor's texts beside them. They stay while another view is shown. */
  #workspace() {
    const { services, route } = this;
    const words = route === 'search' ? searchWords : chatWords;
    const talking = route !== 'search' && services.chat.turns.length > 0;
    return html`
      <div class="view" ?hidden=${!hasShelf(route)} @ns-read=${(/** @type {CustomEvent<import('./ns-reader.js').Reading>} */ event) => this.#read(event.detail)}>
        <div class="hero ${talking ? 'hidden' : ''}">
          <h1 class="title" tabindex="-1">${words.heading}</h1>
          <p class="lead">${words.lead}</p>
        </div>
        <div class="workspace">
          <ns-shelf .services=${services}></ns-shelf>
          <ns-chat .services=${services} ?hidden=${route !== 'chat'}></ns-chat>
          ${this.there.has('search')
            ? html`<ns-search .services=${services} ?hidden=${route !== 'search'} @ns-again=${() => this.search.ask()}></ns-search>`
            : nothing}
          ${route === 'search' ? this.#broken() : nothing}
        </div>
      </div>
    `;
  }

  #other() {
    const { services, route } = this;
    if (hasShelf(route)) return nothing;
    if (!this.there.has(route)) return html`<div class="view">${this.#broken()}</div>`;
    switch (route) {
      case 'tasks':
        return html`<ns-tasks class="view" .services=${services}></ns-tasks>`;
      case 'console':
        return html`<ns-console class="view" .services=${services}></ns-console>`;
      case 'records':
        return html`<ns-records class="view" .services=${services}></ns-records>`;
      case 'settings':
        return html`<ns-settings class="view" .services=${services}></ns-settings>`;
      case 'models':
        return html`<ns-models class="view" .services=${services}></ns-models>`;
      default:
        return html`<ns-device class="view" .services=${services}></ns-device>`;
    }
  }

  #broken() {
    if (this.broken !== this.route) return nothing;
    return html`
      <div class="card stage stack-3" role="alert">
        <h1 class="card-title" tabindex="-1">${viewFailed.title}</h1>
        <p class="muted">${viewFailed.text}</p>
        <div class="row"><button class="button" type="button" @click=${() => location.reload()}>${searchWords.retry}</button></div>
      </div>
    `;
  }

  #banners() {
    return html`
      ${this.missing.length
        ? banner({
            tone: 'warn',
            title: banners.unsupportedTitle,
            text: banners.unsupported(this.missing.map((name) => banners.missing[name])),
            help: banners.unsupportedHelp,
          })
        : nothing}
      ${this.secure ? nothing : banner({ tone: 'info', title: banners.insecureTitle, text: banners.insecure, help: banners.insecureHelp })}
    `;
  }

  #footer() {
    const { offline, version } = this.services;
    const state = { ready: product.offlineReady, waiting: product.offlineWaiting, never: product.offlineNever }[offline.state];
    return html`
      <footer class="foot">
        <p>${this.services.settings.localOnly ? product.footerLocal : product.footer}</p>
        <p class="foot-facts">
          <span class="foot-offline foot-${offline.state}"><span class="dot"></span>${state}</span>
          <span>${product.version(version)}</span><span>${product.license}</span>
        </p>
      </footer>
    `;
  }

  /** @param {import('./ns-reader.js').Reading} reading */
  #read(reading) {
    return /** @type {import('./ns-reader.js').NsReader} */ (this.querySelector('ns-reader')).show(reading);
  }
}

customElements.define('ns-app', NsApp);
