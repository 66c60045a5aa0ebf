/**
 * Which model answers a task on this device, which others could, and fetching one: the state behind the picker of a card.
 * It outlives the view, so that a download goes on while somebody looks elsewhere. Fires `change`.
 */

import { describe } from '../search-session.js';

/** @typedef {import('../types.js').ErrorInfo} ErrorInfo */
/** @typedef {import('../types.js').Advice} Advice */
/** @typedef {import('../types.js').Services} Services */
/**
 * @typedef {object} Report
 * @property {Advice | null} best the one to use
 * @property {Advice[]} models it and the others
 * @property {Set<string>} here ids of those that need no model hub: stored, or offered by the site
 * @property {string | null} starter the model that comes with the page, where it does this, too
 * @property {string | null} current who answers while the visitor has chosen none
 */

/** @typedef {Pick<Services['client'], 'models'>} Models */
/** @typedef {Pick<import('../settings.js').SettingsWatch, 'value' | 'error' | 'set' | 'load'>} Kept */

export class ModelChoice extends EventTarget {
  /** Null until the engine has told. @type {Report | null} */
  report = null;
  /** What went wrong last. @type {ErrorInfo | null} */
  error = null;
  /** The model that is being fetched. @type {string | null} */
  fetching = null;
  /** How far that is; `share` null while unknown. @type {{phase: string, loaded: number, total: number | null} | null} */
  progress = null;
  /** What was found out about a model that somebody named. @type {Advice | null} */
  named = null;
  #client;
  #settings;
  /** @type {AbortController | null} */
  #abort = null;
  #asked = 0;
  #starts;
  /** @type {string[]} */
  #languages = [];

  /**
   * @param {string} task as the engine calls it
   * @param {{client: Models, settings: Kept}} parts
   * @param {boolean} [starts] the model that comes with the page does it, too
   */
  constructor(task, { client, settings }, starts = true) {
    super();
    this.task = task;
    this.#starts = starts;
    this.#client = client;
    this.#settings = settings;
  }

  /** The visitor's choice for this task; null where none was made. */
  get chosen() {
    return this.#settings.value?.models?.[this.task] ?? null;
  }

  /** Who answers, as far as it is known. */
  get current() {
    return this.chosen ?? this.report?.current ?? null;
  }

  /** What to offer where nothing answers yet. */
  get best() {
    return this.report?.best ?? this.report?.models[0] ?? null;
  }

  /** Whether the chosen model thinks first and can be told not to; null where only opening it would tell. */
  get thinks() {
    return [...(this.report?.models ?? []), this.named].find((one) => one?.id === this.chosen)?.thinks ?? null;
  }

  /** Whether a model can be had without the model hub. @param {string} id */
  isHere(id) {
    return this.report?.here.has(id) ?? false;
  }

  /**
   * Reads the report anew. Never rejects: look at `error`.
   * @param {string[]} [languages] of a translation: from, to
   */
  async load(languages = this.#languages) {
    const asked = (this.#asked += 1);
    this.#languages = languages;
    try {
      const { models } = this.#client;
      const [told, { models: entries }] = await Promise.all([
        models.recommend(this.task, languages.length ? { languages } : {}),
        models.list(),
        this.#settings.load(), // another tab may have chosen
      ]);
      if (asked !== this.#asked) return; // a later one is on its way
      this.report = reportOf(this.task, told, entries, this.#starts);
      this.error = null;
    } catch (thrown) {
      if (asked === this.#asked) this.#failed(thrown);
    }
    this.#changed();
  }

  /** What could be said about a model that is not in the list. @param {string} id */
  async look(id) {
    this.error = null;
    this.named = null;
    try {
      this.named = await this.#client.models.check(id);
    } catch (thrown) {
      this.#failed(thrown);
    }
    this.#changed();
  }

  /**
   * Fetches a model and takes it for this task. Never rejects.
   * @param {string} id
   * @returns {Promise<boolean>} whether it answers from now on
   */
  async fetch(id) {
    this.cancel();
    const abort = new AbortController();
    this.#abort = abort;
    Object.assign(this, { fetching: id, progress: null, error: null });
    this.#changed();
    try {
      await this.#client.models.preload(id, {
        signal: abort.signal,
        onProgress: (progress) => {
          if (this.#abort !== abort) return;
          this.progress = progress;
          this.#changed();
        },
      });
    } catch (thrown) {
      if (this.#abort === abort) {
        this.#over();
        if (describe(thrown).code !== 'cancelled') this.#failed(thrown);
        this.#changed();
      }
      return false;
    }
    if (this.#abort !== abort) return false;
    this.#over();
    return this.choose(id);
  }

  /** Stops the download; what was fetched of it stays. */
  cancel() {
    this.#abort?.abort();
    this.#over();
    this.#changed();
  }

  /** Takes a model for this task; null is whatever the engine would take. @param {string | null} id @returns {Promise<boolean>} */
  async choose(id) {
    await this.#settings.set({ [`models.${this.task}`]: id });
    this.error = this.#settings.error;
    const { error } = this;
    await this.load();
    this.error ??= error;
    return !error;
  }

  #over() {
    this.#abort = null;
    Object.assign(this, { fetching: null, progress: null });
  }

  /** @param {unknown} thrown */
  #failed(thrown) {
    this.error = describe(thrown);
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}

/**
 * @param {string} task
 * @param {{model: Advice | null, others: Advice[]}} told
 * @param {import('../types.js').Model[]} entries what the engine lists: stored models, and those that the site offers
 * @param {boolean} starts
 * @returns {Report}
 */
export function reportOf(task, { model, others }, entries, starts) {
  const starter = starts ? (entries.find((entry) => entry.starter)?.id ?? null) : null;
  // As the engine chooses: open ones before stored ones, both before those that it would have to fetch from the site.
  const able = entries.filter((entry) => entry.task === task && !entry.starter);
  const first = able.find(({ loaded }) => loaded) ?? able[0];
  return {
    best: model,
    models: [...(model ? [model] : []), ...others],
    here: new Set(entries.map(({ id }) => id)),
    starter,
    current: starter ?? first?.id ?? null,
  };
}

/**
 * What keeps models of the hub away, as a sentence's name; null where nothing that is known does.
 * @param {{settings: Pick<import('../settings.js').SettingsWatch, 'localOnly' | 'value'>, engine: Pick<import('../engine-watch.js').EngineWatch, 'status' | 'online'>}} services
 * @returns {'localOnly' | 'site' | 'settings' | 'offline' | null}
 */
export function hubShut({ settings, engine }) {
  if (settings.localOnly) return 'localOnly';
  if (engine.status.hub === false) return 'site';
  if (settings.value?.hub === false) return 'settings';
  return engine.online ? null : 'offline';
}

/** Tasks that the model that comes with the page does not do. */
const NEEDING = ['classify', 'extractEntities', 'translate', 'transcribe'];

/** @type {WeakMap<object, Map<string, ModelChoice>>} */
const choices = new WeakMap();

/** The page's one choice for a task. @param {Services} services @param {string} task @returns {ModelChoice} */
export function choiceOf(services, task) {
  let byTask = choices.get(services);
  if (!byTask) choices.set(services, (byTask = new Map()));
  let choice = byTask.get(task);
  if (!choice) byTask.set(task, (choice = new ModelChoice(task, services, !NEEDING.includes(task))));
  return choice;
}
