import type { MaskRegion } from '@weakspot/core';
import { rasterizeRegion } from '@weakspot/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskOfRuns } from './coco-rle.js';
import { MaskBudget } from './mask-budget.js';

/** Run lengths down the columns, from the definition. */
function runsOf(pixels: Uint8Array, width: number, height: number): number[] {
  const runs = [0];
  let last = 0;
  for (let column = 0; column < width; column++) {
    for (let row = 0; row < height; row++) {
      const value = pixels[row * width + column] as number;
      if (value !== last) runs.push(0);
      (runs as [number])[(runs.length - 1) as 0]++;
      last = value;
    }
  }
  return runs;
}

/** COCO's string of run lengths, with numbers written from their two's complement, five bits a character. */
function pack(runs: readonly number[]): string {
  let text = '';
  runs.forEach((run, i) => {
    let rest = BigInt(i > 2 ? run - (runs[i - 2] as number) : run);
    for (;;) {
      const digit = Number(rest & 31n);
      rest >>= 5n;
      const isLast = rest === ((digit & 16) === 0 ? 0n : -1n);
      text += String.fromCharCode(48 + digit + (isLast ? 0 : 32));
      if (isLast) break;
    }
  });
  return text;
}

const masks = fc
  .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 12 }))
  .chain(([width, height, length]) =>
    fc
      .array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 3 * length })), { minLength: 1, maxLength: 60 })
      .map((pieces) => {
        const values = pieces.flatMap(([isSet, count]) => Array.from({ length: count }, () => Number(isSet)));
        const pixels = Uint8Array.from({ length: width * height }, (_, i) => values[i % values.length] as number);
        return { pixels, width, height };
      }),
  );

describe('maskOfRuns', () => {
  it('gives the pixels of any mask back, cropped to them, from runs and from their string', () => {
    fc.assert(
      fc.property(masks, ({ pixels, width, height }) => {
        const runs = runsOf(pixels, width, height);
        for (const counts of [runs, pack(runs)]) {
          const mask = maskOfRuns(counts, [height, width], new MaskBudget()) as MaskRegion | undefined;
          if (mask === undefined) expect(pixels.includes(1)).toBe(false);
          else {
            expect(rasterizeRegion(mask, width, height)).toEqual(pixels);
            const rows = (row: number): Uint8Array => mask.pixels.subarray(row * mask.width, (row + 1) * mask.width);
            expect([rows(0).includes(1), rows(mask.height - 1).includes(1)]).toEqual([true, true]);
          }
        }
      }),
    );
  });

  it('reads strings that COCO wrote', () => {
    // 2 x 3 pixels: runs 1, 2, 3; and 6 pixels of which none is set.
    expect(maskOfRuns('123', [3, 2], new MaskBudget())).toEqual({
      kind: 'mask',
      x0: 0,
      y0: 1,
      width: 1,
      height: 2,
      pixels: Uint8Array.of(1, 1),
    });
    expect(maskOfRuns('6', [3, 2], new MaskBudget())).toBeUndefined();
  });

  it.each([
    [[1, 2], [3, 2], 'the runs are 3 pixels long, the mask has 6'],
    [[7, -1], [3, 2], 'a run length is -1'],
    [[1.5, 4.5], [3, 2], 'a run length is 1.5'],
    ['P', [3, 2], 'the string of run lengths is damaged'],
    ['1\u{1F600}', [3, 2], 'the string of run lengths is damaged'],
    ['XXXXXXXXXXXX0', [3, 2], 'the string of run lengths is damaged'],
    [[0, 1], [1e9, 1e9], 'the mask is 1000000000 x 1000000000 pixels; a side may have 1 to 16384'],
    [[0, 16384 * 16384], [16384, 16384], 'the mask is 16384 x 16384 pixels; 67108864 pixels may be in one'],
  ] as const)('says what is wrong with %j', (counts, size, reason) => {
    expect(maskOfRuns(counts, size, new MaskBudget())).toBe(reason);
  });
});
