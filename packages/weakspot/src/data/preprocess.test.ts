import { resizeBilinear } from '@weakspot/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DecodedImage, plainImage } from './image.js';
import type { Preprocessing } from './preprocess.js';
import { prepareImage, preprocessingSchema, toInput } from './preprocess.js';
import { failureOf } from './testing/files.js';

function settings(
  width: number,
  height: number,
  range: Preprocessing['intensity']['range'] = 'full-scale',
): Preprocessing {
  return {
    width,
    height,
    intensity: { range },
    crop: 'none',
    fit: 'stretch',
    clahe: null,
    normalization: { kind: 'image' },
    antialias: true,
  };
}

function image(width: number, pixels: readonly number[], fullScale = 255): DecodedImage {
  return plainImage(Uint16Array.from(pixels), { width, height: pixels.length / width }, fullScale);
}

describe('prepareImage', () => {
  it('stretches 0 to white over 16 bits, exactly for 8, 12 and 16 bits', () => {
    expect([...prepareImage(image(2, [0, 1, 128, 255]), settings(2, 2)).pixels]).toEqual([0, 257, 32896, 65535]);
    expect([...prepareImage(image(2, [0, 4095], 4095), settings(2, 1)).pixels]).toEqual([0, 65535]);
    const all = Array.from({ length: 65536 }, (_, i) => i);
    expect([...prepareImage(image(256, all, 65535), settings(256, 256)).pixels]).toEqual(all);
  });

  it('stretches minimum to maximum', () => {
    expect([...prepareImage(image(3, [50, 100, 150]), settings(3, 1, 'min-max')).pixels]).toEqual([0, 32768, 65535]);
  });

  it('clips at the percentiles before it resizes', () => {
    const pixels = [0, ...Array.from({ length: 98 }, (_, i) => 100 + i), 60000];
    const preprocessing: Preprocessing = {
      ...settings(100, 1),
      intensity: { range: 'percentile', percentiles: [2, 98] },
    };
    const prepared = prepareImage(image(100, pixels, 65535), preprocessing);
    // By nearest rank the 2nd of 100 values is 100 and the 98th is 196.
    const expected = pixels.map((value) => Math.round(((Math.min(Math.max(value, 100), 196) - 100) / 96) * 65535));
    expect([...prepared.pixels]).toEqual(expected);
    // The bright pixel counts as white, not as 60000, in its neighbourhood's mean.
    const half = prepareImage(image(100, pixels, 65535), { ...preprocessing, width: 1 });
    const mean = resizeBilinear(expected, 100, 1, 1, 1, { antialias: true })[0] as number;
    expect(Math.abs((half.pixels[0] as number) - mean)).toBeLessThanOrEqual(1);
  });

  it('resizes each axis by its own factor and keeps the original size', () => {
    const prepared = prepareImage(image(4, [0, 0, 200, 200, 0, 0, 200, 200], 200), settings(2, 1, 'full-scale'));
    // A triangle of half width 2 about x = 1 weighs the pixels at 0.5, 1.5 and 2.5 as 3 : 3 : 1.
    expect([...prepared.pixels]).toEqual([Math.round(65535 / 7), Math.round((65535 * 6) / 7)]);
    expect([prepared.originalWidth, prepared.originalHeight]).toEqual([4, 2]);
  });

  it('uses no wider filter without antialias', () => {
    const source = image(4, [0, 0, 200, 200, 0, 0, 200, 200], 200);
    expect([...prepareImage(source, { ...settings(2, 1), antialias: false }).pixels]).toEqual([0, 65535]);
  });

  it('makes 0 of an image of one value, and falls back to min-max where the percentiles meet', () => {
    for (const range of ['min-max', 'percentile'] as const) {
      expect([...prepareImage(image(2, [9, 9]), settings(2, 1, range)).pixels]).toEqual([0, 0]);
    }
    const mostly = [...Array<number>(999).fill(3), 203];
    const prepared = prepareImage(image(1000, mostly), settings(1000, 1, 'percentile'));
    expect([prepared.pixels[0], prepared.pixels[999]]).toEqual([0, 65535]);
  });
});

describe('toInput', () => {
  it('normalises by fixed numbers', () => {
    const out = new Float32Array(4).fill(7);
    const fixed: Preprocessing = { ...settings(2, 1), normalization: { kind: 'fixed', mean: 0.5, std: 0.25 } };
    toInput(Uint16Array.from([0, 65535]), fixed, out, 1);
    expect([...out]).toEqual([7, -2, 2, 7]);
  });

  it("normalises by the image's own mean and deviation, to mean 0 and deviation 1", () => {
    const images = fc
      .uint16Array({ minLength: 12, maxLength: 12 })
      .filter((pixels) => Math.max(...pixels) - Math.min(...pixels) > 2000);
    fc.assert(
      fc.property(images, (pixels) => {
        const out = new Float32Array(12);
        toInput(pixels, settings(4, 3), out, 0);
        const mean = out.reduce((sum, value) => sum + value, 0) / 12;
        const variance = out.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 12;
        expect(mean).toBeCloseTo(0, 5);
        expect(variance).toBeCloseTo(1, 5);
      }),
    );
  });

  it('does not raise the noise of a flat image: the deviation is 0.001 at least', () => {
    const out = new Float32Array(2);
    toInput(Uint16Array.from([1000, 1002]), settings(2, 1), out, 0);
    expect(out[1]).toBeCloseTo(1 / 65535 / 1e-3, 6);
  });

  it('refuses pixels of another size, and an output without room', async () => {
    const call = (pixels: number, room: number, offset: number) => () =>
      toInput(new Uint16Array(pixels), settings(2, 2), new Float32Array(room), offset);
    for (const wrong of [call(3, 9, 0), call(4, 5, 2), call(4, 9, -1)])
      expect((await failureOf(wrong)).code).toBe('usage');
  });
});

describe('preprocessingSchema', () => {
  it('accepts what it describes and nothing else', () => {
    const good: Preprocessing = { ...settings(500, 500), intensity: { range: 'percentile', percentiles: [1, 99] } };
    expect(preprocessingSchema.parse(good)).toEqual(good);
    const accepts = (change: object): boolean => preprocessingSchema.safeParse({ ...good, ...change }).success;
    expect(accepts({})).toBe(true);
    expect(accepts({ width: 0 })).toBe(false);
    expect(accepts({ height: 2.5 })).toBe(false);
    expect(accepts({ size: 4 })).toBe(false);
    expect(accepts({ intensity: { range: 'percentile', percentiles: [99, 1] } })).toBe(false);
    expect(accepts({ intensity: { range: 'window' } })).toBe(false);
    expect(accepts({ normalization: { kind: 'fixed', mean: 0, std: 0 } })).toBe(false);
    expect(accepts({ normalization: { kind: 'fixed', mean: 0.5, std: 0.2 } })).toBe(true);
  });
});
