/** The card that writes down what is said: in a file, or into the microphone while it is spoken. */

import { html, nothing } from 'lit';
import { language } from '../format.js';
import { describe } from '../search-session.js';
import { tasks, workbench } from '../strings-tasks.js';
import * as icons from './icons.js';
import { bar } from './parts.js';
import { TaskCard } from './task-card.js';
import { copyText } from './task-code.js';
import * as taskIcons from './task-icons.js';
import { tickField } from './task-parts.js';

/** @typedef {{text: string, start: number, end: number}} Phrase */
/** @typedef {import('../../api/microphone.js').Listening} Listening */

const words = tasks.transcribe;

export class TaskTranscribe extends TaskCard {
  /** @override @type {import('lit').PropertyDeclarations} */
  static properties = { ...TaskCard.properties, ear: { state: true }, heard: { state: true }, partial: { state: true }, trouble: { state: true } };

  /** The microphone, while it is open. @type {Listening | null} */
  #listening = null;
  #abort = new AbortController();

  constructor() {
    super('transcribe', { main: 'file' });
    /** @type {'shut' | 'asking' | 'open' | 'ending'} */
    this.ear = 'shut';
    /** What was said between pauses. @type {Phrase[]} */
    this.heard = [];
    /** What was said since. */
    this.partial = '';
    /** @type {import('../types.js').ErrorInfo | null} */
    this.trouble = null;
  }

  /** Nobody is listened to out of sight. @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.#abort.abort();
  }

  /** A sound is taken as it is. @override @param {File} file */
  async takeFile(file) {
    this.refusal = null;
    this.needs = false;
    this.bench.fill(this.name, { file, name: file.name, bytes: file.size });
    this.services.announce(workbench.dropped(file.name));
  }

  /** @override @param {import('../types.js').Progress} progress */
  counted({ done, total }) {
    return words.progress(done, total);
  }

  async #listen() {
    Object.assign(this, { ear: 'asking', heard: [], partial: '', trouble: null });
    const abort = new AbortController();
    this.#abort = abort;
    const { announce, client } = this.services;
    try {
      const { listen } = await import('../../api/microphone.js');
      const listening = await listen(/** @type {any} */ (client), {
        signal: abort.signal,
        onPartial: (text) => (this.partial = text),
        onFinal: (phrase) => {
          this.partial = '';
          this.heard = [...this.heard, phrase];
        },
      });
      this.#listening = listening;
      this.ear = 'open';
      announce(words.listening);
      await listening.done;
    } catch (thrown) {
      const error = describe(thrown);
      if (!abort.signal.aborted && error.code !== 'cancelled') this.trouble = error;
    } finally {
      this.#listening = null;
      this.ear = 'shut';
      this.partial = '';
    }
  }

  async #stop() {
    if (this.ear === 'asking') return this.#abort.abort();
    this.ear = 'ending';
    await this.#listening?.stop().catch(() => {}); // `done` has told
    this.services.announce(workbench.announceDone(this.heading, 0));
  }

  /** @override @returns {unknown} */
  fields() {
    const { file, name } = this.form;
    return html`
      <div class="field-block">
        <div class="field-head"><span id=${this.idOf('sound')}>${words.file}</span></div>
        <div class="sound">
          <label class="button">
            <input class="hidden" type="file" accept="audio/*,video/*" aria-label=${words.choose} @change=${(/** @type {Event} */ event) => this.fileChosen(event, 'file')} />${icons.upload}${words.choose}</label>
          ${file
            ? html`<span class="sound-name" dir="auto">${name}</span>
                <button class="icon-button icon-button-small" type="button" aria-label=${words.remove} title=${words.remove}
                  @click=${() => this.bench.fill(this.name, { file: null, name: '', bytes: 0 })}>${icons.close}</button>`
            : html`<span class="fineprint">${words.drop}</span>`}
        </div>
      </div>
      ${tickField(this, { name: 'times', label: words.times })}
    `;
  }

  /** @override @returns {unknown} */
  sampleRow() {
    const on = this.ear !== 'shut';
    return html`
      <div class="row">
        ${on
          ? html`<button class="button" type="button" ?disabled=${this.ear === 'ending'} @click=${() => this.#stop()}>${icons.stop}${words.stopListening}</button>`
          : html`<button class="button" type="button" @click=${() => this.#listen()}>${taskIcons.transcribe}${words.speak}</button>`}
        <span class="fineprint">${this.ear === 'shut' ? words.speakHint : words.ears[this.ear]}</span>
      </div>
    `;
  }

  /** What is heard stands in the place of a file's result, while it is heard and until a file is read. @override */
  stage() {
    const shown = this.ear !== 'shut' || this.trouble || (this.heard.length && this.run.state === 'idle');
    return shown ? this.#heard() : super.stage();
  }

  #heard() {
    const { trouble } = this;
    const on = this.ear !== 'shut';
    if (trouble?.code === 'model_needed') return this.needed(trouble.message, () => this.#listen());
    const text = this.heard.map((phrase) => phrase.text).join(' ');
    return html`
      <section class="card task-stage stack-3" aria-label=${workbench.result} aria-busy=${on}>
        ${trouble
          ? html`<div class="stack-1" role="alert"><h3 class="big">${workbench.failed}</h3><p dir="auto">${trouble.message}</p><p class="muted" dir="auto">${trouble.hint}</p>
              <p class="fineprint">${workbench.code(trouble.code)}</p></div>`
          : nothing}
        ${on ? html`<p class="muted">${words.ears[/** @type {'asking'} */ (this.ear)]}</p>${this.ear === 'open' ? bar(words.listening, null) : nothing}` : nothing}
        <p class="summary" role="log" dir="auto">${text}${text && this.partial ? ' ' : ''}<span class="partial">${this.partial}</span></p>
        ${!on && !text && !trouble ? html`<p class="muted">${words.nothing}</p>` : nothing}
        ${text && !on ? this.#copy(text) : nothing}
      </section>
    `;
  }

  /** @override @param {any} answer */
  answer({ text, segments, language: code, duration }) {
    if (!text) return html`<h3 class="big">${words.nothing}</h3>`;
    return html`
      <div class="stack-1">
        <h3 class="hidden">${workbench.result}</h3>
        <p class="summary" dir="auto" lang=${code ?? nothing}>${text}</p>
        <p class="fineprint tabular">${words.ratio(duration)}${code ? ` · ${language(code)}` : ''}</p>
      </div>
      ${this.#copy(text)}
      ${segments.length > 1
        ? html`<div class="stack-1">
            <h4 class="small-title">${words.segments}</h4>
            <ol class="said">${segments.map((/** @type {Phrase} */ one) => html`<li><span class="tabular fineprint">${words.from(one.start)}</span><span dir="auto">${one.text}</span></li>`)}</ol>
          </div>`
        : nothing}
    `;
  }

  /** @param {string} text */
  #copy(text) {
    return html`<div class="row task-acts">
      <button class="button button-small button-quiet" type="button" @click=${() => copyText(this.services, text, workbench.textCopied)}>${icons.copy}${workbench.copyText}</button>
    </div>`;
  }
}

customElements.define('task-transcribe', TaskTranscribe);
