import { FULL, type PreparedImage } from './prepare.js';

/** Mean and standard deviation of intensities, of 0..1 values. */
export interface IntensityMoments {
  readonly mean: number;
  readonly std: number;
}

/** A flat image, or a flat set, has no contrast to raise; below this its noise would be all there is. */
export const MIN_STD = 1e-3;

/** So many squares of 16 bits sum to less than 2^53, hence exactly. */
const EXACT_COUNT = 2 ** 20;

/** The moments of a set of prepared images, one image after another. */
export interface SetMoments {
  /** Counts an image's pixels, without the padding. */
  add(image: Pick<PreparedImage, 'pixels' | 'shown'>): void;
  /** Mean and population standard deviation, at least 0.001, over all pixels so far; undefined before the first. */
  readonly moments: IntensityMoments | undefined;
}

/**
 * Starts counting pixels of prepared images, whose rows have `width` pixels. Sums are whole numbers and exact, so that the
 * order of the images makes no difference.
 */
export function startSetMoments(width: number): SetMoments {
  let [count, sum, squares] = [0n, 0n, 0n];
  return {
    add: ({ pixels, shown = { x0: 0, y0: 0, x1: width, y1: pixels.length / width } }) => {
      const across = shown.x1 - shown.x0;
      // Whole rows at once, as many as have an exact sum.
      const rows = Math.max(Math.floor(EXACT_COUNT / across), 1);
      for (let top = shown.y0; top < shown.y1; top += rows) {
        const end = Math.min(top + rows, shown.y1);
        let [partSum, partSquares] = [0, 0];
        for (let y = top; y < end; y++) {
          for (let i = y * width + shown.x0; i < y * width + shown.x1; i++) {
            const value = pixels[i] as number;
            partSum += value;
            partSquares += value * value;
          }
        }
        count += BigInt((end - top) * across);
        sum += BigInt(partSum);
        squares += BigInt(partSquares);
      }
    },
    get moments() {
      if (count === 0n) return undefined;
      const mean = Number(sum) / Number(count);
      const variance = Number(count * squares - sum * sum) / Number(count * count);
      return { mean: mean / FULL, std: Math.max(Math.sqrt(variance) / FULL, MIN_STD) };
    },
  };
}
