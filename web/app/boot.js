/**
 * What a status snapshot of the engine means for the page: which face the state chip shows, how far the
 * start has come, whether a search would run now. Pure functions over plain data.
 */

/** @typedef {import('./types.js').Status} Status */
/** @typedef {import('./types.js').ModelStatus} ModelStatus */
/** @typedef {'starting' | 'ready' | 'offline' | 'restarting' | 'failed'} Face */
/** @typedef {{name: string, state: import('./types.js').PhaseState, ms: number | null}} Step */

/** Share of the whole start that each phase takes on a first visit (measured, rounded; they need not add up). */
const WEIGHTS = /** @type {Record<string, number>} */ ({
  frame: 1,
  runtime: 5,
  python: 5,
  packages: 3,
  engine: 2,
  model: 8,
});

/** While a phase runs without telling how far it is, it counts for this share. */
const RUNNING_SHARE = 0.4;

/** Downloading is this much of the model phase; preparing the session is the rest. */
const DOWNLOAD_SHARE = 0.8;

/**
 * @param {Status} status
 * @returns {ModelStatus & {id: string} | null} the model that is on its way, or that has failed
 */
export function pendingModel(status) {
  for (const [id, model] of Object.entries(status.models)) {
    if (model.state === 'downloading' || model.state === 'preparing') return { id, ...model };
  }
  for (const [id, model] of Object.entries(status.models)) {
    if (model.state === 'failed' || model.state === 'crashed') return { id, ...model };
  }
  return null;
}

/**
 * The model whose failure leaves the page without any: null while another one is there or on its way. A
 * crashed model is no such case, as the next search starts it again.
 * @param {Status} status
 */
export function failedModel(status) {
  if (status.engine !== 'ready' || answersNow(status)) return null;
  const model = pendingModel(status);
  return model?.state === 'failed' ? model : null;
}

/**
 * True when a search would start at once: the engine runs and a model is in memory.
 * @param {Status} status
 */
export const answersNow = (status) =>
  status.engine === 'ready' && Object.values(status.models).some((model) => model.state === 'ready');

/**
 * True while the page should show how the start is going: the engine is on its way up, or it is up and
 * the first model is on its way.
 * @param {Status} status
 */
export function isBooting(status) {
  if (status.engine === 'starting' || status.engine === 'restarting') return true;
  if (status.engine !== 'ready' || answersNow(status)) return false;
  const model = pendingModel(status);
  return model !== null && (model.state === 'downloading' || model.state === 'preparing');
}

/**
 * True while a model is loaded after the start was finished once.
 * @param {Status} status
 */
export const isReload = (status) =>
  status.engine === 'ready' && isBooting(status) && status.phases.every(({ state }) => state !== 'running');

/**
 * @param {Status} status
 * @param {boolean} online
 * @returns {Face}
 */
export function faceOf(status, online) {
  if (status.engine === 'failed' || failedModel(status)) return 'failed';
  if (status.engine === 'restarting') return 'restarting';
  if (status.engine !== 'ready' || isBooting(status)) return 'starting';
  return online ? 'ready' : 'offline';
}

/** @param {ModelStatus | null} model */
function modelShare(model) {
  if (!model) return 0;
  if (model.state === 'ready') return 1;
  if (model.state === 'preparing') return DOWNLOAD_SHARE + (1 - DOWNLOAD_SHARE) / 2;
  return model.total ? DOWNLOAD_SHARE * Math.min(1, model.loaded / model.total) : RUNNING_SHARE / 2;
}

/**
 * How much of the start is done, 0 to 1. Not monotonic by itself (a restart begins anew); the caller
 * keeps the largest value of one start.
 * @param {Status} status
 */
export function fractionOf(status) {
  if (answersNow(status)) return 1;
  // After a finished start only a model can be on its way (loaded again after it was deleted or unloaded).
  if (isReload(status)) return modelShare(pendingModel(status));
  let all = 0;
  let done = 0;
  for (const phase of status.phases) {
    const weight = WEIGHTS[phase.name] ?? 1;
    all += weight;
    if (phase.state === 'done') done += weight;
    else if (phase.name === 'model') done += phase.state === 'running' ? weight * modelShare(pendingModel(status)) : 0;
    else if (phase.state === 'running') done += weight * RUNNING_SHARE;
  }
  return all ? done / all : 0;
}
