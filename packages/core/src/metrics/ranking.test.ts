import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accuracy, averagePrecision, rocAuc } from './ranking.js';

/** Rankings with many ties and both classes. */
const rankings = fc
  .array(fc.record({ score: fc.integer({ min: 0, max: 6 }).map((i) => i / 6), positive: fc.boolean() }), {
    minLength: 2,
    maxLength: 25,
  })
  .filter((items) => new Set(items.map((item) => item.positive)).size === 2)
  .map((items) => ({ scores: items.map((item) => item.score), positive: items.map((item) => item.positive) }));

/** Average precision by trying every threshold on the whole list. */
function bruteForceAp(scores: readonly number[], relevant: readonly boolean[], total: number): number {
  let sum = 0;
  let recall = 0;
  for (const threshold of [...new Set(scores)].toSorted((a, b) => b - a)) {
    const above = relevant.filter((_, i) => scores[i]! >= threshold);
    const found = above.filter(Boolean).length;
    sum += (found / total - recall) * (found / above.length);
    recall = found / total;
  }
  return sum;
}

/** The area under the curve by comparing every positive with every negative item. */
function countPairs(scores: readonly number[], positive: readonly boolean[]): number {
  let [won, pairs] = [0, 0];
  scores.forEach((a, i) => {
    scores.forEach((b, j) => {
      if (positive[i] !== true || positive[j] !== false) return;
      pairs++;
      won += a > b ? 1 : a === b ? 0.5 : 0;
    });
  });
  return won / pairs;
}

describe('averagePrecision', () => {
  it('sums precision over the steps of recall', () => {
    // Ranks 1, 3 and 4 are relevant: (1/1 + 2/3 + 3/4) / 3.
    const ap = averagePrecision([0.9, 0.8, 0.7, 0.6, 0.5], [true, false, true, true, false]);
    expect(ap).toBeCloseTo((1 + 2 / 3 + 3 / 4) / 3, 12);
  });

  it('takes equal scores together', () => {
    // 0.9 holds one relevant of two, then 0.4 two of three: 1/3 * 1/2 + 2/3 * 3/5.
    const ap = averagePrecision([0.9, 0.4, 0.4, 0.9, 0.4], [true, true, false, false, true]);
    expect(ap).toBeCloseTo(1 / 6 + 2 / 5, 12);
  });

  it('is the prevalence where all scores are equal, whatever the order', () => {
    expect(averagePrecision([0.5, 0.5, 0.5, 0.5], [true, false, false, false])).toBe(0.25);
    expect(averagePrecision([0.5, 0.5, 0.5, 0.5], [false, false, false, true])).toBe(0.25);
  });

  it('is 1 for a perfect ranking and undefined where nothing is relevant', () => {
    expect(averagePrecision([3, 2, 1], [true, true, false])).toBe(1);
    expect(averagePrecision([3, 2, 1], [false, false, false])).toBeUndefined();
    expect(averagePrecision([], [])).toBeUndefined();
  });

  it('counts relevant items that no threshold finds', () => {
    // One of four found at precision 1: recall stops at a quarter.
    expect(averagePrecision([2, 1], [true, false], 4)).toBe(0.25);
    expect(averagePrecision([2, 1], [false, false], 4)).toBe(0);
  });

  it('equals the sum over all thresholds, tried one by one', () => {
    const property = fc.property(rankings, fc.integer({ min: 0, max: 5 }), ({ scores, positive }, missing) => {
      const total = positive.filter(Boolean).length + missing;
      expect(averagePrecision(scores, positive, total)).toBeCloseTo(bruteForceAp(scores, positive, total), 12);
    });
    fc.assert(property);
  });
});

describe('rocAuc', () => {
  it('counts ordered pairs', () => {
    // Positives 0.9, 0.5, 0.2 against negatives 0.6, 0.5: 2 + (0 + 0.5) + 0 of 6.
    expect(rocAuc([0.9, 0.5, 0.2, 0.6, 0.5], [true, true, true, false, false])).toBeCloseTo(2.5 / 6, 12);
    expect(rocAuc([1, 0], [true, false])).toBe(1);
    expect(rocAuc([0, 1], [true, false])).toBe(0);
  });

  it('is one half where all scores are equal and undefined where a class is missing', () => {
    expect(rocAuc([0.3, 0.3, 0.3], [true, false, false])).toBe(0.5);
    expect(rocAuc([0.3, 0.4], [true, true])).toBeUndefined();
    expect(rocAuc([0.3, 0.4], [false, false])).toBeUndefined();
  });

  it('equals counting every pair', () => {
    fc.assert(
      fc.property(rankings, ({ scores, positive }) => {
        expect(rocAuc(scores, positive)).toBeCloseTo(countPairs(scores, positive), 12);
      }),
    );
  });

  it('depends on the order of the scores only', () => {
    fc.assert(
      fc.property(rankings, ({ scores, positive }) => {
        const stretched = scores.map((score) => Math.exp(9 * score) - 40);
        expect(rocAuc(stretched, positive)).toBe(rocAuc(scores, positive));
        const reversed = rocAuc(
          scores.map((score) => -score),
          positive,
        );
        expect(reversed).toBeCloseTo(1 - countPairs(scores, positive), 12);
      }),
    );
  });
});

describe('accuracy', () => {
  it('is the fraction of equal pairs', () => {
    expect(accuracy([0, 1, 2, 1], [0, 1, 1, 0])).toBe(0.5);
  });
});

describe('rankings refuse', () => {
  it('lists of different lengths, NaN and nothing at all', () => {
    expect(() => averagePrecision([1, 2], [true])).toThrow(/2 values for 1 labels/);
    expect(() => rocAuc([1, NaN], [true, false])).toThrow(/score 1 is NaN/);
    expect(() => accuracy([1], [])).toThrow(/1 values for 0 labels/);
    expect(() => accuracy([], [])).toThrow(/no predictions/);
  });
});
