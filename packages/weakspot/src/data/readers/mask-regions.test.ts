import type { MaskRegion } from '@weakspot/core';
import { rasterizeRegion } from '@weakspot/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MaskBudget } from './mask-budget.js';
import { maskRegions } from './mask-regions.js';

/** Parts by flooding from each pixel, in the order of their first pixels. */
function flood(pixels: Uint8Array, width: number, height: number): Uint8Array[] {
  const rest = pixels.slice();
  const parts: Uint8Array[] = [];
  for (let start = 0; start < rest.length; start++) {
    if (rest[start] === 0) continue;
    const part = new Uint8Array(rest.length);
    const waiting = [start];
    while (waiting.length > 0) {
      const at = waiting.pop() as number;
      if (rest[at] === 0) continue;
      rest[at] = 0;
      part[at] = 1;
      const [column, row] = [at % width, Math.floor(at / width)];
      for (let y = Math.max(0, row - 1); y <= Math.min(height - 1, row + 1); y++) {
        for (let x = Math.max(0, column - 1); x <= Math.min(width - 1, column + 1); x++) waiting.push(y * width + x);
      }
    }
    parts.push(part);
  }
  return parts;
}

describe('maskRegions', () => {
  it('cuts any mask into its connected parts, each cropped to its pixels', () => {
    const masks = fc
      .record({
        width: fc.integer({ min: 1, max: 17 }),
        height: fc.integer({ min: 1, max: 17 }),
        share: fc.double({ min: 0.1, max: 0.9, noNaN: true }),
      })
      .chain(({ width, height, share }) =>
        fc
          .array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: width * height, maxLength: width * height })
          .map((values) => ({ width, height, pixels: Uint8Array.from(values, (value) => (value < share ? 200 : 0)) })),
      );
    fc.assert(
      fc.property(masks, ({ pixels, width, height }) => {
        const regions = maskRegions(pixels, { width, height }, new MaskBudget()) as MaskRegion[];
        expect(regions.map((region) => rasterizeRegion(region, width, height))).toEqual(flood(pixels, width, height));
        for (const region of regions) {
          const columns = [0, region.width - 1].map((column) =>
            region.pixels.some((value, i) => value !== 0 && i % region.width === column),
          );
          const rows = [0, region.height - 1].map((row) =>
            region.pixels.subarray(row * region.width, (row + 1) * region.width).includes(1),
          );
          expect([...columns, ...rows]).toEqual([true, true, true, true]);
        }
      }),
    );
  });

  it('takes noise for one region, and keeps within its memory', () => {
    const side = 200;
    const noise = Uint8Array.from({ length: side * side }, (_, i) =>
      Number(i % 2 === 0 && Math.floor(i / side) % 2 === 0),
    );
    const regions = maskRegions(noise, { width: side, height: side }, new MaskBudget()) as MaskRegion[];
    expect(regions.map(({ width, height }) => [width, height])).toEqual([[199, 199]]);
    const budget = new MaskBudget();
    const large = { width: 8192, height: 8192 };
    for (let i = 0; i < 32; i++) expect(budget.take(large.width, large.height)).toBeUndefined();
    expect(maskRegions(Uint8Array.of(1), { width: 1, height: 1 }, budget)).toMatch(
      /^the masks of the set have more than/,
    );
  });
});
