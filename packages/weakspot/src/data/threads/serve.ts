import { type Transferable, parentPort, workerData } from 'node:worker_threads';
import { type PlainError, toPlainError } from './plain-error.js';

/** A thread's answer to its job; it has one at a time. */
export type Answer<Result> = { readonly result: Result } | { readonly error: PlainError };

/** What a job came to, and which of its buffers are handed over instead of copied. */
export interface Served<Result> {
  readonly result: Result;
  readonly handOver: readonly Transferable[];
}

/**
 * In a thread of `openThreads`: answers each job that comes with what `work` makes of it. Jobs and settings are of the types
 * that `openThreads` was called with for this module, which nothing here can check.
 */
export function serveJobs(work: (job: never, settings: never) => Promise<Served<unknown>>): void {
  parentPort?.on('message', (job: unknown) => {
    void work(job as never, workerData as never).then(
      ({ result, handOver }) => parentPort?.postMessage({ result } satisfies Answer<unknown>, [...handOver]),
      (error: unknown) => parentPort?.postMessage({ error: toPlainError(error) } satisfies Answer<unknown>),
    );
  });
}

/** The buffers of these arrays that hold nothing else: what may be handed over. Others are copied. */
export function ownBuffers(...arrays: readonly ArrayBufferView[]): ArrayBuffer[] {
  return arrays.flatMap(({ buffer, byteLength }) =>
    buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [],
  );
}
