import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { filterGridPng, measureFilters } from './filters.js';

// Two filters of 2 x 2: the second one is the larger.
const bank = { weights: Float32Array.from([0.5, 0, 0, 0, -2, 1, 0, 4]), count: 2, side: 2 };

describe('filterGridPng', () => {
  it('draws the largest filter first, zero in middle grey, what is beyond the limit as black and white', async () => {
    const { png, width, height } = await filterGridPng(bank, 2);
    const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([width, height, 4]);
    // Two tiles of 2 pixels with 1 between them, each weight 4 pixels wide.
    expect([width, height]).toEqual([5 * 4, 2 * 4]);
    const at = (x: number, y: number): number[] => [...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)];
    const grey = (x: number, y: number): number => at(x * 4 + 1, y * 4 + 1)[0]!;
    expect([grey(0, 0), grey(1, 0), grey(0, 1), grey(1, 1)]).toEqual([0, 191, 128, 255]);
    expect(grey(3, 0)).toBe(Math.round(127.5 + (127.5 * 0.5) / 2));
    // Between the tiles nothing is painted.
    expect(at(2 * 4 + 1, 1)[3]).toBe(0);
  });

  it('draws filters that are all zero', async () => {
    const { png } = await filterGridPng({ weights: new Float32Array(9), count: 1, side: 3 }, 0);
    const { data } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    expect(data[0]).toBe(128);
  });
});

describe('measureFilters', () => {
  it('tells smooth filters from checkerboards', () => {
    const of = (weights: readonly number[], side: number): number =>
      measureFilters({ weights: Float32Array.from(weights), count: 1, side }).smoothness;
    expect(of([1, -1, 1, -1, 1, -1, 1, -1, 1], 3)).toBeCloseTo(-1, 6);
    expect(of([7, 7, 7, 7], 2)).toBe(0);
    // A step, of 12 pairs: the products sum to 2, the first ones to 2 and the second ones to 5. Covariance 14/144,
    // variances 5/36 and 35/144.
    expect(of([0, 0, 1, 0, 0, 1, 0, 0, 1], 3)).toBeCloseTo(Math.sqrt(7) / 5, 6);
  });

  it('gives the largest weight and the mean norm', () => {
    const { largest, norm } = measureFilters(bank);
    expect(largest).toBe(4);
    expect(norm).toBeCloseTo((0.5 + Math.sqrt(21)) / 2, 6);
  });
});
