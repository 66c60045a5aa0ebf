/** The shapes that calls take and give (types only, no code). Offsets are UTF-16 code units, times milliseconds. */

/**
 * @typedef {'local-only'|'prefer-local'|'balanced'|'prefer-cloud'|'cloud-only'} Mode
 * @typedef {'near'|'far'} Tier near is this device, far the cloud behind the site's proxy
 * @typedef {{start: number, end: number}} Span
 *
 * What every task takes. `model` is an id (org/name) of a model of this device, or an alias of the cloud's; `mode` may
 * only be stricter than the visitor's and the page's; `prefer` asks one side first where the rules leave both; `consent`:
 * the visitor agrees to the cloud for this call; `timeout` in seconds, after which it fails with deadline_exceeded;
 * `background`: calls that somebody waits for go first.
 * @typedef {{signal?: AbortSignal, onProgress?: (progress: {done: number, total: number}) => void, model?: string, mode?: Mode,
 *   prefer?: Tier, consent?: boolean, timeout?: number, background?: boolean}} TaskOptions
 * Those of a task that writes: `onText` hears each new piece of the text.
 * @typedef {TaskOptions & {onText?: (piece: string) => void}} WritingOptions
 *
 * `written`: tokens that a model wrote.
 * @typedef {{tokens: number, texts: number, cached: number, written: number}} Usage
 * @typedef {{id: string, revision: string, dtype: string, backend: string, sha256: string|null}} ModelUsed
 *
 * Which side answered and why. `cost` and `saved` are nano-dollars, null where no price is known; `saved` is an estimate.
 * @typedef {{id: string, tier: Tier, model: string, mode: Mode, reasons: {rule: string, text: string}[], explanation: string,
 *   candidates: {tier: Tier, model: string|null, removedBy: string|null}[],
 *   escalatedFrom: {tier: Tier, code: string, message: string}|null, cost: number|null, saved: number|null, policy: string}} Decision
 * @typedef {{usage: Usage, decision: Decision, model: ModelUsed}} Answered
 *
 * @typedef {{index: number, score: number, text: string, start: number, end: number, highlights: Span[]}} SearchHit
 * @typedef {{id: string, name: string, score: number, text: string, start: number, end: number, highlights: Span[]}} DocumentHit
 * @typedef {{labels: string[], scores: number[]}} Labels best first
 * @typedef {{answer: string, score: number, start: number|null, end: number|null}} AnswerSpan
 * @typedef {{text: string, type: string, start: number, end: number, score: number}} Entity `type` as the model calls it: PER, LOC
 * `start` and `end` are null where the value does not stand in the text like this.
 * @typedef {{method: 'pattern'|'entity'|'answer'|'model', start: number|null, end: number|null, score: number|null}} FieldSource
 * @typedef {{number: number, id: string, name: string, text: string, start: number, end: number, score: number}} Citation
 * @typedef {{id: string, name: string, kind: 'text'|'markdown', characters: number, passages: number, added: number,
 *   current: boolean}} DocumentInfo
 * @typedef {{id: string, name: string, labels: string[], examples: number, model: string, created: number}} ClassifierInfo
 * @typedef {{phase: 'download'|'prepare'|'ready', loaded: number, total: number|null}} LoadProgress bytes
 * @typedef {{id: string, revision: string, task: string|null, bytes: number|null, stored: boolean, loaded: boolean,
 *   dtype: string|null, backend: string|null, license: string|null, languages: string[], source: string|null,
 *   starter: boolean, lastUsed: number|null}} ModelEntry
 * Whether a model runs here: `good`, `limited` (see the reasons) or `no`; `bytes` of its weights, `exact` or about; `memory`
 * is about what it takes while it runs; `stored`: nothing has to be fetched; `smaller`: the id of the next smaller choice;
 * `thinks`: whether it thinks before it answers and can be told not to, null where only opening it would tell.
 * @typedef {{id: string, verdict: 'good'|'limited'|'no', dtype: string|null, backend: string|null, bytes: number|null,
 *   exact: boolean, memory: number|null, stored: boolean, window: number|null, languages: string[], license: string|null,
 *   reasons: string[], smaller: string|null, thinks: boolean|null}} ModelCheck
 * @typedef {{persistent: boolean|null, used: number|null, quota: number|null, persisted: boolean|null, note: string|null}} StorageReport
 *
 * `mode` is in force unless a page or a call is stricter; `chosen`: the visitor set it. `localOnly`: the engine runs in a
 * document that cannot reach the cloud. `persistent`: what is kept survives a restart. `models`: the model that the visitor
 * chose for a task, by the task's name.
 * @typedef {{mode: Mode, chosen: boolean, modes: Mode[], cloud: 'ask'|'allow', hub: boolean, models: Record<string, string>,
 *   provider: {connected: boolean, models: string[], state: 'up'|'down'|'none'|'unknown'}, localOnly: boolean,
 *   persistent: boolean}} SettingsReport
 *
 * @typedef {{role: string, content: unknown}} Message
 * @typedef {{event: 'decision', decision: Decision}
 *   |{event: 'fallback', from: Tier, to: Tier, error: import('../errors.js').WireError, decision: Decision}
 *   |{event: 'done', decision: Decision, citations: Citation[], found: boolean, model: ModelUsed}} NearsideEvent
 * @typedef {{prompt_tokens: number, completion_tokens: number, total_tokens: number}} TokenUsage
 * @typedef {{id: string, object: 'chat.completion.chunk', created: number, model: string,
 *   choices: {index: number, delta: {role?: string, content?: string}, finish_reason: string|null}[],
 *   usage?: TokenUsage, nearside?: NearsideEvent}} Chunk
 * @typedef {{id: string, object: 'chat.completion', created: number, model: string,
 *   choices: {index: number, message: {role: 'assistant', content: string}, finish_reason: string}[], usage: TokenUsage,
 *   nearside: {decision: Decision, citations: Citation[], found: boolean, model: ModelUsed}}} Completion
 */
export {};
