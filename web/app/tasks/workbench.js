/**
 * The state of the cards: what was typed, what runs, what came back. It outlives the view, so that looking elsewhere
 * stops nothing and loses nothing.
 */

import { cardOf, cards } from './cards.js';
import { TaskRun } from './task-run.js';

/** @typedef {import('./cards.js').CardName} CardName */
/** @typedef {import('./cards.js').Task} Task */
/** @typedef {import('../types.js').Services} Services */
/** @typedef {import('./task-run.js').Given} Given */

/** How much of a text its language is told from. */
const ENOUGH = 4000;
/** Below this the language is not said: a wrong word about somebody's text is worse than none. */
const SURE = 0.8;

/**
 * Makes the call that a card describes, on the page's client.
 * @param {any} client
 * @param {import('./code.js').Call} call
 * @param {Record<string, unknown>} [more] options beside the card's: signal, progress, the other side
 * @returns {Promise<any>}
 */
export async function make(client, { method, args, options = {}, packed, fields, of }, more = {}) {
  const given = packed ? [{ ...Object.fromEntries(args), ...fields }] : args.map(([, value]) => value);
  const owner = of ? await client.classifiers.get(of[1]) : client;
  const path = method.split('.');
  const last = /** @type {string} */ (path.pop());
  const target = path.reduce((object, part) => object[part], owner);
  return target[last](...given, { ...options, ...more });
}

export class Workbench extends EventTarget {
  /** The card that is open. @type {Task} */
  open = 'summarize';
  /** What stands in the fields. @type {Record<CardName, Record<string, any>>} */
  forms;
  /** @type {Record<CardName, TaskRun>} */
  runs;
  /** What the console is to begin with, put there by a card. @type {string | null} */
  code = null;

  #client;

  /** @param {{client: any, engine: {answersNow: boolean} & EventTarget}} services @param {() => number} [now] */
  constructor({ client, engine }, now = () => performance.now()) {
    super();
    this.#client = client;
    const names = /** @type {CardName[]} */ (Object.keys(cards));
    this.forms = /** @type {any} */ (Object.fromEntries(names.map((name) => [name, { ...cardOf(name).blank }])));
    this.runs = /** @type {any} */ (Object.fromEntries(names.map((name) => [name, new TaskRun({ now, answersNow: () => engine.answersNow })])));
    for (const run of Object.values(this.runs)) run.addEventListener('change', () => this.changed());
    engine.addEventListener('change', () => {
      if (engine.answersNow) for (const run of Object.values(this.runs)) run.engineIsUp();
    });
  }

  /** @param {Task} task */
  choose(task) {
    this.open = task;
    this.changed();
  }

  /** @param {CardName} name @param {Record<string, unknown>} values */
  fill(name, values) {
    Object.assign(this.forms[name], values);
    this.changed();
  }

  /** True when the fields no longer say what the shown result came from. @param {CardName} name */
  stale(name) {
    const given = this.runs[name].given;
    return given !== null && JSON.stringify(given.form) !== JSON.stringify(this.forms[name]);
  }

  /** The call whose result is shown; before there is one, the call that Run would make. @param {CardName} name */
  callOf(name) {
    const { given, state } = this.runs[name];
    return given && state !== 'idle' && !this.stale(name) ? given.call : cardOf(name).call(this.forms[name]);
  }

  /**
   * Makes a card's call with what stands in its fields. Never rejects: look at the run.
   * @param {CardName} name
   * @param {Record<string, unknown>} [more] options for this once: `prefer`, `consent`
   * @param {(form: Record<string, any>, call: import('./code.js').Call) => Promise<import('./code.js').Call>} [prepare] changes the call before it is made
   * @returns {Promise<TaskRun>}
   */
  async start(name, more = {}, prepare) {
    const form = { ...this.forms[name] };
    const card = cardOf(name);
    const run = this.runs[name];
    const call = card.call(form);
    await run.run({ form, call }, async (given, parts) => {
      if (prepare) given.call = await prepare(form, given.call);
      const language = card.english ? this.#foreign(card.english(form), parts.signal) : null;
      const answer = await make(this.#client, given.call, { ...more, ...parts });
      // Another model may well read another language; of the starter it is known that it does not.
      const starter = answer?.decision?.tier !== 'far' && (answer?.model?.id ?? 'nearside/').startsWith('nearside/');
      return { answer, foreign: starter ? await language : null };
    });
    return run;
  }

  changed() {
    this.dispatchEvent(new Event('change'));
  }

  /**
   * The name of a text's language, where it is surely not English.
   * @param {string} text @param {AbortSignal} signal
   * @returns {Promise<string | null>}
   */
  async #foreign(text, signal) {
    try {
      const { language, name, confidence } = await this.#client.detectLanguage(text.slice(0, ENOUGH), { signal });
      return language && language !== 'en' && confidence >= SURE ? name : null;
    } catch {
      return null; // it is a remark beside the answer; the answer itself says what went wrong
    }
  }
}

/** @type {WeakMap<object, Workbench>} */
const benches = new WeakMap();

/** The page's one workbench. @param {Services} services @returns {Workbench} */
export function workbenchOf(services) {
  let bench = benches.get(services);
  if (!bench) benches.set(services, (bench = new Workbench(services)));
  return bench;
}
