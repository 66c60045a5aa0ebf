/** The frame's running account of the boot and of the models, told to the page whenever it changes. */

/**
 * @typedef {import('../protocol.js').Status} Status
 * @typedef {import('../protocol.js').PhaseName} PhaseName
 * @typedef {import('../protocol.js').ModelStatus} ModelStatus
 */

/** @type {PhaseName[]} */
const PHASES = ['frame', 'runtime', 'python', 'packages', 'engine', 'model'];

/** @returns {Status} nothing has happened yet */
export function emptyStatus() {
  return {
    engine: 'starting',
    phases: PHASES.map((name) => ({ name, state: 'waiting', ms: null })),
    models: {},
    storage: 'unknown',
    hub: null,
  };
}

/** Collects changes and tells them at most once per turn of the event loop. */
export class StatusBoard {
  /** @param {() => number} [now] clock in milliseconds */
  constructor(now = () => performance.now()) {
    this.status = emptyStatus();
    this.now = now;
    /** @type {Map<PhaseName, number>} */
    this.started = new Map();
    /** @type {Set<(status: Status) => void>} */
    this.listeners = new Set();
    this.pending = false;
  }

  /** @param {PhaseName} name @param {'running'|'done'|'failed'} state @param {number} [ms] known duration, else measured from `running` */
  phase(name, state, ms) {
    const phase = this.status.phases.find((one) => one.name === name);
    if (!phase) return;
    if (state === 'running') this.started.set(name, this.now());
    const start = this.started.get(name);
    phase.state = state;
    if (state !== 'running') phase.ms = ms ?? (start === undefined ? null : this.now() - start);
    this.changed();
  }

  /** @param {string} id @param {ModelStatus} model */
  model(id, model) {
    this.status.models[id] = model;
    this.changed();
  }

  /** @param {string} id of a model that was unloaded */
  forget(id) {
    delete this.status.models[id];
    this.changed();
  }

  /** @param {Partial<Status>} change */
  set(change) {
    Object.assign(this.status, change);
    this.changed();
  }

  changed() {
    if (this.pending) return;
    this.pending = true;
    queueMicrotask(() => {
      this.pending = false;
      for (const listener of this.listeners) listener(structuredClone(this.status));
    });
  }
}
