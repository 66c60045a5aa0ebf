/**
 * Typed errors, the same codes as `py/nearside/errors.py` (a test compares the two lists).
 *
 * Every error that leaves Nearside carries `code` (stable, for programs), `message` (what happened), `hint` (what
 * to do about it) and `retryable` (whether the same call may succeed later).
 */

/** @typedef {{code: string, message: string, hint: string, retryable: boolean}} WireError */

/** Code → [hint, retryable]. @type {Record<string, [string, boolean]>} */
export const CODES = {
  invalid_input: ['Check the value that was passed.', false],
  invalid_option: ['Check the name and the value of the option.', false],
  unknown_method: ['Check the name of the method.', false],
  unknown_model: ['Check the spelling of the model id: it reads org/name.', false],
  unsupported_model: ['Choose a model whose architecture is supported.', false],
  model_download_failed: ['Check the connection and try again: the download continues where it stopped.', true],
  model_corrupt: ['The file is not what its publisher lists. It was thrown away; try again.', true],
  storage_full: ['Free some space, or delete a model.', true],
  model_crashed: ['The model is being started again; try once more.', true],
  model_gone: ['It is loaded again with the next call.', true],
  kept_lost: ['Ask again.', true],
  cancelled: ['The call was cancelled.', false],
  engine_failed: ['Reload the page. If it happens again, the browser may be short of memory.', true],
  unsupported_browser: ['Use a current version of Chrome, Edge, Firefox or Safari.', false],
  no_microphone: ['Allow the microphone for this site, or use a sound file.', false],
  out_of_memory: ['Close other tabs, or use a smaller model or text.', true],
  offline: ['Connect to the network and try again.', true],
  not_found: ['It may have been deleted, perhaps in another tab: list what there is.', false],
  nothing_found: ['Add a document that says it, or allow the cloud.', false],
  model_needed: ['Fetch the model, or allow the cloud.', false],
  deadline_exceeded: ['Allow more time, or use a smaller model or text.', true],
  no_route: ['Choose another mode, or see the reasons.', false],
  no_provider: ['The site’s operator can connect one: nearside serve --config FILE.', false],
  cloud_refused: ['Answer on this device, or change the request.', false],
  rate_limited: ['Try again in a while, or answer on this device.', true],
  cloud_failed: ['Try again, or answer on this device.', true],
  protocol_mismatch: ['Reload the page to get one version of all parts.', true],
};

/** An error with a code, a hint and a word on whether trying again makes sense. */
export class NearsideError extends Error {
  /**
   * @param {string} code one of the keys of `CODES`
   * @param {string} message what happened, in one sentence
   * @param {{hint?: string, retryable?: boolean, cause?: unknown}} [more] overrides of the code's defaults
   */
  constructor(code, message, more = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    const [hint, retryable] = CODES[code] ?? CODES.engine_failed;
    this.name = 'NearsideError';
    this.code = code;
    this.hint = more.hint ?? hint;
    this.retryable = more.retryable ?? retryable;
  }

  /** @returns {WireError} the plain object that crosses a port */
  toWire() {
    return { code: this.code, message: this.message, hint: this.hint, retryable: this.retryable };
  }

  /** @param {WireError} wire @returns {NearsideError} */
  static fromWire(wire) {
    return new NearsideError(wire.code, wire.message, wire);
  }

  /**
   * Any thrown value as a NearsideError; one that is typed already is returned as it is.
   * @param {unknown} thrown
   * @param {string} [code] the code for an untyped one
   * @returns {NearsideError}
   */
  static from(thrown, code = 'engine_failed') {
    if (thrown instanceof NearsideError) return thrown;
    const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
    return new NearsideError(isOutOfMemory(message) ? 'out_of_memory' : code, message, { cause: thrown });
  }
}

/** @param {string} message @returns {boolean} whether a runtime's message says that memory ran out */
export function isOutOfMemory(message) {
  return /out of memory|bad_alloc|allocation failed|could not allocate|memory access out of bounds/i.test(message);
}
