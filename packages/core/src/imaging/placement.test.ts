import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Box } from './box.js';
import { type HeatMap, extentOf, wholeInput } from './heat-map.js';
import { mapRegions } from './map-regions.js';
import { cellsInImage, imageInMap, placeMap, wholeImage } from './placement.js';
import { resizeBilinear } from './resize.js';
import { responsePoint } from './response.js';
import { tiling } from './testing/maps.js';

/**
 * The map's value over a point of the image, from the definition: bilinear between cell centres, borders repeated.
 *
 * @param place The box that the cells tile, in pixels of the image.
 */
function valueOver({ values: map, width: columns, height: rows }: HeatMap, place: Box, x: number, y: number) {
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

const placed = fc.record({
  values: fc.array(fc.integer({ min: -40, max: 40 }), { minLength: 6, maxLength: 6 }),
  width: fc.integer({ min: 2, max: 30 }),
  height: fc.integer({ min: 2, max: 30 }),
  // Smaller than the image, larger, or both.
  edges: fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: -30, max: 40 }))),
  // Of the cells within the input: they tile it, or fall short of it or reach beyond it on any side.
  insets: fc.oneof(
    fc.constant<number[]>([0, 0, 0, 0]),
    fc.array(fc.integer({ min: -30, max: 30 }), { minLength: 4, maxLength: 4 }),
  ),
});
type Placed = typeof placed extends fc.Arbitrary<infer T> ? T : never;

function boxOf({ width, height, edges: [left = 0, top = 0, right = 0, bottom = 0] }: Placed): Box {
  const part = { x0: (left / 100) * width, y0: (top / 100) * height };
  return { ...part, x1: width * (1 - right / 100), y1: height * (1 - bottom / 100) };
}

/** A map of 3 x 2 cells, and the box that they tile in pixels of the image. */
function mapOf(some: Placed): { map: HeatMap; tiled: Box } {
  const { values, insets } = some;
  const [left = 0, top = 0, right = 0, bottom = 0] = insets.map((percent) => percent / 100);
  const { x0, y0, x1, y1 } = boxOf(some);
  const [across, down] = [x1 - x0, y1 - y0];
  return {
    map: { values, width: 3, height: 2, extent: { x0: left, y0: top, x1: 1 - right, y1: 1 - bottom } },
    tiled: { x0: x0 + left * across, y0: y0 + top * down, x1: x1 - right * across, y1: y1 - bottom * down },
  };
}

/** Pixels of the image whose centres lie in the placement, as [index, x, y]. */
function seenPixels(width: number, height: number, { x0, y0, x1, y1 }: Box): [number, number, number][] {
  return Array.from({ length: width * height }, (_, i): [number, number, number] => {
    return [i, (i % width) + 0.5, Math.floor(i / width) + 0.5];
  }).filter(([, x, y]) => x >= x0 && x < x1 && y >= y0 && y < y1);
}

describe('extentOf', () => {
  it('reaches half a cell around the centres, in shares of the input', () => {
    // Ten cells of 8 pixels centred at 5, 13 .. 77 of 100; five rows, at 5 .. 37 of 50.
    const extent = extentOf({ centre: 5, stride: 8 }, 10, 5, { width: 100, height: 50 });
    expect(extent).toEqual({ x0: 0.01, y0: 0.02, x1: 0.81, y1: 0.82 });
    // Beyond the input on both sides.
    expect(extentOf({ centre: 0.5, stride: 4 }, 3, 3, { width: 10, height: 10 })).toEqual({
      x0: -0.15,
      y0: -0.15,
      x1: 1.05,
      y1: 1.05,
    });
    expect(extentOf({ centre: 16, stride: 32 }, 5, 4, { width: 160, height: 128 })).toEqual(wholeInput);
  });
});

