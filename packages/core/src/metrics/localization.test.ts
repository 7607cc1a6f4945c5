import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boxRegion } from '../imaging/index.js';
import { Random } from '../random.js';
import type { LocalizedImage } from './localization.js';
import { hitRate, isHit, localizationAp, randomHitRate } from './localization.js';
import { averagePrecision } from './ranking.js';

const lesion = boxRegion(10, 10, 20, 20);
const inside = { x: 15.5, y: 15.5 };
const outside = { x: 70.5, y: 70.5 };

function image(score: number, changes: Partial<LocalizedImage> = {}): LocalizedImage {
  const tolerance = { x: 0, y: 0 };
  return { score, positive: true, response: inside, width: 100, height: 100, regions: [lesion], tolerance, ...changes };
}

describe('isHit', () => {
  it('allows for the tolerance, of its own along each axis, up to the grown right and bottom edges', () => {
    expect(isHit({ x: 22.5, y: 15 }, [lesion], 3, 0)).toBe(true);
    expect(isHit({ x: 22.5, y: 15 }, [lesion], 2, 9)).toBe(false);
    expect(isHit({ x: 7, y: 15 }, [lesion], 3, 0)).toBe(true);
    expect(isHit({ x: 23, y: 15 }, [lesion], 3, 0)).toBe(false);
  });

  it('needs one box of several, and some box', () => {
    const other = boxRegion(60, 60, 80, 80);
    expect(isHit(outside, [lesion, other], 0, 0)).toBe(true);
    expect(isHit(outside, [], 50, 50)).toBe(false);
  });
});

describe('localizationAp', () => {
  it('counts a missed positive and a negative alike as false positives', () => {
    const images = [
      image(0.9),
      image(0.8, { response: outside }),
      image(0.7),
      image(0.6, { positive: false, regions: [] }),
      image(0.5),
    ];
    // Hits at ranks 1, 3 and 5 of four located positives: (1/1 + 2/3 + 3/5) / 4.
    expect(localizationAp(images)).toBeCloseTo((1 + 2 / 3 + 3 / 5) / 4, 12);
    expect(hitRate(images)).toBe(0.75);
  });

  it('counts a positive image without ground truth in the ranking but not in recall', () => {
    const images = [image(0.9, { regions: [] }), image(0.8)];
    expect(localizationAp(images)).toBe(0.5);
    expect(hitRate(images)).toBe(1);
  });

  it('gives a negative image no hit, even where it has boxes', () => {
    expect(localizationAp([image(0.9, { positive: false }), image(0.8)])).toBe(0.5);
  });

  it('is undefined, like the hit rates, where no positive image has ground truth', () => {
    const images = [image(0.9, { regions: [] }), image(0.8, { positive: false })];
    expect([localizationAp(images), hitRate(images), randomHitRate(images)]).toEqual([undefined, undefined, undefined]);
  });

  it('is at most the AP of classification, and equal to it where every response hits', () => {
    const anyImage = fc
      .record({ score: fc.integer({ min: 0, max: 9 }), positive: fc.boolean(), hit: fc.boolean() })
      .map(({ score, positive, hit }) => image(score, { positive, response: hit ? inside : outside }));
    const property = fc.property(fc.array(anyImage, { minLength: 1, maxLength: 20 }), (images) => {
      const ap = averagePrecision(
        images.map((one) => one.score),
        images.map((one) => one.positive),
      );
      fc.pre(ap !== undefined);
      expect(localizationAp(images)).toBeLessThanOrEqual(ap + 1e-12);
      expect(localizationAp(images.map((one) => ({ ...one, response: inside })))).toBeCloseTo(ap, 12);
    });
    fc.assert(property);
  });
});

describe('randomHitRate', () => {
  it('is the mean share of the images that grown boxes cover, without what lies outside', () => {
    const edge = boxRegion(0, 0, 10, 10);
    const images = [
      image(1, { regions: [edge], tolerance: { x: 10, y: 5 } }),
      image(1, { regions: [edge, lesion, lesion] }),
      image(1, { positive: false }),
    ];
    expect(randomHitRate(images)).toBeCloseTo((0.2 * 0.15 + 0.02) / 2, 12);
  });

  it('agrees with the hit rate of random points', () => {
    const random = new Random(7, 'points');
    const images = Array.from({ length: 4 }, (_, i) =>
      image(1, {
        width: 80,
        height: 60 + 5 * i,
        regions: [lesion, boxRegion(15, 5 * i, 60, 30 + 5 * i), boxRegion(70, 40, 80, 60)],
        tolerance: { x: 4, y: 2.5 },
      }),
    );
    const draws = Array.from({ length: 5000 }, () =>
      images.map((one) => ({
        ...one,
        response: { x: random.between(0, one.width), y: random.between(0, one.height) },
      })),
    );
    // 20000 points: a standard error of at most 0.0036.
    expect(Math.abs(hitRate(draws.flat())! - randomHitRate(images)!)).toBeLessThan(0.012);
  });
});
