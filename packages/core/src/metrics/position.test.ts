import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Region, boxRegion } from '../imaging/index.js';
import { Random } from '../random.js';
import { type LocalizedImage, hitRate, hits, randomHitRate } from './localization.js';
import { fixedPosition, shuffledPointing } from './position.js';

function film(regions: readonly Region[], changes: Partial<LocalizedImage> = {}): LocalizedImage {
  const size = { width: 200, height: 100 };
  return {
    score: 0.5,
    positive: true,
    response: { x: 0, y: 0 },
    ...size,
    regions,
    tolerance: { x: 0, y: 0 },
    ...changes,
  };
}

/** The images with the point as their response. */
function pointed(images: readonly LocalizedImage[], { x, y }: { x: number; y: number }): LocalizedImage[] {
  return images.map((image) => ({ ...image, response: { x: x * image.width, y: y * image.height } }));
}

const region = fc.oneof(
  fc
    .tuple(fc.double({ min: -20, max: 180, noNaN: true }), fc.double({ min: -20, max: 90, noNaN: true }))
    .map(([x, y]): Region => boxRegion(x, y, x + 45, y + 30)),
  fc
    .record({ x: fc.integer({ min: 0, max: 200 }), y: fc.integer({ min: 0, max: 100 }) })
    .map((centre): Region => ({ kind: 'circle', ...centre, radius: 17 })),
  fc.record({ x: fc.integer({ min: 0, max: 200 }), y: fc.integer({ min: 0, max: 100 }) }).map(({ x, y }): Region => ({
    kind: 'polygon',
    points: [
      { x, y },
      { x: x + 40, y },
      { x, y: y + 40 },
    ],
  })),
);
const images = fc.array(
  fc
    .record({
      regions: fc.array(region, { minLength: 1, maxLength: 3 }),
      tolerance: fc.record({ x: fc.integer({ min: 0, max: 20 }), y: fc.integer({ min: 0, max: 20 }) }),
    })
    .map(({ regions, tolerance }) => film(regions, { tolerance })),
  { minLength: 1, maxLength: 6 },
);

describe('fixedPosition', () => {
  it('is the middle of where the most regions overlap', () => {
    // Three boxes overlap in x 100..120 of 200, y 40..60 of 100.
    const boxes = [boxRegion(60, 10, 120, 60), boxRegion(100, 40, 160, 90), boxRegion(90, 0, 200, 100)];
    const position = fixedPosition([...boxes.map((box) => film([box])), film([boxRegion(0, 90, 10, 100)])]);
    expect(position?.hitRate).toBe(3 / 4);
    expect(Math.abs(position!.x - 110 / 200)).toBeLessThan(1 / 64);
    expect(Math.abs(position!.y - 50 / 100)).toBeLessThan(1 / 64);
  });

  it('is given in shares, so that images of other sizes have it in the same place', () => {
    const small = film([boxRegion(10, 10, 20, 20)], { width: 100, height: 50 });
    const large = film([boxRegion(100, 100, 200, 200)], { width: 1000, height: 500 });
    expect(fixedPosition([small, large])?.hitRate).toBe(1);
  });

  it('counts an image once however many of its regions overlap, and only images that are located', () => {
    const box = boxRegion(50, 50, 100, 90);
    expect(fixedPosition([film([box, box]), film([boxRegion(0, 0, 20, 20)])])?.hitRate).toBe(1 / 2);
    const others = [film([]), film([boxRegion(0, 0, 20, 20)], { positive: false })];
    expect(fixedPosition([film([box]), ...others])?.hitRate).toBe(1);
    expect(fixedPosition(others)).toBeUndefined();
  });

  it('hits as often as the response at it does, and no less than any other position of the grid', () => {
    fc.assert(
      fc.property(images, fc.nat(63), fc.nat(63), (set, column, row) => {
        const position = fixedPosition(set)!;
        expect(hitRate(pointed(set, position))).toBe(position.hitRate);
        const other = { x: (column + 0.5) / 64, y: (row + 0.5) / 64 };
        expect(hitRate(pointed(set, other))!).toBeLessThanOrEqual(position.hitRate);
      }),
    );
  });

  it('is no worse than random points where regions are larger than the grid is fine', () => {
    const boxes = fc.array(
      fc
        .tuple(fc.integer({ min: 0, max: 150 }), fc.integer({ min: 0, max: 70 }))
        .map(([x, y]) => film([boxRegion(x, y, x + 50, y + 30)])),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      // A grid's count of a box differs from its area by a row and a column of points.
      fc.property(boxes, (set) => {
        expect(fixedPosition(set)!.hitRate).toBeGreaterThan(randomHitRate(set)! - 0.02);
      }),
    );
  });
});

