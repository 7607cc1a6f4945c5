import { describe, expect, it } from 'vitest';
import { expectTime, roughly } from './expected-time.js';

/** A clock that is told what time it is; local time, as a person reads it. */
function at(hour: number, minute: number): { now: () => number; pass: (seconds: number) => void } {
  let time = new Date(2026, 10, 27, hour, minute).getTime();
  return { now: () => time, pass: (seconds) => (time += 1000 * seconds) };
}

describe('expectTime', () => {
  it('tells once, after the first steps, how long it takes and until when', () => {
    const clock = at(14, 20);
    const time = expectTime(0, 0, clock.now);
    // The first step, which may take long, counts for nothing.
    clock.pass(50);
    expect(time.step(1, 1010)).toBeUndefined();
    clock.pass(4);
    expect(time.step(9, 1010)).toBeUndefined();
    clock.pass(3);
    // 10 steps in 7 s, 999 left: 699 s from 14:20:57.
    expect(time.step(11, 1010)).toBe('about 12 min, until 14:32');
    clock.pass(60);
    expect(time.step(100, 1010)).toBeUndefined();
  });

  it('waits for several steps where each takes long, counts validation, and names another day', () => {
    const clock = at(23, 0);
    const time = expectTime(0.3, 0, clock.now);
    time.step(500, 1000);
    for (let step = 1; step < 8; step++) {
      clock.pass(60);
      expect(time.step(500 + step, 1000)).toBeUndefined();
    }
    clock.pass(60);
    // 492 minutes, and a tenth of it for validation: 9 h 1 min from 23:08.
    expect(time.step(508, 1000)).toBe('about 9 h, until 2026-11-28 08:09');
  });

  it('counts the trainings that follow', () => {
    const clock = at(10, 0);
    const time = expectTime(0, 11, clock.now);
    time.step(0, 120);
    clock.pass(10);
    expect(time.step(10, 120)).toBe('about 2 min, until 10:02; with the 11 runs that follow about 24 min, until 10:24');
  });
});

describe('roughly', () => {
  it.each([
    [1, '5 s'],
    [42, '40 s'],
    [58, '1 min'],
    [3540, '59 min'],
    [3600, '1 h'],
    [12_100, '3 h 20 min'],
    [86_400 - 60, '1 day'],
    [190_000, '2 days 5 h'],
  ])('%d s are %s', (seconds, text) => {
    expect(roughly(seconds)).toBe(text);
  });
});
