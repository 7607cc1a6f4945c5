import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WeakspotError } from '../errors.js';
import { clahe } from './clahe.js';

const PLAIN = 1e9; // no bin is cut

/** The intensity in the middle of a bin of 256. */
const mid = (bin: number): number => (bin + 0.5) / 256;

/**
 * The definition, pixel by pixel: every tile's curve is the integral of its cut histogram up to the pixel's value, weighted
 * by the hat function about the tile's centre.
 */
function bruteForce(values: readonly number[], width: number, height: number, tiles: number, limit: number): number[] {
  const hat = (pixel: number, size: number, tile: number): number => {
    const place = Math.min(Math.max(((pixel + 0.5) * tiles) / size - 0.5, 0), tiles - 1);
    return Math.max(0, 1 - Math.abs(place - tile));
  };
  const inTile = (pixel: number, size: number, tile: number): boolean =>
    pixel >= Math.floor((tile * size) / tiles) && pixel < Math.floor(((tile + 1) * size) / tiles);
  const curve = (value: number, column: number, row: number): number => {
    const members = values.filter(
      (_, i) => inTile(i % width, width, column) && inTile(Math.floor(i / width), height, row),
    );
    const shares = Array.from({ length: 256 }, (_, bin) => {
      return members.filter((v) => Math.min(Math.floor(v * 256), 255) === bin).length / members.length;
    });
    const cut = shares.map((share) => Math.min(share, limit / 256));
    const spread = (1 - cut.reduce((a, b) => a + b)) / 256;
    return cut.reduce((sum, share, bin) => sum + (share + spread) * Math.min(Math.max(value * 256 - bin, 0), 1), 0);
  };
  return values.map((value, i) => {
    let sum = 0;
    for (let row = 0; row < tiles; row++) {
      for (let column = 0; column < tiles; column++) {
        const weight = hat(i % width, width, column) * hat(Math.floor(i / width), height, row);
        if (weight > 0) sum += weight * curve(value, column, row);
      }
    }
    return sum;
  });
}

function expectClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => expect(Math.abs(actual[i]! - value), `pixel ${i}`).toBeLessThan(1e-6));
}

describe('clahe', () => {
  it('is plain histogram equalization with one tile and no cut', () => {
    // Three of four pixels in bin 0, one in bin 255: halfway through a bin, half of its share is below.
    const values = [mid(0), mid(0), mid(0), mid(255)];
    expectClose(clahe(values, 2, 2, { tiles: 1, clipLimit: PLAIN }), [0.375, 0.375, 0.375, 0.875]);
  });

  it('spreads what it cuts over all bins', () => {
    // All of bin 100, cut at 2 / 256 of the pixels: 254 / 256 go to the 256 bins evenly.
    const [value] = clahe(Array<number>(4).fill(mid(100)), 2, 2, { tiles: 1, clipLimit: 2 });
    expect(value).toBeCloseTo((100.5 * 254) / 256 / 256 + 0.5 * (2 / 256), 6);
  });

  it('mixes the curves of neighbouring tiles by the distance to their centres', () => {
    // One row of tiles would not do: 2 x 2 tiles of 2 x 1 pixels, the left ones dark, the right ones light.
    const row = [mid(0), mid(0), mid(255), mid(255)];
    const result = clahe([...row, ...row], 4, 2, { tiles: 2, clipLimit: PLAIN });
    // Dark: 0.5 by its own curve, 0 by the other's. Centres lie at 1 and 3: pixels at 0.5, 1.5, 2.5, 3.5.
    const expected = [0.5, 0.75 * 0.5, 0.25 + 0.75 * 0.5, 0.5];
    expectClose(result, [...expected, ...expected]);
  });

  it('equals the definition for any image, tiles and limit', () => {
    const images = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })).chain(([width, height]) =>
      fc.record({
        width: fc.constant(width),
        height: fc.constant(height),
        tiles: fc.integer({ min: 1, max: Math.min(width, height, 3) }),
        clipLimit: fc.constantFrom(1, 2.5, 40, PLAIN),
        values: fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: width * height, maxLength: width * height }),
      }),
    );
    fc.assert(
      fc.property(images, ({ width, height, tiles, clipLimit, values }) => {
        const intensities = values.map((value) => Math.fround(value / 1000));
        expectClose(
          clahe(intensities, width, height, { tiles, clipLimit }),
          bruteForce(intensities, width, height, tiles, clipLimit),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('keeps the order of intensities at one place, 0 to 1, and more levels than bins', () => {
    const ramp = Array.from({ length: 4096 }, (_, i) => i / 4095);
    const result = clahe(ramp, 64, 64, { tiles: 1, clipLimit: 3 });
    expect([result[0], result[4095]]).toEqual([0, 1]);
    expect(result.every((value, i) => i === 0 || value > result[i - 1]!)).toBe(true);
  });

  it('raises a faint edge, the less the lower the limit, in a corner of an image whose rest is of full range', () => {
    const size = 32;
    const image = Array.from({ length: size * size }, (_, i) => {
      const [x, y] = [i % size, Math.floor(i / size)];
      if (x >= 16 || y >= 16) return ((x * 7 + y * 13) % 32) / 31;
      return x < 8 ? 0.5 : 0.52;
    });
    const step = (clipLimit: number): number => {
      const result = clahe(image, size, size, { tiles: 2, clipLimit });
      return result[4 * size + 8]! - result[4 * size + 7]!;
    };
    expect(step(40)).toBeGreaterThan(0.12);
    expect(step(4)).toBeLessThan(step(40));
    expect(step(4)).toBeGreaterThan(0.02);
  });

  it('takes intensities beyond 0 and 1 for these, and NaN for 0', () => {
    const options = { tiles: 1, clipLimit: 5 };
    expect(clahe([-3, 7, Number.NaN, 0.5], 2, 2, options)).toEqual(clahe([0, 1, 0, 0.5], 2, 2, options));
  });

  it('refuses tiles smaller than a pixel, a limit below 1, and data of another size', () => {
    const call =
      (tiles: number, clipLimit: number, count = 6) =>
      () =>
        clahe(new Float32Array(count), 3, 2, { tiles, clipLimit });
    for (const wrong of [call(3, 2), call(0, 2), call(1.5, 2), call(1, 0.9), call(1, Number.NaN), call(1, 2, 5)])
      expect(wrong).toThrow(WeakspotError);
  });
});
