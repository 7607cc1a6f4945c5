import type { PlainError } from '../data/threads/plain-error.js';
import type { TrainEvent } from './events.js';
import type { TrainingRequest } from './run-training.js';

/** What the training thread is started with. */
export interface WorkerInput {
  readonly request: TrainingRequest;
  /** One Int32: not 0 once the run shall stop. Shared, because the thread reads no messages while a step runs. */
  readonly stop: SharedArrayBuffer;
}

export type WorkerMessage = { readonly event: TrainEvent } | { readonly error: PlainError } | { readonly end: true };
