import type { EvaluatedImage, MetricsOptions } from './evaluate.js';
import { classification } from './families/classification.js';
import { placesOf, sumAt } from './families/family.js';
import { pointing } from './families/pointing.js';
import { hits, isLocated } from './localization.js';
import { mostProbable, toLocalized } from './localized.js';
import { shuffledPointing } from './position.js';

/**
 * The metrics that methods are compared by: those of the paper's Table 1 in its order, the hit rate, and by how much it
 * is above that of the responses of other images (`shuffledPointing`).
 */
export const comparedMetrics = ['acc', 'auc', 'apPositive', 'apNegative', 'locAp', 'hitRate', 'hitRateGain'] as const;
export type ComparedMetric = (typeof comparedMetrics)[number];

/**
 * The compared metrics with image i counted `weights[i]` times, written to `values` in the order of `comparedMetrics`;
 * NaN where the images lack what a metric needs.
 */
export type WeightedMetrics = (weights: Float64Array, values: Float64Array) => void;

/**
 * Prepares the metrics of `computeMetrics` for many weightings of the same images, as the bootstrap asks for, by the
 * families of metrics that `prepareMetrics` has: the images are ranked once, and a weighting then takes a few passes over
 * them. Whole weights give what `computeMetrics` gives for the images repeated as often; but for
 * `hitRateGain`, whose other images are those given, each once, whatever their weights: it is NaN with fewer than two located.
 *
 * @throws WeakspotError `usage` as `computeMetrics` does.
 */
export function weightedMetrics(images: readonly EvaluatedImage[], options: MetricsOptions): WeightedMetrics {
  const localizedImages = images.map((image, i) => toLocalized(`weightedMetrics: image ${i}`, image, options));
  const told = localizedImages.map((localized, i) => {
    const image = images[i] as EvaluatedImage;
    const located = isLocated(localized);
    const { score, positive } = localized;
    return {
      score,
      positive,
      located,
      hit: located && hits(localized),
      correct: mostProbable(image.probabilities) === image.label,
    };
  });
  const [classify, point] = [classification.prepare(told), pointing.prepare(told)];
  const located = placesOf(told, (image) => image.located);
  const shares = shuffledPointing(localizedImages)?.shares;
  return (weights, values) => {
    const pointed = point(weights);
    let shuffled = 0;
    for (const place of located) shuffled += (weights[place] as number) * (shares?.[place] ?? Number.NaN);
    const hitRateGain = pointed.hitRate - shuffled / sumAt(weights, located);
    const found = { ...classify(weights), ...pointed, hitRateGain };
    comparedMetrics.forEach((metric, i) => (values[i] = found[metric]));
  };
}
