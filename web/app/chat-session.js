/**
 * One conversation: sends a question, takes the answer in as it comes, and knows how to stop, go on from an earlier
 * question, try again and ask the other side. Every piece of text stays with the decision under which it was made, so
 * what one side said is never shown as the other's. Fires `change`.
 */

import { freshId } from './chats.js';
import { describe } from './search-session.js';

/** @typedef {import('./types.js').Chat} Chat */
/** @typedef {import('./types.js').ChatAnswer} ChatAnswer */
/** @typedef {import('./types.js').ChatChunk} ChatChunk */
/** @typedef {import('./types.js').Decision} Decision */
/** @typedef {import('./types.js').Turn} Turn */
/** @typedef {{prefer?: 'near' | 'far', consent?: boolean}} Wish */
/** @typedef {{chat: {completions: {create: (request: {messages: {role: 'user' | 'assistant', content: string}[], stream: true} & Record<string, unknown>, options: Wish & {signal: AbortSignal}) => Promise<AsyncIterable<ChatChunk>>}}, route: (request: {task: string, prompt: string} & Wish) => Promise<Decision>}} ChatClient */

/** A stream is written down at most this often. */
const SAVE_MS = 1000;

/** @returns {ChatAnswer} */
const fresh = () => ({ id: freshId(), text: '', state: 'waiting', decision: null, citations: [], found: null, error: null });

export class ChatSession extends EventTarget {
  /** @type {Chat} */
  chat = { id: freshId(), changed: 0, turns: [] };
  /** True while an answer is on its way. */
  pending = false;
  #client;
  #chats;
  #prepare;
  #parameters;
  /** @type {AbortController | null} */
  #abort = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #saving;
  /** Writes of the conversation, one after the other: each must know what the one before wrote. */
  #written = Promise.resolve();

  /**
   * @param {ChatClient} client
   * @param {Pick<import('./chats.js').Chats, 'get' | 'save' | 'remove'>} chats
   * @param {(signal: AbortSignal) => Promise<void>} [prepare] what has to be done before a question is sent
   * @param {() => Record<string, unknown>} [parameters] how a model is to write
   */
  constructor(client, chats, prepare = async () => {}, parameters = () => ({})) {
    super();
    this.#client = client;
    this.#chats = chats;
    this.#prepare = prepare;
    this.#parameters = parameters;
  }

  get turns() {
    return this.chat.turns;
  }

  /** Sends a question. Never rejects: look at the answers. @param {string} question @param {Wish} [wish] */
  send(question, wish = {}) {
    const turn = { id: freshId(), question, answers: [] };
    this.chat.turns.push(turn);
    return this.#run(turn, wish);
  }

  /** Changes an earlier question and goes on from there: what came after it goes. @param {string} id @param {string} question */
  edit(id, question) {
    const at = this.turns.findIndex((turn) => turn.id === id);
    if (at < 0) return Promise.resolve();
    this.stop();
    this.chat.turns.length = at;
    return this.send(question);
  }

  /** The same question once more, in the place of its answers. @param {string} id */
  retry(id) {
    const turn = this.turns.find((one) => one.id === id);
    if (!turn) return Promise.resolve();
    this.stop();
    turn.answers = [];
    return this.#run(turn, {});
  }

  /** The same question to a side of the visitor's choice; its answer comes below the others. @param {string} id @param {Wish} wish */
  ask(id, wish) {
    const turn = this.turns.find((one) => one.id === id);
    if (!turn) return Promise.resolve();
    this.stop();
    return this.#run(turn, wish);
  }

  /** The visitor would rather not: the question about the cloud is not put again for this answer. @param {ChatAnswer} answer */
  decline(answer) {
    answer.declined = true;
    this.#changed();
  }

  /** Stops the answer that is on its way; what came of it stays. */
  stop() {
    this.#abort?.abort();
  }

  /** Begins another conversation; this one stays in the list. */
  begin() {
    this.#leave();
    this.chat = { id: freshId(), changed: 0, turns: [] };
    this.dispatchEvent(new Event('change'));
  }

  /** Goes to a conversation of the list. @param {string} id */
  async show(id) {
    const chat = await this.#chats.get(id);
    if (!chat) return;
    this.#leave();
    // A tab that was closed in the middle of an answer left it unfinished.
    for (const answer of chat.turns.flatMap(({ answers }) => answers)) {
      if (answer.state === 'waiting' || answer.state === 'streaming') answer.state = 'stopped';
    }
    this.chat = chat;
    this.dispatchEvent(new Event('change'));
  }

  /** Deletes this conversation and begins another. */
  async remove() {
    const { id } = this.chat;
    this.begin();
    await this.#written;
    await this.#chats.remove(id);
  }

