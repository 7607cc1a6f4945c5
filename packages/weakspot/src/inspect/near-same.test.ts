import { Random, resizeBilinear } from '@weakspot/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainImage } from '../data/image.js';
import type { Detail } from './detail.js';
import { correlation, detailOf, mirrorDetail } from './detail.js';
import { thumbnailOf } from './measure.js';
import { findNearSame } from './near-same.js';
import { differentBits } from './sim-hash.js';

/** A smooth random film of 64 x 64 over anatomy that all films share, 0..255. */
function film(seed: number): Float32Array {
  const random = new Random(seed, 'film');
  const coarse = Float32Array.from({ length: 256 }, (_, i) => 40 * random.normal() + 3 * (i % 16));
  return resizeBilinear(coarse, 16, 16, 64, 64).map((value) => Math.min(255, Math.max(0, 128 + value)));
}

function detailOfFilm(pixels: Float32Array, side = 64): Detail {
  const bytes = Uint8Array.from(pixels, Math.round);
  return detailOf(thumbnailOf(plainImage(bytes, { width: side, height: side }, 255))) as Detail;
}

const noisy = (pixels: Float32Array): Float32Array => {
  const random = new Random(9, 'noise');
  return pixels.map((value) => Math.min(255, Math.max(0, value + 4 * random.normal())));
};
const mirrored = (pixels: Float32Array): Float32Array => pixels.map((_, i) => pixels[i - 2 * (i % 64) + 63] as number);

// Made once: films are what costs time here.
const films = Array.from({ length: 100 }, (_, seed) => film(seed));
const filmDetails = films.map((pixels) => detailOfFilm(pixels));

describe('findNearSame', () => {
  const changes: Readonly<Record<string, (pixels: Float32Array) => Detail>> = {
    'with noise': (pixels) => detailOfFilm(noisy(pixels)),
    darker: (pixels) => detailOfFilm(pixels.map((value) => 0.6 * value)),
    inverted: (pixels) => detailOfFilm(pixels.map((value) => 255 - value)),
    mirrored: (pixels) => detailOfFilm(mirrored(pixels)),
    'mirrored and inverted': (pixels) => detailOfFilm(mirrored(pixels).map((value) => 255 - value)),
    larger: (pixels) => detailOfFilm(resizeBilinear(pixels, 64, 64, 150, 150), 150),
  };

  it.each(Object.entries(changes))('finds a copy that is %s, among few images and among many', (_, change) => {
    for (const count of [1, 100]) {
      const details = [...filmDetails.slice(0, count), change(films[count >> 1] as Float32Array)];
      expect(findNearSame(details)).toEqual([[count >> 1, count]]);
    }
  });

  it('finds nothing where there is nothing, and leaves blank images alone', () => {
    const blank = detailOf(thumbnailOf(plainImage(new Uint8Array(100).fill(7), { width: 10, height: 10 }, 255)));
    expect(blank).toBeUndefined();
    expect(findNearSame([blank, ...filmDetails.slice(0, 100), blank])).toEqual([]);
    expect(findNearSame([])).toEqual([]);
  });

  it('finds the same groups in whatever order', () => {
    const copies = [noisy, mirrored].map((change) => detailOfFilm(change(films[3] as Float32Array)));
    const details = [...filmDetails.slice(0, 12), ...copies];
    const order = fc.shuffledSubarray([...details.keys()], { minLength: details.length });
    fc.assert(
      fc.property(order, (places) => {
        const groups = findNearSame(places.map((place) => details[place]));
        const found = groups.map((group) => group.map((i) => places[i] as number).toSorted((a, b) => a - b));
        expect(found).toEqual([[3, 12, 13]]);
      }),
      { numRuns: 10 },
    );
  });
});

describe('a detail', () => {
  it('correlates with itself fully, and with its negative', () => {
    const detail = detailOfFilm(film(1));
    expect(correlation(detail, detail)).toBeCloseTo(1, 12);
    expect(
      correlation(
        detail,
        detail.map((value) => -value),
      ),
    ).toBeCloseTo(-1, 12);
    expect(mirrorDetail(mirrorDetail(detail))).toEqual(detail);
    expect(mirrorDetail(detail)[0]).toBe(detail[31]);
  });
});

describe('differentBits', () => {
  it('counts them', () => {
    const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    const ones = (value: number): number => (value >>> 0).toString(2).replaceAll('0', '').length;
    fc.assert(
      fc.property(word, word, word, word, (a, b, c, d) => {
        expect(differentBits([a, b], [c, d])).toBe(ones(a ^ c) + ones(b ^ d));
      }),
    );
  });
});
