import { THUMBNAIL } from './measure.js';

/** Pixels of a reduced copy. */
export const DETAIL_PIXELS = THUMBNAIL * THUMBNAIL;
/** Half widths of the boxes whose mean is taken off and whose deviation is divided by. */
const BLUR = 2;
const SPREAD = 4;
/** Of the whole copy's deviation, added to the local one, so that noise in empty parts does not grow to be detail. */
const FLOOR = 0.5;
/** Standard deviations that the 8 bits of a value span each way. */
const SPAN = 5;

/**
 * What near-same images are told by, 32 x 32, row-major: the reduced copy less its local mean, which takes away the anatomy
 * that all films share, and over its local deviation, which takes away most of the grey scale. In 8 bits, 127 for 5 standard
 * deviations.
 */
export type Detail = Int8Array;

/** The detail of a reduced copy of 32 x 32; undefined where it has none, as blank images. */
export function detailOf(thumbnail: Float32Array): Detail | undefined {
  const means = boxMeans(thumbnail, BLUR);
  const fine = thumbnail.map((value, i) => value - (means[i] as number));
  const whole = rootMeanSquare(fine);
  const largest = thumbnail.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  // Below it there are only rounding errors.
  if (!(whole > largest * 1e-5)) return undefined;
  const squares = boxMeans(
    fine.map((value) => value * value),
    SPREAD,
  );
  const even = fine.map((value, i) => value / (Math.sqrt(squares[i] as number) + FLOOR * whole));
  const unit = 127 / (SPAN * rootMeanSquare(even));
  return Int8Array.from(even, (value) => Math.max(-127, Math.min(127, Math.round(value * unit))));
}

/** Correlation of two images' details, -1..1. */
export function correlation(a: Detail, b: Detail): number {
  let [product, squaresA, squaresB] = [0, 0, 0];
  for (let i = 0; i < DETAIL_PIXELS; i++) {
    const [left, right] = [a[i] as number, b[i] as number];
    product += left * right;
    squaresA += left * left;
    squaresB += right * right;
  }
  return product / Math.sqrt(squaresA * squaresB);
}

/** Mirrored left and right. */
export function mirrorDetail(detail: Detail): Detail {
  return detail.map((_, i) => detail[i - 2 * (i % THUMBNAIL) + THUMBNAIL - 1] as number);
}

function rootMeanSquare(values: Float32Array): number {
  let squares = 0;
  for (const value of values) squares += value * value;
  return Math.sqrt(squares / values.length);
}

/** The mean of the box of `2 reach + 1` pixels each way around each pixel, as far as it lies in the image. */
function boxMeans(values: Float32Array, reach: number): Float32Array {
  const result = new Float32Array(DETAIL_PIXELS);
  for (let y = 0; y < THUMBNAIL; y++) {
    for (let x = 0; x < THUMBNAIL; x++) {
      let [sum, count] = [0, 0];
      for (let j = Math.max(0, y - reach); j <= Math.min(THUMBNAIL - 1, y + reach); j++) {
        for (let i = Math.max(0, x - reach); i <= Math.min(THUMBNAIL - 1, x + reach); i++) {
          sum += values[j * THUMBNAIL + i] as number;
          count++;
        }
      }
      result[y * THUMBNAIL + x] = sum / count;
    }
  }
  return result;
}
