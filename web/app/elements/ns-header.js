/** The bar at the top: name, navigation, the engine's state and the colour theme. */

import { html, nothing } from 'lit';
import { isReload } from '../boot.js';
import { size } from '../format.js';
import { MAIN, hashOf } from '../routes.js';
import { engine as words, product, routes, theme as themeWords } from '../strings.js';
import { CHOICES } from '../theme.js';
import * as icons from './icons.js';
import './ns-more.js';
import { bar } from './parts.js';
import { View } from './view.js';

const THEME_ICONS = { system: icons.system, light: icons.sun, dark: icons.moon };

export class NsHeader extends View {
  /** @override @type {import('lit').PropertyDeclarations} */
  static properties = { route: { attribute: false }, local: { state: true } };

  constructor() {
    super();
    /** @type {import('../routes.js').Route} */
    this.route = 'chat';
    /** The badge of the local-only document is there; other documents never load it. */
    this.local = false;
  }

  /** @override */
  follows() {
    return [this.services.engine, this.services.theme];
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    if (this.services.settings.localOnly) void import('./ns-local.js').then(() => (this.local = true));
  }

  /** @override */
  render() {
    return html`
      <header class="top">
        <div class="top-in">
          <a class="brand" href=${hashOf('chat')}>${icons.mark}<span>${product.name}</span></a>
          <nav class="nav" aria-label=${product.navigation}>
            ${MAIN.map(
              (route) => html`<a href=${hashOf(route)} aria-current=${route === this.route ? 'page' : nothing}>${routes[route]}</a>`,
            )}
            <ns-more .services=${this.services} .route=${this.route}></ns-more>
          </nav>
          <div class="top-end">${this.local ? html`<ns-local .services=${this.services}></ns-local>` : nothing} ${this.#chip()} ${this.#theme()}</div>
        </div>
      </header>
    `;
  }

  #chip() {
    const { engine } = this.services;
    const { face } = engine;
    const text =
      face !== 'starting' ? words.faces[face] : isReload(engine.status) ? words.loading(engine.fraction) : words.starting(engine.fraction);
    return html`
      <button class="chip chip-${face}" type="button" popovertarget="engine-panel" aria-label=${words.chip(text)}>
        <span class="dot"></span><span class="chip-text">${text}</span>
      </button>
      <div class="popover stack-3" id="engine-panel" popover role="group" aria-label=${words.heading}>
        <p class="popover-lead">${words.facesLong[face]}</p>
        ${engine.booting ? bar(words.heading, engine.fraction) : nothing} ${phaseList(engine.status)}
        ${face === 'failed'
          ? html`<button class="button button-small" type="button" @click=${() => this.services.client.restart()}>${words.restart}</button>`
          : nothing}
      </div>
    `;
  }

  #theme() {
    const { theme } = this.services;
    const next = CHOICES[(CHOICES.indexOf(theme.choice) + 1) % CHOICES.length];
    return html`
      <button class="icon-button" type="button" aria-label=${themeWords[theme.choice]} title=${themeWords[theme.choice]}
        @click=${() => {
          theme.choose(next);
          this.services.announce(themeWords[next]);
        }}>${THEME_ICONS[theme.choice]}</button>
    `;
  }
}

/**
 * The phases of the start with their state in words, and the time each took.
 * @param {import('../types.js').Status} status
 */
export function phaseList(status) {
  const downloads = Object.values(status.models).filter((model) => model.state === 'downloading');
  // A phase that a finished start never went through has nothing to tell.
  const shown = status.phases.filter(({ state }) => state !== 'waiting' || status.engine !== 'ready');
  return html`
    <ul class="phases">
      ${shown.map((phase) => {
        const download = phase.name === 'model' && phase.state === 'running' ? downloads[0] : undefined;
        const detail = download
          ? download.total
            ? `${size(download.loaded)} / ${size(download.total)}`
            : size(download.loaded)
          : phase.state === 'done' && phase.ms !== null
            ? words.ms(phase.ms)
            : words.phaseStates[phase.state];
        return html`
          <li class="phase phase-${phase.state}">
            <span class="phase-dot">${phase.state === 'done' ? icons.check : phase.state === 'failed' ? icons.close : nothing}</span>
            <span>${words.phases[phase.name] ?? phase.name}</span>
            <span class="phase-detail">${detail}</span>
          </li>
        `;
      })}
    </ul>
  `;
}

customElements.define('ns-header', NsHeader);
