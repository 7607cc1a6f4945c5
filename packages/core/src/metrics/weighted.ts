import type { EvaluatedImage, MetricsOptions } from './evaluate.js';
import { classification } from './families/classification.js';
import { placesOf, sumAt } from './families/family.js';
import { pointing } from './families/pointing.js';
import { hits, isLocated } from './localization.js';
import { mostProbable, toLocalized } from './localized.js';

/**
 * The metrics that methods are compared by: those of the paper's Table 1 in its order, the hit rate, and that of the maps
 * less the model's mean map (`EvaluatedImage.specificResponse`).
 */
export const comparedMetrics = [
  'acc',
  'auc',
  'apPositive',
  'apNegative',
  'locAp',
  'hitRate',
  'hitRateSpecific',
] as const;
export type ComparedMetric = (typeof comparedMetrics)[number];

/**
 * The compared metrics with image i counted `weights[i]` times, written to `values` in the order of `comparedMetrics`;
 * NaN where the images lack what a metric needs.
 */
export type WeightedMetrics = (weights: Float64Array, values: Float64Array) => void;

/**
 * Prepares the metrics of `computeMetrics` for many weightings of the same images, as the bootstrap asks for, by the
 * families of metrics that `prepareMetrics` has: the images are ranked once, and a weighting then takes a few passes over
 * them. Whole weights give what `computeMetrics` gives for the images repeated as often; `hitRateSpecific` is its `hitRate`
 * with the specific responses, NaN where a located image has none.
 *
 * @throws WeakspotError `usage` as `computeMetrics` does.
 */
export function weightedMetrics(images: readonly EvaluatedImage[], options: MetricsOptions): WeightedMetrics {
  const told = images.map((image, i) => {
    const localized = toLocalized(`weightedMetrics: image ${i}`, image, options);
    const located = isLocated(localized);
    const { score, positive } = localized;
    const { specificResponse } = image;
    return {
      score,
      positive,
      located,
      hit: located && hits(localized),
      hitSpecific:
        located && specificResponse !== undefined && hits({ ...localized, response: specificResponse }) ? 1 : 0,
      correct: mostProbable(image.probabilities) === image.label,
    };
  });
  const [classify, point] = [classification.prepare(told), pointing.prepare(told)];
  const specific = told.map(({ hitSpecific }) => hitSpecific);
  const located = placesOf(told, (image) => image.located);
  const lacks = images.some(({ specificResponse }, i) => told[i]?.located === true && specificResponse === undefined);
  return (weights, values) => {
    let hitSpecific = 0;
    for (const place of located) hitSpecific += (weights[place] as number) * (specific[place] as number);
    const hitRateSpecific = lacks ? Number.NaN : hitSpecific / sumAt(weights, located);
    const found = { ...classify(weights), ...point(weights), hitRateSpecific };
    comparedMetrics.forEach((metric, i) => (values[i] = found[metric]));
  };
}
