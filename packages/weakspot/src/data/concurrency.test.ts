import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { mapLimited } from './concurrency.js';
import { failureOf } from './testing/files.js';

describe('mapLimited', () => {
  it('keeps the order and the limit', async () => {
    let running = 0;
    let most = 0;
    const doubled = await mapLimited([5, 1, 4, 2, 3], 2, async (ms) => {
      most = Math.max(most, ++running);
      await sleep(ms);
      running--;
      return 2 * ms;
    });
    expect(doubled).toEqual([10, 2, 8, 4, 6]);
    expect(most).toBe(2);
  });

  it('throws the first failure and starts nothing after it', async () => {
    const started: number[] = [];
    const run = mapLimited([0, 1, 2, 3, 4], 1, async (i) => {
      started.push(i);
      await Promise.resolve();
      if (i === 1) throw new Error('one');
    });
    await expect(run).rejects.toThrow('one');
    expect(started).toEqual([0, 1]);
  });

  it('stops when aborted', async () => {
    const controller = new AbortController();
    const started: number[] = [];
    const error = await failureOf(() =>
      mapLimited(
        [0, 1, 2, 3],
        1,
        async (i) => {
          started.push(i);
          if (i === 1) controller.abort();
          await Promise.resolve();
        },
        controller.signal,
      ),
    );
    expect([error.code, started]).toEqual(['aborted', [0, 1]]);
  });
});
