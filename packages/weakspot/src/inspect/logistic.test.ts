import { Random } from '@weakspot/core';
import { describe, expect, it } from 'vitest';
import { fitLogistic } from './logistic.js';

describe('fitLogistic', () => {
  it('finds the minimum of the penalised loss', () => {
    const random = new Random(4, 'logistic');
    const items = Array.from({ length: 60 }, () => [random.normal(), 5 + 3 * random.normal()]);
    const positive = items.map(([a = 0, b = 0]) => a + 0.2 * b + random.normal() > 1);
    const logOdds = fitLogistic(items, positive);
    // Its weights on standardised features, from differences.
    const scales = [0, 1].map((f) => {
      const values = items.map((item) => item[f] as number);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return { mean, std: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) };
    });
    const centre = scales.map(({ mean }) => mean);
    const intercept = logOdds(centre);
    const weights = scales.map(({ std }, f) => logOdds(centre.map((c, g) => (f === g ? c + std : c))) - intercept);
    const gradient = [0, ...weights];
    items.forEach((item, i) => {
      const error = 1 / (1 + Math.exp(-logOdds(item))) - Number(positive[i]);
      const row = [1, ...scales.map(({ mean, std }, f) => ((item[f] as number) - mean) / std)];
      row.forEach((value, f) => (gradient[f] = (gradient[f] as number) + error * value));
    });
    for (const slope of gradient) expect(Math.abs(slope)).toBeLessThan(1e-4);
    expect(Math.abs(weights[0] as number)).toBeGreaterThan(0.5);
  });

  it('stays finite where classes are told apart fully, features do not vary, or only one class is there', () => {
    const items = Array.from({ length: 40 }, (_, i) => [i, 7, i < 20 ? 1e9 : -1e9]);
    const logOdds = fitLogistic(
      items,
      items.map((_, i) => i < 20),
    );
    const scores = items.map(logOdds);
    expect(scores.every(Number.isFinite)).toBe(true);
    expect(Math.min(...scores.slice(0, 20))).toBeGreaterThan(Math.max(...scores.slice(20)));
    const one = fitLogistic(
      items,
      items.map(() => true),
    );
    expect(items.map(one).every((score) => Number.isFinite(score) && score > 0)).toBe(true);
  });
});
