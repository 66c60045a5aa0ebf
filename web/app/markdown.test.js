/** Markdown to templates: what is drawn, and what can never be. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { nothing } from 'lit';
import { markdown, safeHref } from './markdown.js';

/** The template as the HTML it would make, with values in guillemets. @param {any} part @returns {string} */
function drawn(part) {
  if (part === nothing) return '';
  if (Array.isArray(part)) return part.map(drawn).join('');
  if (part?.strings) return part.strings.reduce((/** @type {string} */ all, /** @type {string} */ piece, /** @type {number} */ index) => all + drawn(part.values[index - 1]) + piece).replace(/\s*\n\s*/g, '');
  return `«${part}»`;
}
const drawnOf = (/** @type {string} */ text) => drawn(markdown(text));

test('blocks and inlines', () => {
  assert.equal(drawnOf('# Tides\n\nThey *rise* and **fall**.'), '<h3 class=«answer-title»>«Tides»</h3><p>«They »<em>«rise»</em>« and »<strong>«fall»</strong>«.»</p>');
  assert.equal(drawnOf('3. a\n4. b'), '<ol start=«3»><li>«a»</li><li>«b»</li></ol>');
  assert.equal(drawnOf('- a\n  - b'), '<ul><li>«a»<ul><li>«b»</li></ul></li></ul>');
  assert.equal(drawnOf('```js\na < b && c\n```'), '<pre tabindex="0"><code>«a < b && c»</code></pre>');
  assert.equal(drawnOf('> q `x<y`'), '<blockquote><p>«q »<code>«x<y»</code></p></blockquote>');
  assert.match(drawnOf('|a|b|\n|-|-|\n|1|2|'), /<th scope="col">«a»<\/th>.*<td>«2»<\/td>/);
  assert.equal(drawnOf('- [x] done'), '<ul><li>«☑ »«done»</li></ul>');
});

test('text is text: quotes, ampersands, HTML', () => {
  assert.equal(drawnOf('Tom & "Jerry" <3'), '<p>«Tom & "Jerry" <3»</p>');
  assert.equal(drawnOf('<img src=x onerror=alert(1)>'), '<p>«<img src=x onerror=alert(1)>»</p>');
  assert.match(drawnOf('a <script>alert(1)</script> b'), /«<script>»«alert\(1\)»«<\/script>»/);
});

test('links go out safely, everything else is no link', () => {
  assert.equal(drawnOf('[t](https://example.org/a)'), '<p><a class="link" href=«https://example.org/a» target="_blank" rel="noopener noreferrer nofollow">«t»</a></p>');
  for (const href of ['javascript:alert(1)', 'data:text/html,x', 'vbscript:x', '/local/', '#/settings', 'blob:https://x/y', ' java\nscript:alert(1)']) assert.equal(safeHref(href), null, href);
  assert.equal(drawnOf('[t](javascript:alert(1))'), '<p>«t»</p>');
});

test('a picture is a link, so that nothing is fetched', () => {
  assert.equal(drawnOf('![alt](https://example.org/pixel.png)'), '<p><a class="link" href=«https://example.org/pixel.png» target="_blank" rel="noopener noreferrer nofollow">«alt»</a></p>');
});

test('plain text goes through the leaf, code does not', () => {
  assert.equal(drawn(markdown('see [1] and `[2]`', (text) => text.replaceAll(/\[(\d)\]/g, '($1)'))), '<p>«see (1) and »<code>«[2]»</code></p>');
});

test('a text that nests without end is shown, not followed', () => {
  assert.ok(drawnOf('>'.repeat(500) + ' deep').includes('deep'));
  assert.ok(drawnOf('*'.repeat(400) + 'x' + '*'.repeat(400)).includes('x'));
});
