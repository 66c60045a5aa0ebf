/** Every word of the model picker, of the cards that need a model of their own, and of the chat's writing part. */

import { counted, duration, language, list, number, percent, size } from './format.js';
import { backends } from './strings.js';

const tokenWords = { one: 'token', other: 'tokens' };
const fieldWords = { one: 'field', other: 'fields' };
const entityWords = { one: 'name', other: 'names' };

export const picker = {
  label: 'Model',
  none: 'none yet',
  wait: 'Asking the engine which models there are',
  starter: 'Comes with the page.',
  why: 'Which model does this on your device. Others may do it better, in other languages, or faster.',
  list: 'Models for this task',
  inUse: 'In use',
  best: 'Recommended · ',
  verdicts: { good: 'Runs well here.', limited: 'Runs here, with limits.', no: 'Does not run here.' },
  memory: (/** @type {number | null} */ bytes) => (bytes ? `It takes about ${size(bytes)} of memory.` : ''),
  facts: (/** @type {import('./types.js').Advice} */ { bytes, exact, license, languages, dtype, backend }) =>
    [
      bytes ? `${exact ? '' : 'about '}${size(bytes)}` : null,
      license,
      languages.includes('mul') ? 'many languages' : languages.length > 5 ? `${number(languages.length)} languages` : languages.length ? list(languages.map(language)) : null,
      [dtype, backend && (backends[backend] ?? backend)].filter(Boolean).join(' on ') || null,
    ]
      .filter(Boolean)
      .join(' · '),
  smaller: (/** @type {string} */ id) => `A smaller one is ${id}.`,
  use: 'Use it',
  fetch: 'Download and use',
  actionOn: (/** @type {string} */ action, /** @type {string} */ id) => `${action}: ${id}`,
  cancel: 'Cancel',
  reset: 'Use the starter again',
  resetNone: 'Let the engine choose again',
  fetching: (/** @type {string} */ id) => `Download of ${id}`,
  progress: (/** @type {{phase: string, loaded: number, total: number | null}} */ { phase, loaded, total }) =>
    phase === 'download' ? (total ? `${size(loaded)} of ${size(total)} · ${percent(loaded / total)}` : size(loaded)) : 'Preparing it',
  begin: 'Beginning',
  taken: (/** @type {string} */ id) => `${id} does this from now on.`,
  back: 'The engine chooses the model again.',
  failed: 'That did not work:',
  other: 'Another model, by its id',
  otherHint: 'org/name',
  look: 'Look',
  empty: 'No model for this is known here. If you know one, name it below.',
  shut: {
    localOnly: 'Local-only keeps the browser from the model hub, so only what is already here can be used.',
    site: 'This site does not let models be downloaded from a hub, so only what is already here can be used.',
    settings: 'Downloads from the model hub are switched off.',
    offline: 'You are offline. What is not here yet can be downloaded once you are back.',
  },
  settings: 'Settings',
  manage: 'All models',
};

export const needed = {
  title: 'This needs a model of its own',
  lead: 'The small model that comes with the page does not do this.',
  offer: (/** @type {string} */ id) => `${id} does.`,
  fetch: (/** @type {number | null} */ bytes, /** @type {boolean} */ exact) => (bytes ? `Download it (${exact ? '' : 'about '}${size(bytes)})` : 'Download it'),
  use: 'Use it',
  then: 'It is fetched once, kept in this browser, and then your text is read.',
  none: 'No model for this is known here. Name one in the list of models above.',
  cloud: (/** @type {string} */ model) => `Ask ${model} in the cloud, once`,
  cloudNote: 'That sends this text out.',
};

/** @type {Record<string, string>} */
const AGE = { PER: 'Person', ORG: 'Organisation', LOC: 'Place', MISC: 'Other' };

