import assert from 'node:assert/strict';
import test from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Gpu, GpuFailed, noteOf } from './gpu.js';

/** A device that a test can lose, or make report an error. */
function device() {
  /** @type {(info: {message: string, reason: string}) => void} */
  let lose = () => {};
  const target = Object.assign(new EventTarget(), { lost: new Promise((done) => (lose = done)) });
  const report = (/** @type {string} */ message) => {
    const event = Object.assign(new Event('uncapturederror', { cancelable: true }), { error: new Error(message) });
    target.dispatchEvent(event);
    return event.defaultPrevented;
  };
  return { gpu: new Gpu(/** @type {any} */ (target)), lose, report };
}
const failed = (/** @type {string} */ kind) => (/** @type {any} */ error) => error instanceof GpuFailed && error.kind === kind;

test('work on a device that is well is left alone', async () => {
  assert.equal(await device().gpu.during(Promise.resolve(7)), 7);
  await assert.rejects(device().gpu.during(Promise.reject(new Error('own'))), /own/);
});

test('results are not kept as long as the device', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  const { gpu } = device();
  const results = [];
  for (let step = 0; step < 5; step += 1) results.push(new WeakRef(await gpu.during(Promise.resolve({ logits: new Float32Array(9) }))));
  for (let turn = 0; turn < 5; turn += 1) {
    await new Promise((done) => setTimeout(done, 5));
    collect();
  }
  assert.ok(results.filter((one) => one.deref()).length <= 1); // the last one may still lie on the stack
  assert.equal(gpu.waiting.size, 0);
});

test('a device that is lost ends what waits for it, and all that comes after', async () => {
  const { gpu, lose } = device();
  const waiting = gpu.during(new Promise(() => {}));
  lose({ message: 'gone', reason: 'unknown' });
  await assert.rejects(waiting, failed('lost'));
  await assert.rejects(gpu.during(Promise.resolve(1)), failed('lost'));
});

test('an error that the device reports to nobody spoils the result', async () => {
  const { gpu, report } = device();
  const work = gpu.during(new Promise((done) => setTimeout(() => done(1), 5)));
  assert.equal(report('Buffer is invalid'), true);
  await assert.rejects(work, failed('refused'));
});

test('each kind of failure has its word', () => {
  assert.match(noteOf(new GpuFailed('the device', 'lost')), /stopped answering/);
  assert.match(noteOf(new GpuFailed(new Error('Out of memory'))), /out of memory/);
  assert.match(noteOf(new Error('Unsupported op')), /cannot run it/);
});
