import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { mapAhead, mapLimited } from './concurrency.js';
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

describe('mapAhead', () => {
  it('yields in order, with so many begun and no more', async () => {
    let [running, most] = [0, 0];
    const found: number[] = [];
    const double = async (ms: number): Promise<number> => {
      most = Math.max(most, ++running);
      await sleep(ms);
      running--;
      return 2 * ms;
    };
    for await (const result of mapAhead([9, 1, 4, 2, 3], 3, double)) found.push(result);
    expect([found, most]).toEqual([[18, 2, 8, 4, 6], 3]);
  });

  it('begins nothing beyond what is ahead of the item that is waited for', async () => {
    const started: number[] = [];
    const results = mapAhead([0, 1, 2, 3, 4, 5], 2, async (i) => {
      started.push(i);
      return Promise.resolve(i);
    });
    await results.next();
    expect(started).toEqual([0, 1]);
    await results.next();
    expect(started).toEqual([0, 1, 2]);
    await results.return(undefined);
    expect(started).toEqual([0, 1, 2]);
  });

  it('throws a failure at its turn, after what came before it', async () => {
    const results = mapAhead([2, 0, 1], 3, async (ms) => {
      await sleep(ms);
      if (ms === 0) throw new Error('zero');
      return ms;
    });
    expect((await results.next()).value).toBe(2);
    await expect(results.next()).rejects.toThrow('zero');
  });

  it('stops when aborted, once what is under way has ended', async () => {
    const controller = new AbortController();
    let running = 0;
    const results = mapAhead(
      [1, 2, 3, 4],
      2,
      async (ms) => {
        running++;
        await sleep(ms);
        running--;
      },
      controller.signal,
    );
    await results.next();
    controller.abort();
    expect((await failureOf(() => results.next())).code).toBe('aborted');
    expect(running).toBe(0);
  });
});
