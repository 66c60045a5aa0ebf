/**
 * An answer's Markdown as Lit templates. marked only reads it; no HTML is ever made of a text: every piece becomes a
 * text node in an element that stands here, so there is nothing to sanitise. HTML in an answer is shown as it is
 * written, and pictures as links, because fetching one would tell its host that the answer was read.
 */

import { html, nothing } from 'lit';
import { Lexer } from 'marked';

/** @typedef {import('marked').Token} Token */
/** @typedef {import('marked').Tokens.Table} Table */
/** @typedef {import('marked').Tokens.List} List */
/** @typedef {unknown} Part */

/** Deeper ones are a way to exhaust the page, not a way to write. */
const DEEPEST = 24;

const ENTITIES = /** @type {Record<string, string>} */ ({ amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" });

/** marked escapes what it would write into HTML; here it goes into text nodes. @param {string} text */
const plain = (text) => text.replace(/&(amp|lt|gt|quot|#39);/g, (_all, name) => ENTITIES[name]);

/**
 * The address of a link that may be followed, or null.
 * @param {string} href
 */
export function safeHref(href) {
  try {
    const url = new URL(href);
    return ['http:', 'https:', 'mailto:'].includes(url.protocol) ? url.href : null;
  } catch (error) {
    if (error instanceof TypeError) return null; // relative, or no address at all: it would lead into this page
    throw error;
  }
}

/**
 * @param {string} text
 * @param {(text: string) => Part} [leaf] what becomes of plain text, such as references
 * @returns {Part}
 */
export function markdown(text, leaf = (words) => words) {
  return blocks(new Lexer({ gfm: true, breaks: true }).lex(text), leaf, 0);
}

/** @param {readonly Token[]} tokens @param {(text: string) => Part} leaf @param {number} depth @returns {Part} */
function blocks(tokens, leaf, depth) {
  if (depth > DEEPEST) return tokens.map(({ raw }) => raw);
  return tokens.map((token) => block(token, leaf, depth + 1));
}

/** @param {Token} token @param {(text: string) => Part} leaf @param {number} depth @returns {Part} */
function block(token, leaf, depth) {
  const inner = () => inline(('tokens' in token && token.tokens) || [], leaf, depth);
  switch (token.type) {
    case 'space':
    case 'def':
    case 'checkbox': // the list item has drawn it
      return nothing;
    case 'heading':
      // An answer stands under its question's heading; whatever levels it uses, its own are one below that.
      return html`<h3 class=${token.depth < 3 ? 'answer-title' : 'answer-title answer-title-small'}>${inner()}</h3>`;
    case 'paragraph':
      return html`<p>${inner()}</p>`;
    case 'text':
      return 'tokens' in token && token.tokens ? inner() : leaf(plain(token.text));
    case 'code':
      return html`<pre tabindex="0"><code>${token.text}</code></pre>`;
    case 'blockquote':
      return html`<blockquote>${blocks(token.tokens ?? [], leaf, depth)}</blockquote>`;
    case 'list':
      return list(/** @type {List} */ (token), leaf, depth);
    case 'table':
      return table(/** @type {Table} */ (token), leaf, depth);
    case 'hr':
      return html`<hr />`;
    default:
      return html`<p>${token.raw}</p>`; // HTML, shown as it is written
  }
}

/** @param {List} token @param {(text: string) => Part} leaf @param {number} depth @returns {Part} */
function list(token, leaf, depth) {
  const items = token.items.map((item) => html`<li>${item.task ? (item.checked ? '☑ ' : '☐ ') : nothing}${blocks(item.tokens, leaf, depth)}</li>`);
  return token.ordered ? html`<ol start=${token.start || 1}>${items}</ol>` : html`<ul>${items}</ul>`;
}

/** @param {Table} token @param {(text: string) => Part} leaf @param {number} depth @returns {Part} */
function table(token, leaf, depth) {
  return html`
    <div class="table-box" tabindex="0">
      <table>
        <thead><tr>${token.header.map((cell) => html`<th scope="col">${inline(cell.tokens, leaf, depth)}</th>`)}</tr></thead>
        <tbody>${token.rows.map((row) => html`<tr>${row.map((cell) => html`<td>${inline(cell.tokens, leaf, depth)}</td>`)}</tr>`)}</tbody>
      </table>
    </div>
  `;
}

/** @param {readonly Token[]} tokens @param {(text: string) => Part} leaf @param {number} depth @returns {Part} */
function inline(tokens, leaf, depth) {
  if (depth > DEEPEST) return tokens.map(({ raw }) => raw);
  return tokens.map((token) => {
    const inner = () => inline(('tokens' in token && token.tokens) || [], leaf, depth + 1);
    switch (token.type) {
      case 'strong':
        return html`<strong>${inner()}</strong>`;
      case 'em':
        return html`<em>${inner()}</em>`;
      case 'del':
        return html`<del>${inner()}</del>`;
      case 'codespan':
        return html`<code>${plain(token.text)}</code>`;
      case 'br':
        return html`<br />`;
      case 'link':
      case 'image':
        return link(token.href, token.type === 'image' ? token.text || token.href : inner());
      case 'text':
        return 'tokens' in token && token.tokens ? inner() : leaf(plain(token.text));
      case 'escape':
        return plain(token.text);
      case 'checkbox':
        return nothing; // the list item has drawn it
      default:
        return token.raw;
    }
  });
}

/** @param {string} href @param {Part} content @returns {Part} */
function link(href, content) {
  const safe = safeHref(href);
  return safe ? html`<a class="link" href=${safe} target="_blank" rel="noopener noreferrer nofollow">${content}</a>` : content;
}
