import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WeakspotError } from '../errors.js';
import { resizeBilinear } from './resize.js';

/** A 7 x 6 image without symmetry, as given to the reference implementations. */
const pattern = (count: number): number[] => Array.from({ length: count }, (_, i) => (i * i * 7 + i * 3) % 23);

/** The definition, pixel by pixel: every source pixel weighted by the triangle around the sample's position. */
function bruteForce(source: ArrayLike<number>, [w, h, nw, nh]: readonly number[], antialias: boolean): number[] {
  const weights = (i: number, size: number, newSize: number): number[] => {
    const half = antialias ? Math.max(1, size / newSize) : 1;
    const centre = ((i + 0.5) * size) / newSize;
    const raw = Array.from({ length: size }, (_, s) => Math.max(0, 1 - Math.abs(s + 0.5 - centre) / half));
    const sum = raw.reduce((a, b) => a + b);
    return raw.map((x) => x / sum);
  };
  const result: number[] = [];
  for (let y = 0; y < nh!; y++) {
    for (let x = 0; x < nw!; x++) {
      const wy = weights(y, h!, nh!);
      const wx = weights(x, w!, nw!);
      let sum = 0;
      for (let sy = 0; sy < h!; sy++) for (let sx = 0; sx < w!; sx++) sum += wy[sy]! * wx[sx]! * source[sy * w! + sx]!;
      result.push(sum);
    }
  }
  return result;
}

function expectClose(actual: ArrayLike<number>, expected: readonly number[], tolerance = 1e-5): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => expect(Math.abs(actual[i]! - value)).toBeLessThan(tolerance));
}

/** The centre of mass, as a fraction of the image's sides. */
function centroid(image: ArrayLike<number>, width: number, height: number): [number, number] {
  let [mass, mx, my] = [0, 0, 0];
  for (let i = 0; i < image.length; i++) {
    mass += image[i]!;
    mx += image[i]! * ((i % width) + 0.5);
    my += image[i]! * (Math.floor(i / width) + 0.5);
  }
  return [mx / mass / width, my / mass / height];
}

const side = fc.integer({ min: 1, max: 12 });

