/**
 * Every word that the page shows or speaks, in one place. What depends on a number is a function; the
 * words around numbers, bytes, times and lists come from `format.js` (Intl).
 */

import { counted, duration, fine, list, number, percent, size } from './format.js';

export * from './strings-page.js';

const passages = { one: 'passage', other: 'passages' };
const texts = { one: 'text', other: 'texts' };
const words = { one: 'word', other: 'words' };
const tokenWords = { one: 'token', other: 'tokens' };

export const product = {
  name: 'Nearside',
  skip: 'Skip to the content',
  navigation: 'Main',
  footer: 'The model and your texts are in this tab. What goes to the cloud goes only with your word, and says so.',
  footerLocal: 'The model and your texts are in this tab, and the browser lets nothing out.',
  version: (/** @type {string} */ version) => `Nearside ${version}`,
  license: 'Apache-2.0',
  offlineReady: 'Works offline',
  offlineWaiting: 'Preparing for offline use',
  offlineNever: 'Not available offline',
};

export const routes = {
  chat: 'Chat',
  search: 'Search',
  tasks: 'Tasks',
  console: 'Console',
  records: 'Records',
  settings: 'Settings',
  models: 'Models',
  device: 'Device',
};

export const titles = {
  chat: 'Nearside: hybrid AI that answers on your device first',
  search: 'Search · Nearside',
  tasks: 'Tasks · Nearside',
  console: 'Console · Nearside',
  records: 'Records · Nearside',
  settings: 'Settings · Nearside',
  models: 'Models · Nearside',
  device: 'Device · Nearside',
};

export const theme = {
  label: 'Colour theme',
  system: 'Theme: as the system',
  light: 'Theme: light',
  dark: 'Theme: dark',
};

export const engine = {
  heading: 'Engine',
  faces: { starting: 'Starting', ready: 'Ready', offline: 'Ready, offline', restarting: 'Restarting', failed: 'Failed' },
  facesLong: {
    starting: 'The engine is starting. You can add text and type a question now.',
    ready: 'The engine is running in this tab.',
    offline: 'There is no network. Everything here still works.',
    restarting: 'The engine stopped and is starting again. Your text is safe.',
    failed: 'Searching is not possible at the moment.',
  },
  chip: (/** @type {string} */ face) => `Engine: ${face}. Show details`,
  starting: (/** @type {number} */ share) => `Starting, ${percent(share)}`,
  loading: (/** @type {number} */ share) => `Loading model, ${percent(share)}`,
  phases: /** @type {Record<string, string>} */ ({
    frame: 'Sandbox',
    runtime: 'Runtime',
    python: 'Python',
    packages: 'Packages',
    engine: 'Engine',
    model: 'Model',
  }),
  phaseStates: { waiting: 'waiting', running: 'running', done: 'done', failed: 'failed' },
  ms: duration,
  restart: 'Restart the engine',
  reload: 'Reload the page',
  ready: 'The engine is ready.',
  recovered: 'The engine stopped and was restarted. Your text is still here.',
  failed: 'The engine could not start',
  modelFailed: 'The language model could not be loaded',
};

export const boot = {
  heading: (/** @type {number} */ share) => `Getting ready, ${percent(share)}`,
  again: 'Starting again',
  done: 'The engine is ready.',
  waitingForModel: 'The language model is loaded with your first search.',
  progress: 'Start of the engine',
  downloading: (/** @type {number} */ loaded, /** @type {number | null} */ total) =>
    total ? `${size(loaded)} of ${size(total)}` : size(loaded),
  preparing: 'preparing',
};

