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

/** The documented map by its definition: invert p -> f R Q V H p + d, a product of 2 x 2 matrices, and look up each pixel. */
function reference(source: Float32Array, width: number, height: number, a: Augmentation, seed: number): Float32Array {
  const random = new Random(seed);
  const u = Array.from({ length: 9 }, () => random.uniform());
  const at = (i: number): number => 2 * (u[i] as number) - 1;
  const [dx, dy] = [a.shift * at(0), a.shift * at(1)];
  const angle = (a.rotation * at(2) * Math.PI) / 180;
  const factor = 1 + a.scale * at(3);
  const sign = a.flip && (u[4] as number) < 0.5 ? -1 : 1;
  const signY = a.flipVertical && (u[7] as number) < 0.5 ? -1 : 1;
  const turned = angle + (a.quarterTurns ? (Math.floor(4 * (u[8] as number)) * Math.PI) / 2 : 0);
  // The forward matrix f R Q V H, row by row.
  const m = [
    sign * factor * Math.cos(turned),
    -signY * factor * Math.sin(turned),
    sign * factor * Math.sin(turned),
    signY * factor * Math.cos(turned),
  ] as const;
  const det = m[0] * m[3] - m[1] * m[2];
  const darkest = Math.min(...source);
  const pixel = (x: number, y: number): number =>
    a.fill === 'darkest' && (x < 0 || x >= width || y < 0 || y >= height)
      ? darkest
      : (source[Math.min(Math.max(y, 0), height - 1) * width + Math.min(Math.max(x, 0), width - 1)] as number);
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
      flipVertical: fc.boolean(),
      quarterTurns: fc.boolean(),
      fill: fc.constantFrom('edge', 'darkest'),
      brightness: fc.double({ min: 0, max: 1, noNaN: true }),
      contrast: fc.double({ min: 0, max: 0.5, noNaN: true }),
    });
    const source = noise(13 * 13);
    fc.assert(
      fc.property(settings, fc.nat(), (change, seed) => {
        const height = change.quarterTurns ? 13 : 9;
        const image = source.subarray(0, 13 * height);
        const out = run(image, 13, height, change, seed);
        const expected = reference(image, 13, height, change, seed);
        for (let i = 0; i < out.length; i++)
          expect(Math.abs((out[i] as number) - (expected[i] as number))).toBeLessThan(1e-4);
      }),
    );
  });

  it.each([
    ['flip', { flip: true }, ['1234', '2143']],
    ['flipVertical', { flipVertical: true }, ['1234', '3412']],
    ['both', { flip: true, flipVertical: true }, ['1234', '2143', '3412', '4321']],
    ['quarterTurns', { quarterTurns: true }, ['1234', '3142', '4321', '2413']],
    [
      'all three',
      { flip: true, flipVertical: true, quarterTurns: true },
      ['1234', '3142', '4321', '2413', '2143', '1324', '3412', '4231'],
    ],
  ])('%s: turns 12/34 into each of its forms as often as into any other', (_, change, forms) => {
    const source = Float32Array.of(1, 2, 3, 4);
    const counts = new Map(forms.map((form) => [form, 0]));
    for (let seed = 0; seed < 400; seed++) {
      const form = run(source, 2, 2, change, seed).join('');
      counts.set(form, (counts.get(form) ?? 0) + 1);
    }
    expect(counts.size).toBe(forms.length);
    // Each count's standard deviation is below 10.
    for (const count of counts.values()) expect(Math.abs(count - 400 / forms.length)).toBeLessThan(40);
  });

  it('moves the pixels of a known image exactly, turned, flipped and shifted by whole pixels', () => {
    const source = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
    // The draws of a stream that gives these numbers: shifts, rotation, scale, flip, brightness, contrast, flipVertical, turns.
    const drawn = (change: Partial<Augmentation>, ...numbers: number[]): number[] => {
      const out = new Float32Array(9);
      let next = 0;
      const random = { uniform: () => numbers[next++] } as unknown as Random;
      augment(source, 0, 3, 3, { ...noAugmentation, ...change }, random, out, 0);
      expect(next).toBe(9);
      return [...out];
    };
    const [no, yes, still] = [0.9, 0.1, 0.5];
    const all = { flip: true, flipVertical: true, quarterTurns: true, shift: 1 };
    const at = (dx: number, dy: number, across: number, down: number, quarters: number) =>
      [dx, dy, still, still, across, still, still, down, quarters / 4 + 0.1] as const;
    // One turn clockwise: the left column becomes the top row.
    expect(drawn(all, ...at(still, still, no, no, 1))).toEqual([7, 4, 1, 8, 5, 2, 9, 6, 3]);
    expect(drawn(all, ...at(still, still, no, no, 2))).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect(drawn(all, ...at(still, still, no, no, 3))).toEqual([3, 6, 9, 2, 5, 8, 1, 4, 7]);
    expect(drawn(all, ...at(still, still, no, yes, 0))).toEqual([7, 8, 9, 4, 5, 6, 1, 2, 3]);
    // Flipped first, then turned: 3 2 1 / 6 5 4 / 9 8 7 with its left column on top.
    expect(drawn(all, ...at(still, still, yes, no, 1))).toEqual([9, 6, 3, 8, 5, 2, 7, 4, 1]);
    // Turned, then one to the right and one down; what comes in is the border's, or the darkest.
    expect(drawn(all, ...at(0.9, 0.9, no, no, 1))).toEqual([7, 7, 4, 7, 7, 4, 8, 8, 5]);
    const dark = { ...all, fill: 'darkest' } as const;
    expect(drawn(dark, ...at(0.9, 0.9, no, no, 1))).toEqual([1, 1, 1, 1, 7, 4, 1, 8, 5]);
    expect(drawn(dark, ...at(0.9, 0.1, no, no, 0))).toEqual([1, 4, 5, 1, 7, 8, 1, 1, 1]);
    expect(drawn(dark, ...at(0.1, 0.9, no, no, 0))).toEqual([1, 1, 1, 2, 3, 1, 5, 6, 1]);
    // Shrunk to a half about its centre: half of the neighbours' step is beyond the border.
    const half = drawn({ scale: 0.5, fill: 'darkest' }, still, still, still, 0, no, still, still, no, 0);
    expect(half).toEqual([1, 1, 1, 1, 5, 1, 1, 1, 1]);
    const edge = drawn({ scale: 0.5 }, still, still, still, 0, no, still, still, no, 0);
    expect(edge).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('darkest: mixes the border with the lowest intensity where a place lies between', () => {
    const source = Float32Array.of(4, 8);
    const numbers = [0.75, 0.5, 0.5, 0.75, 0.9, 0.5, 0.5, 0.9, 0];
    const drawn = (fill: Augmentation['fill'], values: Float32Array): number[] => {
      const out = new Float32Array(2);
      let next = 0;
      const random = { uniform: () => numbers[next++] } as unknown as Random;
      // Shift 0.5 to the right and a scale of 1: no whole pixel.
      augment(values, 0, 2, 1, { ...noAugmentation, shift: 1, rotation: 1, fill }, random, out, 0);
      return [...out];
    };
    expect(drawn('edge', source)).toEqual([4, 6]);
    expect(drawn('darkest', source)).toEqual([4, 6]);
    // Half of the pixel 8, half of the darkest.
    expect(drawn('darkest', Float32Array.of(8, 4))).toEqual([6, 6]);
    expect(drawn('edge', Float32Array.of(8, 4))).toEqual([8, 6]);
  });

  it('refuses to turn what is not square', () => {
    expect(() => run(noise(12), 4, 3, { quarterTurns: true }, 0)).toThrow('quarter turns of an image of 4 x 3');
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
    const turned = { flip: true, flipVertical: true, quarterTurns: true, fill: 'darkest' } as const;
    const everything = { ...turned, shift: 4, rotation: 10, scale: 0.1, brightness: 0.1, contrast: 0.1 };
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
    for (const wrong of [
      { shift: -1 },
      { rotation: 181 },
      { scale: 1 },
      { contrast: 1 },
      { flip: 1 },
      { blur: 2 },
      { fill: 'black' },
    ]) {
      expect(accepts(wrong)).toBe(false);
    }
  });

  it('reads that of an earlier version, without turns', () => {
    const { flipVertical, quarterTurns, fill, ...earlier } = noAugmentation;
    expect(augmentationSchema.parse(earlier)).toEqual({ ...earlier, flipVertical, quarterTurns, fill });
  });
});
