/**
 * A bar whose length is a share of one: `<ns-share .value=${0.4}>`. Decoration; the number stands beside it.
 * The length is set through the CSS object model, because the page's policy allows no style attributes.
 */
export class NsShare extends HTMLElement {
  /** @param {number} value 0 to 1 */
  set value(value) {
    this.style.setProperty('--share', String(Math.min(1, Math.max(0, value))));
  }

  connectedCallback() {
    this.setAttribute('aria-hidden', 'true');
  }
}

customElements.define('ns-share', NsShare);