export const search = {
  heading: 'Search your own text. It never leaves this device.',
  lead: 'Paste text or add files, then ask in your own words. A small language model reads them right here, in this tab.',
  label: 'Your question',
  placeholder: 'Ask about your text',
  submit: 'Search',
  clear: 'Clear the question',
  keyHint: 'Press / to jump here',
  cancel: 'Cancel',
  retry: 'Try again',
  again: 'Search again',
  stale: 'Your text has changed since this search.',
  emptyTitle: 'What would you like to find?',
  emptySteps: [
    { title: 'Add your text', text: 'Paste it, or drop notes, articles, exports. Up to 20 MB a file.' },
    { title: 'Ask in your own words', text: 'The model looks for meaning, so your words need not be in the text.' },
    { title: 'See where it says so', text: 'Every result is a passage with its place and the words that matched.' },
  ],
  readyTitle: (/** @type {number} */ count) => `${counted(count, texts)} ready to search`,
  readyText: 'Type a question above and press Enter.',
  suggestions: 'For example',
  suggested: [
    'Why can’t we see the back of the moon?',
    'My bread came out dense. What went wrong?',
    'How did captains tell one tower from another?',
  ],
  trySample: 'Try a sample',
  trySampleText: 'Three short articles that come with the page.',
  needText: 'Add some text first: paste it, drop a file, or try the sample.',
  queued: 'Your question is waiting',
  queuedText: 'It runs by itself as soon as the engine is ready.',
  running: 'Reading your text',
  runningText: 'The first search of a text takes longest. After that it is remembered.',
  progress: (/** @type {import('./types.js').Progress} */ { done, total }) =>
    `${number(done)} of ${counted(total, passages)}`,
  left: (/** @type {number} */ ms) => `about ${duration(Math.ceil(ms / 1000) * 1000)} left`,
  cancelled: 'Search cancelled. Your question is still in the box.',
  noneTitle: 'Nothing found',
  noneText: 'None of your texts holds anything like it. Try other words, or add more text.',
  failedTitle: 'The search did not work',
  failedCode: (/** @type {string} */ code) => `Error code: ${code}`,
  count: (/** @type {number} */ count, /** @type {number} */ ms) => `${counted(count, passages)} in ${duration(ms)}`,
  announce: (/** @type {number} */ count, /** @type {string} */ query) => `${counted(count, passages)} found for ${query}`,
  announceRunning: 'Searching',
  announceCancelled: 'Search cancelled',
  private: 'Nothing left this device',
  model: (/** @type {import('./types.js').AnsweredBy} */ { id, dtype, backend }) =>
    [id.split('/').at(-1), dtype, backend && (backends[backend] ?? backend)].filter(Boolean).join(' · '),
  modelLabel: 'Answered by',
  usageLabel: 'Read',
  usage: (/** @type {import('./types.js').Answer['usage']} */ { tokens, cached }) =>
    cached ? `${counted(tokens, tokenWords)}, ${counted(cached, passages)} from memory` : counted(tokens, tokenWords),
  results: 'Results',
  more: 'Show more results',
  expand: 'Show all',
  collapse: 'Show less',
  open: 'Read in context',
  openIn: (/** @type {string} */ name) => `Read in context: ${name}`,
  score: 'Score',
  scoreTitle: 'From 0 to 1: how close it comes in meaning, and how many of your words it has.',
  place: (/** @type {import('./results.js').Place} */ { unit, at, of }) =>
    unit === 'paragraph'
      ? `Paragraph ${number(at)} of ${number(of)}`
      : unit === 'line'
        ? `Line ${number(at)} of ${number(of)}`
        : at < 0.005
          ? 'At the beginning'
          : `${percent(at)} into the text`,
};

/** How the technical names of backends are written. */
export const backends = /** @type {Record<string, string>} */ ({ wasm: 'WebAssembly', webgpu: 'WebGPU', cpu: 'CPU' });

