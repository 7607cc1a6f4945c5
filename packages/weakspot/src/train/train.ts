import { Worker } from 'node:worker_threads';
import { WeakspotError, messageOf } from '@weakspot/core';
import { type Lock, acquireLock, lockOf, refuseHeld } from '../data/lock.js';
import { readConfig, runFolder } from '../run/folder.js';
import { checkClaim } from './claim-folder.js';
import type { TrainEvent } from './events.js';
import { fromPlainError } from '../data/threads/plain-error.js';
import { threadOptions } from '../data/threads/thread-options.js';
import type { WorkerInput, WorkerMessage } from './protocol.js';
import type { TrainingRequest } from './run-training.js';

export interface TrainOptions {
  /** Aborting ends the run at the next step, saved: the last event is `stopped`, and the run can be resumed. */
  readonly signal?: AbortSignal;
}

/**
 * Trains in a thread of its own and yields what happens; the caller's thread stays free. Leaving the iteration early
 * stops the run as the signal does.
 * @throws WeakspotError as the catalogue says: `data`, `config`, `exists`, `busy`, `diverged`, `engine`, `model`, `io`;
 * `aborted` if the signal fired before training began.
 */
export async function* train(request: TrainingRequest, options: TrainOptions = {}): AsyncGenerator<TrainEvent> {
  if (options.signal?.aborted === true) throw new WeakspotError('aborted', 'Stopped before training began.');
  const lock = await lockRun(request);
  try {
    yield* trainInThread(request, options);
  } finally {
    await lock.release();
  }
}

/** The run's folder for this training alone. One that is refused anyway is left untouched. */
async function lockRun(request: TrainingRequest): Promise<Lock> {
  const folder = runFolder(request.run);
  await refuseHeld(lockOf(folder.path));
  if (request.resume) await readConfig(folder);
  else await checkClaim(folder, request.force);
  return acquireLock(lockOf(folder.path), 'training');
}

async function* trainInThread(request: TrainingRequest, options: TrainOptions): AsyncGenerator<TrainEvent> {
  const stop = new SharedArrayBuffer(4);
  const requestStop = (): void => void Atomics.store(new Int32Array(stop), 0, 1);
  const input: WorkerInput = { request, stop };
  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: input, ...threadOptions() });
  options.signal?.addEventListener('abort', requestStop, { once: true });
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  try {
    for await (const message of messagesOf(worker)) {
      if ('end' in message) return;
      if ('error' in message) throw fromPlainError(message.error);
      yield message.event;
    }
  } finally {
    options.signal?.removeEventListener('abort', requestStop);
    requestStop();
    // The thread ends by itself after its last message, or after saving when it was asked to stop.
    await exited;
  }
}

const RESUME = 'The last checkpoint is kept: continue with --resume.';

/** The worker's messages in order, until it exits. */
async function* messagesOf(worker: Worker): AsyncGenerator<WorkerMessage> {
  const queue: WorkerMessage[] = [];
  let exitCode: number | undefined;
  let failure: WeakspotError | undefined;
  let wake = (): void => undefined;
  worker.on('message', (message: WorkerMessage) => {
    queue.push(message);
    wake();
  });
  worker.on('error', (error) => {
    failure = new WeakspotError('engine', `The training thread failed: ${messageOf(error)}`, {
      hint: RESUME,
      cause: error,
    });
    wake();
  });
  worker.on('exit', (code) => {
    exitCode = code;
    wake();
  });
  for (;;) {
    const message = queue.shift();
    if (message !== undefined) {
      yield message;
    } else if (failure !== undefined) {
      throw failure;
    } else if (exitCode !== undefined) {
      throw new WeakspotError('engine', `The training thread ended without a result (exit code ${exitCode}).`, {
        hint: RESUME,
      });
    } else {
      await new Promise<void>((resolve) => (wake = resolve));
    }
  }
}
