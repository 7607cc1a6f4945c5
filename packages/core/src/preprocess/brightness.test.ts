import { describe, expect, it } from 'vitest';
import { brightnessMap } from './brightness.js';
import { plainImage } from './image.js';
import { prepareImage } from './prepare.js';
import { settings } from './testing/settings.js';

/** The place of the highest value, in cells. */
function highest(values: Float32Array, width: number): [column: number, row: number] {
  const at = values.indexOf(values.reduce((most, value) => Math.max(most, value), -Infinity));
  return [at % width, Math.floor(at / width)];
}

/** Two discs on a middle grey: a bright one and a dark one, and a single white pixel. */
function discs(width: number, height: number): number[] {
  return Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [(i % width) + 0.5, Math.floor(i / width) + 0.5];
    const inDisc = (cx: number, cy: number): boolean => Math.hypot(x - cx * width, y - cy * height) < 0.12 * height;
    if (i === Math.floor(0.1 * height) * width + Math.floor(0.9 * width)) return 255;
    return inDisc(0.25, 0.5) ? 200 : inDisc(0.6, 0.75) ? 20 : 100;
  });
}

describe('brightnessMap', () => {
  it('is the image blurred by a twentieth of its width and height', () => {
    const pixels = Uint16Array.from({ length: 40 * 25 }, (_, i) => {
      const [x, y] = [i % 40, Math.floor(i / 40)];
      return ((x * 37 + y * 91 + ((x * y) % 13) * 29) % 251) * 200;
    });
    pixels[3 * 40 + 4] = 65535;
    pixels[20 * 40 + 33] = 0;
    const map = brightnessMap(
      {
        pixels,
        originalWidth: 400,
        originalHeight: 100,
        placement: { x0: 0, y0: 0, x1: 400, y1: 100 },
      },
      { width: 40, height: 25 },
    );
    expect([map.width, map.height, map.extent]).toEqual([40, 25, { x0: 0, y0: 0, x1: 1, y1: 1 }]);
    // scipy.ndimage.gaussian_filter(image, (25 / 20, 40 / 20)), SciPy 1.10.1.
    const reference: readonly (readonly [x: number, y: number, value: number])[] = [
      [0, 0, 16160.922746684668],
      [39, 0, 23678.76556670275],
      [20, 12, 26381.360520262395],
      [39, 24, 22967.510940679073],
      [34, 24, 35243.45568073723],
    ];
    for (const [x, y, value] of reference) expect(map.values[y * 40 + x]).toBeCloseTo(value, 1);
    // The brightest pixel is at (4, 3), the brightest place is not.
    expect(highest(map.values, 40)).toEqual([34, 24]);
    expect(
      highest(
        map.values.map((value) => -value),
        40,
      ),
    ).toEqual([0, 0]);
  });

  it('finds the middle of a disc, also of an image of more than 128 pixels a side', () => {
    const image = plainImage(Uint16Array.from(discs(300, 200)), { width: 300, height: 200 }, 255);
    const map = brightnessMap(prepareImage(image, settings(300, 200)), { width: 300, height: 200 });
    expect([map.width, map.height]).toEqual([128, 85]);
    const places = [map.values, map.values.map((value) => -value)].map((values) => highest(values, 128));
    const centres = places.map(([column, row]) => [(column + 0.5) / 128, (row + 0.5) / 85]);
    const expected = [
      [0.25, 0.5],
      [0.6, 0.75],
    ];
    for (const [i, [x = 0, y = 0]] of centres.entries()) {
      expect(Math.abs(x - (expected[i]?.[0] ?? 0))).toBeLessThan(1 / 128);
      expect(Math.abs(y - (expected[i]?.[1] ?? 0))).toBeLessThan(1 / 85);
    }
  });

  it('leaves padding out, which would be the darkest', () => {
    const image = plainImage(Uint16Array.from(discs(60, 30)), { width: 60, height: 30 }, 255);
    const padded = brightnessMap(prepareImage(image, { ...settings(60, 60), fit: 'pad' }), { width: 60, height: 60 });
    const alone = brightnessMap(prepareImage(image, settings(60, 30)), { width: 60, height: 30 });
    expect(padded.values).toEqual(alone.values);
    expect(padded.extent).toEqual({ x0: 0, y0: 0.25, x1: 1, y1: 0.75 });
  });
});
