import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { averageWith } from './average.js';

const weights = (...values: number[]) => new Map([['w', { shape: [values.length], data: Float32Array.from(values) }]]);

describe('averageWith', () => {
  it('gives the arithmetic mean of what it was given, one after the other', () => {
    const numbers = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(numbers, (values) => {
        let mean: ReturnType<typeof averageWith> = new Map();
        values.forEach((value, count) => (mean = averageWith(mean, weights(value, -2 * value), count)));
        const expected = values.reduce((sum, value) => sum + value, 0) / values.length;
        const [first, second] = mean.get('w')?.data ?? [];
        expect(first).toBeCloseTo(expected, 3);
        expect(second).toBeCloseTo(-2 * expected, 3);
      }),
    );
  });

  it('keeps nothing of what it was given', () => {
    const [first, second] = [weights(1, 2), weights(3, 6)];
    const one = averageWith(new Map(), first, 0);
    const two = averageWith(one, second, 1);
    first.get('w')?.data.fill(9);
    second.get('w')?.data.fill(9);
    expect([...(one.get('w')?.data ?? [])]).toEqual([1, 2]);
    expect(two.get('w')).toEqual({ shape: [2], data: Float32Array.of(2, 4) });
  });

  it('begins anew with a count of 0, whatever mean it is given', () => {
    expect(averageWith(weights(5), weights(7), 0).get('w')?.data[0]).toBe(7);
  });
});
