import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WeakspotError } from '../errors.js';
import type { Box } from './box.js';
import { contentBox } from './content.js';

/** A grey pattern inside the box, `border` outside. */
function film(width: number, height: number, { x0, y0, x1, y1 }: Box, border = 0): Float32Array {
  return Float32Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return x >= x0 && x < x1 && y >= y0 && y < y1 ? 0.3 + (0.5 * ((x * 31 + y * 17) % 11)) / 10 : border;
  });
}

describe('contentBox', () => {
  it('cuts off flat borders of any grey, to the pixel', () => {
    const box = { x0: 10, y0: 4, x1: 50, y1: 29 };
    for (const border of [0, 0.5, 1]) expect(contentBox(film(60, 40, box, border), 60, 40)).toEqual(box);
  });

  it('keeps an image without a border whole', () => {
    const whole = { x0: 0, y0: 0, x1: 60, y1: 40 };
    expect(contentBox(film(60, 40, whole), 60, 40)).toEqual(whole);
  });

  it('is not stopped by noise or by a small marker', () => {
    const box = { x0: 20, y0: 0, x1: 60, y1: 40 };
    const values = film(60, 40, box);
    for (let y = 0; y < 40; y++) for (let x = 0; x < 20; x++) values[y * 60 + x] = ((x * 5 + y * 3) % 4) / 100;
    // A bright letter of 2 x 2 pixels: less than a twentieth of each column.
    for (const i of [5 * 60 + 5, 5 * 60 + 6, 6 * 60 + 5, 6 * 60 + 6]) values[i] = 1;
    expect(contentBox(values, 60, 40)).toEqual(box);
  });

  it('cuts no axis to less than a quarter', () => {
    // 14 of 60 columns are too few, 20 of 40 rows are not.
    expect(contentBox(film(60, 40, { x0: 30, y0: 10, x1: 44, y1: 30 }), 60, 40)).toEqual({
      x0: 0,
      y0: 10,
      x1: 60,
      y1: 30,
    });
    expect(contentBox(new Float32Array(2400), 60, 40)).toEqual({ x0: 0, y0: 0, x1: 60, y1: 40 });
    expect(contentBox([0.5], 1, 1)).toEqual({ x0: 0, y0: 0, x1: 1, y1: 1 });
  });

  it('contains the content of larger images, and little more, and is mirrored with them', () => {
    const sides = fc.integer({ min: 300, max: 600 });
    const shares = fc.tuple(fc.double({ min: 0, max: 0.4, noNaN: true }), fc.double({ min: 0, max: 0.3, noNaN: true }));
    fc.assert(
      fc.property(sides, sides, shares, shares, (width, height, [left, right], [top, bottom]) => {
        const box = {
          x0: Math.floor(left * width),
          y0: Math.floor(top * height),
          x1: width - Math.floor(right * width),
          y1: height - Math.floor(bottom * height),
        };
        const values = film(width, height, box);
        const found = contentBox(values, width, height);
        // The search is on a copy of 256 pixels: one for antialiasing, one for rounding there and one for rounding back.
        const reach = Math.ceil((3 * Math.max(width, height)) / 256);
        for (const [edge, sign] of [
          ['x0', 1],
          ['y0', 1],
          ['x1', -1],
          ['y1', -1],
        ] as const) {
          const beyond = sign * (box[edge] - found[edge]);
          expect(beyond, edge).toBeGreaterThanOrEqual(-reach);
          expect(beyond, edge).toBeLessThanOrEqual(reach);
        }
        const mirrored = Float32Array.from(values, (_, i) => values[i - 2 * (i % width) + width - 1]!);
        const { x0, x1, y0, y1 } = contentBox(mirrored, width, height);
        expect({ x0: width - x1, x1: width - x0, y0, y1 }).toEqual(found);
      }),
      { numRuns: 8 },
    );
  });

  it('refuses data of another size', () => {
    expect(() => contentBox([1, 2, 3], 2, 2)).toThrow(WeakspotError);
  });
});
