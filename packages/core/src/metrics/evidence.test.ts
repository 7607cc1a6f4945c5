import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ClassLogits, negativeShare } from './index.js';

/** Two classes, the second positive: [negative logit, positive logit]. */
const image = (label: number, ...logits: number[]): ClassLogits => ({ label, logits });

describe('negativeShare', () => {
  it('is 0 where only the positive logit tells the images apart, 1 where only the negative one does', () => {
    expect(negativeShare([image(1, 2, 5), image(1, 2, 3), image(0, 2, 1)], 1)).toBe(0);
    expect(negativeShare([image(1, -1, 4), image(0, 3, 4), image(0, 1, 4)], 1)).toBe(1);
  });

  it('is the share that follows by hand', () => {
    // Positive logit: 3 against 2, a gain of 1. Negative: -1 against 2, a gain of 3.
    expect(negativeShare([image(1, -1, 3), image(0, 2, 1), image(0, 2, 3)], 1)).toBeCloseTo(3 / 4, 12);
    // The mean of the other two of three classes: 1 against 2, a gain of 1; the positive one: 4 against 1, of 3.
    expect(negativeShare([image(0, 4, 2, 0), image(1, 1, 3, 1), image(2, 1, 1, 3)], 0)).toBeCloseTo(1 / 4, 12);
  });

  it('is above 1 where the positive logit falls for positive images', () => {
    expect(negativeShare([image(1, -3, 0), image(0, 0, 1)], 1)).toBeCloseTo(3 / 2, 12);
  });

  it('is undefined without both kinds of images, or where the margin does not tell them apart', () => {
    expect(negativeShare([image(1, 0, 1)], 1)).toBeUndefined();
    expect(negativeShare([image(0, 0, 1)], 1)).toBeUndefined();
    expect(negativeShare([], 1)).toBeUndefined();
    expect(negativeShare([image(1, 1, 1), image(0, 0, 1)], 1)).toBeUndefined();
  });

  it("and that of the classes' roles exchanged add up to 1, whatever constants are added to the logits", () => {
    const value = fc.integer({ min: -50, max: 50 }).map((i) => i / 8);
    const images = fc.array(fc.tuple(fc.nat({ max: 1 }), value, value), { minLength: 2, maxLength: 12 });
    const property = fc.property(images, value, value, (drawn, first, second) => {
      const of = (a: number, b: number): ClassLogits[] => drawn.map(([label, x, y]) => image(label, x + a, y + b));
      const share = negativeShare(of(0, 0), 1);
      const turned = negativeShare(of(first, second), 0);
      expect(turned === undefined).toBe(share === undefined);
      if (share !== undefined) expect((turned ?? 0) + share).toBeCloseTo(1, 6);
    });
    fc.assert(property, { seed: 1, numRuns: 200 });
  });
});
