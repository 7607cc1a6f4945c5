import { describe, expect, it } from 'vitest';
import { alphaAt, paperAlpha } from './index.js';

describe('alphaAt', () => {
  it("the paper's step: 0.1 in epochs 0 to 59, 0.9 from epoch 60 on", () => {
    for (let epoch = 0; epoch < 60; epoch++) expect(alphaAt(paperAlpha, epoch)).toBe(0.1);
    expect(alphaAt(paperAlpha, 59.99)).toBe(0.1);
    for (const epoch of [60, 61, 1000]) expect(alphaAt(paperAlpha, epoch)).toBe(0.9);
  });

  it('linear: straight from start to end, then end', () => {
    const schedule = { kind: 'linear', start: 0.1, end: 0.9, at: 40 } as const;
    const found = [0, 10, 12.5, 20, 40, 50].map((epoch) => alphaAt(schedule, epoch));
    [0.1, 0.3, 0.35, 0.5, 0.9, 0.9].forEach((alpha, i) => expect(found[i]).toBeCloseTo(alpha, 12));
  });

  it('cosine: flat at both ends, half way in the middle, symmetric', () => {
    const schedule = { kind: 'cosine', start: 0.1, end: 0.9, at: 40 } as const;
    const alpha = (epoch: number): number => alphaAt(schedule, epoch);
    // A quarter of the way: 0.1 + 0.8 (1 - cos 45 degrees) / 2
    expect(alpha(10)).toBeCloseTo(0.1 + 0.4 * (1 - Math.SQRT1_2), 12);
    expect(alpha(0)).toBeCloseTo(0.1, 12);
    expect(alpha(20)).toBeCloseTo(0.5, 12);
    expect(alpha(5) + alpha(35)).toBeCloseTo(1, 12);
    expect(alpha(40)).toBe(0.9);
    expect(alpha(400)).toBe(0.9);
  });

  it('constant: start throughout', () => {
    const schedule = { kind: 'constant', start: 0.4, end: 0.9, at: 10 } as const;
    for (const epoch of [0, 9, 10, 11]) expect(alphaAt(schedule, epoch)).toBe(0.4);
  });

  it('a ramp that ends at epoch 0 is at its end from the first epoch', () => {
    for (const kind of ['step', 'linear', 'cosine'] as const) {
      expect(alphaAt({ kind, start: 0.1, end: 0.9, at: 0 }, 0)).toBe(0.9);
    }
  });
});
