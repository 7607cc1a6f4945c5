import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { delong } from './delong.js';
import { rocAuc } from './ranking.js';
import { comparisonReference } from './testing/comparison.js';

const { scores, positive, groups, results } = comparisonReference.delong;

function expectClose(found: readonly (readonly number[])[], expected: readonly (readonly number[])[]): void {
  expect(found.map((row) => row.length)).toEqual(expected.map((row) => row.length));
  found.forEach((row, i) => row.forEach((value, j) => expect(value).toBeCloseTo(expected[i]?.[j] ?? Number.NaN, 14)));
}

/** Images of both classes, twice of each at least, scored by two models on few values. */
const images = fc
  .array(fc.record({ a: fc.integer({ max: 5 }), b: fc.integer({ max: 5 }), positive: fc.boolean() }), {
    minLength: 4,
    maxLength: 25,
  })
  .map((drawn) => [...drawn, ...[true, true, false, false].map((is, i) => ({ a: i, b: 3 - i, positive: is }))]);

describe('delong', () => {
  it('agrees with counting every pair of images, one by one and by patient', () => {
    for (const { name, aucs, covariance } of results) {
      const found = delong(scores, positive, name === 'patients' ? groups : []);
      expect(found, name).toBeDefined();
      expectClose([found?.aucs ?? []], [aucs]);
      expectClose(found?.covariance ?? [], covariance);
    }
  });

  it('gives the areas under the curves, and a covariance that is symmetric with no negative variance', () => {
    fc.assert(
      fc.property(images, (drawn) => {
        const of = drawn.map((image) => image.positive);
        const models = [drawn.map(({ a }) => a), drawn.map(({ b }) => b)];
        const { aucs, covariance } = delong(models, of)!;
        models.forEach((model, i) => expect(aucs[i]).toBeCloseTo(rocAuc(model, of)!, 12));
        const [[aa = 0, ab = 0] = [], [ba = 0, bb = 0] = []] = covariance;
        expect(ab).toBeCloseTo(ba, 15);
        expect(Math.min(aa, bb, aa + bb - 2 * ab)).toBeGreaterThan(-1e-15);
      }),
    );
  });

  it('is the same where every image is its own patient, and where every patient has his image twice', () => {
    fc.assert(
      fc.property(images, (drawn) => {
        const of = drawn.map((image) => image.positive);
        const models = [drawn.map(({ a }) => a), drawn.map(({ b }) => b)];
        const names = drawn.map((_, i) => `patient ${i}`);
        const alone = delong(models, of)!;
        expect(delong(models, of, names)).toEqual(alone);
        const twice = delong(
          models.map((model) => [...model, ...model]),
          [...of, ...of],
          [...names, ...names],
        )!;
        expectClose(twice.covariance, alone.covariance);
      }),
    );
  });

  it('knows no variance of one image or one patient of a class', () => {
    expect(delong([[1, 2, 3]], [true, false, false])).toBeUndefined();
    expect(delong([[1, 2, 3, 4]], [true, true, false, false], ['a', 'a', 'b', 'c'])).toBeUndefined();
    expect(delong([[1, 2, 3, 4]], [true, true, false, false])).toBeDefined();
    expect(delong([[]], [])).toBeUndefined();
  });

  it('refuses scores that do not fit', () => {
    expect(() => delong([[1, 2], [1]], [true, false])).toThrow(/model 1/);
    expect(() => delong([[1, Number.NaN]], [true, false])).toThrow(/NaN/);
  });
});
