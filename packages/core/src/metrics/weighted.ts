import type { EvaluatedImage, MetricsOptions } from './evaluate.js';
import { hits, isLocated } from './localization.js';
import { mostProbable, toLocalized } from './localized.js';

/** The metrics that methods are compared by, in the order of the paper's Table 1. */
export const comparedMetrics = ['acc', 'auc', 'apPositive', 'apNegative', 'locAp', 'hitRate'] as const;
export type ComparedMetric = (typeof comparedMetrics)[number];

/**
 * The compared metrics with image i counted `weights[i]` times, written to `values` in the order of `comparedMetrics`;
 * NaN where the images lack what a metric needs.
 */
export type WeightedMetrics = (weights: Uint32Array, values: Float64Array) => void;

const CORRECT = 1;
const POSITIVE = 2;
const LOCATED = 4;
const HIT = 8;

/**
 * Prepares the metrics of `computeMetrics` for many weightings of the same images, as the bootstrap asks for: the
 * images are ranked once, and a weighting then takes two passes over them. Whole weights give what `computeMetrics`
 * gives for the images repeated as often.
 *
 * @throws WeakspotError `usage` as `computeMetrics` does.
 */
export function weightedMetrics(images: readonly EvaluatedImage[], options: MetricsOptions): WeightedMetrics {
  const localized = images.map((image, i) => toLocalized(`weightedMetrics: image ${i}`, image, options));
  const order = localized.map((_, i) => i).toSorted((a, b) => scoreOf(localized, b) - scoreOf(localized, a));
  const ranked = Int32Array.from(order);
  const flags = Uint8Array.from(order, (i) => {
    const [image, found] = [images[i] as EvaluatedImage, localized[i] as (typeof localized)[number]];
    const isHit = isLocated(found) && hits(found);
    const isCorrect = mostProbable(image.probabilities) === image.label;
    return (
      (isCorrect ? CORRECT : 0) | (found.positive ? POSITIVE : 0) | (isLocated(found) ? LOCATED : 0) | (isHit ? HIT : 0)
    );
  });
  // Whether the image is the last of its score: all of one score are counted together.
  const lasts = Uint8Array.from(order, (image, place) => {
    const next = order[place + 1];
    return next === undefined || scoreOf(localized, next) !== scoreOf(localized, image) ? 1 : 0;
  });
  return (weights, values) => weigh({ ranked, flags, lasts }, weights, values);
}

function scoreOf(images: readonly { readonly score: number }[], index: number): number {
  return images[index]?.score ?? Number.NaN;
}

interface RankedImages {
  /** Images by score, highest first. */
  readonly ranked: Int32Array;
  /** What each one is, in that order. */
  readonly flags: Uint8Array;
  readonly lasts: Uint8Array;
}

function weigh({ ranked, flags, lasts }: RankedImages, weights: Uint32Array, values: Float64Array): void {
  let [total, correct, positives, located, hit] = [0, 0, 0, 0, 0];
  // Branches would depend on the images and be guessed wrongly; products are not.
  for (let i = 0; i < ranked.length; i++) {
    const weight = weights[ranked[i] as number] as number;
    const flag = flags[i] as number;
    total += weight;
    correct += weight * (flag & 1);
    positives += weight * ((flag >> 1) & 1);
    located += weight * ((flag >> 2) & 1);
    hit += weight * (flag >> 3);
  }
  const negatives = total - positives;
  // Counts of the groups of equal score before the present one, and of that one.
  let [seen, seenPositive, seenHit] = [0, 0, 0];
  let [group, groupPositive, groupHit] = [0, 0, 0];
  let [ordered, apPositive, apNegative, locAp] = [0, 0, 0, 0];
  for (let i = 0; i < ranked.length; i++) {
    const weight = weights[ranked[i] as number] as number;
    const flag = flags[i] as number;
    group += weight;
    groupPositive += weight * ((flag >> 1) & 1);
    groupHit += weight * (flag >> 3);
    if (lasts[i] === 0 || group === 0) continue;
    const groupNegative = group - groupPositive;
    ordered += groupNegative * (seenPositive + groupPositive / 2);
    // The ranking of the negatives begins at the other end: those from this group on.
    if (groupNegative > 0) apNegative += (groupNegative * (negatives - (seen - seenPositive))) / (total - seen);
    seen += group;
    seenPositive += groupPositive;
    seenHit += groupHit;
    // Most groups are one image, and divisions are what takes time.
    if (groupPositive > 0) apPositive += (groupPositive * seenPositive) / seen;
    if (groupHit > 0) locAp += (groupHit * seenHit) / seen;
    group = 0;
    groupPositive = 0;
    groupHit = 0;
  }
  values[0] = correct / total;
  values[1] = positives > 0 && negatives > 0 ? ordered / (positives * negatives) : Number.NaN;
  values[2] = positives > 0 ? apPositive / positives : Number.NaN;
  values[3] = negatives > 0 ? apNegative / negatives : Number.NaN;
  values[4] = located > 0 ? locAp / located : Number.NaN;
  values[5] = located > 0 ? hit / located : Number.NaN;
}
