/** The chat: the conversation, and the box for the next message. */

import { html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { asksOpenly, isWritten, otherSide } from '../offers.js';
import { readingOf } from '../references.js';
import { isSample } from '../samples.js';
import { describe } from '../search-session.js';
import { chat as words, consent as consentWords, modes, search } from '../strings.js';
import { hashOf } from '../routes.js';
import { shortModel } from '../tasks/route.js';
import { laterStyles } from '../styles.js';
import { startLine } from './boot-parts.js';
import * as icons from './icons.js';
import './ns-chats.js';
import { View } from './view.js';

/** @typedef {import('../types.js').ChatAnswer} ChatAnswer */
/** @typedef {import('../types.js').Citation} Citation */
/** @typedef {import('../types.js').Turn} Turn */

/** The end of the conversation counts as in sight from this many pixels. */
const NEAR_END = 120;

/** A question of more letters may have to be scrolled. */
const LONG = 1500;

/** As much of an answer is spoken; the rest is there to be read. */
const SPOKEN = 600;

export class NsChat extends View {
  /** @override @type {import('lit').PropertyDeclarations} */
  static properties = { editing: { state: true }, draw: { state: true }, card: { state: true }, writes: { state: true }, away: { state: true }, typed: { state: true } };

  #life = new AbortController();
  /** Whether the end of the conversation was in sight before it grew. */
  #pinned = true;
  /** Whether the conversation changed since it was drawn. */
  #grew = false;

  constructor() {
    super();
    /** The turn whose question is being changed. @type {string | null} */
    this.editing = null;
    /** @type {import('./answer.js').Draw | null} */
    this.draw = null;
    /** Draws an answer; its code comes after the first picture. @type {typeof import('./answer.js').answerCard | null} */
    this.card = null;
    /** Whether the part about writing is there: its code comes after the first picture, too. */
    this.writes = false;
    /** The end of the conversation is out of sight. */
    this.away = false;
    this.typed = '';
  }

  /** @override */
  follows() {
    const { chat, settings, sync, engine, shelf } = this.services;
    return [chat, settings, sync, engine, shelf];
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    this.#life = new AbortController();
    const { signal } = this.#life;
    const { chat } = this.services;
    void this.#loadCards();
    chat.addEventListener('change', () => (this.#grew = true), { signal });
    chat.addEventListener('answered', (event) => this.#answered(/** @type {CustomEvent<ChatAnswer>} */ (event).detail), { signal });
    document.addEventListener('scroll', () => (this.away = !this.#atEnd()), { signal, passive: true });
    const leave = () => chat.pending && chat.flush();
    addEventListener('pagehide', leave, { signal });
    document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && leave(), { signal });
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.#life.abort();
  }

  /** @returns {HTMLTextAreaElement} */
  get box() {
    return /** @type {HTMLTextAreaElement} */ (this.querySelector('#message'));
  }

  /** Puts the cursor into the message. */
  focusMessage() {
    this.box.focus();
  }

  /** @param {string} [text] what the box holds unless given */
  async send(text = this.box.value) {
    const question = text.trim();
    const { chat } = this.services;
    if (!question || chat.pending) return;
    this.box.value = '';
    this.typed = '';
    this.#pinned = true;
    this.services.announce(words.announceSent);
    /** @type {import('./ns-shelf.js').NsShelf | null} */ (document.querySelector('ns-shelf'))?.fold();
    await chat.send(question);
  }

  /** @param {ChatAnswer} answer */
  #answered(answer) {
    const { announce } = this.services;
    if (answer.state === 'stopped') return announce(words.announceStopped);
    if (answer.state === 'failed') return announce(`${words.announceFailed} ${answer.error?.message ?? ''}`);
    const text = answer.text.length > SPOKEN ? `${answer.text.slice(0, SPOKEN)}…` : answer.text;
    return announce(`${words.announce(answer.decision?.tier ?? 'near', answer.citations.length)} ${text}`);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    // 229 is what some browsers give for Enter that ends a composition.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === 'Enter' && !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      void this.send();
    }
  }

  /** @param {KeyboardEvent} event */
  #escape(event) {
    if (event.key !== 'Escape' || event.isComposing) return;
    if (this.editing) this.#stopEditing();
    else if (this.services.chat.pending) this.services.chat.stop();
    else return;
    event.preventDefault();
  }

  #atEnd() {
    const log = this.querySelector('.log');
    const composer = this.querySelector('.composer');
    if (!log || !composer) return true;
    return log.getBoundingClientRect().bottom - composer.getBoundingClientRect().top < NEAR_END;
  }

  /** @override */
  willUpdate() {
    if (this.#grew && this.hasUpdated && !this.hidden) this.#pinned ||= this.#atEnd();
    if (!this.draw && this.services.chat.turns.some(({ answers }) => answers.some(isWritten))) void this.#loadMarkdown();
  }

  /** @override */
  updated() {
    if (!this.#grew || this.hidden || this.editing) return;
    this.#grew = false;
    if (this.#pinned) this.#toEnd();
    this.#pinned = false;
  }


  #toEnd() {
    // The composer sticks to the window's lower edge: what has to come into sight is what lies above it.
    this.querySelector('.log-end')?.scrollIntoView({ block: 'end' });
  }

  async #loadCards() {
    const { answerCard } = await import('./answer.js');
    this.card = answerCard;
    void Promise.all([import('./ns-writing.js'), laterStyles()]).then(() => (this.writes = true));
    await this.updateComplete;
    // A conversation that is gone on with begins at its end.
    if (!this.hidden && this.services.chat.turns.length > 1) this.#toEnd();
  }

  async #loadMarkdown() {
    const { markdown } = await import('../markdown.js');
    this.draw = markdown;
  }

  /** @param {Citation} citation */
  async #read(citation) {
    const { shelf, client } = this.services;
    let text = shelf.sources().find(({ id }) => id === citation.id)?.text ?? null;
    if (text === null) {
      try {
        ({ text } = await client.documents.get(citation.id));
      } catch (thrown) {
        if (describe(thrown).code === 'unexpected') throw thrown;
      }
    }
    this.dispatchEvent(new CustomEvent('ns-read', { bubbles: true, detail: readingOf(citation, text) }));
  }

  /** @param {string} text */
  async #copy(text) {
    const { notices, announce } = this.services;
    try {
      await navigator.clipboard.writeText(text);
      notices.show({ id: 'copy', text: words.copied, tone: 'good', stay: 3000 });
      announce(words.copied);
    } catch (error) {
      // No clipboard outside secure contexts (TypeError), or refused (DOMException).
      if (!(error instanceof DOMException) && !(error instanceof TypeError)) throw error;
      notices.show({ id: 'copy', text: words.copyFailed, stay: 6000 });
    }
  }

  /** @param {Turn} turn */
  async #always(turn) {
    const { settings, notices, chat } = this.services;
    await settings.set({ cloud: 'allow' });
    if (settings.error) return notices.show({ id: 'settings', text: settings.error.message, tone: 'problem' });
    notices.show({ id: 'settings', text: consentWords.alwaysNote, stay: 6000 });
    return chat.ask(turn.id, { prefer: 'far' });
  }

  #stopEditing() {
    const id = this.editing;
    this.editing = null;
    void this.updateComplete.then(() => /** @type {HTMLElement | null} */ (this.querySelector(`[data-edit="${id}"]`))?.focus());
  }

  /** @param {string} id @param {string} question */
  async #resend(id, question) {
    if (!question.trim()) return;
    this.editing = null;
    this.#pinned = true;
    this.box.focus();
    await this.services.chat.edit(id, question.trim());
  }

  /** @override */
  render() {
    const { chat } = this.services;
    return html`
      <section class="answers chat ${chat.turns.length ? 'chat-talking' : ''}" aria-label=${words.log} @keydown=${this.#escape}>
        <ns-chats .services=${this.services}></ns-chats>
        ${chat.turns.length ? this.#log() : this.#empty()} ${this.#composer()}
      </section>
    `;
  }

  #log() {
    const { turns } = this.services.chat;
    return html`
      <div class="log" role="log" aria-live="off" aria-label=${words.log} tabindex="-1">
        ${repeat(turns, ({ id }) => id, (turn, index) => this.#turn(turn, index === turns.length - 1))}
        <div class="log-end"></div>
      </div>
    `;
  }

  /** @param {Turn} turn @param {boolean} last */
  #turn(turn, last) {
    return html`
      <article class="turn">
        ${this.editing === turn.id ? this.#edit(turn) : this.#question(turn)}
        ${turn.answers.map((answer, index) => this.card?.(answer, this.#setting(answer, last && index === turn.answers.length - 1), {
          read: (citation) => void this.#read(citation),
          retry: () => void this.services.chat.retry(turn.id),
          copy: () => void this.#copy(answer.text),
          other: (tier, consent) => void this.services.chat.ask(turn.id, { prefer: tier, ...(consent ? { consent } : {}) }),
          always: () => void this.#always(turn),
          decline: () => this.services.chat.decline(answer),
        }))}
      </article>
    `;
  }

  /** @param {Turn} turn */
  #question(turn) {
    return html`
      <div class="asked">
        <h2 class="hidden">${words.you}</h2>
        <p class="asked-text" dir="auto" tabindex=${turn.question.length > LONG ? 0 : nothing}>${turn.question}</p>
        <button class="icon-button icon-button-small asked-edit" type="button" data-edit=${turn.id} aria-label=${words.edit} title=${words.edit}
          @click=${async () => {
            this.editing = turn.id;
            await this.updateComplete;
            const box = /** @type {HTMLTextAreaElement} */ (this.querySelector('#edit'));
            box.focus();
            box.setSelectionRange(box.value.length, box.value.length);
          }}>${icons.pencil}</button>
      </div>
    `;
  }

  /** @param {Turn} turn */
  #edit(turn) {
    const box = () => /** @type {HTMLTextAreaElement} */ (this.querySelector('#edit'));
    return html`
      <form class="asked-form stack-2" @submit=${(/** @type {Event} */ event) => {
        event.preventDefault();
        void this.#resend(turn.id, box().value);
      }}>
        <label class="hidden" for="edit">${words.editLabel}</label>
        <textarea class="field" id="edit" rows="3" dir="auto" .value=${turn.question} @keydown=${(/** @type {KeyboardEvent} */ event) => {
          if (event.isComposing || event.key !== 'Enter' || event.shiftKey) return;
          event.preventDefault();
          void this.#resend(turn.id, box().value);
        }}></textarea>
        <div class="row">
          <button class="button button-main button-small" type="submit">${words.editSend}</button>
          <button class="button button-small" type="button" @click=${this.#stopEditing}>${words.editCancel}</button>
          <span class="fineprint">${words.editNote}</span>
        </div>
      </form>
    `;
  }

  /** @param {ChatAnswer} answer @param {boolean} last @returns {import('./answer.js').Setting} */
  #setting(answer, last) {
    const offer = answer.state === 'waiting' || answer.state === 'streaming' ? null : otherSide(answer.decision);
    return { draw: this.draw, waiting: this.#waiting(answer), offer: last ? offer : null, open: last && asksOpenly(answer), help: this.#help(answer), last };
  }

  /** @param {ChatAnswer} answer */
  #waiting({ decision }) {
    const { sync, engine } = this.services;
    if (!decision && engine.status.engine !== 'ready') return words.starting;
    if (!decision && sync.reading) {
      const { name, left, progress } = sync.reading;
      return progress?.total ? words.readingShare(name, progress.done / progress.total) : words.reading(name, left);
    }
    if (!decision) return words.waiting.none;
    return decision.tier === 'far' || isWritten({ decision, citations: [] }) ? words.waiting.far(shortModel(decision.model)) : words.waiting.near;
  }

  /** What somebody could do when the device has nothing. @param {ChatAnswer} answer */
  #help({ decision }) {
    const { add, provider, cloud, mode } = words.notFound;
    const rule = decision?.candidates.find(({ tier }) => tier === 'far')?.removedBy;
    if (rule === 'provider') return [add, provider];
    if (rule === 'mode') return [add, mode];
    return rule === 'consent' || rule === null ? [add, cloud] : [add];
  }

  #empty() {
    const { shelf } = this.services;
    const count = shelf.sources().length;
    const starters = shelf.documents.some(({ name }) => isSample(name)) ? [...words.startersOwn, words.starters[0]] : words.starters;
    return html`
      <div class="card stage stack-3">
        <div class="stack-1">
          <h2 class="card-title">${words.emptyTitle}</h2>
          <p class="muted">${count ? words.emptyTextOwn(count) : words.emptyText}</p>
        </div>
        <div class="stack-2">
          <h3 class="small-title" id="starters">${words.startersTitle}</h3>
          <ul class="suggestions" aria-labelledby="starters">
            ${starters.map((question) => html`<li><button class="suggestion" type="button" @click=${() => this.send(question)}>${icons.chats}${question}</button></li>`)}
          </ul>
        </div>
        ${count
          ? nothing
          : html`<div class="row">
              <button class="button" type="button" @click=${() => /** @type {import('./ns-shelf.js').NsShelf} */ (document.querySelector('ns-shelf')).addSamples()}>${search.trySample}</button>
              <span class="fineprint">${search.trySampleText}</span>
            </div>`}
        ${startLine(this.services)}
      </div>
    `;
  }

  #composer() {
    const { chat, settings } = this.services;
    const mode = settings.localOnly ? 'local-only' : settings.value?.mode;
    return html`
      <form class="composer" @submit=${(/** @type {Event} */ event) => {
        event.preventDefault();
        void this.send();
      }}>
        ${this.away && chat.turns.length
          ? html`<button class="button button-small to-end" type="button" @click=${this.#toEnd}>${icons.chevron}${words.jump}</button>`
          : nothing}
        <div class="composer-in">
          <label class="hidden" for="message">${words.label}</label>
          <textarea class="message" id="message" rows=${Math.min(8, this.typed.split('\n').length)} dir="auto" placeholder=${words.placeholder} maxlength="100000" enterkeyhint="send"
            aria-describedby="message-hint" @keydown=${this.#key} @input=${(/** @type {Event} */ event) => (this.typed = /** @type {HTMLTextAreaElement} */ (event.target).value)}></textarea>
          ${chat.pending
            ? html`<button class="button send" type="button" @click=${() => chat.stop()}>${icons.stop}<span>${words.stop}</span></button>`
            : html`<button class="button button-main send" type="submit" aria-disabled=${!this.typed.trim()}>${icons.send}<span>${words.send}</span></button>`}
        </div>
        <p class="composer-foot fineprint">
          <span id="message-hint">${words.hint}</span>
          ${this.writes ? html`<ns-writing .services=${this.services}></ns-writing>` : nothing}
          ${mode ? html`<a class="link" href=${hashOf('settings')}>${words.mode(modes[mode].name)}</a>` : html`<span>&nbsp;</span>`}
        </p>
      </form>
    `;
  }
}

customElements.define('ns-chat', NsChat);
