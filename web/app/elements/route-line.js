/**
 * Where an answer came from, in one line: this device or the cloud, which model, why; the reasons behind it
 * unfold. A plain template, for every view that shows an answer.
 */

import { html, nothing } from 'lit';
import { route as routeWords } from '../strings-tasks.js';
import { dollars, removed, shortModel } from '../tasks/route.js';
import * as icons from './task-icons.js';

/** @typedef {import('../tasks/route.js').Decision} Decision */
/** @typedef {typeof routeWords} RouteWords */

/**
 * @param {Decision | null | undefined} decision nothing is shown without one
 * @param {RouteWords} [words]
 */
export const routeLine = (decision, words = routeWords) =>
  decision
    ? html`
        <div class="route route-${decision.tier}">
          <p class="route-main">
            <span class="route-where">${decision.tier === 'far' ? icons.far : icons.near}${words.where[decision.tier]}</span>
            <span class="route-model" title=${decision.model}>${shortModel(decision.model)}</span>
            ${money(decision, words)}
          </p>
          ${decision.escalatedFrom
            ? html`<p class="route-fallback">${words.instead(decision.escalatedFrom.tier)} <span dir="auto">${decision.escalatedFrom.message}</span></p>`
            : nothing}
          <details class="route-why">
            <summary>${decision.explanation || words.why}</summary>
            <ul>
              ${decision.reasons.map(({ rule, text }) => html`<li><span class="route-rule">${words.rules[rule] ?? rule}</span> ${text}</li>`)}
              ${removed(decision).map(
                ({ tier, model, removedBy }) => html`<li>
                  <span class="route-rule">${words.notUsed}</span> ${words.removed(words.where[tier === 'far' ? 'far' : 'near'], model, words.rules[removedBy ?? ''] ?? removedBy ?? '')}
                </li>`,
              )}
              ${decision.mode ? html`<li><span class="route-rule">${words.mode}</span> ${words.modes[decision.mode] ?? decision.mode}</li>` : nothing}
            </ul>
          </details>
        </div>
      `
    : nothing;

/** @param {Decision} decision @param {RouteWords} words */
function money({ cost, saved }, words) {
  if (cost) return html`<span class="route-money">${words.cost(dollars(cost))}</span>`;
  return saved ? html`<span class="route-money">${words.saved(dollars(saved))}</span>` : nothing;
}
