import { spawnSync } from 'node:child_process';
import { threadId } from 'node:worker_threads';
import { WeakspotError } from '@weakspot/core';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../testing/files.js';
import { ownBuffers } from './serve.js';
import type { Square } from './testing/squares-thread.js';
import { type Threads, type ThreadsOptions, openThreads } from './threads.js';

const module = new URL('./testing/squares-thread.js', import.meta.url);

async function withSquares(
  options: Pick<ThreadsOptions<string, number, Square>, 'threads' | 'startAfter'>,
  use: (squares: Threads<number, Square>) => Promise<void>,
): Promise<void> {
  const squares = openThreads<string, number, Square>({
    module,
    settings: 'mm',
    here: (job) => Promise.resolve({ square: job * job, thread: threadId, unit: 'mm' }),
    died: (job, reason) => new WeakspotError('data', `film${job}: ${reason}`),
    ...options,
  });
  try {
    await use(squares);
  } finally {
    await squares.close();
  }
}

describe('openThreads', () => {
  it('does jobs in so many threads, with their settings', () =>
    withSquares({ threads: 2, startAfter: 0 }, async (squares) => {
      expect(squares.ahead).toBe(3);
      const jobs = [30, 1, 20, 3, 4, 5];
      const found = await Promise.all(jobs.map((job) => squares.run(job)));
      expect(found.map(({ square }) => square)).toEqual(jobs.map((job) => job * job));
      expect(new Set(found.map(({ unit }) => unit))).toEqual(new Set(['mm']));
      const used = new Set(found.map(({ thread }) => thread));
      expect(used.size).toBe(2);
      expect(used.has(threadId)).toBe(false);
    }));

  it('works here until that has cost enough, and only here with no threads', async () => {
    for (const options of [
      { threads: 2, startAfter: 60_000 },
      { threads: 0, startAfter: 0 },
    ]) {
      await withSquares(options, async (squares) => {
        const found = await Promise.all([1, 2, 3].map((job) => squares.run(job)));
        expect(found.map(({ square, thread }) => [square, thread])).toEqual([1, 4, 9].map((s) => [s, threadId]));
      });
    }
  });

  it('gives a job its error, and goes on', () =>
    withSquares({ threads: 1, startAfter: 0 }, async (squares) => {
      const [bad, good] = [failureOf(() => squares.run(13)), squares.run(2)];
      expect(await bad).toMatchObject({ code: 'data', message: 'film13: bad luck', hint: 'take another' });
      expect((await good).square).toBe(4);
    }));

  it('loses one job with a thread that dies, and starts another', () =>
    withSquares({ threads: 1, startAfter: 0 }, async (squares) => {
      const [bad, good] = [failureOf(() => squares.run(666)), squares.run(3)];
      expect((await bad).message).toBe('film666: exit code 7');
      expect((await good).square).toBe(9);
    }));

  it('closed, ends all jobs with `aborted`, under way, waiting and new', () =>
    withSquares({ threads: 1, startAfter: 0 }, async (squares) => {
      const failures = [10_000, 1].map((job) => failureOf(() => squares.run(job)));
      await squares.close();
      failures.push(failureOf(() => squares.run(2)));
      for (const failure of await Promise.all(failures)) expect(failure.code).toBe('aborted');
    }));

  it('keeps no process alive that has nothing else to do', () => {
    const program = `
      import { openThreads } from '${new URL('./threads.js', import.meta.url).href}';
      const squares = openThreads({ module: new URL('${module.href}'), settings: 'mm', threads: 2, startAfter: 0 });
      console.log((await Promise.all([squares.run(2), squares.run(3)])).map(({ square }) => square).join());`;
    const began = performance.now();
    const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { timeout: 20_000 });
    expect([stdout.toString(), status]).toEqual(['4,9\n', 0]);
    // Well before idle threads would end by themselves, but for a busy machine.
    expect(performance.now() - began).toBeLessThan(15_000);
  });
});

describe('ownBuffers', () => {
  it('are those that an array fills alone', () => {
    const whole = new Uint16Array(4);
    expect(ownBuffers(whole, new Uint8Array(whole.buffer, 2), new Float32Array(1)).map((b) => b.byteLength)).toEqual([
      8, 4,
    ]);
  });
});
