/** Words of the chat, the records, the settings and the local-only badge. Read them through `strings.js`. */

import { counted, duration, list, number, percent } from './format.js';

const texts = { one: 'text', other: 'texts' };
const chats = { one: 'conversation', other: 'conversations' };
const requests = { one: 'request', other: 'requests' };
const sources = { one: 'source', other: 'sources' };

export const chat = {
  heading: 'Answers from this device first. The cloud only if you agree.',
  lead: 'Nearside is hybrid AI. It looks in your own text and its own help, right here in this tab; a cloud model is asked only when the rules and you allow it. Every answer says where it came from.',
  label: 'Your message',
  placeholder: 'Ask something',
  hint: 'Enter sends, Shift and Enter make a new line',
  send: 'Send',
  stop: 'Stop',
  log: 'Conversation',
  you: 'You asked',
  begin: 'New chat',
  chats: 'Chats',
  chatsLabel: (/** @type {number} */ count) => `Chats: ${counted(count, chats)} kept in this browser`,
  none: 'No earlier conversations.',
  untitled: 'This conversation',
  remove: 'Delete this chat',
  removeTitle: 'Delete this conversation?',
  removeText: 'Its questions and answers are deleted from this browser. This cannot be undone.',
  removeAction: 'Delete',
  removed: 'The conversation was deleted.',
  edit: 'Edit',
  editLabel: 'Change your message',
  editNote: 'What came after it goes.',
  editSend: 'Send again',
  editCancel: 'Cancel',
  retry: 'Try again',
  copy: 'Copy',
  copied: 'The answer was copied.',
  copyFailed: 'The browser did not allow copying. Select the text instead.',
  waiting: { near: 'Looking in your text and the help', far: (/** @type {string} */ model) => `Waiting for ${model}`, none: 'Deciding who answers' },
  starting: 'Your message waits until the engine is ready.',
  reading: (/** @type {string} */ name, /** @type {number} */ left) => (left > 1 ? `Reading ${name}, ${number(left - 1)} more to go` : `Reading ${name}`),
  readingShare: (/** @type {string} */ name, /** @type {number} */ share) => `Reading ${name}, ${percent(share)}`,
  stopped: 'Stopped.',
  broke: 'This answer ended early.',
  failed: 'There is no answer.',
  notFound: {
    lead: 'What would help:',
    add: 'add a text that says it, under “Your text”',
    provider: 'ask the operator of this site to connect a cloud model',
    cloud: 'let the cloud answer this one',
    mode: 'choose a mode that allows the cloud, in the settings',
  },
  citations: 'Sources',
  source: 'Source',
  cite: (/** @type {number} */ n, /** @type {string} */ name) => `Source ${number(n)}: ${name}. Read it in its place`,
  help: 'Help',
  useOther: { near: 'Answer on this device once', far: (/** @type {string} */ model) => `Ask ${model} once` },
  announce: (/** @type {'near' | 'far'} */ tier, /** @type {number} */ cited) =>
    `${tier === 'far' ? 'Answer from the cloud' : 'Answer from this device'}${cited ? `, ${counted(cited, sources)}` : ''}:`,
  announceFailed: 'There is no answer.',
  announceStopped: 'Stopped.',
  announceSent: 'Sent. The answer is on its way.',
  jump: 'To the newest',
  startersTitle: 'To begin with',
  starters: ['What leaves my device?', 'What can Nearside do offline?', 'How do I teach a classifier?'],
  startersOwn: ['Why can’t we see the back of the moon?', 'How did captains tell one tower from another?'],
  emptyTitle: 'Ask about your own text, or about Nearside',
  emptyText: 'Add text beside this, or begin with the help that comes with the page.',
  emptyTextOwn: (/** @type {number} */ count) => `${counted(count, texts)} of yours can be asked, and the help that comes with the page.`,
  mode: (/** @type {string} */ mode) => `Mode: ${mode}`,
};

export const consent = {
  title: 'Ask the cloud?',
  text: (/** @type {string} */ alias) => `Send this conversation to ${alias} through this site?`,
  detail: 'Your question and what came before it would leave this device. Your other texts stay here.',
  once: 'Once',
  always: 'Always',
  stay: 'Stay on this device',
  alwaysNote: 'The cloud may be asked from now on. You can change that in the settings.',
};

/** The five modes, by name and in one line. */
export const modes = {
  'local-only': { name: 'Local only', text: 'Nothing leaves this device. The page is loaded anew under a policy with which the browser itself refuses.' },
  'prefer-local': { name: 'Prefer this device', text: 'This device answers what it can; the cloud only what it cannot.' },
  balanced: { name: 'Balanced', text: 'This device answers where it is sure of itself; otherwise the cloud.' },
  'prefer-cloud': { name: 'Prefer the cloud', text: 'The cloud answers; this device when the cloud cannot be reached.' },
  'cloud-only': { name: 'Cloud only', text: 'The cloud answers what it knows how to; without it there is no answer.' },
};

