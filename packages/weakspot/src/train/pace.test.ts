import { expect, it } from 'vitest';
import { startPace } from './pace.js';

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
