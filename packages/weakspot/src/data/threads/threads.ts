import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { WeakspotError } from '@weakspot/core';
import { fromPlainError } from './plain-error.js';
import type { Answer } from './serve.js';
import { threadOptions } from './thread-options.js';

export interface ThreadsOptions<Settings, Job, Result> {
  /** Module that calls `serveJobs`. */
  readonly module: URL;
  /** What each thread is given once. */
  readonly settings: Settings;
  /** The same work in this thread. */
  readonly here: (job: Job) => Promise<Result>;
  /** The error of a job whose thread has died, such as of memory. */
  readonly died: (job: Job, reason: string, cause: unknown) => WeakspotError;
  /** The number of cores unless given, and never more than 8; 0 works in this thread only. */
  readonly threads?: number | undefined;
  /** Milliseconds of work in this thread before the first one is started, as a start takes a fifth of a second. */
  readonly startAfter?: number | undefined;
}

export interface Threads<Job, Result> {
  /** Jobs worth asking for at once; more of them wait. */
  readonly ahead: number;
  /**
   * Does a job in the next thread that is free.
   * @throws WeakspotError the job's own, `died`'s, or `aborted` once closed.
   */
  run(job: Job): Promise<Result>;
  /** Ends the threads; jobs under way fail with `aborted`. */
  close(): Promise<void>;
}

const MOST_THREADS = 8;
const START_AFTER = 300;
/** Milliseconds without work after which threads end: a training run needs them at its beginning only. */
const IDLE = 3000;

/** Threads to decode in beside so many of the engine: with one for the engine, all else is done in the thread there is. */
export function besideEngine(threads: number | undefined): number | undefined {
  return threads === 1 ? 0 : threads;
}

interface Task<Job, Result> {
  readonly input: Job;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Threads that do jobs, each one at a time, in the order in which they are asked for. Work is done in this thread, one job
 * after the other, until it has cost `startAfter`; then threads are started as jobs wait, up to `threads`. None keeps the process
 * alive by itself, and all end when there is nothing to do.
 */
export function openThreads<Settings, Job, Result>(
  options: ThreadsOptions<Settings, Job, Result>,
): Threads<Job, Result> {
  const { module, settings, here, died, startAfter = START_AFTER } = options;
  const threads = Math.min(options.threads ?? availableParallelism(), MOST_THREADS);
  const waiting: Task<Job, Result>[] = [];
  const idle = new Set<Worker>();
  const busy = new Map<Worker, Task<Job, Result>>();
  let spent = 0;
  let isBusyHere = false;
  let isClosed = false;
  let rest: NodeJS.Timeout | undefined;

  const start = (): Worker => {
    const worker = new Worker(module, { workerData: settings, ...threadOptions() });
    worker.on('message', (answer: Answer<Result>) => {
      const task = busy.get(worker);
      busy.delete(worker);
      idle.add(worker);
      worker.unref();
      if (task !== undefined) {
        if ('error' in answer) task.reject(fromPlainError(answer.error));
        else task.resolve(answer.result);
      }
      next();
    });
    const gone = (reason: string, cause: unknown): void => {
      const task = busy.get(worker);
      busy.delete(worker);
      idle.delete(worker);
      if (task !== undefined) task.reject(isClosed ? closed() : died(task.input, reason, cause));
      next();
    };
    worker.on('error', (error) => gone(error instanceof Error ? error.message : String(error), error));
    worker.on('exit', (code) => gone(`exit code ${code}`, undefined));
    return worker;
  };

  const give = (worker: Worker, task: Task<Job, Result>): void => {
    idle.delete(worker);
    busy.set(worker, task);
    worker.ref();
    worker.postMessage(task.input);
  };

  const workHere = async (task: Task<Job, Result>): Promise<void> => {
    isBusyHere = true;
    const began = performance.now();
    await here(task.input).then(task.resolve, task.reject);
    spent += performance.now() - began;
    isBusyHere = false;
    next();
  };

  const next = (): void => {
    clearTimeout(rest);
    while (waiting.length > 0) {
      if (threads === 0 || spent < startAfter) {
        if (isBusyHere) return;
        void workHere(waiting.shift() as Task<Job, Result>);
        continue;
      }
      const [free] = idle;
      if (free === undefined && busy.size >= threads) return;
      give(free ?? start(), waiting.shift() as Task<Job, Result>);
    }
    if (busy.size > 0 || idle.size === 0) return;
    rest = setTimeout(() => {
      for (const worker of idle) void worker.terminate();
      idle.clear();
    }, IDLE);
    rest.unref();
  };

  return {
    // One more than there are threads, so that none waits for the caller.
    ahead: threads === 0 ? 1 : threads + 1,
    run: (input) =>
      new Promise((resolve, reject) => {
        if (isClosed) return reject(closed());
        waiting.push({ input, resolve, reject });
        next();
      }),
    close: async () => {
      isClosed = true;
      clearTimeout(rest);
      for (const task of waiting.splice(0)) task.reject(closed());
      await Promise.all([...idle, ...busy.keys()].map((worker) => worker.terminate()));
    },
  };
}

function closed(): WeakspotError {
  return new WeakspotError('aborted', 'Stopped before it was done.');
}
