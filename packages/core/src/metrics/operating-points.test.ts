import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { operatingPoints } from './operating-points.js';
import { averagePrecision, rocAuc } from './ranking.js';

describe('operatingPoints', () => {
  it('counts by hand, equal scores together', () => {
    const points = operatingPoints([0.2, 0.9, 0.5, 0.5, 0.2], [true, true, false, true, false]);
    expect(points).toEqual([
      { threshold: 0.9, truePositives: 1, falsePositives: 0 },
      { threshold: 0.5, truePositives: 2, falsePositives: 1 },
      { threshold: 0.2, truePositives: 3, falsePositives: 2 },
    ]);
    expect(operatingPoints([], [])).toEqual([]);
  });

  it('gives the area under its trapezoids and the steps of AP that the metrics have', () => {
    const item = fc.record({ score: fc.integer({ min: 0, max: 6 }), relevant: fc.boolean() });
    const property = fc.property(fc.array(item, { minLength: 2, maxLength: 30 }), (items) => {
      const [scores, relevant] = [items.map(({ score }) => score), items.map((one) => one.relevant)];
      const points = operatingPoints(scores, relevant);
      const positives = relevant.filter(Boolean).length;
      const negatives = relevant.length - positives;
      fc.pre(positives > 0 && negatives > 0);
      let [area, ap] = [0, 0];
      points.forEach(({ truePositives, falsePositives }, i) => {
        const before = points[i - 1] ?? { truePositives: 0, falsePositives: 0 };
        area += ((falsePositives - before.falsePositives) * (truePositives + before.truePositives)) / 2;
        ap += ((truePositives - before.truePositives) * truePositives) / (truePositives + falsePositives);
      });
      expect(area / (positives * negatives)).toBeCloseTo(rocAuc(scores, relevant) as number, 12);
      expect(ap / positives).toBeCloseTo(averagePrecision(scores, relevant) as number, 12);
    });
    fc.assert(property);
  });

  it('refuses NaN and lengths that differ', () => {
    expect(() => operatingPoints([Number.NaN], [true])).toThrow(/NaN/);
    expect(() => operatingPoints([1], [])).toThrow(/1 scores for 0 items/);
  });
});
