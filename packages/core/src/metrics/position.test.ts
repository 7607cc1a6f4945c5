import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Region, boxRegion } from '../imaging/index.js';
import { type LocalizedImage, hitRate, randomHitRate } from './localization.js';
import { fixedPosition } from './position.js';

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
