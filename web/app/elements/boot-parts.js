/** How the engine's start goes, in one line with a bar: the foot of a view's first card. */

import { html, nothing } from 'lit';
import { pendingModel } from '../boot.js';
import { list } from '../format.js';
import { boot as words, engine as engineWords } from '../strings.js';
import { bar } from './parts.js';

/** The header's chip has the rest. @param {import('../types.js').Services} services */
export function startLine({ engine }) {
  if (!engine.booting) {
    return html`
      <div class="start start-done">
        <p class="start-line">${engine.answersNow ? words.done : words.waitingForModel}</p>
        ${bar(words.progress, 1)}
      </div>
    `;
  }
  const running = engine.status.phases.filter(({ state }) => state === 'running').map(({ name }) => engineWords.phases[name] ?? name);
  const model = pendingModel(engine.status);
  return html`
    <div class="start">
      <p class="start-line">
        <span><strong>${words.heading(engine.fraction)}</strong> ${list(running)}</span>
        ${model?.state === 'downloading' ? html`<span>${words.downloading(model.loaded, model.total)}</span>` : nothing}
      </p>
      ${bar(words.progress, engine.fraction)}
    </div>
  `;
}
