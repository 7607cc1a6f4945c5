import type { MaskRegion } from '@weakspot/core';
import type { MaskBudget } from './mask-budget.js';

/**
 * The mask of a brush of Label Studio: runs of the bytes of an RGBA picture, of which the alpha says what is painted. A stream of
 * bits: the number of bytes (32 bits), the length of a byte less one (5), four lengths of runs less one (4 each), and then
 * for each run whether its bytes are alike (1), which of the lengths its own has (2), its length less one, and its byte or
 * bytes. What is wrong with it is returned in words.
 */
export function maskOfBrush(
  rle: readonly number[],
  width: number,
  height: number,
  budget: MaskBudget,
): MaskRegion | string {
  const reason = budget.take(width, height);
  if (reason !== undefined) return reason;
  const total = width * height * 4;
  let at = 0;
  const read = (bits: number): number => {
    let value = 0;
    for (let i = 0; i < bits; i++, at++) value = value * 2 + (((rle[at >> 3] ?? 0) >> (7 - (at & 7))) & 1);
    return value;
  };
  const end = rle.length * 8;
  const count = read(32);
  if (count !== total) return `the brush has ${count} bytes, an image of ${width} x ${height} pixels has ${total}`;
  const size = read(5) + 1;
  const lengths = [read(4) + 1, read(4) + 1, read(4) + 1, read(4) + 1];
  const pixels = new Uint8Array(width * height);
  const put = (i: number, value: number): void => {
    if (i % 4 === 3 && value > 0) pixels[i >> 2] = 1;
  };
  for (let i = 0; i < total;) {
    const alike = read(1) === 1;
    const next = i + 1 + read(lengths[read(2)] ?? 0);
    if (at > end || next > total) return 'the runs of the brush are damaged';
    const value = alike ? read(size) : 0;
    for (; i < next; i++) {
      put(i, alike ? value : read(size));
      if (at > end) return 'the runs of the brush are damaged';
    }
  }
  return { kind: 'mask', x0: 0, y0: 0, width, height, pixels };
}
