import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startSetMoments } from './set-moments.js';

const FULL = 65535;

describe('the moments of a set', () => {
  it('are those of all pixels together, of 0..1 values', () => {
    const set = startSetMoments(2);
    set.add({ pixels: Uint16Array.of(0, 0) });
    set.add({ pixels: Uint16Array.of(FULL, FULL) });
    expect(set.moments).toEqual({ mean: 0.5, std: 0.5 });
    // 0, 0, 1, 1, 0.2, 0.2: variance (2 + 0.08) / 6 - 0.16.
    set.add({ pixels: Uint16Array.of(FULL / 5, FULL / 5) });
    expect(set.moments?.mean).toBeCloseTo(0.4, 15);
    expect(set.moments?.std).toBeCloseTo(Math.sqrt(2.08 / 6 - 0.16), 15);
  });

  it('leave out the padding', () => {
    const set = startSetMoments(4);
    const pixels = Uint16Array.of(9, 9, 9, 9, 9, FULL, 0, 9, 9, FULL, 0, 9, 9, 9, 9, 9);
    set.add({ pixels, shown: { x0: 1, y0: 1, x1: 3, y1: 3 } });
    expect(set.moments).toEqual({ mean: 0.5, std: 0.5 });
  });

  it('agree with two passes over all pixels, to the last digits, in any order of the images', () => {
    const images = fc.array(fc.uint16Array({ minLength: 6, maxLength: 6 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(images, (all) => {
        const [forth, back] = [startSetMoments(3), startSetMoments(3)];
        for (const pixels of all) forth.add({ pixels });
        for (const pixels of all.toReversed()) back.add({ pixels });
        expect(back.moments).toEqual(forth.moments);
        const values = all.flatMap((pixels) => [...pixels]).map((value) => value / FULL);
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
        expect(forth.moments?.mean).toBeCloseTo(mean, 12);
        expect(forth.moments?.std).toBeCloseTo(Math.max(Math.sqrt(variance), 1e-3), 12);
      }),
    );
  });

  it('stay exact where squares sum to more than 2^53', () => {
    const [width, height] = [2048, 2048];
    const set = startSetMoments(width);
    const pixels = new Uint16Array(width * height).fill(FULL);
    for (let i = 0; i < 5; i++) set.add({ pixels });
    pixels[0] = 0;
    set.add({ pixels });
    const count = 6 * width * height;
    // One 0 among ones: the variance is (1 - 1 / n) / n.
    expect(set.moments?.mean).toBe((count - 1) / count);
    expect(set.moments?.std).toBe(1e-3);
    const dark = new Uint16Array(width * height);
    set.add({ pixels: dark });
    const share = (count - 1) / (count + width * height);
    expect(set.moments?.std).toBeCloseTo(Math.sqrt(share * (1 - share)), 14);
  });

  it('are not there before the first image, and the deviation is 0.001 at least', () => {
    const set = startSetMoments(1);
    expect(set.moments).toBeUndefined();
    set.add({ pixels: Uint16Array.of(FULL) });
    expect(set.moments).toEqual({ mean: 1, std: 1e-3 });
  });
});