describe('shuffledPointing', () => {
  const [left, right] = [boxRegion(0, 0, 100, 100), boxRegion(100, 0, 200, 100)];
  const at = (x: number) => ({ response: { x, y: 50 } });

  it('deals the responses of the other located images, by hand', () => {
    const set = [
      film([left], at(50)),
      film([left], at(50)),
      film([right], at(150)),
      film([]),
      film([left], { positive: false }),
    ];
    const found = shuffledPointing(set)!;
    // Of each of the first two, one of the other two responses hits; of the third none.
    expect([...found.shares]).toEqual([0.5, 0.5, 0, Number.NaN, Number.NaN]);
    expect(found.hitRate).toBeCloseTo(1 / 3, 12);
    expect(found.gain).toBeCloseTo(2 / 3, 12);
    // Gains 1/2, 1/2 and 1: their variance is 1/12.
    expect(found.standardError).toBeCloseTo(Math.sqrt(1 / 12 / 3), 12);
  });

  it('gives a response at the same shares of another image’s sides', () => {
    const large = { width: 2000, height: 1000 };
    const set = [
      film([left], at(50)),
      film([boxRegion(400, 400, 600, 600)], { ...large, response: { x: 1500, y: 500 } }),
    ];
    // (50, 50) of 200 x 100 is (500, 500) of 2000 x 1000, and (1500, 500) there (150, 50) here.
    expect([...shuffledPointing(set)!.shares]).toEqual([0, 1]);
  });

  it('has no gain of one position for all images, and cannot tell of fewer than two', () => {
    expect(shuffledPointing([left, left, right].map((box) => film([box], at(60))))?.gain).toBeCloseTo(0, 12);
    expect(shuffledPointing([film([left]), film([])])).toBeUndefined();
  });

  it('is the mean over all ways to deal the responses, of which the images’ own is left out', () => {
    const dealt = fc.array(fc.tuple(region, fc.nat(3)), { minLength: 2, maxLength: 7 });
    fc.assert(
      fc.property(dealt, (drawn) => {
        const set = drawn.map(([one, place]) => film([one], { response: { x: 40 * place + 20, y: 25 * place + 10 } }));
        const { shares, hitRate: shuffled, gain } = shuffledPointing(set)!;
        set.forEach((image, i) => {
          const others = set.filter((_, k) => k !== i);
          const hit = others.filter(({ response }) => hits({ ...image, response })).length;
          expect(shares[i]).toBeCloseTo(hit / others.length, 12);
        });
        expect(shuffled + gain).toBeCloseTo(hitRate(set)!, 12);
      }),
    );
  });

  it('has a gain within chance where responses are independent of the lesions, however they crowd', () => {
    const random = new Random(1, 'independent');
    const pick = (): number => (random.uniform() < 0.8 ? 0 : 1);
    const gains = Array.from({ length: 400 }, () => {
      const set = Array.from({ length: 30 }, () => film([pick() === 0 ? left : right], at(pick() === 0 ? 50 : 150)));
      const { gain, standardError } = shuffledPointing(set)!;
      return [gain, gain / standardError] as const;
    });
    const mean = gains.reduce((sum, [gain]) => sum + gain, 0) / gains.length;
    // A hit rate of 30 images scatters by .08, the mean of 400 by .004.
    expect(Math.abs(mean)).toBeLessThan(0.013);
    const beyond = gains.filter(([, deviations]) => deviations > 2).length / gains.length;
    expect(beyond).toBeLessThan(0.06);
  });
});
