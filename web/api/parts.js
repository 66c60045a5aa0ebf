/** The parts of a client that are lists: models, documents, classifiers, records, settings. */

/**
 * @typedef {(method: string, params: Record<string, unknown>, options?: import('./connection.js').CallOptions) => Promise<any>} Call
 * @typedef {import('./shapes.js').TaskOptions} TaskOptions
 * @typedef {import('./shapes.js').Answered} Answered
 * @typedef {import('./shapes.js').ClassifierInfo} ClassifierInfo
 * @typedef {import('./shapes.js').DocumentInfo} DocumentInfo
 * @typedef {import('./shapes.js').Labels} Labels
 * @typedef {import('./shapes.js').ModelCheck} ModelCheck
 * @typedef {import('../errors.js').NearsideError} NearsideError
 */

/**
 * Splits a task's options into those of the call itself and those that go to the engine.
 * @param {TaskOptions & Record<string, unknown>} options
 * @returns {[Record<string, unknown>, import('./connection.js').CallOptions]}
 */
export function split({ signal, onProgress, onText, ...rest }) {
  const onChunk = typeof onText === 'function' ? (/** @type {{text: string}} */ { text }) => onText(text) : undefined;
  return [rest, { signal, onProgress, onChunk }];
}

/** `client.models`: which models there are, loading and removing them. */
export class Models {
  #call;

  /** @param {Call} call */
  constructor(call) {
    this.#call = call;
  }

  /** @returns {Promise<{models: import('./shapes.js').ModelEntry[]}>} every model that is offered here or stored, the starter first */
  list() {
    return this.#call('models.list', {});
  }

  /**
   * The model to use for a task on this device and why, and the others that were looked at. For `translate` the languages
   * are the source and the target, else those that the texts are in.
   * @param {string} task @param {{languages?: string[]}} [options]
   * @returns {Promise<{task: string, model: ModelCheck|null, others: ModelCheck[], reasons: string[]}>}
   */
  recommend(task, options = {}) {
    return this.#call('models.recommend', { task, ...options });
  }

  /**
   * Whether a model runs on this device, how, and the next smaller choice.
   * @param {string} id @returns {Promise<ModelCheck>}
   * @throws {NearsideError} unknown_model
   */
  async check(id) {
    return (await this.#call('models.check', { id })).check;
  }

  /**
   * Fetches and opens a model now.
   * @param {string} id @param {{signal?: AbortSignal, onProgress?: (progress: import('./shapes.js').LoadProgress) => void}} [options]
   * @returns {Promise<{model: import('./shapes.js').ModelEntry}>}
   */
  preload(id, options = {}) {
    return this.#call('models.preload', { id }, options);
  }

  /** Gives a model's memory back; its files stay. @param {string} id @returns {Promise<{unloaded: boolean}>} */
  unload(id) {
    return this.#call('models.unload', { id });
  }

  /** Unloads a model and deletes its files. @param {string} id @returns {Promise<{deleted: boolean}>} */
  delete(id) {
    return this.#call('models.delete', { id });
  }

  /**
   * Goes back to the revision that was used before the present one, and stays with it.
   * @param {string} id @returns {Promise<{revision: string}>}
   * @throws {NearsideError} not_found when no other one is kept
   */
  rollback(id) {
    return this.#call('models.rollback', { id });
  }

  /** @returns {Promise<import('./shapes.js').StorageReport>} */
  storage() {
    return this.#call('models.storage', {});
  }
}

/** `client.documents`: text and Markdown that is kept on this device, to be searched and quoted. */
export class Documents {
  #call;

  /** @param {Call} call */
  constructor(call) {
    this.#call = call;
  }

  /**
   * Keeps a document, in place of the one with the same `id`; either all of it or nothing. `kind` is guessed from the
   * name where it is not given.
   * @param {{name: string, text: string, id?: string, kind?: 'text'|'markdown'}} document @param {TaskOptions} [options]
   * @returns {Promise<{document: DocumentInfo} & Answered>}
   */
  add(document, options = {}) {
    const [rest, call] = split(options);
    return this.#call('documents.add', { ...rest, ...document }, call);
  }

