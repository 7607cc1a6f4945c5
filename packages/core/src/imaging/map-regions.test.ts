import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapRegions } from './map-regions.js';
import { resizeBilinear } from './resize.js';
import { responsePoint } from './response.js';
import { tiling } from './testing/maps.js';

describe('mapRegions', () => {
  it('finds tight boxes, best first, in a map as large as the image', () => {
    const map = [
      [9, 8, 0, 0, 0],
      [0, 0, 0, 0, 0],
      [0, 0, 0, 0, 6],
      [0, 0, 0, 7, 0],
      [1, 0, 0, 0, 10],
    ].flat();
    const regions = mapRegions(tiling(map, 5, 5), { width: 5, height: 5 });
    // The diagonal 6, 7, 10 is one region: 8 neighbours.
    expect(regions).toEqual([
      { box: { x0: 3, y0: 2, x1: 5, y1: 5 }, score: 1, peak: { x: 4.5, y: 4.5 } },
      { box: { x0: 0, y0: 0, x1: 2, y1: 1 }, score: 0.9, peak: { x: 0.5, y: 0.5 } },
    ]);
  });

  it('measures the threshold and the score from the minimum to the maximum, whatever the offset', () => {
    const map = [-20, -13, -20, -10];
    expect(
      mapRegions(tiling(map, 4, 1), { width: 4, height: 1 }, { threshold: 0.7 }).map((region) => region.score),
    ).toEqual([1, 0.7]);
    expect(mapRegions(tiling(map, 4, 1), { width: 4, height: 1 }, { threshold: 0.71 })).toHaveLength(1);
    expect(mapRegions(tiling(map, 4, 1), { width: 4, height: 1 }, { threshold: 0 })).toHaveLength(1);
  });

  it('gives boxes in pixels of the original image', () => {
    // Ten pixels a cell. The value falls from 1 at x = 25 to 0 at 15 and 35: half of it at 20 and 30.
    const [region] = mapRegions(tiling([0, 0, 1, 0, 0], 5, 1), { width: 50, height: 10 });
    expect(region?.box).toEqual({ x0: 20, y0: 0, x1: 30, y1: 10 });
    expect(region?.score).toBeCloseTo(0.95, 6);
    // Four pixels share the peak's column pair: the one nearest to their mean, the first of equals.
    expect(region?.peak).toEqual({ x: 24.5, y: 4.5 });
  });

  it('stays within one grid pixel on a large image', () => {
    const [region] = mapRegions(tiling([0, 0, 1, 0, 0], 5, 1), { width: 5000, height: 1000 });
    const exact = { x0: 2000, y0: 0, x1: 3000, y1: 1000 };
    for (const edge of ['x0', 'y0', 'x1', 'y1'] as const) {
      expect(Math.abs(region!.box[edge] - exact[edge])).toBeLessThanOrEqual(5000 / 512);
      expect(Number.isInteger(region!.box[edge])).toBe(true);
    }
  });

  it('rounds the boxes of a large image outwards to whole pixels', () => {
    // Grid pixels of 5000 / 512; those with their centres in 2000..3000 are numbers 205 to 306.
    const [region] = mapRegions(tiling([0, 0, 1, 0, 0], 5, 1), { width: 5000, height: 1000 });
    expect(region?.box).toEqual({ x0: 2001, y0: 0, x1: 2999, y1: 1000 });
  });

  it('follows a region upwards again', () => {
    expect(
      mapRegions(tiling([9, 0, 8, 9, 0, 9, 9, 9, 9], 3, 3), { width: 3, height: 3 }).map((region) => region.box),
    ).toEqual([{ x0: 0, y0: 0, x1: 3, y1: 3 }]);
  });

  it('puts the best region around the response', () => {
    const property = fc.property(
      fc.array(fc.integer({ min: -40, max: 40 }), { minLength: 12, maxLength: 12 }),
      (map) => {
        fc.pre(new Set(map).size > 1);
        const { x, y, value } = responsePoint(tiling(map, 4, 3), { width: 64, height: 48 });
        const [low, high] = [Math.min(...map), Math.max(...map)];
        const best = mapRegions(tiling(map, 4, 3), { width: 64, height: 48 }).find(
          ({ box }) => x >= box.x0 && x < box.x1 && y >= box.y0 && y < box.y1,
        );
        expect(best?.score).toBeCloseTo((value - low) / (high - low), 4);
      },
    );
    fc.assert(property, { numRuns: 100 });
  });

  it('covers every pixel at or above the threshold and has one in each outer row and column', () => {
    const property = fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 16, maxLength: 16 }), (map) => {
      fc.pre(new Set(map).size > 1);
      const [low, high] = [Math.min(...map), Math.max(...map)];
      const level = Math.fround(low + 0.6 * (high - low));
      const grid = resizeBilinear(map, 4, 4, 20, 20);
      const regions = mapRegions(tiling(map, 4, 4), { width: 20, height: 20 }, { threshold: 0.6 });
      const hot = [...grid.keys()]
        .filter((i) => grid[i]! >= level)
        .map((i): [number, number] => [(i % 20) + 0.5, Math.floor(i / 20) + 0.5]);
      for (const [x, y] of hot) {
        expect(regions.some(({ box }) => x > box.x0 && x < box.x1 && y > box.y0 && y < box.y1)).toBe(true);
      }
      for (const { box } of regions) {
        for (const column of [box.x0 + 0.5, box.x1 - 0.5]) {
          expect(hot.some(([x, y]) => x === column && y > box.y0 && y < box.y1)).toBe(true);
        }
        for (const row of [box.y0 + 0.5, box.y1 - 0.5]) {
          expect(hot.some(([x, y]) => y === row && x > box.x0 && x < box.x1)).toBe(true);
        }
      }
    });
    fc.assert(property, { numRuns: 100 });
  });

  it('finds nothing in a flat map and no more than asked for', () => {
    expect(mapRegions(tiling([3, 3, 3, 3], 2, 2), { width: 100, height: 100 })).toEqual([]);
    const best = mapRegions(tiling([9, 0, 8, 0, 7], 5, 1), { width: 5, height: 1 }, { maxRegions: 2 });
    expect(best.map((region) => region.peak.x)).toEqual([0.5, 2.5]);
  });

  it('refuses thresholds outside 0..1 and maps that are not finite', () => {
    expect(() => mapRegions(tiling([0, 1], 2, 1), { width: 2, height: 1 }, { threshold: 1.2 })).toThrow(
      /threshold 1.2/,
    );
    expect(() => mapRegions(tiling([0, Infinity], 2, 1), { width: 2, height: 1 })).toThrow(/Infinity at index 1/);
  });
});