describe('cellsInImage', () => {
  it('is the extent within the placement', () => {
    const extent = { x0: 0.25, y0: -0.5, x1: 0.75, y1: 1.5 };
    expect(cellsInImage({ extent }, { width: 400, height: 300 })).toEqual({ x0: 100, y0: -150, x1: 300, y1: 450 });
    const placement = { x0: 100, y0: -50, x1: 300, y1: 350 };
    expect(cellsInImage({ extent }, { width: 400, height: 300, placement })).toEqual({
      x0: 150,
      y0: -250,
      x1: 250,
      y1: 550,
    });
  });
});

describe('imageInMap', () => {
  it('is the whole map for the whole image', () => {
    const map = { width: 6, height: 4, extent: wholeInput };
    expect(imageInMap(map, { width: 300, height: 200 })).toEqual({ x0: 0, y0: 0, x1: 6, y1: 4 });
  });

  it('extends beyond the map where the image was cropped, and lies inside where it was padded', () => {
    // Columns 100 to 300 of 400, 20 pixels a cell; rows padded by 50 above and below, 40 a cell.
    const placement = { x0: 100, y0: -50, x1: 300, y1: 350 };
    const map = { width: 10, height: 10, extent: wholeInput };
    expect(imageInMap(map, { width: 400, height: 300, placement })).toEqual({ x0: -5, y0: 1.25, x1: 15, y1: 8.75 });
  });
});

describe('placeMap', () => {
  it('is the plain resize for the whole image', () => {
    const map = [1, 5, 2, 8, 3, 4];
    const expected = resizeBilinear(map, 3, 2, 7, 9);
    expect(placeMap(tiling(map, 3, 2), { width: 70, height: 90 }, 7, 9)).toEqual(expected);
    expect(placeMap(tiling(map, 3, 2), { width: 70, height: 90, placement: wholeImage(70, 90) }, 7, 9)).toEqual(
      expected,
    );
  });

  it('puts a cropped map where the crop was and the minimum elsewhere', () => {
    // Two cells over pixels 2 to 4 of 6.
    const place = { width: 6, height: 1, placement: { x0: 2, y0: 0, x1: 4, y1: 1 } };
    expect([...placeMap(tiling([3, 7], 2, 1), place, 6, 1)]).toEqual([3, 3, 3, 7, 3, 3]);
  });

  it('is bilinear between the centres of cells wherever they lie, and their border beyond', () => {
    // Two cells centred at 3 and 5 of ten pixels: values at .5, 1.5 ...
    const map = { values: [0, 8], width: 2, height: 1, extent: { x0: 0.2, y0: 0, x1: 0.6, y1: 1 } };
    expect([...placeMap(map, { width: 10, height: 1 }, 10, 1)]).toEqual([0, 0, 0, 2, 6, 8, 8, 8, 8, 8]);
    // The same input as the middle of an image with two pixels more on each side, which the network did not see.
    const image = { width: 14, height: 1, placement: { x0: 2, y0: 0, x1: 12, y1: 1 } };
    expect([...placeMap(map, image, 14, 1)]).toEqual([0, 0, 0, 0, 0, 2, 6, 8, 8, 8, 8, 8, 0, 0]);
  });

  it('takes only the middle of a padded map', () => {
    // Four cells over pixels -2 to 6 of 4, two pixels a cell: the outer cells lie in the padding.
    const place = { width: 4, height: 1, placement: { x0: -2, y0: 0, x1: 6, y1: 1 } };
    expect([...placeMap(tiling([9, 0, 4, 9], 4, 1), place, 4, 1)]).toEqual([2.25, 1, 3, 5.25]);
  });

  it('is the map over the centre of every pixel that was seen', () => {
    const property = fc.property(placed, (some) => {
      const { values, width, height } = some;
      const placement = boxOf(some);
      const { map, tiled } = mapOf(some);
      const result = placeMap(map, { width, height, placement }, width, height);
      const lowest = Math.min(...values);
      const expected = Array<number>(width * height).fill(lowest);
      for (const [i, x, y] of seenPixels(width, height, placement)) expected[i] = valueOver(map, tiled, x, y);
      const apart = expected.map((value, i) => Math.abs(result[i]! - value));
      expect(Math.max(...apart)).toBeLessThan(1e-4);
    });
    fc.assert(property, { numRuns: 80 });
  });
});

