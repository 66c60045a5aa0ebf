/** Small templates that several views share: the error card, a progress bar, a place for an empty view. */

import { html, nothing } from 'lit';
import * as icons from './icons.js';

/** @typedef {import('../types.js').ErrorInfo} ErrorInfo */
/** @typedef {import('lit').TemplateResult | typeof nothing} Part */

/**
 * An error with what to do about it. It is an alert: put it in when the error happens, not before.
 * @param {{title: string, error: ErrorInfo, code: string, actions?: Part}} parts
 */
export const errorCard = ({ title, error, code, actions = nothing }) => html`
  <div class="card problem" role="alert">
    <div class="problem-icon">${icons.warning}</div>
    <div class="stack-2">
      <h2 class="card-title">${title}</h2>
      <p dir="auto">${error.message}</p>
      ${error.hint ? html`<p class="muted" dir="auto">${error.hint}</p>` : nothing}
      <p class="fineprint">${code}</p>
      ${actions === nothing ? nothing : html`<div class="row">${actions}</div>`}
    </div>
  </div>
`;

/**
 * A progress bar; without a share it shows that something goes on.
 * @param {string} label @param {number | null} share 0 to 1
 */
export const bar = (label, share) =>
  share === null
    ? html`<progress class="bar" aria-label=${label}></progress>`
    : html`<progress class="bar" aria-label=${label} max="1" .value=${share}></progress>`;

/**
 * @param {{tone: 'info' | 'warn', title: string, text: string, help?: string}} parts
 */
export const banner = ({ tone, title, text, help }) => html`
  <aside class="banner banner-${tone}" aria-label=${title}>
    ${tone === 'warn' ? icons.warning : icons.info}
    <p><strong>${title}.</strong> ${text} ${help ?? nothing}</p>
  </aside>
`;