  /** @returns {Promise<{documents: DocumentInfo[]}>} oldest first */
  list() {
    return this.#call('documents.list', {});
  }

  /** @param {string} id @returns {Promise<{document: DocumentInfo, text: string}>} */
  get(id) {
    return this.#call('documents.get', { id });
  }

  /**
   * The best passages of all documents, best first; `start` and `end` are the place in the document.
   * @param {string} query @param {TaskOptions & {topK?: number}} [options]
   * @returns {Promise<{results: import('./shapes.js').DocumentHit[]} & Answered>}
   */
  search(query, options = {}) {
    const [rest, call] = split(options);
    return this.#call('documents.search', { ...rest, query }, call);
  }

  /** @param {string} id @returns {Promise<{deleted: boolean}>} */
  delete(id) {
    return this.#call('documents.delete', { id });
  }
}

/** A taught classifier that is kept on this device. */
export class Classifier {
  #call;

  /** @param {Call} call @param {ClassifierInfo} info @param {import('./shapes.js').Decision|null} decision that of its teaching */
  constructor(call, info, decision = null) {
    this.#call = call;
    this.id = info.id;
    this.name = info.name;
    this.labels = info.labels;
    this.examples = info.examples;
    this.model = info.model;
    this.created = info.created;
    this.decision = decision;
  }

  /**
   * The labels of a text with their probabilities, best first; a list of texts gives `results`.
   * @param {string|string[]} texts @param {TaskOptions} [options]
   * @returns {Promise<Labels & {results: Labels[]} & Answered>}
   */
  classify(texts, options = {}) {
    const [rest, call] = split(options);
    return this.#call('classifiers.classify', { ...rest, id: this.id, texts }, call);
  }

  /** @returns {Promise<string>} the text of one file, for `classifiers.import` here or elsewhere */
  async export() {
    return (await this.#call('classifiers.export', { id: this.id })).file;
  }

  /** @returns {Promise<{deleted: boolean}>} */
  delete() {
    return this.#call('classifiers.delete', { id: this.id });
  }
}

/** `client.classifiers`: what was taught. */
export class Classifiers {
  #call;

  /** @param {Call} call */
  constructor(call) {
    this.#call = call;
  }

  /** @returns {Promise<{classifiers: ClassifierInfo[]}>} oldest first */
  list() {
    return this.#call('classifiers.list', {});
  }

  /** @param {string} id @returns {Promise<Classifier>} */
  async get(id) {
    return new Classifier(this.#call, (await this.#call('classifiers.get', { id })).classifier);
  }

  /** Keeps a classifier that was exported. @param {string} file its text @returns {Promise<Classifier>} */
  async import(file) {
    return new Classifier(this.#call, (await this.#call('classifiers.import', { file })).classifier);
  }
}

/** `client.records`: what was decided, and why, for every request of this device. */
export class Records {
  #call;

  /** @param {Call} call */
  constructor(call) {
    this.#call = call;
  }

  /** @param {{limit?: number}} [options] @returns {Promise<{records: Record<string, any>[]}>} newest first */
  list(options = {}) {
    return this.#call('records.list', { ...options });
  }

  /** @returns {Promise<string>} all of them, oldest first, one JSON object per line */
  async export() {
    return (await this.#call('records.export', {})).text;
  }

  /** @returns {Promise<void>} */
  async clear() {
    await this.#call('records.clear', {});
  }
}

/** `client.settings`: how the visitor wants the two sides to be used. */
export class Settings {
  #call;

  /** @param {Call} call */
  constructor(call) {
    this.#call = call;
  }

  /** @returns {Promise<import('./shapes.js').SettingsReport>} */
  get() {
    return this.#call('settings.get', {});
  }

  /**
   * Changes some of them, for all tabs; null puts one back to its default. `models.TASK` is the id of the model that is to
   * answer a task on this device.
   * @param {{mode?: import('./shapes.js').Mode|null, cloud?: 'ask'|'allow'|null, hub?: boolean|null}
   *   & {[task: `models.${string}`]: string|null}} changes
   * @returns {Promise<import('./shapes.js').SettingsReport>}
   */
  set(changes) {
    return this.#call('settings.set', { changes });
  }
}
