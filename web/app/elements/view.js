/**
 * Base of the page's elements: they render into the document itself (one style sheet, plain labels and
 * ids, nothing hidden from assistive technology or from tests) and redraw when what they follow changes.
 */

import { LitElement } from 'lit';

/** @typedef {import('../types.js').Services} Services */

export class View extends LitElement {
  /** @override @type {import('lit').PropertyDeclarations} */
  static properties = { services: { attribute: false } };

  /** @type {AbortController | null} */
  #following = null;

  constructor() {
    super();
    /** Set by the parent's template before the element is connected. @type {Services} */
    this.services = /** @type {Services} */ (/** @type {unknown} */ (null));
  }

  /** @returns {EventTarget[]} whose `change` events redraw this element */
  follows() {
    return [];
  }

  /** @override */
  createRenderRoot() {
    return this;
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    this.#following = new AbortController();
    for (const target of this.follows()) {
      target.addEventListener('change', () => this.requestUpdate(), { signal: this.#following.signal });
    }
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.#following?.abort();
  }
}