describe('responsePoint over a part of the image, or beyond it', () => {
  it('is the highest pixel that was seen', () => {
    const property = fc.property(placed, (some) => {
      const { width, height } = some;
      const placement = boxOf(some);
      const { map, tiled } = mapOf(some);
      const seen = seenPixels(width, height, placement);
      fc.pre(seen.length > 0);
      const { x, y, value } = responsePoint(map, { width, height, placement });
      expect(seen.some(([, px, py]) => px === x && py === y)).toBe(true);
      const highest = Math.max(...seen.map(([, px, py]) => valueOver(map, tiled, px, py)));
      expect(value).toBeCloseTo(highest, 4);
      expect(valueOver(map, tiled, x, y)).toBeCloseTo(highest, 4);
    });
    fc.assert(property, { numRuns: 200 });
  });

  it('is that of the whole image where the placement is', () => {
    const map = [4, 9, 1, 0, 3, 9];
    expect(responsePoint(tiling(map, 3, 2), { width: 31, height: 17, placement: wholeImage(31, 17) })).toEqual(
      responsePoint(tiling(map, 3, 2), { width: 31, height: 17 }),
    );
  });

  it('is moved with the placement by whole pixels', () => {
    const map = [0, 1, 2, 3, 9, 4];
    // A cell of 7 x 5 pixels: the centre of the second one below is a pixel's centre.
    expect(
      responsePoint(tiling(map, 3, 2), { width: 100, height: 80, placement: { x0: 40, y0: 20, x1: 61, y1: 30 } }),
    ).toEqual({
      x: 50.5,
      y: 27.5,
      value: 9,
    });
  });

  it('lies at the centre of its cell, not on the plateau between that and the border of the input', () => {
    // Cells of 20 centred at 30, 50 and 70 of 101 pixels of the input, which are pixels 100 to 201 of the image.
    const extent = { x0: 20.5 / 101, y0: 0, x1: 80.5 / 101, y1: 1 };
    const image = { width: 400, height: 9, placement: { x0: 100, y0: 0, x1: 201, y1: 9 } };
    const at = (values: number[]) => responsePoint({ values, width: 3, height: 1, extent }, image);
    expect(at([7, 0, 0])).toEqual({ x: 130.5, y: 4.5, value: 7 });
    expect(at([0, 7, 0])).toEqual({ x: 150.5, y: 4.5, value: 7 });
    expect(at([0, 0, 7])).toEqual({ x: 170.5, y: 4.5, value: 7 });
  });

  it('lies at the edge of the image where the maximum is in the padding', () => {
    // Pixels -8 to 8 in two cells: the first cell's centre is at -4.
    const { x } = responsePoint(tiling([5, 0], 2, 1), {
      width: 8,
      height: 4,
      placement: { x0: -8, y0: 0, x1: 8, y1: 4 },
    });
    expect(x).toBe(0.5);
  });
});

describe('mapRegions over a part of the image, or beyond it', () => {
  it('finds boxes within what was seen, of every pixel above the threshold', () => {
    const property = fc.property(placed, (some) => {
      const { values, width, height } = some;
      const placement = boxOf(some);
      const { map, tiled } = mapOf(some);
      fc.pre(new Set(values).size > 1);
      const [low, high] = [Math.min(...values), Math.max(...values)];
      const seen = seenPixels(width, height, placement);
      const above = seen.filter(([, x, y]) => valueOver(map, tiled, x, y) >= low + 0.5 * (high - low) + 1e-3);
      const regions = mapRegions(map, { width, height, placement });
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
    const [region] = mapRegions(tiling([0, 0, 1, 0, 0], 5, 1), {
      width: 400,
      height: 30,
      placement: { x0: 100, y0: 10, x1: 150, y1: 20 },
    });
    expect(region?.box).toEqual({ x0: 120, y0: 10, x1: 130, y1: 20 });
  });
});
