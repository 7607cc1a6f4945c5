import type { CoverageSummary } from '../summary/types.js';
import { LEVELS } from '../summary/types.js';
import type { MetricFamily } from './family.js';
import { placesOf, sumAt } from './family.js';

/** The threshold of `dice`, half the map's range: where `localize` ends its boxes. */
const DICE_LEVEL = LEVELS / 2;

/** Numbers per image, a multiple of four. */
const COLUMNS = 3 * LEVELS;

/**
 * Pixels at or above a threshold against the pixels of the lesions, over located images, on a grid of at most 128 pixels
 * a side (theirs has 224); thresholds are 0, 0.01 .. 0.99 of the range of each map there:
 * - `pxAp`: pixel average precision (Choe et al., CVPR 2020), `sum PxPrec(t_l) (PxRec(t_l) - PxRec(t_{l-1}))` from the
 *   highest threshold down, precision and recall over the pixels of all images together, each image counting alike
 *   whatever its number of pixels;
 * - `dice`: the mean over images of `2 |A and B| / (|A| + |B|)` (Dice 1945), A the pixels at half the map's range or
 *   above, B the lesions' pixels;
 * - `diceBest`: the highest mean over all thresholds, one for all images. The threshold is chosen on the images
 *   evaluated, so it says what the maps could do.
 *
 * Of a box as ground truth all pixels are lesion. Undefined where no image is located.
 */
export const pixels: MetricFamily<'pxAp' | 'dice' | 'diceBest'> = {
  titles: { pxAp: 'PxAP', dice: 'Dice', diceBest: 'Dice, best threshold' },
  localizes: true,
  prepare: (images) => {
    const located = placesOf(images, (image) => image.located);
    // Per image a row: shares of its pixels at each level or above, on lesions and in all, and Dice at each level.
    const rows = new Float32Array(located.length * COLUMNS);
    located.forEach((i, row) => {
      const coverage = images[i]?.coverage;
      if (coverage !== undefined) fillRow(rows.subarray(row * COLUMNS, (row + 1) * COLUMNS), coverage);
    });
    return (weights) => {
      const sums = weightedSum(rows, located, weights);
      const total = sumAt(weights, located);
      let [pxAp, before, best] = [0, 0, 0];
      for (let level = LEVELS - 1; level >= 0; level--) {
        const [found, all] = [sums[level] as number, sums[LEVELS + level] as number];
        if (all > 0) pxAp += (found / all) * (found - before);
        before = found;
        best = Math.max(best, sums[2 * LEVELS + level] as number);
      }
      // At level 0 are all pixels: `before` is now how much lesion there is.
      return { pxAp: pxAp / before, dice: (sums[2 * LEVELS + DICE_LEVEL] as number) / total, diceBest: best / total };
    };
  },
};

/** The sum of the rows, each times its image's weight. Most of the time of resampling goes here. */
function weightedSum(rows: Float32Array, places: Int32Array, weights: Float64Array): Float64Array {
  const sums = new Float64Array(COLUMNS);
  for (let row = 0; row < places.length; row++) {
    const weight = weights[places[row] as number] as number;
    if (weight === 0) continue;
    const offset = row * COLUMNS;
    // Four at a time: over twice as fast in V8.
    for (let k = 0; k < COLUMNS; k += 4) {
      sums[k] = (sums[k] as number) + weight * (rows[offset + k] as number);
      sums[k + 1] = (sums[k + 1] as number) + weight * (rows[offset + k + 1] as number);
      sums[k + 2] = (sums[k + 2] as number) + weight * (rows[offset + k + 2] as number);
      sums[k + 3] = (sums[k + 3] as number) + weight * (rows[offset + k + 3] as number);
    }
  }
  return sums;
}

function fillRow(row: Float32Array, { lesionPixels, otherPixels }: CoverageSummary): void {
  const lesion = lesionPixels.reduce((sum, count) => sum + count, 0);
  const all = otherPixels.reduce((sum, count) => sum + count, lesion);
  let [found, seen] = [0, 0];
  for (let level = LEVELS - 1; level >= 0; level--) {
    found += lesionPixels[level] as number;
    seen += (lesionPixels[level] as number) + (otherPixels[level] as number);
    row[level] = found / all;
    row[LEVELS + level] = seen / all;
    row[2 * LEVELS + level] = (2 * found) / (seen + lesion);
  }
}