  /** Writes down now what would be written soon: the page may be about to go. */
  flush() {
    clearTimeout(this.#saving);
    this.#saving = undefined;
    const { chat } = this;
    if (chat.turns.length) this.#written = this.#written.then(() => this.#chats.save(chat));
    return this.#written;
  }

  #leave() {
    this.stop();
    this.#abort = null;
    this.pending = false;
    if (this.#saving) void this.flush();
  }

  /**
   * @param {Turn} turn
   * @param {Wish} wish
   */
  async #run(turn, wish) {
    this.stop();
    const abort = new AbortController();
    this.#abort = abort;
    this.pending = true;
    let answer = fresh();
    turn.answers.push(answer);
    this.#changed();
    void this.flush(); // whoever leaves at once finds the question again
    try {
      await this.#prepare(abort.signal);
      abort.signal.throwIfAborted();
      const request = { ...this.#parameters(), messages: messagesUpTo(this.turns, turn), stream: /** @type {const} */ (true) };
      const stream = await this.#client.chat.completions.create(request, { signal: abort.signal, ...wish });
      for await (const chunk of stream) {
        answer = take(turn, answer, chunk);
        this.#changed();
      }
      answer.state = 'done';
    } catch (thrown) {
      const error = describe(thrown);
      if (abort.signal.aborted || error.code === 'cancelled') {
        answer.state = 'stopped';
      } else {
        answer.state = 'failed';
        answer.error = error;
        if (!answer.decision) answer.decision = await this.#decision(turn, error.code);
      }
    }
    if (this.#abort !== abort) return this.#changed();
    this.#abort = null;
    this.pending = false;
    this.#changed();
    void this.flush();
    this.dispatchEvent(new CustomEvent('answered', { detail: answer }));
  }

  /**
   * A refusal carries no decision, but a dry run tells what stood in the way; where that was only the visitor's
   * consent, the page can ask for it.
   * @param {Turn} turn @param {string} code
   * @returns {Promise<Decision | null>}
   */
  async #decision(turn, code) {
    if (code !== 'no_route') return null;
    try {
      const agreed = await this.#client.route({ task: 'chat', prompt: turn.question, consent: true });
      return { ...agreed, tier: 'near', candidates: [{ tier: 'far', model: agreed.model, removedBy: agreed.tier === 'far' ? 'consent' : 'mode' }] };
    } catch (thrown) {
      if (describe(thrown).code === 'unexpected') throw thrown;
      return null; // not even then: there is nothing to ask for
    }
  }

  #changed() {
    if (!this.#saving && this.turns.length) {
      this.#saving = setTimeout(() => void this.flush(), SAVE_MS);
      /** @type {{unref?: () => void}} */ (/** @type {unknown} */ (this.#saving)).unref?.(); // Node's timers hold the process
    }
    this.dispatchEvent(new Event('change'));
  }
}

/**
 * What the engine is told of the conversation: each question with the last answer that has any text.
 * @param {readonly Turn[]} turns @param {Turn} last
 */
export function messagesUpTo(turns, last) {
  /** @type {{role: 'user' | 'assistant', content: string}[]} */
  const messages = [];
  for (const turn of turns.slice(0, turns.indexOf(last))) {
    messages.push({ role: 'user', content: turn.question });
    const said = turn.answers.findLast(({ text }) => text);
    if (said) messages.push({ role: 'assistant', content: said.text });
  }
  messages.push({ role: 'user', content: last.question });
  return messages;
}

/**
 * Takes one chunk in.
 * @param {Turn} turn @param {ChatAnswer} answer @param {ChatChunk} chunk
 * @returns {ChatAnswer} the answer that is being written from here on
 */
export function take(turn, answer, chunk) {
  const { nearside } = chunk;
  let current = answer;
  if (nearside?.event === 'decision') current.decision = nearside.decision;
  if (nearside?.event === 'fallback') {
    if (current.text || current.thoughts) {
      // What the first side had said stays as it was, and says that it ended there.
      current.state = 'failed';
      current.error = nearside.error;
      current = fresh();
      turn.answers.push(current);
    }
    current.decision = nearside.decision;
  }
  const { delta, finish_reason: reason } = chunk.choices[0] ?? { delta: {}, finish_reason: null };
  const piece = delta.content;
  if (delta.reasoning_content) {
    current.thoughts = (current.thoughts ?? '') + delta.reasoning_content;
    current.state = 'streaming';
  }
  if (piece) {
    current.text += piece;
    current.state = 'streaming';
  }
  if (nearside?.event === 'done') {
    current.decision = nearside.decision;
    current.citations = nearside.citations;
    current.found = nearside.found;
    if (nearside.dropped) current.dropped = nearside.dropped;
    if (chunk.usage?.completion_tokens) current.usage = { read: chunk.usage.prompt_tokens, written: chunk.usage.completion_tokens };
    if (reason === 'length') current.cut = true;
  }
  return current;
}
