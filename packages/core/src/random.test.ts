import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from './random.js';
import { thrownBy } from './testing/thrown.js';

type Address = readonly [number, ...(string | number)[]];

const draw = (address: Address, count = 8): number[] => {
  const random = new Random(...address);
  return Array.from({ length: count }, () => random.bits());
};

describe('streams', () => {
  it('equal addresses give equal numbers', () => {
    expect(draw([7, 'shuffle', 3])).toEqual(draw([7, 'shuffle', 3]));
  });

  it('addresses that differ in any part give other numbers', () => {
    const addresses: Address[] = [
      [1],
      [2],
      [1, 'a'],
      [1, 'b'],
      [2, 'a'],
      [1, 'a', 0],
      [1, 'a', 1],
      [1, 'a', '0'],
      [1, 'a0'],
      [1, 'a', 0, 0],
      [1, 'a', ''],
      [11, 'a'],
      [1, 1, 'a'],
      [1, 'a,0'],
    ];
    expect(new Set(addresses.map((address) => draw(address, 2).join())).size).toBe(addresses.length);
  });

  it('neighbouring counters share no first number, and their first numbers are uniform', () => {
    const first = Array.from({ length: 20_000 }, (_, epoch) => new Random(1, 'shuffle', epoch).uniform());
    // 24 bits: about 12 chance collisions are expected among 20,000 numbers.
    expect(new Set(first).size).toBeGreaterThan(19_950);
    const bins = Array.from({ length: 20 }, () => 0);
    for (const value of first) bins[Math.floor(value * 20)] = (bins[Math.floor(value * 20)] ?? 0) + 1;
    const chiSquare = bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(43.8); // 0.1 % point of chi-square with 19 degrees of freedom.
  });

  it('draws the numbers it always drew, so that old runs can be repeated', () => {
    expect(draw([0, 'initialise', 'conv1.weight'], 4)).toEqual([-430270187, -2038047016, -2084888560, 593779084]);
  });
});

describe('distributions', () => {
  it('uniform lies in [0, 1) with mean 1/2 and variance 1/12', () => {
    const random = new Random(3, 'uniform');
    const values = Array.from({ length: 40_000 }, () => random.uniform());
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    const { mean, variance } = moments(values);
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.006); // 4 standard errors
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(0.0015);
  });

  it('between maps onto [low, high)', () => {
    const random = new Random(3, 'between');
    const values = Array.from({ length: 2000 }, () => random.between(-3, 5));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-3);
    expect(Math.min(...values)).toBeLessThan(-2.9);
    expect(Math.max(...values)).toBeLessThan(5);
    expect(Math.max(...values)).toBeGreaterThan(4.9);
  });

  it('normal has mean 0, variance 1, no skew, kurtosis 3, and successive values are not correlated', () => {
    const random = new Random(5, 'normal');
    const values = Array.from({ length: 100_000 }, () => random.normal());
    const { mean, variance, skewness, kurtosis } = moments(values);
    const correlation = values.slice(1).reduce((sum, value, i) => sum + value * (values[i] ?? 0), 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.013);
    expect(Math.abs(variance - 1)).toBeLessThan(0.018);
    expect(Math.abs(skewness)).toBeLessThan(0.031);
    expect(Math.abs(kurtosis - 3)).toBeLessThan(0.062);
    expect(Math.abs(correlation)).toBeLessThan(0.013);
  });

  it('integer takes every value below its bound equally often, and no other', () => {
    const random = new Random(9, 'integer');
    const counts = new Map<number, number>();
    for (let i = 0; i < 14_000; i++) {
      const value = random.integer(7);
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    expect([...counts.keys()].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    for (const count of counts.values()) expect(Math.abs(count - 2000)).toBeLessThan(166); // 4 deviations
    expect(random.integer(1)).toBe(0);
  });

  it('integer refuses a bound that leaves nothing to draw', () => {
    for (const bound of [0, -1, 2.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      const error = thrownBy(() => new Random(1).integer(bound));
      expect(error.code).toBe('usage');
      expect(error.message).toContain(String(bound));
    }
  });
});

describe('shuffle', () => {
  it('permutes in place', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.nat(), (items, seed) => {
        const shuffled = [...items];
        expect(new Random(seed).shuffle(shuffled)).toBe(shuffled);
        expect(shuffled.toSorted((a, b) => a - b)).toEqual(items.toSorted((a, b) => a - b));
      }),
      { seed: 1 },
    );
  });

  it('makes all 24 orders of four items equally likely', () => {
    const random = new Random(4, 'orders');
    const counts = new Map<string, number>();
    for (let i = 0; i < 12_000; i++) {
      const order = random.shuffle(['a', 'b', 'c', 'd']).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 500) ** 2 / 500, 0);
    expect(chiSquare).toBeLessThan(49.7); // 0.1 % point of chi-square with 23 degrees of freedom.
  });
});

function moments(values: readonly number[]): { mean: number; variance: number; skewness: number; kurtosis: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const central = (power: number): number =>
    values.reduce((sum, value) => sum + (value - mean) ** power, 0) / values.length;
  const variance = central(2);
  return { mean, variance, skewness: central(3) / variance ** 1.5, kurtosis: central(4) / variance ** 2 };
}
