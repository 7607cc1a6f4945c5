import { boxRegion } from '@weakspot/core';
import { describe, expect, it } from 'vitest';
import { plainImage } from '../data/image.js';
import { PLACES, backgroundOf, copySmall, ownLine, patchMoments, percentileLine } from './patches.js';

const SIDE = 64;
/** 51 all over but for a square of 255, columns 40 to 47 and rows 0 to 7: one patch, place 10 of the first row. */
const pixels = Uint8Array.from({ length: SIDE ** 2 }, (_, i) => (isSquare(i) ? 255 : 51));
const image = plainImage(pixels, { width: SIDE, height: SIDE }, 255);
const { plain } = copySmall(image);
const all = (): boolean => true;

function isSquare(i: number): boolean {
  return i % SIDE >= 40 && i % SIDE < 48 && i < 8 * SIDE;
}

describe('copySmall', () => {
  it('stretches an image of any size', () => {
    const wide = plainImage(new Uint16Array(200 * 50).fill(13107), { width: 200, height: 50 }, 65535);
    const copies = copySmall(wide);
    expect([...new Set(copies.plain)]).toEqual([13107]);
    expect(copies.clahe).toHaveLength(SIDE ** 2);
    expect([plain[0], plain[40], plain[48]]).toEqual([13107, 65535, 13107]);
  });
});

describe('patchMoments', () => {
  it('gives mean and deviation of each patch, as shares of the range', () => {
    // The square itself; half a patch to its left; half a patch below that.
    const found = patchMoments(plain, [0, 10, 9, 15 + 9]);
    expect(PLACES).toBe(225);
    expect(found.slice(0, 2)).toEqual([
      { mean: 0.2, std: 0 },
      { mean: 1, std: 0 },
    ]);
    expect(found[2]?.mean).toBeCloseTo(0.6, 12);
    expect(found[2]?.std).toBeCloseTo(0.4, 12);
    expect(found[3]?.mean).toBeCloseTo(0.2 + 0.8 / 4, 12);
    expect(found[3]?.std).toBeCloseTo(0.8 * Math.sqrt(3 / 16), 12);
  });
});

describe('the numbers that an image is normalised by', () => {
  it('are its own mean and deviation, of the pixels that count', () => {
    const share = 64 / SIDE ** 2;
    const { offset, scale } = ownLine(plain, all);
    expect(offset).toBeCloseTo(0.2 + 0.8 * share, 12);
    expect(scale).toBeCloseTo(0.8 * Math.sqrt(share * (1 - share)), 12);
    // A flat image has no contrast to raise.
    expect(ownLine(plain, (i) => !isSquare(i))).toEqual({ offset: 0.2, scale: 1e-3 });
  });

  it('or its percentiles', () => {
    const line = percentileLine(plain, all);
    expect(line.offset).toBeCloseTo(0.2, 12);
    expect(line.offset + line.scale).toBeCloseTo(1, 12);
    expect(percentileLine(plain, (i) => !isSquare(i)).scale).toBe(1e-3);
  });
});

describe('backgroundOf', () => {
  it('is all where there is no region, and nothing where one is everywhere', () => {
    expect(backgroundOf([], 50, 50).places).toHaveLength(225);
    expect(backgroundOf([boxRegion(0, 0, 50, 50)], 50, 50)).toMatchObject({ places: [] });
  });

  it('is what lies off every region, grown by a tenth of its side and a pixel of the copy', () => {
    // In the copy 20 to 40 across and 0 to 20 down, grown to 17..43 and to 23 below.
    const { places, free } = backgroundOf([boxRegion(60, 0, 120, 10)], 192, 32);
    for (let place = 0; place < PLACES; place++) {
      const [left, top] = [(place % 15) * 4, Math.floor(place / 15) * 4];
      // Patches of 8: from column 10 on they reach 17.
      expect(places.includes(place), `${left}, ${top}`).toBe(!(left >= 12 && left <= 40 && top <= 20));
    }
    for (const [x, y, isFree] of [
      [16, 0, true],
      [17, 0, false],
      [42, 22, false],
      [43, 22, true],
      [42, 23, true],
    ] as const)
      expect(free[y * SIDE + x], `${x}, ${y}`).toBe(isFree);
  });
});
