/** The whole page: header, the view that the address names, footer, and what lies above them all. */

import { html, nothing } from 'lit';
import { hashOf, parseHash } from '../routes.js';
import { banners, product, shelf as shelfWords, titles } from '../strings.js';
import * as icons from './icons.js';
import './ns-confirm.js';
import './ns-device.js';
import './ns-header.js';
import './ns-models.js';
import './ns-notices.js';
import './ns-reader.js';
import './ns-search.js';
import { banner } from './parts.js';
import { View } from './view.js';

export class NsApp extends View {
  /** @override @type {import('lit').PropertyDeclarations} */
  static properties = { route: { state: true }, dragging: { state: true }, missing: { attribute: false }, secure: { attribute: false } };

  /** Ends everything this element listens to on the window. */
  #life = new AbortController();

  constructor() {
    super();
    /** @type {import('../routes.js').Route} */
    this.route = parseHash(location.hash) ?? 'search';
    this.dragging = false;
    /** What this browser lacks. @type {import('../support.js').Missing[]} */
    this.missing = [];
    this.secure = true;
  }

  /** @override */
  follows() {
    return [this.services.offline];
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

  async #go() {
    const route = parseHash(location.hash);
    if (route === null || route === this.route) return;
    this.route = route;
    document.title = titles[route];
    await this.updateComplete;
    scrollTo(0, 0);
    // The new view's heading takes the focus, so that a screen reader begins there.
    /** @type {HTMLElement | null} */ (this.querySelector('main > :not([hidden]) h1'))?.focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  async #key(event) {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.closest?.('input, textarea, select, dialog, [contenteditable]')) return;
    event.preventDefault();
    if (this.route !== 'search') {
      location.hash = hashOf('search');
      this.route = 'search';
      document.title = titles.search;
      await this.updateComplete;
    }
    this.search.focusQuery();
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
    if (!files?.length) return;
    event.preventDefault();
    if (this.route !== 'search') location.hash = hashOf('search');
    void this.search.shelfElement.addFiles([...files]);
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
        <ns-search class="view" .services=${services} ?hidden=${this.route !== 'search'}
          @ns-read=${(/** @type {CustomEvent<import('./ns-reader.js').Reading>} */ event) => this.#read(event.detail)}
          @ns-again=${() => this.search.ask()}></ns-search>
        ${this.route === 'models' ? html`<ns-models class="view" .services=${services}></ns-models>` : nothing}
        ${this.route === 'device' ? html`<ns-device class="view" .services=${services}></ns-device>` : nothing}
      </main>
      ${this.#footer()}
      <ns-notices .services=${services}></ns-notices>
      <ns-reader></ns-reader>
      <ns-confirm></ns-confirm>
      <div class="drop-veil" ?hidden=${!this.dragging}><p>${icons.upload}${shelfWords.dropHere}</p></div>
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
        <p>${product.footer}</p>
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
