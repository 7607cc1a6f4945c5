import { Random } from '@weakspot/core';
import type { Detail } from './detail.js';
import { DETAIL_PIXELS } from './detail.js';

const BITS = 64;
const EMPTY = 64;

/** 64 bits. */
export type Hash = readonly [number, number];

/** Signs of the random projections, by bit and pixel; always the same ones. */
export function makeProjections(): readonly Int8Array[] {
  return Array.from({ length: BITS }, (_, bit) => {
    const random = new Random(0, 'near-same', bit);
    return Int8Array.from({ length: DETAIL_PIXELS }, () => (random.bits() < 0 ? -1 : 1));
  });
}

/** One number for each projection. */
export function project(values: ArrayLike<number>, projections: readonly Int8Array[]): Float64Array {
  return Float64Array.from(projections, (signs) => {
    let sum = 0;
    for (let i = 0; i < DETAIL_PIXELS; i++) sum += (signs[i] as number) * (values[i] as number);
    return sum;
  });
}

/**
 * The signs of a detail's projections, taken `sign` times, less those of a mean (SimHash; Charikar, STOC 2002): of details
 * that, less that mean, correlate by `c`, each bit differs with probability `acos(c) / pi`.
 */
export function hashOf(projected: Float64Array, sign: 1 | -1, mean: Float64Array): Hash {
  const words: [number, number] = [0, 0];
  for (let bit = 0; bit < BITS; bit++) {
    if (sign * (projected[bit] as number) > (mean[bit] as number)) words[bit < 32 ? 0 : 1] |= 1 << (bit & 31);
  }
  return words;
}

/**
 * The mean of the details there are, pixel by pixel, drawn towards 0 as if there were 64 empty ones more: of few images,
 * copies of one must not be taken for what all have in common.
 */
export function meanDetail(details: readonly (Detail | undefined)[]): Float64Array {
  const mean = new Float64Array(DETAIL_PIXELS);
  let count = 0;
  for (const detail of details) {
    if (detail === undefined) continue;
    count++;
    for (let i = 0; i < DETAIL_PIXELS; i++) mean[i] = (mean[i] as number) + (detail[i] as number);
  }
  return mean.map((sum) => sum / (count + EMPTY));
}

/** One of a hash's eight bytes. */
export function byteOf(hash: Hash, place: number): number {
  return (hash[place < 4 ? 0 : 1] >>> ((place & 3) * 8)) & 0xff;
}

export function differentBits(a: Hash, b: Hash): number {
  return bitCount(a[0] ^ b[0]) + bitCount(a[1] ^ b[1]);
}

/** Set bits of a 32-bit word, added up in pairs, fours and bytes. */
function bitCount(word: number): number {
  let sum = word - ((word >>> 1) & 0x55555555);
  sum = (sum & 0x33333333) + ((sum >>> 2) & 0x33333333);
  return Math.imul((sum + (sum >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