export const cards = {
  translate: {
    name: 'Translate',
    lead: 'Puts a text into another language, sentence by sentence, on this device.',
    text: 'Text to translate',
    textHint: 'A message, a paragraph, a letter.',
    from: 'From',
    auto: 'Find out',
    to: 'To',
    swap: 'Swap the languages',
    run: 'Translate',
    need: 'Add a text, and choose two different languages.',
    between: (/** @type {string | null} */ from, /** @type {string} */ to) => (from ? `${language(from)} to ${language(to)}` : `To ${language(to)}`),
    tokens: (/** @type {number} */ count) => `${counted(count, tokenWords)} written`,
  },
  transcribe: {
    name: 'Transcribe',
    lead: 'Writes down what is said, in a sound file or into the microphone. The sound stays on this device.',
    file: 'Sound file',
    choose: 'Choose a sound file',
    drop: 'or drop one here: MP3, WAV, M4A, OGG, or a video',
    remove: 'Take it out again',
    times: 'With the times of phrases',
    speak: 'Speak',
    speakHint: 'into the microphone, and read along',
    stopListening: 'Stop',
    listening: 'Listening',
    ears: { asking: 'Asking for the microphone', open: 'Listening. Pauses end a phrase.', ending: 'Writing down the last words' },
    progress: (/** @type {number} */ done, /** @type {number} */ total) => `${clock(done)} of ${clock(total)}`,
    run: 'Transcribe',
    need: 'Choose a sound file, or speak.',
    nothing: 'Nobody was heard to speak.',
    segments: 'When it was said',
    from: (/** @type {number} */ seconds) => clock(seconds),
    ratio: (/** @type {number} */ sound) => `${duration(sound * 1000)} of sound`,
  },
  entities: {
    name: 'Names',
    lead: 'Finds people, places, organisations and the like, and marks them in the text.',
    text: 'Text',
    textHint: 'News, a letter, minutes.',
    types: 'Only these types, separated by commas (may be left out)',
    typesHint: 'PER, LOC',
    run: 'Find names',
    need: 'Add a text.',
    found: (/** @type {number} */ count) => (count ? counted(count, entityWords) : 'No names found'),
    none: 'The model found none in this text.',
    marked: 'In the text',
    list: 'By type',
    types_: AGE,
  },
  extract: {
    name: 'Extract',
    lead: 'Fills in the fields that you name, says how each was found, and which were not.',
    text: 'Text',
    textHint: 'An invoice, a CV, the notes of a meeting.',
    fields: 'Fields, one on each line, as “name: kind”',
    fieldsHint: 'invoice number\ntotal: number\ndue: date\nitems: list of text',
    kinds: (/** @type {string[]} */ kinds) => `Kinds: ${list([...kinds, 'one of: a, b', 'list of text'])}. A JSON schema works, too.`,
    count: (/** @type {number} */ some) => (some ? counted(some, fieldWords) : 'No fields yet'),
    badLine: (/** @type {number} */ line) => `Line ${number(line)} names no kind that is known.`,
    run: 'Extract',
    need: 'Add a text, and at least one field.',
    found: (/** @type {number} */ some, /** @type {number} */ all) => `${number(some)} of ${counted(all, fieldWords)}`,
    missing: 'Not found',
    methods: /** @type {Record<string, string>} */ ({ pattern: 'by its form', entity: 'as a name', answer: 'by asking the text', model: 'by the model' }),
    source: 'In the text',
    copy: 'Copy as JSON',
    copied: 'The fields were copied as JSON.',
    columns: { field: 'Field', value: 'Value', how: 'Found' },
  },
  sentiment: {
    name: 'Sentiment',
    lead: 'Labels that a model was trained for: mostly how a text feels, with other models its topic or tone.',
    text: 'Text',
    textHint: 'A review, a message, a comment.',
    lines: 'Each line is a text of its own',
    sure: 'Leave out labels below 50 %',
    run: 'Read the mood',
    need: 'Add a text.',
    scores: 'Labels, the best first',
    each: 'Best label for each text',
    unsure: 'No label is sure enough.',
  },
};

export const emptyCards = {
  translate: 'The translation appears here, as it is written.',
  transcribe: 'What was said appears here, as it is understood.',
  entities: 'The names appear here, marked in the text.',
  extract: 'The fields appear here, each with its place in the text.',
  sentiment: 'The labels and how sure the model is of each appear here.',
};

/** Seconds as a clock shows them. @param {number} seconds */
export function clock(seconds) {
  const whole = Math.floor(seconds);
  const pair = (/** @type {number} */ value) => String(value).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  return hours ? `${hours}:${pair(Math.floor(whole / 60) % 60)}:${pair(whole % 60)}` : `${Math.floor(whole / 60)}:${pair(whole % 60)}`;
}

export const writing = {
  button: 'How it writes',
  by: (/** @type {string} */ model) => `Writes: ${model}`,
  heading: 'How it writes',
  close: 'Close',
  lead: 'The model that answers in the chat on this device, and how.',
  quotes: 'The small model that comes with the page quotes your texts; it does not write. Choose one that does, and it answers in the chat on this device.',
  asMade: 'as the model has it',
  fields: { temperature: 'Temperature', max_tokens: 'Most tokens', seed: 'Seed' },
  hints: {
    temperature: (/** @type {string} */ most) => `0 is always the likeliest word; up to ${most} the more surprising.`,
    max_tokens: () => 'Where an answer ends at the latest. A token is about four letters.',
    seed: () => 'The same number gives the same answer again.',
  },
  thinking: 'May think before it answers',
  thinkingHint: 'That takes longer and is often better. Its thoughts are shown folded.',
  thoughts: 'Thoughts',
  thinks: 'Thinking',
  tokens: (/** @type {{read: number, written: number}} */ { read, written }) => `${counted(read, tokenWords)} read, ${number(written)} written`,
  dropped: (/** @type {number} */ count) =>
    count === 1 ? 'The oldest message did not fit into the model’s window and was left out.' : `The ${number(count)} oldest messages did not fit into the model’s window and were left out.`,
  cut: 'It ends here because the most tokens were reached.',
};