export const shelf = {
  heading: 'Your text',
  toggle: 'Your text',
  draftName: 'Pasted text',
  draftLabel: 'Paste or type text',
  draftPlaceholder: 'Paste or type text here. It is searched as it stands.',
  draftEmpty: 'Nothing pasted yet',
  draftCount: (/** @type {number} */ count) => counted(count, words),
  keepDraft: 'Keep as document',
  drop: 'Drop text files here, or',
  choose: 'choose files',
  orSample: 'No text at hand?',
  dropHere: 'Drop to add',
  formats: 'TXT, MD, CSV, JSON, HTML and other text, up to 20 MB each',
  documents: 'Documents',
  remove: (/** @type {string} */ name) => `Remove ${name}`,
  removeAll: 'Remove all',
  removeAllTitle: 'Remove all your text?',
  removeAllText: 'The documents and the text box are deleted from this browser. This cannot be undone.',
  sampleFailed: 'The sample texts could not be loaded. Check the network, or paste some text of your own.',
  summary: (/** @type {number} */ count) => (count ? counted(count, texts) : 'nothing yet'),
  storage: {
    unknown: 'Kept in this browser only.',
    persistent: 'Kept in this browser only.',
    memory: 'This browser blocks storage: your text is gone when you close the tab.',
  },
  added: (/** @type {string[]} */ names) => `Added ${list(names)}`,
  removed: (/** @type {string} */ name) => `Removed ${name}`,
  removedAll: 'All your text was removed.',
  pastedAsDocument: 'That is a lot of text, so it became a document of its own.',
  reading: 'Reading files',
  refusals: {
    too_large: (/** @type {string} */ name) => `${name} is larger than 20 MB. Split it, or take a part of it.`,
    binary: (/** @type {string} */ name) => `${name} is not a text file. Save it as text first; PDF, Office files and pictures are not read.`,
    empty: (/** @type {string} */ name) => `${name} holds no text.`,
    unreadable: (/** @type {string} */ name) => `${name} could not be read. It may be a folder, or it may have been moved.`,
  },
  refused: 'Not added',
  dismiss: 'Dismiss',
};

export const reader = { close: 'Close', earlier: 'Show more before', later: 'Show more after', passage: 'The passage that was found' };

export const models = {
  heading: 'Models',
  lead: 'What runs on this device, what it takes, and what is kept for the next visit.',
  storage: 'Storage',
  used: (/** @type {number} */ used, /** @type {number} */ quota) => `${size(used)} of ${size(quota)} used`,
  usedOnly: (/** @type {number} */ used) => `${size(used)} used`,
  unknown: 'The browser does not tell how much it stores.',
  persisted: 'The browser keeps them until you remove them.',
  notPersisted: 'When the disk runs full, the browser may remove them.',
  memory: 'Memory only. This browser blocks storage for this page (a private window, or a setting), so models are downloaded again on every visit. Everything else works.',
  offlineFirst: 'Models are kept in this browser and are not downloaded twice.',
  wait: 'The list of models comes from the engine, which is still starting.',
  failed: 'The models could not be listed',
  task: /** @type {Record<string, string>} */ ({
    embed: 'Search by meaning',
    classify: 'Sentiment and other labels',
    zeroShot: 'Labels of your own',
    extractEntities: 'Names',
    rerank: 'Ranking',
    answer: 'Questions about a text',
    summarize: 'Summaries',
    translate: 'Translation',
    transcribe: 'Speech to text',
    chat: 'Writing',
  }),
  starter: 'Comes with the page',
  fields: { task: 'Task', size: 'Size', license: 'Licence', languages: 'Languages', runs: 'Runs as', source: 'Source', revision: 'Revision', lastUsed: 'Last used' },
  runs: (/** @type {string | null | undefined} */ dtype, /** @type {string | null | undefined} */ backend) =>
    [dtype, backend && (backends[backend] ?? backend)].filter(Boolean).join(' on ') || 'decided on loading',
  states: { loaded: 'In memory', stored: 'Stored', absent: 'Not downloaded', downloading: 'Downloading', preparing: 'Preparing', failed: 'Failed', crashed: 'Crashed' },
  download: 'Download',
  load: 'Load',
  unload: 'Unload',
  unloadHint: 'Frees its memory; it loads again when needed.',
  delete: 'Delete',
  actionOn: (/** @type {string} */ action, /** @type {string} */ id) => `${action} ${id}`,
  deleteTitle: 'Delete this model?',
  deleteText: (/** @type {string} */ id, /** @type {number | null} */ bytes) =>
    `${id}${bytes ? ` (${size(bytes)})` : ''} is removed from this browser. It is downloaded again when a search needs it, which takes a network.`,
  deleted: (/** @type {string} */ id) => `${id} was deleted.`,
  unloaded: (/** @type {string} */ id) => `${id} was taken out of memory.`,
  ready: (/** @type {string} */ id) => `${id} is ready.`,
  none: 'No models are known yet.',
  progress: (/** @type {string} */ id) => `Download of ${id}`,
};

