import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wholeInput } from './heat-map.js';
import { resizeBilinear } from './resize.js';
import { responsePoint } from './response.js';
import { tiling } from './testing/maps.js';

// No tiny numbers: rounded to single precision, the slopes between them become plateaus.
const eighths = fc.integer({ min: -800, max: 800 }).map((i) => i / 8);
const maps = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })).chain(([width, height]) =>
  fc.record({
    width: fc.constant(width),
    height: fc.constant(height),
    extent: fc.constant(wholeInput),
    values: fc.oneof(
      fc.array(eighths, { minLength: width * height, maxLength: width * height }),
      // Few values: many ties.
      fc.array(fc.integer({ min: 0, max: 2 }), { minLength: width * height, maxLength: width * height }),
    ),
  }),
);
const side = fc.integer({ min: 1, max: 40 });

describe('responsePoint', () => {
  it('is the maximum of the fully resized map, at a pixel that has it', () => {
    const property = fc.property(maps, side, side, (map, width, height) => {
      const resized = resizeBilinear(map.values, map.width, map.height, width, height);
      const response = responsePoint(map, { width, height });
      expect(response.value).toBeCloseTo(Math.max(...resized), 4);
      expect(resized[Math.floor(response.y) * width + Math.floor(response.x)]).toBe(response.value);
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('is, of the pixels with that maximum, the nearest to the centre of the maximal cell', () => {
    const property = fc.property(maps, side, side, (map, width, height) => {
      const resized = resizeBilinear(map.values, map.width, map.height, width, height);
      const response = responsePoint(map, { width, height });
      const cell = map.values.indexOf(Math.max(...map.values));
      const cx = (((cell % map.width) + 0.5) * width) / map.width;
      const cy = ((Math.floor(cell / map.width) + 0.5) * height) / map.height;
      const distance = (x: number, y: number): number => (x - cx) ** 2 + (y - cy) ** 2;
      const nearest = Math.min(
        ...Array.from(resized, (value, i) =>
          value === response.value ? distance((i % width) + 0.5, Math.floor(i / width) + 0.5) : Infinity,
        ),
      );
      expect(distance(response.x, response.y)).toBeCloseTo(nearest, 9);
    });
    fc.assert(property, { numRuns: 300 });
  });

  it('lies beside the centre of an inner cell', () => {
    const map = [0, 0, 0, 0, 9, 0, 0, 0, 0];
    // 30 pixels a cell: cell centres fall between two pixels, at equal distance; the first one counts.
    expect(responsePoint(tiling(map, 3, 3), { width: 90, height: 90 })).toMatchObject({ x: 44.5, y: 44.5 });
    // 31 pixels a cell: the centre of a pixel.
    expect(responsePoint(tiling(map, 3, 3), { width: 93, height: 93 })).toEqual({ x: 46.5, y: 46.5, value: 9 });
  });

  it('is drawn to the centre of a corner cell, not to the corner of the image', () => {
    expect(responsePoint(tiling([1, 0, 0, 0], 2, 2), { width: 10, height: 10 })).toEqual({ x: 2.5, y: 2.5, value: 1 });
    expect(responsePoint(tiling([0, 0, 0, 1], 2, 2), { width: 10, height: 10 })).toEqual({ x: 7.5, y: 7.5, value: 1 });
  });

  it('is inside the image for a map of one cell', () => {
    expect(responsePoint(tiling([-3], 1, 1), { width: 7, height: 5 })).toEqual({ x: 3.5, y: 2.5, value: -3 });
  });

  it('costs next to nothing for a large image', () => {
    const map = Float32Array.from({ length: 225 }, (_, i) => Math.sin(i));
    const start = performance.now();
    for (let i = 0; i < 20; i++) responsePoint(tiling(map, 15, 15), { width: 5000, height: 5000 });
    // A full resize takes 20 times 300 ms.
    expect(performance.now() - start).toBeLessThan(1500);
  });

  it('refuses a map that is not finite, and one of another size', () => {
    expect(() => responsePoint(tiling([0, NaN], 2, 1), { width: 8, height: 8 })).toThrow(/NaN at index 1/);
    expect(() => responsePoint(tiling([0, 1, 2], 2, 1), { width: 8, height: 8 })).toThrow(/3 values/);
  });
});
