/** The graphics card under a session: whether it still answers, and how its failure is told. */
import { isOutOfMemory } from '../errors.js';

/** A graphics card that failed: the same model may still run on the processor. */
export class GpuFailed extends Error {
  /** @param {unknown} cause @param {'lost'|'memory'|'refused'} [kind] */
  constructor(cause, kind) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'GpuFailed';
    this.kind = kind ?? (isOutOfMemory(this.message) ? 'memory' : 'refused');
  }
}

const REASONS = {
  lost: 'as the graphics card stopped answering',
  memory: 'as the graphics card ran out of memory',
  refused: 'as the graphics card cannot run it',
};

/** @param {unknown} thrown @returns {string} the sentence for a person */
export function noteOf(thrown) {
  return `Runs on the processor, ${REASONS[thrown instanceof GpuFailed ? thrown.kind : 'refused']}.`;
}

/** The device that onnxruntime-web took: an error that it tells nobody of would leave zeros in place of results. */
export class Gpu {
  /** @param {GPUDevice} device */
  constructor(device) {
    /** @type {GpuFailed|null} */
    this.failure = null;
    /** @type {Set<(thrown: GpuFailed) => void>} who waits for work; a race would keep each result as long as the device */
    this.waiting = new Set();
    void device.lost.then(({ message, reason }) => {
      this.failure = new GpuFailed(`The device is lost (${reason}): ${message}`, 'lost');
      for (const fail of this.waiting) fail(this.failure);
    });
    device.addEventListener('uncapturederror', (event) => {
      event.preventDefault();
      const memory = typeof GPUOutOfMemoryError !== 'undefined' && event.error instanceof GPUOutOfMemoryError;
      this.failure ??= new GpuFailed(event.error.message, memory ? 'memory' : undefined);
    });
  }

  /** @param {typeof import("onnxruntime-web")} ort whose session runs on WebGPU @returns {Promise<Gpu>} */
  static async watch(ort) {
    return new Gpu(/** @type {GPUDevice} */ (/** @type {unknown} */ (await ort.env.webgpu.device)));
  }

  /**
   * @template T @param {Promise<T>} work @returns {Promise<T>}
   * @throws {GpuFailed} when the device failed before or meanwhile
   */
  async during(work) {
    /** @type {(thrown: GpuFailed) => void} */
    let fail = () => {};
    try {
      const done = await new Promise((resolve, reject) => {
        this.waiting.add((fail = reject));
        work.then(resolve, reject);
      });
      if (this.failure) throw this.failure;
      return done;
    } catch (thrown) {
      throw this.failure ?? thrown; // what went wrong first says more than what came of it
    } finally {
      this.waiting.delete(fail);
    }
  }
}
