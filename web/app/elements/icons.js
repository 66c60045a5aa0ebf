/** The page's icons: 20 by 20, drawn in the text's colour, decoration only (the words are always there too). */

import { html, svg } from 'lit';

/** @param {import('lit').TemplateResult<2>} shape */
const icon = (shape) => html`<svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">${shape}</svg>`;

/** @param {string} d */
const stroke = (d) => icon(svg`<path d=${d} />`);

/** Nearside's mark: a disc whose near side is lit. */
export const mark = html`<svg class="mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
  <circle class="mark-far" cx="16" cy="16" r="13" />
  <path class="mark-near" d="M16 3a13 13 0 0 0 0 26a6 13 0 0 0 0-26z" />
</svg>`;

export const magnifier = icon(svg`<circle cx="8.75" cy="8.75" r="5.25" /><path d="m12.75 12.75 4 4" />`);
export const close = stroke('m5.5 5.5 9 9m0-9-9 9');
export const trash = stroke('M3.5 5.5h13M8 5.5V4a1 1 0 0 1 1-1h2a1 1 0 0 1 1 1v1.5M5 5.5l.6 9.6A1.5 1.5 0 0 0 7.1 16.5h5.8a1.5 1.5 0 0 0 1.5-1.4l.6-9.6');
export const file = stroke('M11.5 3H6.4A1.4 1.4 0 0 0 5 4.4v11.2A1.4 1.4 0 0 0 6.4 17h7.2a1.4 1.4 0 0 0 1.4-1.4V6.5L11.5 3Zm0 0v3.5H15');
export const upload = stroke('M10 13V4.5m0 0L6.5 8M10 4.5 13.5 8M4 13.5v1A1.5 1.5 0 0 0 5.5 16h9a1.5 1.5 0 0 0 1.5-1.5v-1');
export const shield = stroke('M10 3 4.5 5v4.6c0 3.2 2.2 5.8 5.5 7.4 3.3-1.6 5.5-4.2 5.5-7.4V5L10 3Zm-2.3 7 1.7 1.7 3-3.3');
export const warning = stroke('M10 7.5v3.5m0 2.6v.1M8.8 3.9 2.9 14.2A1.4 1.4 0 0 0 4.1 16.3h11.8a1.4 1.4 0 0 0 1.2-2.1L11.2 3.9a1.4 1.4 0 0 0-2.4 0Z');
export const info = icon(svg`<circle cx="10" cy="10" r="7" /><path d="M10 9.3v4M10 6.6v.1" />`);
export const check = stroke('m4.5 10.5 3.5 3.5 7.5-8');
export const unknown = icon(svg`<circle cx="10" cy="10" r="7" /><path d="M8 8.2a2 2 0 1 1 2.8 1.8c-.5.2-.8.6-.8 1.1v.4M10 13.6v.1" />`);
export const copy = stroke('M7.5 7.5V5A1.5 1.5 0 0 1 9 3.5h6A1.5 1.5 0 0 1 16.5 5v6a1.5 1.5 0 0 1-1.5 1.5h-2.5M5 7.5h6A1.5 1.5 0 0 1 12.5 9v6a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 15V9A1.5 1.5 0 0 1 5 7.5Z');
export const chevron = stroke('m5.5 8 4.5 4.5L14.5 8');
export const system = stroke('M4.5 4h11A1.5 1.5 0 0 1 17 5.5v6a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 3 11.5v-6A1.5 1.5 0 0 1 4.5 4ZM7 16.5h6M10 13v3.5');
export const sun = icon(svg`<circle cx="10" cy="10" r="3.2" /><path d="M10 2.8v1.6m0 11.2v1.6M2.8 10h1.6m11.2 0h1.6M4.9 4.9 6 6m8 8 1.1 1.1m0-10.2L14 6m-8 8-1.1 1.1" />`);
export const moon = stroke('M16.2 11.8A6.8 6.8 0 0 1 8.2 3.8a6.8 6.8 0 1 0 8 8Z');
export const book = stroke('M10 5.4C8.6 4.3 6.6 3.8 4 3.8a.8.8 0 0 0-.8.8v9.6c0 .4.4.8.8.8 2.6 0 4.6.5 6 1.6m0-11.2c1.4-1.1 3.4-1.6 6-1.6a.8.8 0 0 1 .8.8v9.6a.8.8 0 0 1-.8.8c-2.6 0-4.6.5-6 1.6m0-11.2v11.2');
export const send = stroke('M10 16V4.5m0 0L5.5 9M10 4.5 14.5 9');
export const stop = icon(svg`<rect x="5.5" y="5.5" width="9" height="9" rx="1.5" />`);
export const plus = stroke('M10 4.5v11M4.5 10h11');
export const pencil = stroke('m12.5 4.5 3 3L7 16H4v-3l8.5-8.5Z');
export const again = stroke('M15.5 10a5.5 5.5 0 1 1-1.6-3.9l1.6 1.6m0-3.7v3.7h-3.7');
export const cloud = stroke('M6 15.5a3.2 3.2 0 0 1-.4-6.4 4.6 4.6 0 0 1 8.9-.6 3.5 3.5 0 0 1-.3 7H6Z');
export const chats = stroke('M4.5 4h8A1.5 1.5 0 0 1 14 5.5v4a1.5 1.5 0 0 1-1.5 1.5H8L5 13.5V11h-.5A1.5 1.5 0 0 1 3 9.5v-4A1.5 1.5 0 0 1 4.5 4ZM16 8a1.5 1.5 0 0 1 1 1.4v4A1.5 1.5 0 0 1 15.5 15H15v2l-2.5-2H9.5');
export const download = stroke('M10 4v8.5m0 0L6.5 9M10 12.5 13.5 9M4 13.5v1A1.5 1.5 0 0 0 5.5 16h9a1.5 1.5 0 0 0 1.5-1.5v-1');
