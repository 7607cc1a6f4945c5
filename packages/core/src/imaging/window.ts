import { WeakspotError } from '../errors.js';

/**
 * Pixels as 8-bit greys through a linear window: `low` and below become 0, `high` and above 255. A window without
 * width (`low >= high`) is a step: above `low` white, the rest black. NaN becomes black.
 */
export function greyToDisplay(pixels: ArrayLike<number>, low: number, high: number): Uint8ClampedArray {
  const display = new Uint8ClampedArray(pixels.length);
  const gain = 255 / (high - low);
  for (let i = 0; i < pixels.length; i++) {
    const value = pixels[i] as number;
    // A clamped array rounds to nearest and turns NaN into 0 by itself.
    display[i] = high > low ? (value - low) * gain : value > low ? 255 : 0;
  }
  return display;
}

/**
 * The window between two percentiles of the pixels (0..100), for films whose few brightest or darkest pixels
 * (markers, borders) would flatten the rest. A percentile is by nearest rank: the smallest pixel value that at least
 * that share of the pixels does not exceed; 0 is the minimum, 100 the maximum. Pixels that are not finite are ignored.
 *
 * @throws WeakspotError `usage` where no pixel is finite or the percentiles are not `0 <= low <= high <= 100`.
 */
export function percentileWindow(pixels: ArrayLike<number>, lowPercent: number, highPercent: number): [number, number] {
  if (!(lowPercent >= 0 && lowPercent <= highPercent && highPercent <= 100)) {
    throw new WeakspotError('usage', `percentileWindow: ${lowPercent} to ${highPercent} is no range of percentiles`, {
      hint: 'Give two percentiles from 0 to 100, the lower one first.',
    });
  }
  const counted = pixels instanceof Uint8Array || pixels instanceof Uint8ClampedArray || pixels instanceof Uint16Array;
  return counted ? histogramWindow(pixels, lowPercent, highPercent) : sortedWindow(pixels, lowPercent, highPercent);
}

/** The rank, from 1, of a percentile among `count` values. */
function rankOf(percent: number, count: number): number {
  if (count === 0) {
    throw new WeakspotError('usage', 'percentileWindow: there is no finite pixel', { hint: 'Pass a non-empty image.' });
  }
  return Math.max(1, Math.ceil((percent * count) / 100));
}

function sortedWindow(pixels: ArrayLike<number>, lowPercent: number, highPercent: number): [number, number] {
  const sorted = new Float64Array(pixels).filter(Number.isFinite);
  sorted.sort();
  const at = (percent: number): number => sorted[rankOf(percent, sorted.length) - 1] as number;
  return [at(lowPercent), at(highPercent)];
}

/** The same by counting, for unsigned integers of at most 16 bits: no sort of millions of pixels. */
function histogramWindow(
  pixels: Uint8Array | Uint8ClampedArray | Uint16Array,
  lowPercent: number,
  highPercent: number,
): [number, number] {
  const histogram = new Uint32Array(0x10000);
  for (let i = 0; i < pixels.length; i++) histogram[pixels[i] as number]!++;
  const at = (percent: number): number => {
    const rank = rankOf(percent, pixels.length);
    let value = 0;
    for (let seen = histogram[0] as number; seen < rank; seen += histogram[value] as number) value++;
    return value;
  };
  return [at(lowPercent), at(highPercent)];
}
