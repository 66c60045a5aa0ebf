/** The corner where short notices appear, over the page, so that nothing moves. */

import { html, nothing } from 'lit';
import { notices as words } from '../strings.js';
import * as icons from './icons.js';
import { View } from './view.js';

const TONES = { info: icons.info, good: icons.check, problem: icons.warning };

export class NsNotices extends View {
  /** @override */
  follows() {
    return [this.services.notices];
  }

  /** @override */
  render() {
    const { notices } = this.services;
    return html`
      <section class="notices" aria-label=${words.region}>
        ${notices.list.map(
          (notice) => html`
            <div class="notice notice-${notice.tone ?? 'info'}" role=${notice.tone === 'problem' ? 'alert' : nothing}>
              ${TONES[notice.tone ?? 'info']}
              <p>${notice.text}</p>
              ${notice.action
                ? html`<button class="button button-small" type="button" @click=${notice.action.run}>${notice.action.label}</button>`
                : nothing}
              <button class="icon-button icon-button-small" type="button" aria-label=${words.close}
                @click=${() => notices.close(notice.id)}>${icons.close}</button>
            </div>
          `,
        )}
      </section>
    `;
  }
}

customElements.define('ns-notices', NsNotices);
