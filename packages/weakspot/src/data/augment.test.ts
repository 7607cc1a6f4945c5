import { Random } from '@weakspot/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Augmentation } from './augment.js';
import { augment, augmentationSchema, noAugmentation } from './augment.js';

function noise(count: number): Float32Array {
  const random = new Random(3, 'noise');
  return Float32Array.from({ length: count }, () => random.normal());
}

function run(
  source: Float32Array,
  width: number,
  height: number,
  change: Partial<Augmentation>,
  seed: number,
): Float32Array {
  const out = new Float32Array(source.length);
  augment(source, 0, width, height, { ...noAugmentation, ...change }, new Random(seed), out, 0);
  return out;
}

/** The documented map by its definition: invert p -> f R flip(p) + d with a 2 x 2 matrix, sample with a clamped lookup. */
function reference(source: Float32Array, width: number, height: number, a: Augmentation, seed: number): Float32Array {
  const random = new Random(seed);
  const u = Array.from({ length: 7 }, () => random.uniform());
  const at = (i: number): number => 2 * (u[i] as number) - 1;
  const [dx, dy] = [a.shift * at(0), a.shift * at(1)];
  const angle = (a.rotation * at(2) * Math.PI) / 180;
  const factor = 1 + a.scale * at(3);
  const sign = a.flip && (u[4] as number) < 0.5 ? -1 : 1;
  // Columns of the forward matrix f R F.
  const m = [
    sign * factor * Math.cos(angle),
    -factor * Math.sin(angle),
    sign * factor * Math.sin(angle),
    factor * Math.cos(angle),
  ] as const;
  const det = m[0] * m[3] - m[1] * m[2];
  const pixel = (x: number, y: number): number =>
    source[Math.min(Math.max(y, 0), height - 1) * width + Math.min(Math.max(x, 0), width - 1)] as number;
  return Float32Array.from({ length: width * height }, (_, i) => {
    const px = (i % width) + 0.5 - width / 2 - dx;
    const py = Math.floor(i / width) + 0.5 - height / 2 - dy;
    const x = (m[3] * px - m[1] * py) / det + width / 2 - 0.5;
    const y = (m[0] * py - m[2] * px) / det + height / 2 - 0.5;
    const [x0, y0] = [Math.floor(x), Math.floor(y)];
    const [fx, fy] = [x - x0, y - y0];
    const value =
      pixel(x0, y0) * (1 - fx) * (1 - fy) +
      pixel(x0 + 1, y0) * fx * (1 - fy) +
      pixel(x0, y0 + 1) * (1 - fx) * fy +
      pixel(x0 + 1, y0 + 1) * fx * fy;
    return value * (1 + a.contrast * at(6)) + a.brightness * at(5);
  });
}

