import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Box } from './box.js';
import { mapRegions } from './map-regions.js';
import { imageInMap, placeMap, wholeImage } from './placement.js';
import { resizeBilinear } from './resize.js';
import { responsePoint } from './response.js';

/** The map's value over a point of the image, from the definition: bilinear between cell centres, borders repeated. */
function valueOver(
  map: readonly number[],
  [columns, rows]: readonly [number, number],
  place: Box,
  x: number,
  y: number,
) {
  const at = (column: number, row: number): number =>
    map[Math.min(Math.max(row, 0), rows - 1) * columns + Math.min(Math.max(column, 0), columns - 1)]!;
  const u = ((x - place.x0) / (place.x1 - place.x0)) * columns - 0.5;
  const v = ((y - place.y0) / (place.y1 - place.y0)) * rows - 0.5;
  const [left, top] = [Math.floor(u), Math.floor(v)];
  const mix = (a: number, b: number, share: number): number => a + (b - a) * share;
  return mix(
    mix(at(left, top), at(left + 1, top), u - left),
    mix(at(left, top + 1), at(left + 1, top + 1), u - left),
    v - top,
  );
}

const cells: readonly [number, number] = [3, 2];
const placed = fc.record({
  map: fc.array(fc.integer({ min: -40, max: 40 }), { minLength: 6, maxLength: 6 }),
  width: fc.integer({ min: 2, max: 30 }),
  height: fc.integer({ min: 2, max: 30 }),
  // Smaller than the image, larger, or both.
  edges: fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: -30, max: 40 }))),
});
type Placed = typeof placed extends fc.Arbitrary<infer T> ? T : never;

function boxOf({ width, height, edges: [left = 0, top = 0, right = 0, bottom = 0] }: Placed): Box {
  const part = { x0: (left / 100) * width, y0: (top / 100) * height };
  return { ...part, x1: width * (1 - right / 100), y1: height * (1 - bottom / 100) };
}

/** Pixels of the image whose centres lie in the placement, as [index, x, y]. */
function seenPixels(width: number, height: number, { x0, y0, x1, y1 }: Box): [number, number, number][] {
  return Array.from({ length: width * height }, (_, i): [number, number, number] => {
    return [i, (i % width) + 0.5, Math.floor(i / width) + 0.5];
  }).filter(([, x, y]) => x >= x0 && x < x1 && y >= y0 && y < y1);
}

describe('imageInMap', () => {
  it('is the whole map for the whole image', () => {
    expect(imageInMap(300, 200, wholeImage(300, 200), 6, 4)).toEqual({ x0: 0, y0: 0, x1: 6, y1: 4 });
  });

  it('reaches out of the map where the image was cropped, and lies inside where it was padded', () => {
    // Columns 100 to 300 of 400, 20 pixels a cell; rows padded by 50 above and below, 40 a cell.
    const placement = { x0: 100, y0: -50, x1: 300, y1: 350 };
    expect(imageInMap(400, 300, placement, 10, 10)).toEqual({ x0: -5, y0: 1.25, x1: 15, y1: 8.75 });
  });
});

describe('placeMap', () => {
  it('is the plain resize for the whole image', () => {
    const map = [1, 5, 2, 8, 3, 4];
    const expected = resizeBilinear(map, 3, 2, 7, 9);
    expect(placeMap(map, 3, 2, { width: 70, height: 90 }, 7, 9)).toEqual(expected);
    expect(placeMap(map, 3, 2, { width: 70, height: 90, placement: wholeImage(70, 90) }, 7, 9)).toEqual(expected);
  });

  it('puts a cropped map where the crop was and the minimum elsewhere', () => {
    // Two cells over pixels 2 to 4 of 6.
    const place = { width: 6, height: 1, placement: { x0: 2, y0: 0, x1: 4, y1: 1 } };
    expect([...placeMap([3, 7], 2, 1, place, 6, 1)]).toEqual([3, 3, 3, 7, 3, 3]);
  });

  it('takes only the middle of a padded map', () => {
    // Four cells over pixels -2 to 6 of 4, two pixels a cell: the outer cells lie in the padding.
    const place = { width: 4, height: 1, placement: { x0: -2, y0: 0, x1: 6, y1: 1 } };
    expect([...placeMap([9, 0, 4, 9], 4, 1, place, 4, 1)]).toEqual([2.25, 1, 3, 5.25]);
  });

  it('is the map over the centre of every pixel that was seen', () => {
    const property = fc.property(placed, (some) => {
      const { map, width, height } = some;
      const placement = boxOf(some);
      const result = placeMap(map, ...cells, { width, height, placement }, width, height);
      const lowest = Math.min(...map);
      const expected = Array<number>(width * height).fill(lowest);
      for (const [i, x, y] of seenPixels(width, height, placement))
        expected[i] = valueOver(map, cells, placement, x, y);
      const apart = expected.map((value, i) => Math.abs(result[i]! - value));
      expect(Math.max(...apart)).toBeLessThan(1e-4);
    });
    fc.assert(property, { numRuns: 80 });
  });
});

