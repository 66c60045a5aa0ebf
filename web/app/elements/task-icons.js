/** Icons of the workbench, drawn like those of the page: 20 by 20, in the text's colour, decoration only. */

import { html, svg } from 'lit';

/** @param {string} d */
const stroke = (d) => html`<svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">${svg`<path d=${d} />`}</svg>`;

export const near = stroke('M6.5 2.8h7A1.5 1.5 0 0 1 15 4.3v11.4a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 5 15.7V4.3a1.5 1.5 0 0 1 1.5-1.5ZM9 14.5h2');
export const far = stroke('M6 15.5a3.5 3.5 0 0 1-.4-7 4.6 4.6 0 0 1 8.9-.6 3.8 3.8 0 0 1-.5 7.6H6Z');
export const summarize = stroke('M4 5h12M4 8.3h12M4 11.7h7.5M4 15h4.5');
export const answer = stroke('M4.5 4h11A1.5 1.5 0 0 1 17 5.5v7a1.5 1.5 0 0 1-1.5 1.5H9l-3.5 3v-3h-1A1.5 1.5 0 0 1 3 12.5v-7A1.5 1.5 0 0 1 4.5 4Zm3.8 3.6A1.7 1.7 0 1 1 10.7 9c-.5.3-.7.6-.7 1m0 1.6v.1');
export const translate = stroke('M3 5h8M7 3.2V5m2.6 0c-.6 3-2.6 5.4-5.6 6.8M4.8 7.6c1 1.8 2.6 3.2 4.7 4M9.5 17l3.6-8.5h.8l3.6 8.5m-6.9-2.6h5.8');
export const transcribe = stroke('M10 3a2.3 2.3 0 0 0-2.3 2.3v4.4a2.3 2.3 0 0 0 4.6 0V5.3A2.3 2.3 0 0 0 10 3ZM5 9.5a5 5 0 0 0 10 0M10 14.5V17m-2.5 0h5');
export const entities = stroke('M3.5 7V4.5a1 1 0 0 1 1-1H7m6 0h2.500a1 1 0 0 1 1 1V7m0 6v2.500a1 1 0 0 1-1 1H13m-6 0H4.500a1 1 0 0 1-1-1V13M10 6.500a2 2 0 1 1 0 4 2 2 0 0 1 0-4ZM6.500 14c.6-1.600 2-2.500 3.500-2.500s2.900.9 3.500 2.500');
export const extract = stroke('M4 4h12v12H4V4Zm0 4h12M8.500 8v8m2.500-5h3m-3 2.500h3');
export const sentiment = stroke('M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14ZM7.500 8v.1m5-.1v.1M7 12c.8 1.100 1.800 1.600 3 1.600s2.200-.5 3-1.600');
export const classify = stroke('M10.6 3.5H16a.5.5 0 0 1 .5.5v5.4a1 1 0 0 1-.3.7l-6.1 6.1a1 1 0 0 1-1.4 0l-4.9-4.9a1 1 0 0 1 0-1.4l6.1-6.1a1 1 0 0 1 .7-.3ZM13.2 6.8v.1');
export const teach = stroke('M10 4 2.5 7.5 10 11l7.5-3.5L10 4ZM5.5 9v4c1.2 1.2 2.7 1.8 4.5 1.8s3.3-.6 4.5-1.8V9M17.5 7.5v4.5');
export const rerank = stroke('M6 16V4.5m0 0L3.5 7M6 4.5 8.5 7M11.5 5H17m-5.5 5H15m-3.5 5H13');
export const language = stroke('M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14ZM3.2 10h13.6M10 3c2 2 2.8 4.4 2.8 7S12 15 10 17c-2-2-2.8-4.4-2.8-7S8 5 10 3Z');
export const similarity = stroke('M7.5 5a5 5 0 1 0 0 10 5 5 0 0 0 0-10ZM12.5 5a5 5 0 1 1 0 10 5 5 0 0 1 0-10Z');
export const embed = stroke('M4 16V9m3 7V5m3 11v-5m3 5V7m3 9v-3.5');
export const documents = stroke('M7 3.5h6.5L16 6v8.5H7v-11ZM7 6H4v10.5h9v-2');
export const console = stroke('M4.5 4h11A1.5 1.5 0 0 1 17 5.5v9a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 3 14.5v-9A1.5 1.5 0 0 1 4.5 4Zm1.8 4 2.2 2.2-2.2 2.2m4 0H13');
export const play = stroke('m6.5 4.5 9 5.5-9 5.5v-11Z');
export const stop = stroke('M6 6h8v8H6z');
export const download = stroke('M10 4v8.5m0 0L6.5 9m3.5 3.5L13.5 9M4 13.5v1A1.5 1.5 0 0 0 5.5 16h9a1.5 1.5 0 0 0 1.5-1.5v-1');
export const swap = stroke('M4 7.5h11.5m0 0-3-3m3 3-3 3M16 13H4.500m0 0 3-3m-3 3 3 3');