export const settings = {
  heading: 'Settings',
  lead: 'What may leave this device, and what is kept on it.',
  wait: 'The settings come from the engine, which is still starting.',
  failed: 'The setting was not changed',
  loadFailed: 'The settings could not be read',
  mode: 'Mode',
  modeLead: 'Who answers, this device or the cloud. It holds for every task, and every answer says which it was.',
  cloud: 'Cloud',
  cloudLead: 'When the rules would let a request go to the cloud, must it ask you first?',
  cloudAsk: { name: 'Ask me each time', text: 'A request waits here until you say yes.' },
  cloudAllow: { name: 'Allow', text: 'Requests go when the mode and the rules say so.' },
  provider: {
    none: 'This site has no cloud provider connected, so everything stays here.',
    up: (/** @type {string[]} */ models) => `Connected: ${list(models)}.`,
    down: 'A cloud provider is connected, but cannot be reached now.',
    unknown: 'Not known yet.',
    local: 'This page was opened local-only: the cloud cannot be reached from it.',
  },
  hub: 'Model hub',
  hubLead: 'Other models than the one that comes with the page are downloaded from a public hub, which then sees that you asked.',
  hubOn: 'Download models from the hub when I ask for them',
  hubNotHere: 'Whoever runs this site has switched the hub off for everybody.',
  saved: 'Saved.',
  wipe: 'Delete everything',
  wipeText: 'Texts, conversations, records, classifiers, settings, models and everything kept for offline use are deleted from this browser. Then the page is loaded anew.',
  wipeAction: 'Delete everything',
  wipeTitle: 'Delete everything from this browser?',
  wipeConfirm: 'Your texts, conversations, records and classifiers cannot be brought back. Close other tabs of this site first.',
  wiping: 'Deleting everything',
};

export const records = {
  heading: 'Records',
  lead: 'Every request leaves a record on this device: who answered, by which rules, how long it took. Never what was asked or answered.',
  wait: 'The records come from the engine, which is still starting.',
  failed: 'The records could not be read',
  refresh: 'Refresh',
  export: 'Download as JSONL',
  clear: 'Clear',
  clearTitle: 'Clear all records?',
  clearText: 'They are deleted from this browser. This cannot be undone.',
  cleared: 'The records were cleared.',
  none: 'No records yet. They come with your first request.',
  noMatch: 'No record matches.',
  filter: 'Filter',
  filterPlaceholder: 'task, model, rule, error',
  sides: { all: 'All', near: 'Near', far: 'Far', problem: 'Fallbacks and errors' },
  sidesLabel: 'Which records',
  count: (/** @type {number} */ shown, /** @type {number} */ all) => (shown === all ? counted(all, requests) : `${number(shown)} of ${counted(all, requests)}`),
  sums: (/** @type {number} */ near, /** @type {number} */ far) => `${number(near)} answered on this device, ${number(far)} in the cloud`,
  cost: (/** @type {string} */ dollars) => `cost ${dollars}`,
  saved: (/** @type {string} */ dollars) => `about ${dollars} saved`,
  took: duration,
  tokens: (/** @type {number} */ count) => counted(count, { one: 'token', other: 'tokens' }),
  noDecision: 'No side was left to answer.',
  more: 'Show older records',
  newest: (/** @type {number} */ limit) => `The newest ${number(limit)} are shown; the download has all.`,
};

export const local = {
  badge: 'Local-only',
  badgeLong: 'Local-only: enforced by the browser. Show the proof',
  heading: 'Local-only, enforced by the browser',
  lead: 'This page came with a policy that names the only addresses it may connect to. The cloud and the model hub are not among them, so the browser refuses, whatever any script here tries.',
  trying: 'Trying to reach the cloud',
  refused: (/** @type {string} */ asked, /** @type {string} */ directive) => `Just tried: a request to ${asked}. The browser refused it (${directive}).`,
  answered: (/** @type {string} */ asked) => `A request to ${asked} was let through. This page is not protected: tell the operator of this site.`,
  unclear: (/** @type {string} */ asked) => `A request to ${asked} failed, but the browser did not say why. That proves nothing.`,
  again: 'Try again',
  byHand: 'To check it by hand',
  steps: [
    'Open the browser’s developer tools, choose Network, and reload.',
    'Click the first line and look at its response headers: connect-src in Content-Security-Policy lists what may be reached.',
    'Ask anything and watch the list: no line for /v1 appears.',
  ],
  leave: 'Leave local-only',
};

export const sync = {
  reading: (/** @type {string} */ name, /** @type {number} */ left) => `Reading ${name} for the chat${left > 1 ? `, ${number(left - 1)} more` : ''}`,
  problem: (/** @type {string} */ name, /** @type {string} */ message) => `${name} cannot be asked in the chat: ${message}`,
};

export const more = { button: 'More', label: 'More views' };

export const viewFailed = {
  title: 'This view could not be loaded',
  text: 'A part of the page is missing. Check the network, then try again.',
};
