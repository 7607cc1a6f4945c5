/** A thread that squares numbers; 13 is an error, and 666 kills it. */
import { threadId } from 'node:worker_threads';
import { WeakspotError } from '@weakspot/core';
import { type Served, serveJobs } from '../serve.js';

export interface Square {
  readonly square: number;
  readonly thread: number;
  readonly unit: string;
}

serveJobs(async (job: number, unit: string): Promise<Served<Square>> => {
  if (job === 666) process.exit(7);
  if (job === 13) throw new WeakspotError('data', 'film13: bad luck', { hint: 'take another' });
  await new Promise((resolve) => setTimeout(resolve, job));
  return { result: { square: job * job, thread: threadId, unit }, handOver: [] };
});
