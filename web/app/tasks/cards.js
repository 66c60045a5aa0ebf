/**
 * What each card asks for and which call it makes of it. Pure: the cards' elements only draw.
 *
 * A form is a plain object of what was typed. `call` makes the call of it, `ready` says whether it can be made, and
 * `english` gives the text whose language matters, because the model of this device reads English.
 */

import { examplesOf, labelsOf, linesOf } from './parse.js';
import { schemaOf } from './schema.js';

/** @typedef {import('./code.js').Call} Call */
/** @typedef {Record<string, any>} Form */

/**
 * @typedef {object} Card
 * @property {Form} blank
 * @property {(form: Form) => boolean} ready
 * @property {(form: Form) => Call} call
 * @property {(form: Form) => string} [english]
 * @property {boolean} [models] there are several models for it on this device, or to be fetched
 * @property {boolean} [needs] the small model that comes with the page does not do it
 */

/** The cards in their order. `search` has no form: it is a link to the search view. */
export const TASKS = /** @type {const} */ ([
  'summarize',
  'answer',
  'translate',
  'transcribe',
  'entities',
  'extract',
  'sentiment',
  'classify',
  'teach',
  'rerank',
  'language',
  'similarity',
  'embed',
  'search',
  'documents',
]);

/** @typedef {typeof TASKS[number]} Task */

const has = (/** @type {unknown} */ text) => typeof text === 'string' && text.trim() !== '';

/** What the search card shows: no form, only an example. @type {Call} */
export const SEARCH_EXAMPLE = {
  method: 'search',
  args: [['query', 'where do kittens sleep'], ['docs', ['Bread needs a long rest.', 'Cats nap on windowsills.', 'Tides follow the moon.']]],
  options: { topK: 2 },
  gives: 'results',
};

/** Some cards make two calls: `teach` and `use`, `documents` and `find`. */
export const cards = /** @satisfies {Record<string, Card>} */ ({
  summarize: {
    blank: { text: '', style: 'brief' },
    ready: ({ text }) => has(text),
    call: ({ text, style }) => ({ method: 'summarize', args: [['text', text]], options: { style }, gives: 'summary' }),
    english: ({ text }) => text,
    models: true,
  },
  answer: {
    blank: { question: '', context: '' },
    ready: ({ question, context }) => has(question) && has(context),
    call: ({ question, context }) => ({ method: 'answer', args: [['question', question.trim()], ['context', context]], gives: 'answer' }),
    english: ({ context }) => context,
    models: true,
  },
  translate: {
    blank: { text: '', from: '', to: 'fr' },
    ready: ({ text, from, to }) => has(text) && has(to) && from !== to,
    call: ({ text, from, to }) => ({
      method: 'translate',
      args: [['text', text]],
      options: { to, ...(from ? { from } : {}) },
      python: { to: 'target', from: 'source' },
      gives: 'text',
    }),
    models: true,
    needs: true,
  },
  transcribe: {
    blank: { file: null, name: '', bytes: 0, times: true },
    ready: ({ file }) => file !== null,
    call: ({ file, times }) => ({ method: 'transcribe', args: [['sound', file ?? new Blob()]], options: times ? { timestamps: true } : {}, gives: 'text' }),
    models: true,
    needs: true,
  },
  entities: {
    blank: { text: '', types: '' },
    ready: ({ text }) => has(text),
    call: ({ text, types }) => ({ method: 'extractEntities', args: [['text', text]], options: has(types) ? { types: labelsOf(types) } : {}, gives: 'entities' }),
    models: true,
    needs: true,
  },
  extract: {
    blank: { text: '', fields: '' },
    ready: ({ text, fields }) => has(text) && schemaOf(fields).schema !== null,
    call: ({ text, fields }) => ({ method: 'extract', args: [['text', text], ['schema', schemaOf(fields).schema ?? {}]], gives: 'value' }),
    models: true,
  },
  sentiment: {
    blank: { text: '', lines: false, sure: false },
    ready: ({ text }) => has(text),
    call: ({ text, lines, sure }) => ({
      method: 'classify',
      args: [lines ? ['texts', linesOf(text)] : ['text', text.trim()]],
      options: sure ? { threshold: 0.5 } : {},
      gives: lines ? 'results' : 'labels',
    }),
    models: true,
    needs: true,
  },
  classify: {
    blank: { text: '', labels: '', lines: false, multi: false },
    ready: ({ text, labels }) => has(text) && labelsOf(labels).length > 1,
    call: ({ text, labels, lines, multi }) => ({
      method: 'zeroShot',
      args: [lines ? ['texts', linesOf(text)] : ['text', text.trim()], ['labels', labelsOf(labels)]],
      options: multi ? { multiLabel: true } : {},
      gives: lines ? 'results' : 'labels',
    }),
    english: ({ text }) => text,
    models: true,
  },
  teach: {
    blank: { examples: '', name: '' },
    ready: ({ examples }) => {
      const { labels, badLine } = examplesOf(examples);
      return badLine === null && labels.length > 1;
    },
    call: ({ examples, name }) => ({
      method: 'teach',
      args: [['examples', examplesOf(examples).examples]],
      options: has(name) ? { name: name.trim() } : {},
      gives: 'id',
    }),
    english: ({ examples }) => examplesOf(examples).examples.map(({ text }) => text).join('\n'),
  },
  use: {
    blank: { id: '', text: '' },
    ready: ({ id, text }) => has(id) && has(text),
    call: ({ id, text }) => ({ method: 'classify', of: ['id', id], args: [['text', text.trim()]], gives: 'labels' }),
    english: ({ text }) => text,
  },
  rerank: {
    blank: { query: '', docs: '' },
    ready: ({ query, docs }) => has(query) && linesOf(docs).length > 1,
    call: ({ query, docs }) => ({ method: 'rerank', args: [['query', query.trim()], ['docs', linesOf(docs)]], gives: 'results' }),
    english: ({ docs }) => docs,
    models: true,
  },
  language: {
    blank: { text: '' },
    ready: ({ text }) => has(text),
    call: ({ text }) => ({ method: 'detectLanguage', args: [['text', text]], gives: 'name' }),
  },
  similarity: {
    blank: { a: '', b: '' },
    ready: ({ a, b }) => has(a) && has(b),
    call: ({ a, b }) => ({ method: 'similarity', args: [['a', a.trim()], ['b', b.trim()]], gives: 'score' }),
    english: ({ a, b }) => `${a}\n${b}`,
  },
  embed: {
    blank: { text: '' },
    ready: ({ text }) => has(text),
    call: ({ text }) => ({ method: 'embed', args: [['text', text]], gives: 'embeddings' }),
    english: ({ text }) => text,
  },
  documents: {
    blank: { name: '', text: '' },
    ready: ({ name, text }) => has(name) && has(text),
    call: ({ name, text }) => ({ method: 'documents.add', packed: true, args: [['name', name.trim()], ['text', text]], gives: 'document' }),
    english: ({ text }) => text,
  },
  find: {
    blank: { query: '' },
    ready: ({ query }) => has(query),
    call: ({ query }) => ({ method: 'documents.search', args: [['query', query.trim()]], options: { topK: 5 }, gives: 'results' }),
  },
});

/** @typedef {keyof typeof cards} CardName */

/** Any card by its name. @param {CardName} name @returns {Card} */
export const cardOf = (name) => cards[name];
