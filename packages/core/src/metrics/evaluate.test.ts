import { describe, expect, it } from 'vitest';
import { boxRegion } from '../imaging/index.js';
import type { EvaluatedImage } from './evaluate.js';
import { computeMetrics, computePointing } from './evaluate.js';

const options = { positive: 1, tolerance: { x: 16, y: 16 }, inputWidth: 500, inputHeight: 500 };

function image(label: number, positive: number, changes: Partial<EvaluatedImage> = {}): EvaluatedImage {
  const probabilities = [1 - positive, positive];
  return { label, probabilities, response: { x: 1, y: 1 }, width: 1000, height: 500, regions: [], ...changes };
}

const regions = [boxRegion(400, 100, 500, 200)];

describe('computeMetrics', () => {
  it('gives the metrics of a set worked out by hand', () => {
    const images = [
      image(1, 0.9, { regions, response: { x: 450, y: 150 } }),
      image(0, 0.8),
      image(1, 0.7, { regions, response: { x: 600, y: 150 } }),
      image(1, 0.3),
      image(0, 0.2),
    ];
    const metrics = computeMetrics(images, options);
    expect(metrics).toMatchObject({ images: 5, positives: 3, located: 2, acc: 0.6 });
    // Pairs in order: 0.9 over both, 0.7 over 0.2, 0.3 over 0.2.
    expect(metrics.auc).toBeCloseTo(4 / 6, 12);
    expect(metrics.apPositive).toBeCloseTo((1 + 2 / 3 + 3 / 4) / 3, 12);
    // From the other end: negatives at ranks 1 and 4.
    expect(metrics.apNegative).toBeCloseTo((1 + 2 / 4) / 2, 12);
    expect(metrics.locAp).toBeCloseTo(1 / 2, 12);
    expect(metrics.hitRate).toBe(0.5);
    // Grown by 32 and 16 pixels: 164 x 132 of 1000 x 500, in both located images.
    expect(metrics.hitRateRandom).toBeCloseTo((164 * 132) / 500_000, 12);
  });

  it('tells what the best point that is the same in every image would do', () => {
    const [upper, lower] = [[boxRegion(400, 100, 500, 200)], [boxRegion(400, 300, 500, 400)]];
    const images = [
      image(1, 0.9, { regions: lower }),
      image(1, 0.7, { regions: upper }),
      image(0, 0.6),
      image(1, 0.5, { regions: upper, response: { x: 450, y: 150 } }),
    ];
    const metrics = computeMetrics(images, options);
    expect(metrics.hitRate).toBeCloseTo(1 / 3, 12);
    expect(metrics.hitRateFixed).toBeCloseTo(2 / 3, 12);
    // The third's response hits in the second too, the others' nowhere: 0, 1/2 and 0.
    expect(metrics.hitRateShuffled).toBeCloseTo(1 / 6, 12);
    const { shuffled, ...pointing } = computePointing(images, options);
    expect(pointing).toEqual({ hitRate: metrics.hitRate, locAp: metrics.locAp });
    expect([...(shuffled?.shares ?? [])]).toEqual([0, 1 / 2, Number.NaN, 0]);
    // Hits at ranks 2 and 4 of three located images.
    expect(metrics.locApFixed).toBeCloseTo((1 / 2 + 2 / 4) / 3, 12);
  });

  it('tells what the brightest and the darkest point of each image would do', () => {
    const hit = { x: 450, y: 150 };
    const miss = { x: 700, y: 400 };
    const images = [
      image(1, 0.9, { regions, brightest: hit, darkest: miss }),
      image(0, 0.8, { brightest: hit, darkest: hit }),
      image(1, 0.7, { regions, brightest: hit, darkest: miss }),
      image(1, 0.6),
      image(1, 0.5, { regions, brightest: miss, darkest: hit }),
    ];
    const metrics = computeMetrics(images, options);
    expect([metrics.hitRateBrightest, metrics.hitRateDarkest]).toEqual([2 / 3, 1 / 3]);
    // Hits at ranks 1 and 3 of three located images; a hit at rank 5.
    expect(metrics.locApBrightest).toBeCloseTo((1 + 2 / 3) / 3, 12);
    expect(metrics.locApDarkest).toBeCloseTo(1 / 5 / 3, 12);
    // Of one located image nothing is known: so of the set.
    const without = computeMetrics([...images, image(1, 0.1, { regions, darkest: hit })], options);
    expect([without.hitRateBrightest, without.locApBrightest, without.hitRateDarkest]).toEqual([
      undefined,
      undefined,
      2 / 4,
    ]);
  });

  it('scales the tolerance to the original image along each axis', () => {
    const at = (x: number, y: number): number | undefined =>
      computeMetrics([image(1, 0.5, { regions, response: { x, y } })], options).hitRate;
    // Twice as wide as the input and as high: 32 pixels across, 16 down.
    expect([at(531.5, 150), at(532.5, 150), at(368.5, 150), at(367.5, 150)]).toEqual([1, 0, 1, 0]);
    expect([at(450, 215.5), at(450, 216.5), at(450, 84.5), at(450, 83.5)]).toEqual([1, 0, 1, 0]);
  });

  it('leaves undefined what the set cannot tell', () => {
    const metrics = computeMetrics([image(0, 0.4), image(0, 0.6)], options);
    expect(metrics).toEqual({
      images: 2,
      positives: 0,
      located: 0,
      acc: 0.5,
      auc: undefined,
      apPositive: undefined,
      apNegative: 1,
      locAp: undefined,
      hitRate: undefined,
      hitRateRandom: undefined,
      hitRateShuffled: undefined,
      hitRateFixed: undefined,
      locApFixed: undefined,
    });
  });

  it('sets one of several classes against all others', () => {
    const images = [
      { ...image(2, 0), probabilities: [0.1, 0.2, 0.7] },
      { ...image(0, 0), probabilities: [0.5, 0.1, 0.4] },
      { ...image(1, 0), probabilities: [0.2, 0.5, 0.3] },
      { ...image(2, 0), probabilities: [0.1, 0.6, 0.3] },
    ];
    const metrics = computeMetrics(images, { ...options, positive: 2 });
    expect(metrics.acc).toBe(0.75);
    // 0.7 over both others; 0.3 below 0.4 and level with 0.3.
    expect(metrics.auc).toBeCloseTo(2.5 / 4, 12);
    // Rank 1: the tie of one negative and one positive at 0.3; then 0.4.
    expect(metrics.apNegative).toBeCloseTo(0.5 * (1 / 2) + 0.5 * (2 / 3), 12);
  });

  it('keeps tiny probabilities apart when ranking the negative class', () => {
    const images = [image(0, 1e-30), image(1, 1e-20), image(0, 1e-25)];
    expect(computeMetrics(images, options).apNegative).toBe(1);
  });

  it('refuses an empty set and images without the positive class or with NaN', () => {
    expect(() => computeMetrics([], options)).toThrow(/no images/);
    expect(() => computeMetrics([image(0, 0.5)], { ...options, positive: 2 })).toThrow(/image 0/);
    expect(() => computeMetrics([image(0, 0.5), image(1, NaN)], options)).toThrow(/image 1/);
  });
});
