import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { greyToDisplay, percentileWindow } from './window.js';

describe('greyToDisplay', () => {
  it('is linear between the ends of the window and clipped beyond them', () => {
    expect([...greyToDisplay([-50, 100, 151, 202, 300, 900], 100, 300)]).toEqual([0, 0, 65, 130, 255, 255]);
  });

  it('is a step where the window has no width', () => {
    expect([...greyToDisplay([1, 2, 3], 2, 2)]).toEqual([0, 0, 255]);
  });

  it('shows NaN as black', () => {
    expect([...greyToDisplay([NaN, 1], 0, 1)]).toEqual([0, 255]);
  });
});

describe('percentileWindow', () => {
  it('takes the nearest rank', () => {
    const pixels = [50, 15, 20, 40, 35];
    expect(percentileWindow(pixels, 30, 40)).toEqual([20, 20]);
    expect(percentileWindow(pixels, 50, 100)).toEqual([35, 50]);
    expect(percentileWindow(pixels, 0, 5)).toEqual([15, 15]);
  });

  it('ignores a few extreme pixels', () => {
    const pixels = new Uint16Array(1000).fill(700);
    pixels.fill(500, 0, 200);
    pixels.set([0, 65535], 500);
    expect(percentileWindow(pixels, 1, 99)).toEqual([500, 700]);
  });

  it('gives the same by counting as by sorting, and enough pixels on both sides', () => {
    const property = fc.property(
      fc.uint16Array({ minLength: 1, maxLength: 60 }),
      fc.integer({ min: 0, max: 100 }),
      fc.integer({ min: 0, max: 100 }),
      (pixels, p, q) => {
        const [low, high] = [Math.min(p, q), Math.max(p, q)];
        const window = percentileWindow(pixels, low, high);
        expect(percentileWindow([...pixels], low, high)).toEqual(window);
        [low, high].forEach((percent, i) => {
          const atMost = pixels.filter((x) => x <= window[i]!).length;
          const below = pixels.filter((x) => x < window[i]!).length;
          expect(atMost * 100).toBeGreaterThanOrEqual(percent * pixels.length);
          expect(below === 0 || below * 100 < percent * pixels.length).toBe(true);
        });
      },
    );
    fc.assert(property, { numRuns: 50 });
  });

  it('leaves out what is not finite and refuses an image of nothing else', () => {
    expect(percentileWindow([NaN, 3, Infinity, 5], 0, 100)).toEqual([3, 5]);
    expect(() => percentileWindow([NaN], 0, 100)).toThrow(/no finite pixel/);
    expect(() => percentileWindow(new Uint8Array(0), 0, 100)).toThrow(/no finite pixel/);
    expect(() => percentileWindow([1], 60, 40)).toThrow(/60 to 40/);
  });
});
