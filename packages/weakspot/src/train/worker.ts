/** Entry of the training thread: runs a training and posts its events. */
import { parentPort, workerData } from 'node:worker_threads';
import { bundledRuntime, inspectInChild } from '../device/index.js';
import { toPlainError } from '../data/threads/plain-error.js';
import type { WorkerInput, WorkerMessage } from './protocol.js';
import { runTraining } from './run-training.js';

const { request, stop } = workerData as WorkerInput;
const flag = new Int32Array(stop);
const post = (message: WorkerMessage): void => parentPort?.postMessage(message);

try {
  for await (const event of runTraining(request, {
    runtime: await bundledRuntime(),
    isStopped: () => Atomics.load(flag, 0) !== 0,
    inspect: inspectInChild,
  }))
    post({ event });
  post({ end: true });
} catch (error) {
  post({ error: toPlainError(error) });
}