export const device = {
  heading: 'Device',
  lead: 'What this browser can do, as far as it tells. What it does not tell is shown as unknown, never guessed.',
  means: 'What it means',
  copy: 'Copy as JSON',
  copied: 'The report was copied.',
  copyFailed: 'The browser did not allow copying. Select the text below instead.',
  json: 'The report as JSON',
  wait: 'The report comes from the engine, which is still starting.',
  failed: 'The device report could not be made',
  unknown: 'unknown',
  yes: 'yes',
  no: 'no',
  nothing: 'none',
  levels: /** @type {Record<string, string>} */ ({ good: 'Good', ok: 'Fine', limit: 'Limit', unknown: 'Unknown' }),
  groups: /** @type {Record<string, string>} */ ({
    browser: 'Browser',
    hardware: 'Processor and memory',
    gpu: 'Graphics',
    wasm: 'WebAssembly',
    storage: 'Storage',
    connection: 'Network',
    builtinAI: 'AI built into the browser',
    other: 'More',
  }),
  rows: /** @type {Record<string, string>} */ ({
    browser: 'Browser',
    'browser.name': 'Name',
    'browser.version': 'Version',
    formFactor: 'Form',
    secure: 'Secure context',
    isolated: 'Cross-origin isolated',
    cores: 'Processor cores',
    memoryGiB: 'Memory, at least',
    memoryClass: 'Memory class',
    webgpu: 'WebGPU',
    adapter: 'Adapter',
    'adapter.vendor': 'Vendor',
    'adapter.architecture': 'Architecture',
    'adapter.device': 'Device',
    'adapter.description': 'Description',
    'adapter.fallback': 'Software fallback',
    'adapter.features': 'Features',
    'wasm.simd': 'SIMD',
    'wasm.relaxedSimd': 'Relaxed SIMD',
    'wasm.threads': 'Threads',
    'wasm.jspi': 'Promise integration (JSPI)',
    'wasm.memory64': '64-bit memory',
    storage: 'Storage',
    'storage.indexeddb': 'IndexedDB',
    'storage.opfs': 'Private file system (OPFS)',
    'storage.serviceWorker': 'Service worker',
    'storage.quota': 'Quota',
    'storage.used': 'Used',
    'storage.persisted': 'Kept until removed',
    connection: 'Connection',
    'connection.metered': 'Metered',
    'connection.saveData': 'Data saver',
    'connection.effectiveType': 'Speed class',
    'builtinAI.prompt': 'Prompt',
    'builtinAI.summarizer': 'Summarizer',
    'builtinAI.translator': 'Translator',
    'builtinAI.languageDetector': 'Language detector',
  }),
  gibibytes: (/** @type {number} */ value) => `${fine(value)} GiB`,
};

export const banners = {
  insecureTitle: 'This address is not secure',
  insecure: 'Over plain http the browser switches off offline use and WebGPU. Search still works, more slowly.',
  insecureHelp: 'Open the page over https, or on the machine itself at http://localhost.',
  unsupportedTitle: 'This browser cannot run the engine',
  unsupported: (/** @type {string[]} */ names) => `It lacks ${list(names)}. You can look around, but a search will not run.`,
  unsupportedHelp: 'A current Chrome, Edge, Firefox or Safari (16.4 or newer) works.',
  missing: { wasm: 'WebAssembly', simd: 'WebAssembly SIMD', module_workers: 'module workers' },
};

export const notices = {
  region: 'Notices',
  close: 'Close this notice',
  update: 'A new version is ready.',
  updateAction: 'Reload',
  offlineReady: 'Ready to work offline.',
  offlineHalf: 'The page now opens offline. The model still needs the network, because it could not be stored.',
  unexpected: 'Something unexpected happened. The page goes on; if it behaves oddly, reload it.',
};

export const dialog = { cancel: 'Cancel' };
