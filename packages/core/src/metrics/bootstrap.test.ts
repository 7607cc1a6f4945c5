import { describe, expect, it } from 'vitest';
import { Random } from '../random.js';
import { bootstrapInterval } from './bootstrap.js';

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

describe('bootstrapInterval', () => {
  it('has the width of the normal interval for a mean', () => {
    const random = new Random(3, 'sample');
    const sample = Array.from({ length: 200 }, () => 5 + 2 * random.normal());
    const centre = mean(sample);
    const deviation = Math.sqrt(mean(sample.map((x) => (x - centre) ** 2)));
    const half = (1.96 * deviation) / Math.sqrt(200);
    const interval = bootstrapInterval(200, (indices) => mean(indices.map((i) => sample[i]!)), { seed: 1 })!;
    expect(Math.abs(interval.low - (centre - half))).toBeLessThan(0.12 * half);
    expect(Math.abs(interval.high - (centre + half))).toBeLessThan(0.12 * half);
  });

  it('is narrower at a lower level', () => {
    const statistic = (indices: readonly number[]): number => mean(indices);
    const wide = bootstrapInterval(30, statistic, { seed: 1, resamples: 300, level: 0.99 })!;
    const narrow = bootstrapInterval(30, statistic, { seed: 1, resamples: 300, level: 0.5 })!;
    expect(wide.low).toBeLessThan(narrow.low);
    expect(narrow.high).toBeLessThan(wide.high);
  });

  it('draws as many items as there are, with replacement, the same for the same seed', () => {
    const drawnBy = (seed: number): (readonly number[])[] => {
      const drawn: (readonly number[])[] = [];
      bootstrapInterval(10, (indices) => drawn.push(indices), { seed, resamples: 50 });
      return drawn;
    };
    const drawn = drawnBy(1);
    expect(drawn).toHaveLength(50);
    expect(drawn.every((indices) => indices.length === 10)).toBe(true);
    expect(new Set(drawn.flat())).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
    expect(drawn.some((indices) => new Set(indices).size < 10)).toBe(true);
    expect(drawnBy(1)).toEqual(drawn);
    expect(drawnBy(2)).not.toEqual(drawn);
  });

  it('interpolates between order statistics', () => {
    // Four resamples with the values 1 to 4: the quartiles lie at 0.75 and 2.25 from the first.
    let value = 0;
    const interval = bootstrapInterval(1, () => ++value, { seed: 1, resamples: 4, level: 0.5 });
    expect(interval).toEqual({ low: 1.75, high: 3.25 });
  });

  it('leaves out resamples without the statistic, and is undefined where none has it', () => {
    let call = 0;
    const sometimes = (): number | undefined => (call++ % 2 === 0 ? undefined : 7);
    expect(bootstrapInterval(5, sometimes, { seed: 1, resamples: 10 })).toEqual({ low: 7, high: 7 });
    expect(bootstrapInterval(5, () => undefined, { seed: 1, resamples: 10 })).toBeUndefined();
    expect(bootstrapInterval(0, () => 1, { seed: 1 })).toBeUndefined();
  });

  it('refuses no resamples and levels of 0 or 1', () => {
    expect(() => bootstrapInterval(5, () => 1, { seed: 1, resamples: 0 })).toThrow(/0 resamples/);
    expect(() => bootstrapInterval(5, () => 1, { seed: 1, level: 1 })).toThrow(/level 1/);
  });
});
