/** One method per task. They only send and receive; the engine decides and computes. */

import { Completions, streamText } from './chat.js';
import { Classifier, split } from './parts.js';

/**
 * @typedef {import('../errors.js').NearsideError} NearsideError
 * @typedef {import('./shapes.js').Answered} Answered
 * @typedef {import('./shapes.js').Span} Span
 * @typedef {import('./shapes.js').TaskOptions} TaskOptions
 * @typedef {import('./shapes.js').WritingOptions} WritingOptions
 */

/** What a client can do with texts and sounds. */
export class Tasks extends EventTarget {
  #call;

  /** @param {import('./parts.js').Call} call */
  constructor(call) {
    super();
    this.#call = call;
  }

  /**
   * A vector of length 1 for each text. `kind` says what the texts are where the model tells queries from passages;
   * `dimensions` keeps the first ones, where the model was trained for it.
   * @param {string|string[]} texts @param {TaskOptions & {kind?: 'query'|'passage', dimensions?: number}} [options]
   * @returns {Promise<{embeddings: Float32Array[]} & Answered>}
   * @throws {NearsideError} invalid_input, and what loading a model may throw
   */
  embed(texts, options = {}) {
    return this.#task('embed', { texts }, options);
  }

  /**
   * The cosine of two texts' vectors, -1 to 1.
   * @param {string} a @param {string} b @param {TaskOptions} [options]
   * @returns {Promise<{score: number} & Answered>}
   */
  similarity(a, b, options = {}) {
    return this.#task('similarity', { a, b }, options);
  }

  /**
   * The best documents for a query, by words and by meaning, best first. With `passages` every document is cut into
   * passages and the best of them are the results; `start` and `end` are the place in the document.
   * @param {string} query @param {string[]} docs @param {TaskOptions & {topK?: number, passages?: boolean}} [options]
   * @returns {Promise<{results: import('./shapes.js').SearchHit[]} & Answered>}
   */
  search(query, docs, options = {}) {
    return this.#task('search', { query, docs }, options);
  }

  /**
   * The texts in a new order: those that answer the query best first; all of them unless `topK` says how many.
   * @param {string} query @param {string[]} docs @param {TaskOptions & {topK?: number}} [options]
   * @returns {Promise<{results: {index: number, score: number, text: string}[]} & Answered>}
   */
  rerank(query, docs, options = {}) {
    return this.#task('rerank', { query, docs }, options);
  }

  /**
   * How well each label fits: scores that sum to 1, or with `multiLabel` each label's own, best first. A list of texts
   * gives `results` with one entry each. `hypothesis` is the sentence that a label is put into, with {} in its place.
   * @param {string|string[]} texts @param {string[]} labels
   * @param {TaskOptions & {multiLabel?: boolean, hypothesis?: string}} [options]
   * @returns {Promise<import('./shapes.js').Labels & {results: import('./shapes.js').Labels[]} & Answered>} `labels` and
   *   `scores` for one text, `results` for a list
   */
  zeroShot(texts, labels, options = {}) {
    return this.#task('zeroShot', { texts, labels }, options);
  }

  /**
   * The sentences that say most, in their order, with their places; a model for summaries and the cloud write their own
   * (`sentences` is then empty). `style`: `headline` (1 sentence), `brief` (3), `detailed` (7) or `bullets` (5).
   * @param {string} text
   * @param {WritingOptions & {style?: 'headline'|'brief'|'detailed'|'bullets', maxTokens?: number}} [options]
   * @returns {Promise<{summary: string, sentences: (Span & {text: string, score: number})[]} & Answered>}
   */
  summarize(text, options = {}) {
    return this.#task('summarize', { text }, options);
  }

  /**
   * The sentence of `context` that answers best (with a model for question answering: the words), with its place, and
   * the next ones. Places are null where the cloud answered in words of its own. `noAnswer`: how likely the context does
   * not answer at all, 0 to 1, null where the model was not trained to tell.
   * @param {string} question @param {string} context @param {TaskOptions & {topK?: number}} [options]
   * @returns {Promise<import('./shapes.js').AnswerSpan & {alternatives: import('./shapes.js').AnswerSpan[],
   *   noAnswer: number|null} & Answered>}
   */
  answer(question, context, options = {}) {
    return this.#task('answer', { question, context }, options);
  }

  /**
   * The labels that a model was trained for (sentiment, topics, ...), with their probabilities, best first; none where all
   * are below `threshold`. `labels` are those that the cloud chooses from. A list of texts gives `results`.
   * @param {string|string[]} texts @param {TaskOptions & {topK?: number, threshold?: number, labels?: string[]}} [options]
   * @returns {Promise<import('./shapes.js').Labels & {results: import('./shapes.js').Labels[]} & Answered>}
   * @throws {NearsideError} model_needed while no model on this device does it
   */
  classify(texts, options = {}) {
    return this.#task('classify', { texts }, options);
  }

