/** The passages that were found: text with its matches marked, place, score, and who answered. */

import { html, nothing } from 'lit';
import { score } from '../format.js';
import { nextStep, placeOf, relative, segments } from '../results.js';
import { search as words } from '../strings.js';
import * as icons from './icons.js';
import './ns-share.js';
import { View } from './view.js';

/** Longer passages are folded; the button opens them. */
const FOLD_AT = 460;

/** @typedef {import('../types.js').Hit} Hit */
/** @typedef {import('../types.js').Source} Source */

/**
 * A text with its highlights as `<mark>` elements.
 * @param {string} text
 * @param {import('../types.js').Span[]} highlights
 */
export const marked = (text, highlights) =>
  segments(text, highlights).map((piece) => (piece.mark ? html`<mark>${piece.text}</mark>` : piece.text));

export class NsResults extends View {
  /** @override @type {import('lit').PropertyDeclarations} */
  static properties = { unfolded: { state: true } };

  constructor() {
    super();
    /** Ranks of the results that are shown in full. @type {Set<number>} */
    this.unfolded = new Set();
    /** @type {import('../types.js').Answer | null} */
    this.shown = null;
  }

  /** @override */
  follows() {
    return [this.services.session, this.services.shelf];
  }

  /** @override */
  willUpdate() {
    const { answer } = this.services.session;
    if (answer !== this.shown) {
      this.shown = answer;
      this.unfolded = new Set();
    }
  }

  /** @override */
  render() {
    const { session } = this.services;
    const { answer } = session;
    if (!answer) return nothing;
    const { results } = answer;
    if (!results.length) {
      return html`
        <div class="card blank">
          <h2 class="card-title">${words.noneTitle}</h2>
          <p class="muted">${words.noneText}</p>
        </div>
      `;
    }
    const most = Math.max(1, ...results.map((hit) => hit.score));
    const more = results.length >= session.topK ? nextStep(session.topK) : null;
    return html`
      <div class="stack-3">
        ${this.#facts(answer)} ${this.#stale()}
        <h2 class="hidden">${words.results}</h2>
        <ol class="results">
          ${results.map((hit, rank) => this.#hit(hit, rank, most))}
        </ol>
        ${more && session.state !== 'pending'
          ? html`<button class="button more" type="button" @click=${() => session.run(session.query, session.sources, more)}>${words.more}</button>`
          : nothing}
      </div>
    `;
  }

  /** @param {import('../types.js').Answer} answer */
  #facts(answer) {
    const { took } = this.services.session;
    return html`
      <div class="facts">
        <p class="facts-count"><strong>${words.count(answer.results.length, took)}</strong></p>
        <p class="private">${icons.shield}${words.private}</p>
        <dl>
          <div><dt>${words.modelLabel}</dt><dd title=${answer.model.id}>${words.model(answer.model)}</dd></div>
          <div><dt>${words.usageLabel}</dt><dd>${words.usage(answer.usage)}</dd></div>
        </dl>
      </div>
    `;
  }

  #stale() {
    const { session, shelf } = this.services;
    if (session.state !== 'done' || session.revision === shelf.revision) return nothing;
    return html`
      <p class="stale">
        ${icons.info}<span>${words.stale}</span>
        <button class="button button-small" type="button"
          @click=${() => this.dispatchEvent(new Event('ns-again', { bubbles: true }))}>${words.again}</button>
      </p>
    `;
  }

  /** @param {Hit} hit @param {number} rank @param {number} most the score of a full bar */
  #hit(hit, rank, most) {
    const source = this.services.session.sources[hit.index];
    if (!source) return nothing;
    const long = hit.text.length > FOLD_AT;
    const open = !long || this.unfolded.has(rank);
    return html`
      <li class="card result">
        <div class="result-head">
          <h3 class="result-name" dir="auto">${source.name}</h3>
          <span class="muted result-place">${words.place(placeOf(source.text, hit.start))}</span>
          <span class="score" title=${words.scoreTitle}>
            <ns-share class="share" .value=${relative(hit.score, most)}></ns-share>
            <span class="fineprint tabular"><span class="hidden">${words.score} </span>${score(hit.score)}</span>
          </span>
        </div>
        <p class="result-text ${open ? '' : 'clamped'}" dir="auto" id="result-${rank}">${marked(hit.text, hit.highlights)}</p>
        <div class="row result-foot">
          ${long
            ? html`<button class="link" type="button" aria-expanded=${open} aria-controls="result-${rank}"
                @click=${() => this.#toggle(rank)}>${open ? words.collapse : words.expand}</button>`
            : nothing}
          <button class="link" type="button" aria-label=${words.openIn(source.name)}
            @click=${() => this.#read(source, hit)}>${words.open}</button>
        </div>
      </li>
    `;
  }

  /** @param {number} rank */
  #toggle(rank) {
    const unfolded = new Set(this.unfolded);
    if (!unfolded.delete(rank)) unfolded.add(rank);
    this.unfolded = unfolded;
  }

  /** @param {Source} source @param {Hit} hit */
  #read(source, hit) {
    this.dispatchEvent(new CustomEvent('ns-read', { bubbles: true, detail: { source, hit } }));
  }
}

customElements.define('ns-results', NsResults);
