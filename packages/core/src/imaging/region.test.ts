import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MaskRegion, Region } from './region.js';
import {
  boxRegion,
  clipRegion,
  rasterizeRegion,
  regionBounds,
  regionContains,
  regionsShare,
  scaleRegion,
} from './region.js';

const [WIDTH, HEIGHT] = [24, 18];
const whole = fc.integer({ min: 0, max: 14 });

/** The region's pixels of an image, as a mask of that image's size. */
function maskOf(region: Region): MaskRegion {
  return { kind: 'mask', x0: 0, y0: 0, width: WIDTH, height: HEIGHT, pixels: rasterizeRegion(region, WIDTH, HEIGHT) };
}

const anyRegion: fc.Arbitrary<Region> = fc.oneof(
  fc
    .tuple(whole, whole, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
    .map(([x, y, w, h]) => boxRegion(x, y, x + w, y + h)),
  fc
    .tuple(whole, whole, fc.integer({ min: 1, max: 6 }))
    .map(([x, y, radius]): Region => ({ kind: 'circle', x, y, radius })),
  fc
    .array(fc.record({ x: whole, y: whole }), { minLength: 3, maxLength: 6 })
    .map((points): Region => ({ kind: 'polygon', points })),
  fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }).map((bits): Region => ({
    kind: 'mask',
    x0: 3,
    y0: 2,
    width: 5,
    height: 4,
    pixels: Uint8Array.from(bits, Number),
  })),
);

describe('regions', () => {
  it('hold what their bounds hold at most, and stay themselves as masks of their pixels', () => {
    fc.assert(
      fc.property(anyRegion, whole, whole, (region, column, row) => {
        const [x, y] = [column + 0.5, row + 0.5];
        const { x0, y0, x1, y1 } = regionBounds(region);
        if (regionContains(region, x, y)) expect(x0 <= x && x <= x1 && y0 <= y && y <= y1).toBe(true);
        expect(regionContains(maskOf(region), x, y)).toBe(regionContains(region, x, y));
      }),
    );
  });

  it('grow: a point hits where the ellipse around it holds a point of the region, by brute force', () => {
    const tolerance = fc.constantFrom(0.5, 1, 2.3, 4);
    fc.assert(
      fc.property(anyRegion, whole, whole, tolerance, tolerance, (region, column, row, tx, ty) => {
        fc.pre(region.kind !== 'box');
        const [x, y] = [column + 0.5, row + 0.5];
        let [inside, near] = [false, false];
        // Points of a fine grid within the ellipse, and a little beyond it.
        for (let v = -1.04; v <= 1.04; v += 0.04) {
          for (let u = -1.04; u <= 1.04; u += 0.04) {
            const holds = regionContains(region, x + u * tx, y + v * ty);
            if (holds && Math.hypot(u, v) <= 1) inside = true;
            if (holds) near = true;
          }
        }
        const hit = regionContains(region, x, y, tx, ty);
        if (inside) expect(hit).toBe(true);
        // A sliver of a polygon may pass between the grid's points.
        if (!near && region.kind !== 'polygon') expect(hit).toBe(false);
      }),
    );
  });

  it('a box grows as a box, its right and bottom edges outside', () => {
    const box = boxRegion(2, 2, 4, 4);
    expect([
      regionContains(box, 6.9, 5.9, 3, 2),
      regionContains(box, 7, 5, 3, 2),
      regionContains(box, 5, 6, 3, 2),
    ]).toEqual([true, false, false]);
  });

  it('share the image that their pixels cover', () => {
    const circle: Region = { kind: 'circle', x: 50, y: 40, radius: 20 };
    expect(regionsShare([circle], 100, 80)).toBeCloseTo((Math.PI * 400) / 8000, 2);
    expect(regionsShare([circle, boxRegion(0, 0, 10, 80)], 100, 80)).toBeCloseTo((Math.PI * 400 + 800) / 8000, 2);
    expect(regionsShare([circle], 100, 80, 10, 10)).toBeCloseTo((Math.PI * 900) / 8000, 2);
    expect(regionsShare([], 100, 80)).toBe(0);
  });

  it('are clipped to the image: boxes and masks cut, others kept, those outside dropped', () => {
    expect(clipRegion(boxRegion(-5, 3, 4, 99), 10, 10)).toEqual(boxRegion(0, 3, 4, 10));
    expect(clipRegion(boxRegion(10, 3, 14, 9), 10, 10)).toBeUndefined();
    const circle: Region = { kind: 'circle', x: -1, y: 5, radius: 3 };
    expect(clipRegion(circle, 10, 10)).toBe(circle);
    const mask: Region = {
      kind: 'mask',
      x0: -1,
      y0: 8,
      width: 3,
      height: 3,
      pixels: Uint8Array.from([1, 0, 1, 1, 1, 0, 1, 1, 1]),
    };
    expect(clipRegion(mask, 10, 10)).toEqual({
      kind: 'mask',
      x0: 0,
      y0: 8,
      width: 2,
      height: 2,
      pixels: Uint8Array.from([0, 1, 1, 0]),
    });
    expect(clipRegion({ ...mask, pixels: new Uint8Array(9) }, 10, 10)).toBeUndefined();
  });

  it('scaled by whole factors hold the scaled points, and their bounds scale', () => {
    fc.assert(
      fc.property(anyRegion, whole, whole, (region, column, row) => {
        fc.pre(region.kind !== 'circle');
        const scaled = scaleRegion(region, 3, 2);
        expect(regionContains(scaled, 3 * (column + 0.5), 2 * (row + 0.5))).toBe(
          regionContains(region, column + 0.5, row + 0.5),
        );
        const { x0, y0, x1, y1 } = regionBounds(region);
        if (x1 > x0) expect(regionBounds(scaled)).toEqual({ x0: 3 * x0, y0: 2 * y0, x1: 3 * x1, y1: 2 * y1 });
      }),
    );
    const { x0, y0, x1, y1 } = regionBounds(scaleRegion({ kind: 'circle', x: 5, y: 5, radius: 2 }, 3, 2));
    expect([x0, y0, x1, y1].map((edge) => Math.round(edge * 1e6) / 1e6)).toEqual([9, 6, 21, 14]);
    expect(scaleRegion({ kind: 'circle', x: 5, y: 5, radius: 2 }, 3, 3)).toEqual({
      kind: 'circle',
      x: 15,
      y: 15,
      radius: 6,
    });
  });
});