  /**
   * Names of people, places and the like, with their places in the text; a list of texts gives `results`. `aggregation` puts
   * a name's tokens together; `types` keeps some, and tells the cloud what to look for.
   * @param {string|string[]} texts
   * @param {TaskOptions & {aggregation?: 'none'|'simple'|'first'|'max', types?: string[]}} [options]
   * @returns {Promise<{entities: import('./shapes.js').Entity[], results: {entities: import('./shapes.js').Entity[]}[]} & Answered>}
   * @throws {NearsideError} model_needed
   */
  extractEntities(texts, options = {}) {
    return this.#task('extractEntities', { texts }, options);
  }

  /**
   * The values that a text gives for a JSON schema (an object with properties). `fields` says of each path in `value`
   * (`items[0].price`) how it was found and where it stands; `missing` names the paths that the text does not give.
   * @param {string} text @param {Record<string, unknown>} schema @param {TaskOptions} [options]
   * @returns {Promise<{value: Record<string, any>, fields: Record<string, import('./shapes.js').FieldSource>, missing: string[]} & Answered>}
   */
  extract(text, schema, options = {}) {
    return this.#task('extract', { text, schema }, options);
  }

  /**
   * The text in another language. Languages are codes (`en`, `fr`); without `from` it is told apart by the text. `onText`
   * hears the translation as it is written.
   * @param {string} text @param {WritingOptions & {to: string, from?: string}} options
   * @returns {Promise<{text: string, from: string|null, to: string} & Answered>}
   * @throws {NearsideError} model_needed, invalid_option for a pair that the model does not translate
   */
  translate(text, options) {
    return this.#task('translate', { text }, options);
  }

  /**
   * What is said in a sound: a file with sound (or its bytes), a decoded `AudioBuffer`, or samples of one channel from -1 to
   * 1 at `sampleRate` (16,000 unless said otherwise). `timestamps` asks for the times of phrases, in seconds; without it the
   * parts between long pauses have times. `onText` hears the text as it is written; `onProgress` counts seconds of sound.
   * @param {import('./audio.js').Sound} sound
   * @param {WritingOptions & {language?: string, timestamps?: boolean, sampleRate?: number}} [options]
   * @returns {Promise<{text: string, segments: {text: string, start: number, end: number}[], language: string|null,
   *   duration: number} & Answered>} an empty text where nobody speaks
   * @throws {NearsideError} invalid_input for what is no sound, model_needed, invalid_option for a language that the model
   *   does not know
   */
  async transcribe(sound, options = {}) {
    const { samples } = await import('./audio.js'); // which most pages never need
    return this.#task('transcribe', await samples(sound, options), options);
  }

  /**
   * @param {string} text @param {TaskOptions} [options]
   * @returns {Promise<{language: string|null, name: string|null, confidence: number,
   *   alternatives: {language: string, confidence: number}[], decision: import('./shapes.js').Decision}>}
   */
  detectLanguage(text, options = {}) {
    return this.#task('detectLanguage', { text }, options);
  }

  /**
   * A classifier that has learned from examples; it is kept on this device.
   * @param {{text: string, label: string}[]} examples @param {TaskOptions & {name?: string}} [options]
   * @returns {Promise<Classifier>}
   */
  async teach(examples, options = {}) {
    const { classifier, decision } = await this.#task('teach', { examples }, options);
    return new Classifier(this.#call, classifier, decision);
  }

  /**
   * An answer to a prompt: quoted from documents on this device, with citations, or written by a model, of this device or
   * of the cloud, whose `parameters` (temperature, max_tokens, ...) are OpenAI's.
   * @param {string} prompt @param {TaskOptions & {parameters?: Record<string, unknown>}} [options]
   * @returns {Promise<{text: string, finishReason: string, citations: import('./shapes.js').Citation[], found: boolean} & Answered>}
   */
  generate(prompt, options = {}) {
    return this.#task('generate', { prompt }, options);
  }

  /**
   * The answer of `generate` piece by piece; `result` settles at its end. Should the side that answers break off, the
   * other one's answer follows after an empty line.
   * @param {string} prompt @param {TaskOptions & {parameters?: Record<string, unknown>}} [options]
   */
  stream(prompt, options = {}) {
    return streamText(new Completions(this.#call), prompt, options);
  }

  /** @param {string} method @param {Record<string, unknown>} params @param {TaskOptions & Record<string, unknown>} options */
  #task(method, params, options) {
    const [rest, call] = split(options);
    return this.#call(method, { ...rest, ...params }, call);
  }
}
