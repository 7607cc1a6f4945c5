import { describe, expect, it } from 'vitest';
import { startCalls, startPace } from './pace.js';

it('the pace is 0 before the first step, then the first rate, then moves by a twentieth', () => {
  let time = 1000;
  const pace = startPace(() => time);
  expect(pace.imagesPerSecond).toBe(0);
  time += 500;
  pace.count(10);
  expect(pace.imagesPerSecond).toBeCloseTo(20, 9);
  time += 250;
  pace.count(10);
  expect(pace.imagesPerSecond).toBeCloseTo(0.95 * 20 + 0.05 * 40, 9);
});

it('a clock that stands still gives a finite pace', () => {
  const pace = startPace(() => 5);
  pace.count(1);
  expect(pace.imagesPerSecond).toBeLessThan(Infinity);
});

describe('calls', () => {
  /** Steps of the calls after each that took so many seconds a step. */
  async function callsOf(repeats: boolean, seconds: readonly number[], stateBytes = 1e6): Promise<number[]> {
    let time = 0;
    const calls = startCalls(repeats, stateBytes, () => time);
    const steps = [calls.steps];
    for (const each of seconds) {
      await calls.time(calls.steps, () => Promise.resolve((time += 1000 * each * calls.steps)));
      steps.push(calls.steps);
    }
    return steps;
  }

  it('begin with one step, then take as many as a second has room for, from 1 to 32', async () => {
    expect(await callsOf(true, [0.1, 0.2, 5, 0.001])).toEqual([1, 10, 5, 1, 32]);
  });

  it('take longer where much is copied at each, up to 24 seconds', async () => {
    expect(await callsOf(true, [0.5, 1, 10], 2e8)).toEqual([1, 8, 4, 1]);
    expect(await callsOf(true, [1], 4e9)).toEqual([1, 24]);
  });

  it('take one step where several are no faster', async () => {
    expect(await callsOf(false, [0.1, 0.1])).toEqual([1, 1, 1]);
  });
});