describe('augment', () => {
  it('copies exactly where nothing is asked for, within the given offsets', () => {
    const source = noise(30);
    const out = new Float32Array(40).fill(9);
    augment(source, 5, 5, 4, noAugmentation, new Random(1), out, 10);
    expect(out.subarray(10, 30)).toEqual(source.subarray(5, 25));
    expect([...out.subarray(0, 10), ...out.subarray(30)].every((value) => value === 9)).toBe(true);
  });

  it('shifts by whole pixels without interpolation, repeating the border', () => {
    const [width, height, shift] = [7, 6, 3];
    const source = Float32Array.from({ length: 42 }, (_, i) => i);
    const seen = new Set<string>();
    for (let seed = 0; seed < 400; seed++) {
      const out = run(source, width, height, { shift: 3.7 }, seed);
      const clamp = (value: number, limit: number): number => Math.min(Math.max(value, 0), limit - 1);
      const shifts = Array.from({ length: 49 }, (_, i) => [(i % 7) - shift, Math.floor(i / 7) - shift] as const);
      const match = shifts.find(([dx, dy]) =>
        out.every(
          (value, i) =>
            value === source[clamp(Math.floor(i / width) - dy, height) * width + clamp((i % width) - dx, width)],
        ),
      );
      expect(match).toBeDefined();
      seen.add(String(match));
    }
    expect(seen.size).toBe(49);
  });

  it('mirrors left and right in half of the draws', () => {
    const source = noise(35);
    const mirrored = Float32Array.from({ length: 35 }, (_, i) => source[i - (i % 7) + 6 - (i % 7)] as number);
    let flips = 0;
    for (let seed = 0; seed < 200; seed++) {
      const out = run(source, 7, 5, { flip: true }, seed);
      const flipped = out.every((value, i) => value === mirrored[i]);
      expect(flipped || out.every((value, i) => value === source[i])).toBe(true);
      flips += Number(flipped);
    }
    expect(flips).toBeGreaterThan(70);
    expect(flips).toBeLessThan(130);
  });

  it('agrees with its definition for any settings', () => {
    const settings = fc.record({
      shift: fc.double({ min: 0, max: 5, noNaN: true }),
      rotation: fc.double({ min: 0.1, max: 180, noNaN: true }),
      scale: fc.double({ min: 0, max: 0.5, noNaN: true }),
      flip: fc.boolean(),
      brightness: fc.double({ min: 0, max: 1, noNaN: true }),
      contrast: fc.double({ min: 0, max: 0.5, noNaN: true }),
    });
    const source = noise(13 * 9);
    fc.assert(
      fc.property(settings, fc.nat(), (change, seed) => {
        const out = run(source, 13, 9, change, seed);
        const expected = reference(source, 13, 9, change, seed);
        for (let i = 0; i < out.length; i++)
          expect(Math.abs((out[i] as number) - (expected[i] as number))).toBeLessThan(1e-4);
      }),
    );
  });

  it('turns clockwise for a positive angle', () => {
    const seed = [...Array(50).keys()].find((s) => {
      const random = new Random(s);
      random.uniform();
      random.uniform();
      return Math.abs(random.uniform() - 0.75) < 0.01; // a quarter turn of 180 degrees each way
    }) as number;
    const [width, height] = [21, 21];
    const source = new Float32Array(width * height);
    source.fill(1, 0, 3 * width); // a bar at the top
    const out = run(source, width, height, { rotation: 180 }, seed);
    const mean = (x0: number, x1: number): number => {
      let sum = 0;
      for (let y = 5; y < 16; y++) for (let x = x0; x < x1; x++) sum += out[y * width + x] as number;
      return sum / (11 * (x1 - x0));
    };
    expect(mean(19, 21)).toBeGreaterThan(0.9); // is now at the right
    expect(mean(0, 2)).toBeLessThan(0.1);
  });

  it('takes the same numbers from the stream whatever the settings', () => {
    const everything = { shift: 4, rotation: 10, scale: 0.1, flip: true, brightness: 0.1, contrast: 0.1 };
    const after = [noAugmentation, everything, { ...noAugmentation, shift: 3 }].map((change) => {
      const random = new Random(5);
      augment(noise(16), 0, 4, 4, change, random, new Float32Array(16), 0);
      return random.bits();
    });
    expect(new Set(after).size).toBe(1);
  });

  it('changes brightness and contrast within their bounds', () => {
    const source = Float32Array.from([-1, 0, 1]);
    for (let seed = 0; seed < 50; seed++) {
      const [low, middle, high] = run(source, 3, 1, { brightness: 0.5, contrast: 0.2 }, seed) as unknown as [
        number,
        number,
        number,
      ];
      expect(Math.abs(middle)).toBeLessThanOrEqual(0.5);
      expect((high - low) / 2).toBeGreaterThanOrEqual(0.8 - 1e-6);
      expect((high - low) / 2).toBeLessThanOrEqual(1.2 + 1e-6);
    }
  });
});

describe('augmentationSchema', () => {
  it('refuses values out of range and unknown keys', () => {
    const accepts = (change: object): boolean => augmentationSchema.safeParse({ ...noAugmentation, ...change }).success;
    expect(accepts({})).toBe(true);
    for (const wrong of [{ shift: -1 }, { rotation: 181 }, { scale: 1 }, { contrast: 1 }, { flip: 1 }, { blur: 2 }]) {
      expect(accepts(wrong)).toBe(false);
    }
  });
});
