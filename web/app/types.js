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
 * @property {boolean | null} hub whether this site lets models be downloaded from a hub; null while unknown
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

/** @typedef {import('../api/shapes.js').ModelCheck} Advice what there is to say about a model on this device */

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
 *   recommend: (task: string, options?: {languages?: string[]}) => Promise<{model: Advice | null, others: Advice[], reasons: string[]}>,
 *   check: (id: string) => Promise<Advice>,
 *   storage: () => Promise<StorageReport>}} models
 * @property {() => unknown} restart
 * @property {() => void} close
 * @property {import('./chat-session.js').ChatClient['chat']} chat
 * @property {import('./chat-session.js').ChatClient['route']} route
 * @property {{
 *   add: (document: {name: string, text: string, id?: string, kind?: 'text' | 'markdown'}, options?: {signal?: AbortSignal, onProgress?: (progress: Progress) => void}) => Promise<unknown>,
 *   list: () => Promise<{documents: KeptDocument[]}>,
 *   get: (id: string) => Promise<{document: KeptDocument, text: string}>,
 *   delete: (id: string) => Promise<unknown>}} documents
 * @property {{list: () => Promise<{classifiers: {id: string}[]}>, get: (id: string) => Promise<{delete: () => Promise<unknown>}>}} classifiers
 * @property {{list: (options?: {limit?: number}) => Promise<{records: Record<string, any>[]}>, export: () => Promise<string>, clear: () => Promise<unknown>}} records
 * @property {{get: () => Promise<Settings>, set: (change: SettingsChange) => Promise<Settings>}} settings
 */

/** @typedef {{mode?: Mode | null, cloud?: 'ask' | 'allow' | null, hub?: boolean | null} & {[task: `models.${string}`]: string | null}} SettingsChange null puts one back to its default */

/** @typedef {{id: string, name: string, characters: number, passages: number, current: boolean}} KeptDocument a text as the engine keeps it */

/** @typedef {'local-only' | 'prefer-local' | 'balanced' | 'prefer-cloud' | 'cloud-only'} Mode */

/**
 * @typedef {object} Settings
 * @property {Mode} mode
 * @property {'ask' | 'allow'} cloud
 * @property {boolean} hub
 * @property {Record<string, string>} [models] the model that was chosen for a task
 * @property {{connected: boolean, models: string[], state: 'up' | 'down' | 'none' | 'unknown'}} provider
 * @property {boolean} localOnly the document's policy lets nothing out
 */

/**
 * @typedef {object} Decision why which side answered
 * @property {string} id of its record
 * @property {'near' | 'far'} tier
 * @property {string} model
 * @property {Mode} mode
 * @property {{rule: string, text: string}[]} reasons
 * @property {string} explanation
 * @property {{tier: 'near' | 'far', model: string | null, removedBy: string | null}[]} candidates
 * @property {{tier: 'near' | 'far', code: string, message: string} | null} [escalatedFrom]
 * @property {number | null} [cost] nano-dollars
 * @property {number | null} [saved] nano-dollars
 */

/** @typedef {{id: string, time: number, task: string, outcome: string, latency: number, decision: Decision | null, usage?: {tokens: number, written?: number} | null}} Rec what the engine keeps of a request */

/** @typedef {{number: number, id: string, name: string, text: string, start: number, end: number, score: number}} Citation */

/**
 * @typedef {object} ChatChunk a piece of a streamed answer
 * @property {{index: number, delta: {content?: string, reasoning_content?: string}, finish_reason: string | null}[]} choices
 * @property {{prompt_tokens: number, completion_tokens: number}} [usage]
 * @property {{event: 'decision', decision: Decision}
 *   | {event: 'fallback', from: 'near' | 'far', to: 'near' | 'far', error: ErrorInfo, decision: Decision}
 *   | {event: 'done', decision: Decision, citations: Citation[], found: boolean | null, dropped?: number}} [nearside]
 */

/**
 * @typedef {object} ChatAnswer what one side said to a question
 * @property {string} id
 * @property {string} text
 * @property {'waiting' | 'streaming' | 'done' | 'stopped' | 'failed'} state
 * @property {Decision | null} decision
 * @property {Citation[]} citations
 * @property {boolean | null} found false: the device has nothing that answers it
 * @property {ErrorInfo | null} error
 * @property {string} [thoughts] what the model thought before it answered
 * @property {{read: number, written: number}} [usage] tokens
 * @property {number} [dropped] how many of the oldest messages did not fit into the model's window
 * @property {boolean} [cut] the answer ends because it had to
 * @property {boolean} [declined] the visitor was asked about the cloud and stayed here
 */

/** @typedef {{id: string, question: string, answers: ChatAnswer[]}} Turn */
/** @typedef {{id: string, changed: number, turns: Turn[]}} Chat */

/** @typedef {{id: string, name: string, text: string, bytes: number, added: number}} Document a text of the visitor's */
/** @typedef {{id: string, name: string, text: string}} Source a text as it was when a search began */

/**
 * @typedef {object} Services what `main.js` makes once and every view is given
 * @property {Client} client
 * @property {import('./engine-watch.js').EngineWatch} engine
 * @property {import('./shelf.js').Shelf} shelf
 * @property {import('./search-session.js').SearchSession} session
 * @property {import('./chats.js').Chats} chats
 * @property {import('./chat-session.js').ChatSession} chat
 * @property {import('./settings.js').SettingsWatch} settings
 * @property {import('./shelf-sync.js').ShelfSync} sync
 * @property {import('./writing.js').Writing} writing
 * @property {import('./notices.js').Notices} notices
 * @property {import('./theme.js').Theme} theme
 * @property {import('../offline/register.js').Offline} offline
 * @property {(message: string) => void} announce says something politely to screen readers
 * @property {string} version
 */

export {};
