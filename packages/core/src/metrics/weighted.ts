import type { EvaluatedImage, MetricsOptions } from './evaluate.js';
import { classification } from './families/classification.js';
import { pointing } from './families/pointing.js';
import { hits, isLocated } from './localization.js';
import { mostProbable, toLocalized } from './localized.js';

/** The metrics that methods are compared by, in the order of the paper's Table 1. */
export const comparedMetrics = ['acc', 'auc', 'apPositive', 'apNegative', 'locAp', 'hitRate'] as const;
export type ComparedMetric = (typeof comparedMetrics)[number];

/**
 * The compared metrics with image i counted `weights[i]` times, written to `values` in the order of `comparedMetrics`;
 * NaN where the images lack what a metric needs.
 */
export type WeightedMetrics = (weights: Float64Array, values: Float64Array) => void;

/**
 * Prepares the metrics of `computeMetrics` for many weightings of the same images, as the bootstrap asks for, by the
 * families of metrics that `prepareMetrics` has: the images are ranked once, and a weighting then takes a few passes over
 * them. Whole weights give what `computeMetrics` gives for the images repeated as often.
 *
 * @throws WeakspotError `usage` as `computeMetrics` does.
 */
export function weightedMetrics(images: readonly EvaluatedImage[], options: MetricsOptions): WeightedMetrics {
  const told = images.map((image, i) => {
    const localized = toLocalized(`weightedMetrics: image ${i}`, image, options);
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
  return (weights, values) => {
    const found = { ...classify(weights), ...point(weights) };
    comparedMetrics.forEach((metric, i) => (values[i] = found[metric]));
  };
}