describe('responsePoint over a part of the image, or beyond it', () => {
  it('is the highest pixel that was seen', () => {
    const property = fc.property(placed, (some) => {
      const { map, width, height } = some;
      const placement = boxOf(some);
      const seen = seenPixels(width, height, placement);
      fc.pre(seen.length > 0);
      const { x, y, value } = responsePoint(map, ...cells, width, height, placement);
      expect(seen.some(([, px, py]) => px === x && py === y)).toBe(true);
      const highest = Math.max(...seen.map(([, px, py]) => valueOver(map, cells, placement, px, py)));
      expect(value).toBeCloseTo(highest, 4);
      expect(valueOver(map, cells, placement, x, y)).toBeCloseTo(highest, 4);
    });
    fc.assert(property, { numRuns: 200 });
  });

  it('is that of the whole image where the placement is', () => {
    const map = [4, 9, 1, 0, 3, 9];
    expect(responsePoint(map, 3, 2, 31, 17, wholeImage(31, 17))).toEqual(responsePoint(map, 3, 2, 31, 17));
  });

  it('is moved with the placement by whole pixels', () => {
    const map = [0, 1, 2, 3, 9, 4];
    // A cell of 7 x 5 pixels: the centre of the second one below is a pixel's centre.
    expect(responsePoint(map, 3, 2, 100, 80, { x0: 40, y0: 20, x1: 61, y1: 30 })).toEqual({
      x: 50.5,
      y: 27.5,
      value: 9,
    });
  });

  it('lies at the edge of the image where the maximum is in the padding', () => {
    // Pixels -8 to 8 in two cells: the first cell's centre is at -4.
    const { x } = responsePoint([5, 0], 2, 1, 8, 4, { x0: -8, y0: 0, x1: 8, y1: 4 });
    expect(x).toBe(0.5);
  });
});

describe('mapRegions over a part of the image, or beyond it', () => {
  it('finds boxes within what was seen, of every pixel above the threshold', () => {
    const property = fc.property(placed, (some) => {
      const { map, width, height } = some;
      const placement = boxOf(some);
      fc.pre(new Set(map).size > 1);
      const [low, high] = [Math.min(...map), Math.max(...map)];
      const seen = seenPixels(width, height, placement);
      const above = seen.filter(
        ([, x, y]) => valueOver(map, cells, placement, x, y) >= low + 0.5 * (high - low) + 1e-3,
      );
      const regions = mapRegions(map, ...cells, width, height, { placement });
      const contains = (box: Box, x: number, y: number) => x > box.x0 && x < box.x1 && y > box.y0 && y < box.y1;
      for (const [, x, y] of above) expect(regions.some(({ box }) => contains(box, x, y))).toBe(true);
      for (const { box, peak } of regions) {
        expect(seen.some(([, x, y]) => contains(box, x, y))).toBe(true);
        expect(box.x0).toBeGreaterThanOrEqual(Math.ceil(placement.x0 - 0.5));
        expect(box.x1).toBeLessThanOrEqual(Math.ceil(placement.x1 + 0.5));
        expect(box.x0 >= 0 && box.y0 >= 0 && box.x1 <= width && box.y1 <= height).toBe(true);
        expect(contains(box, peak.x, peak.y)).toBe(true);
      }
    });
    fc.assert(property, { numRuns: 80 });
  });

  it('moves a box with the crop', () => {
    // Ten pixels a cell over x from 100: the value falls from 1 at 125 to 0 at 115 and 135, half of it at 120 and 130.
    const [region] = mapRegions([0, 0, 1, 0, 0], 5, 1, 400, 30, { placement: { x0: 100, y0: 10, x1: 150, y1: 20 } });
    expect(region?.box).toEqual({ x0: 120, y0: 10, x1: 130, y1: 20 });
  });
});