describe('resizeBilinear', () => {
  it('puts the samples of a doubled row at a quarter and three quarters between pixel centres', () => {
    expect([...resizeBilinear([0, 4], 2, 1, 4, 1)]).toEqual([0, 1, 3, 4]);
    expect([...resizeBilinear([0, 4, 8, 12], 2, 2, 4, 4)]).toEqual([0, 1, 3, 4, 2, 3, 5, 6, 6, 7, 9, 10, 8, 9, 11, 12]);
  });

  it('halves without antialiasing to the mean of the two middle pixels of four', () => {
    expect([...resizeBilinear([8, 2, 4, 8], 4, 1, 1, 1)]).toEqual([3]);
  });

  it('halves with antialiasing with weights 1, 3, 3, 1 over four pixels, normalised at the border', () => {
    // Sample 1 of 4 from 8 lies at 3: triangle of half width 2 over the pixel centres 1.5, 2.5, 3.5, 4.5.
    const halved = resizeBilinear([0, 0, 0, 8, 0, 0, 0, 0], 8, 1, 4, 1, { antialias: true });
    expect([...halved]).toEqual([0, 3, 1, 0]);
    // Sample 0 lies at 1: the pixel at -0.5 is missing, 3 + 3 + 1 remain.
    expect(resizeBilinear([7, 0, 0, 0], 4, 1, 2, 1, { antialias: true })[0]).toBeCloseTo(3, 6);
  });

  it('agrees with ONNX Runtime 1.30, Resize linear half_pixel', () => {
    expectClose(
      resizeBilinear(pattern(20), 5, 4, 3, 7),
      [
        3.333333, 11, 6.999999, 5.595238, 13.85714, 10.45238, 9.214285, 18.42857, 15.97619, 11.5, 14, 12.5, 12.85714,
        8.642858, 8.642856, 9.04762, 5.785715, 11.11905, 6.666667, 4, 12.66667,
      ],
    );
  });

  it('agrees with ONNX Runtime 1.30 (antialias 1, exclude_outside 1) and Pillow 9.4 (BILINEAR), one axis growing', () => {
    const options = { antialias: true };
    expectClose(
      resizeBilinear(pattern(42), 7, 6, 3, 2, options),
      [10.910714, 9.875, 8.580358, 10.196428, 10.5, 10.544642],
    );
    expectClose(
      resizeBilinear(pattern(42), 7, 6, 3, 9, options),
      [
        6.642857, 6.882353, 10.571428, 11.321428, 10.5, 8.392857, 14.702381, 13.078431, 7.011905, 9.511905, 8.921569,
        10.202381, 8.892857, 7.5, 8.928572, 10.226191, 8.578431, 7.964286, 12.845238, 14.421569, 12.392858, 10.178572,
        11.5, 11.535714, 6.857143, 7.117647, 9.571428,
      ],
    );
  });

  it('equals the weighted sum over all pixels for any sizes', () => {
    fc.assert(
      fc.property(side, side, side, side, fc.boolean(), (w, h, nw, nh, antialias) => {
        const source = pattern(w * h);
        expectClose(resizeBilinear(source, w, h, nw, nh, { antialias }), bruteForce(source, [w, h, nw, nh], antialias));
      }),
      { numRuns: 200 },
    );
  });

  it('returns a copy, bit for bit, where the size stays', () => {
    const source = Float32Array.from([0.1, -2, 3e30, 4]);
    const same = resizeBilinear(source, 2, 2, 2, 2, { antialias: true });
    expect([...same]).toEqual([...source]);
    expect(same.buffer).not.toBe(source.buffer);
  });

  it('keeps a constant image constant', () => {
    fc.assert(
      fc.property(side, side, side, side, fc.boolean(), (w, h, nw, nh, antialias) => {
        const resized = resizeBilinear(new Uint16Array(w * h).fill(4711), w, h, nw, nh, { antialias });
        expect(new Set(resized)).toEqual(new Set([4711]));
      }),
    );
  });

  it('keeps the centroid of a symmetric blob away from the border, growing or shrinking', () => {
    const size = 60;
    const property = fc.property(
      fc.double({ min: 22, max: 38, noNaN: true }),
      fc.double({ min: 22, max: 38, noNaN: true }),
      fc.integer({ min: 20, max: 150 }),
      fc.integer({ min: 20, max: 150 }),
      (cx, cy, nw, nh) => {
        const blob = Float64Array.from({ length: size * size }, (_, i) => {
          const [x, y] = [(i % size) + 0.5, Math.floor(i / size) + 0.5];
          return Math.exp(-((x - cx) ** 2 + (y - cy) ** 2) / 32);
        });
        const [x, y] = centroid(resizeBilinear(blob, size, size, nw, nh, { antialias: true }), nw, nh);
        expect(Math.abs(x * size - cx)).toBeLessThan(0.02);
        expect(Math.abs(y * size - cy)).toBeLessThan(0.02);
      },
    );
    fc.assert(property, { numRuns: 50 });
  });

  it('resizes a part, with what surrounds it, and repeats the border where the part reaches out', () => {
    const row = [0, 4, 8, 12];
    const part = (x0: number, x1: number, size: number): number[] => [
      ...resizeBilinear(row, 4, 1, size, 1, { part: { x0, y0: 0, x1, y1: 1 } }),
    ];
    expect(part(1, 3, 2)).toEqual([4, 8]);
    // Samples at 1.25, 1.75, 2.25 and 2.75: the pixel before the part counts in the first.
    expect(part(1, 3, 4)).toEqual([3, 5, 7, 9]);
    expect(part(-2, 2, 4)).toEqual([0, 0, 0, 4]);
    expect(part(3, 7, 2)).toEqual([12, 12]);
    expect(part(0, 4, 4)).toEqual(row);
  });

  it('equals the weighted sum over all pixels for any part', () => {
    const edge = fc.double({ min: -9, max: 9, noNaN: true });
    fc.assert(
      fc.property(
        side,
        side,
        side,
        edge,
        fc.double({ min: 0.5, max: 14, noNaN: true }),
        fc.boolean(),
        (w, h, nw, x0, span, antialias) => {
          const source = pattern(w * h);
          const options = { antialias, part: { x0, y0: 0, x1: x0 + span, y1: h } };
          const half = antialias ? Math.max(1, span / nw) : 1;
          const expected: number[] = [];
          for (let y = 0; y < h; y++) {
            for (let i = 0; i < nw; i++) {
              const centre = Math.min(Math.max(x0 + ((i + 0.5) * span) / nw, 0), w);
              const raw = Array.from({ length: w }, (_, s) => Math.max(0, 1 - Math.abs(s + 0.5 - centre) / half));
              const sum = raw.reduce((a, b) => a + b);
              expected.push(raw.reduce((total, weight, s) => total + (weight / sum) * source[y * w + s]!, 0));
            }
          }
          expectClose(resizeBilinear(source, w, h, nw, h, options), expected, 1e-4);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('refuses sizes that are not whole and positive, and data of another size', () => {
    expect(() => resizeBilinear([1, 2], 2, 1, 0, 1)).toThrow(WeakspotError);
    expect(() => resizeBilinear([1, 2], 2, 1, 1.5, 1)).toThrow(/1.5 x 1/);
    expect(() => resizeBilinear([1, 2, 3], 2, 2, 1, 1)).toThrow(/3 values .* 2 x 2/);
  });
});
