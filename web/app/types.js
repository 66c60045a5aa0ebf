/**
 * Shapes that the page shares between its modules (types only, no code). The engine's client is
 * described here as far as the page uses it; its home is the public API module.
 */

/**
 * @typedef {object} ErrorInfo
 * @property {string} code
 * @property {string} message
 * @property {string | null} [hint]
 * @property {boolean | null} [retryable]
 */

/** @typedef {'waiting' | 'running' | 'done' | 'failed'} PhaseState */
/** @typedef {{name: string, state: PhaseState, ms: number | null}} Phase */

/**
 * @typedef {object} ModelStatus
 * @property {string} state downloading, preparing, ready, failed or crashed
 * @property {number} loaded bytes
 * @property {number | null} total bytes
 * @property {ErrorInfo} [error]
 */

/**
 * @typedef {object} Status what `client.status` holds: a plain snapshot
 * @property {string} engine starting, ready, failed or restarting
 * @property {Phase[]} phases
 * @property {Record<string, ModelStatus>} models
 * @property {string} storage persistent, memory or unknown
 * @property {ErrorInfo} [error]
 */

/** @typedef {{start: number, end: number}} Span offsets in UTF-16 code units */

/**
 * @typedef {object} Hit
 * @property {number} index which of the given documents
 * @property {number} score
 * @property {string} text
 * @property {number} start place of the passage in its document, UTF-16 code units
 * @property {number} end
 * @property {Span[]} highlights offsets into `text`
 */

/** @typedef {{id: string, dtype?: string, backend?: string, revision?: string, sha256?: string | null}} AnsweredBy */
/** @typedef {{results: Hit[], usage: {tokens: number, texts: number, cached: number}, model: AnsweredBy}} Answer */
/** @typedef {{done: number, total: number}} Progress */

/**
 * @typedef {object} Model one entry of `client.models.list()`
 * @property {string} id
 * @property {string | null} [revision]
 * @property {string | null} [task]
 * @property {number | null} [bytes]
 * @property {boolean} stored
 * @property {boolean} loaded
 * @property {string | null} [dtype]
 * @property {string | null} [backend]
 * @property {string | null} [license]
 * @property {string[] | null} [languages]
 * @property {string | null} [source]
 * @property {boolean} [starter]
 * @property {number | null} [lastUsed] milliseconds or seconds since 1970
 */

/**
 * @typedef {object} StorageReport
 * @property {boolean | null} [persistent] false: models are held in memory only
 * @property {number | null} [used] bytes
 * @property {number | null} [quota] bytes
 * @property {boolean | null} [persisted] the browser promised not to evict
 * @property {string | null} [note]
 */

/** @typedef {{topic: string, level: string, text: string}} Meaning */

/**
 * @typedef {object} Client the part of the public API that the page calls
 * @property {Promise<void>} ready
 * @property {Status} status
 * @property {(type: 'status', listener: (event: Event) => void, options?: AddEventListenerOptions) => void} addEventListener
 * @property {(query: string, docs: string[], options: {topK: number, passages: boolean, signal: AbortSignal, onProgress: (progress: Progress) => void}) => Promise<Answer>} search
 * @property {() => Promise<Record<string, unknown>>} device
 * @property {{
 *   list: () => Promise<{models: Model[]}>,
 *   preload: (id: string, options?: {signal?: AbortSignal, onProgress?: (progress: {phase: string, loaded: number, total: number | null}) => void}) => Promise<unknown>,
 *   delete: (id: string) => Promise<unknown>,
 *   unload: (id: string) => Promise<unknown>,
 *   storage: () => Promise<StorageReport>}} models
 * @property {() => unknown} restart
 */

/** @typedef {{id: string, name: string, text: string, bytes: number, added: number}} Document a text of the visitor's */
/** @typedef {{id: string, name: string, text: string}} Source a text as it was when a search began */

/**
 * @typedef {object} Services what `main.js` makes once and every view is given
 * @property {Client} client
 * @property {import('./engine-watch.js').EngineWatch} engine
 * @property {import('./shelf.js').Shelf} shelf
 * @property {import('./search-session.js').SearchSession} session
 * @property {import('./notices.js').Notices} notices
 * @property {import('./theme.js').Theme} theme
 * @property {import('../offline/register.js').Offline} offline
 * @property {(message: string) => void} announce says something politely to screen readers
 * @property {string} version
 */

export {};
