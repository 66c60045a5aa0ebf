/** One answer of a conversation: its text with references, its sources, where it came from. Plain templates. */

import { html, nothing } from 'lit';
import { isWritten } from '../offers.js';
import { pieces } from '../references.js';
import { writing as writingWords } from '../strings-models.js';
import { chat as words, consent as consentWords, search } from '../strings.js';
import * as icons from './icons.js';
import { routeLine } from './route-line.js';

/** @typedef {import('../types.js').ChatAnswer} ChatAnswer */
/** @typedef {import('../types.js').Citation} Citation */
/** @typedef {typeof import('../markdown.js').markdown} Draw */

/**
 * @typedef {object} Acts what an answer's buttons do
 * @property {(citation: Citation) => void} read
 * @property {() => void} retry
 * @property {() => void} copy
 * @property {(tier: 'near' | 'far', consent: boolean) => void} other
 * @property {() => void} always
 * @property {() => void} decline
 */

/**
 * @typedef {object} Setting
 * @property {Draw | null} draw reads Markdown; null until it is loaded
 * @property {string} waiting what is done before the first word
 * @property {import('../offers.js').Offer | null} offer
 * @property {boolean} open the question about the cloud is put openly
 * @property {string[]} help what to add, when nothing was found
 * @property {boolean} last nothing came after it: it can be tried again
 */

/**
 * @param {ChatAnswer} answer @param {Setting} setting @param {Acts} acts
 */
export function answerCard(answer, setting, acts) {
  const { state, text } = answer;
  const writes = state === 'waiting' || state === 'streaming';
  return html`
    <div class="answer answer-${answer.decision?.tier ?? 'none'}" aria-busy=${writes}>
      ${answer.thoughts ? thoughts(answer.thoughts, writes && !text) : nothing}
      ${text ? html`<div class="answer-text ${state === 'streaming' ? 'answer-live' : ''}" dir="auto">${body(answer, setting, acts)}</div>` : nothing}
      ${writes && !text && !answer.thoughts ? html`<p class="answer-wait"><span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>${setting.waiting}</p>` : nothing}
      ${state === 'stopped' ? html`<p class="fineprint">${words.stopped}</p>` : nothing} ${trouble(answer)} ${missing(answer, setting)}
      ${answer.cut ? html`<p class="fineprint">${writingWords.cut}</p>` : nothing} ${answer.dropped ? html`<p class="fineprint">${writingWords.dropped(answer.dropped)}</p>` : nothing}
      ${answer.citations.length ? sources(answer.citations, acts) : nothing}
      ${setting.open && setting.offer ? question(setting.offer.model, acts) : nothing}
      ${writes ? nothing : html`<div class="answer-foot">${routeLine(answer.decision)} ${answer.usage ? html`<p class="fineprint tabular">${writingWords.tokens(answer.usage)}</p>` : nothing} ${actions(answer, setting, acts)}</div>`}
    </div>
  `;
}

/**
 * What the model thought, folded.
 * @param {string} text @param {boolean} busy it still thinks
 */
const thoughts = (text, busy) => html`
  <details class="thoughts">
    <summary>${busy ? html`<span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>${writingWords.thinks}` : writingWords.thoughts}</summary>
    <p class="quoted" dir="auto">${text}</p>
  </details>
`;

/**
 * Quotations are shown letter by letter; what a model wrote is Markdown.
 * @param {ChatAnswer} answer @param {Setting} setting @param {Acts} acts
 */
function body(answer, { draw }, acts) {
  const refer = (/** @type {string} */ text) =>
    pieces(text, answer.citations).map((piece) => (typeof piece === 'string' ? piece : reference(piece, acts)));
  if (!isWritten(answer)) return html`<p class="quoted">${refer(answer.text)}</p>`;
  return draw ? draw(answer.text, refer) : html`<p class="quoted">${answer.text}</p>`;
}

/** @param {Citation} citation @param {Acts} acts */
const reference = (citation, acts) => html`<button class="reference" type="button" aria-label=${words.cite(citation.number, citation.name)}
  title=${citation.name} @click=${() => acts.read(citation)}>${citation.number}</button>`;

/** @param {readonly Citation[]} citations @param {Acts} acts */
const sources = (citations, acts) => html`
  <ol class="sources" aria-label=${words.citations}>
    ${citations.map(
      (citation) => html`<li>
        <button class="source" type="button" title=${words.cite(citation.number, citation.name)} @click=${() => acts.read(citation)}>
          <span class="hidden">${words.source}</span><span class="source-number">${citation.number}</span><span class="source-name" dir="auto">${citation.name}</span>
          ${citation.id.startsWith('help/') ? html`<span class="badge">${words.help}</span>` : nothing}
        </button>
      </li>`,
    )}
  </ol>
`;

/** @param {ChatAnswer} answer */
function trouble({ state, error, text }) {
  if (state !== 'failed' || !error) return nothing;
  return html`
    <div class="answer-error">
      ${icons.warning}
      <p><strong>${text ? words.broke : words.failed}</strong> <span dir="auto">${error.message}</span>
        ${error.hint ? html`<span class="muted" dir="auto">${error.hint}</span>` : nothing} <span class="fineprint">${search.failedCode(error.code)}</span></p>
    </div>
  `;
}

/** What would help, when the device has nothing. @param {ChatAnswer} answer @param {Setting} setting */
function missing({ found, state }, { help, open }) {
  if (found !== false || state !== 'done' || open) return nothing; // the question about the cloud says as much
  return html`<div class="answer-help"><p>${words.notFound.lead}</p><ul>${help.map((what) => html`<li>${what}</li>`)}</ul></div>`;
}

/** @param {string} alias @param {Acts} acts */
const question = (alias, acts) => html`
  <div class="consent" role="group" aria-label=${consentWords.title}>
    <p><strong>${consentWords.text(alias)}</strong></p>
    <p class="fineprint">${consentWords.detail}</p>
    <div class="row">
      <button class="button button-main button-small" type="button" @click=${() => acts.other('far', true)}>${consentWords.once}</button>
      <button class="button button-small" type="button" @click=${acts.always}>${consentWords.always}</button>
      <button class="button button-small button-quiet" type="button" @click=${acts.decline}>${consentWords.stay}</button>
    </div>
  </div>
`;

/** @param {ChatAnswer} answer @param {Setting} setting @param {Acts} acts */
function actions(answer, { offer, open, last }, acts) {
  const other = offer && !open;
  return html`
    <div class="answer-acts">
      ${answer.text ? small(icons.copy, words.copy, acts.copy) : nothing} ${last ? small(icons.again, words.retry, acts.retry) : nothing}
      ${other
        ? small(offer.tier === 'far' ? icons.cloud : icons.system, offer.tier === 'far' ? words.useOther.far(offer.model) : words.useOther.near, () => acts.other(offer.tier, offer.consent))
        : nothing}
    </div>
  `;
}

/** @param {unknown} icon @param {string} label @param {() => void} act */
const small = (icon, label, act) => html`<button class="button button-small button-quiet" type="button" @click=${act}>${icon}${label}</button>`;
