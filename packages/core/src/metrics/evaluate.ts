import { WeakspotError } from '../errors.js';
import type { Box, Point, Region } from '../imaging/index.js';
import type { LocalizedImage, Tolerance } from './localization.js';
import { hitRate, isLocated, localizationAp, randomHitRate } from './localization.js';
import { mostProbable, toLocalized } from './localized.js';
import { type ShuffledPointing, fixedPosition, shuffledPointing } from './position.js';
import { accuracy, averagePrecision, rocAuc } from './ranking.js';

/** What a model said about one test image, with the truth. */
export interface EvaluatedImage {
  /** The true class. */
  readonly label: number;
  /** One probability per class. */
  readonly probabilities: readonly number[];
  /** Response of the positive class's map, in pixels of the original image. */
  readonly response: Point;
  /** Size of the original image. */
  readonly width: number;
  readonly height: number;
  /** Ground truth in pixels of the original image; empty where there is none. */
  readonly regions: readonly Region[];
  /** The box that the network's input covered, in pixels of the original image; the whole image unless given. */
  readonly placement?: Box;
  /**
   * Where the blurred image itself is brightest, and where darkest, in pixels of the original image (`brightnessMap`): what a
   * response would be that knows nothing but brightness.
   */
  readonly brightest?: Point;
  readonly darkest?: Point;
}

export interface MetricsOptions {
  /** Index of the positive class. */
  readonly positive: number;
  /** How far beyond a region a response still hits, in pixels of the network's input: half its stride in the paper. */
  readonly tolerance: Tolerance;
  /** Size of the network's input. */
  readonly inputWidth: number;
  readonly inputHeight: number;
}

/** The paper's metrics of one test set, each 0..1; undefined where the set lacks what it needs. */
export interface Metrics {
  readonly images: number;
  /** Images of the positive class. */
  readonly positives: number;
  /** Positive images with ground truth. */
  readonly located: number;
  /** Fraction of images whose most probable class is theirs. */
  readonly acc: number;
  /** Positive class against all others, by the probability of the positive class. */
  readonly auc: number | undefined;
  /** Average precision of finding the positive images. */
  readonly apPositive: number | undefined;
  /** Average precision of finding all others, by one minus the probability of the positive class. */
  readonly apNegative: number | undefined;
  /** Localization average precision of the positive class. */
  readonly locAp: number | undefined;
  /** Fraction of located positive images whose response hits. */
  readonly hitRate: number | undefined;
  /** The hit rate to expect of random points. */
  readonly hitRateRandom: number | undefined;
  /** The hit rate to expect of the responses of other images, see `shuffledPointing`. */
  readonly hitRateShuffled: number | undefined;
  /** The hit rate of the best point that is the same in every image, see `fixedPosition`. */
  readonly hitRateFixed: number | undefined;
  /** Localization average precision with that point as every image's response. */
  readonly locApFixed: number | undefined;
  /** The hit rate of every image's own brightest point; undefined where one of a located image is not given. */
  readonly hitRateBrightest: number | undefined;
  /** Localization average precision with that point as every image's response. */
  readonly locApBrightest: number | undefined;
  /** The same of every image's own darkest point. */
  readonly hitRateDarkest: number | undefined;
  readonly locApDarkest: number | undefined;
}

/**
 * The metrics of Hwang & Kim 2016 (Table 1) and the hit rate, over a test set.
 *
 * The tolerance is scaled along each axis from the network's input to the part of each original image that it covers.
 *
 * @throws WeakspotError `usage` where there are no images, or an image has no probability for the positive class or
 * one that is NaN.
 */
export function computeMetrics(images: readonly EvaluatedImage[], options: MetricsOptions): Metrics {
  if (images.length === 0) {
    throw new WeakspotError('usage', 'computeMetrics: there are no images', { hint: 'Evaluate at least one image.' });
  }
  const localized = images.map((image, i) => toLocalized(`computeMetrics: image ${i}`, image, options));
  const scores = localized.map((image) => image.score);
  const positive = localized.map((image) => image.positive);
  const fixed = fixedPosition(localized);
  const brightest = withPoints(localized, (i) => images[i]?.brightest);
  const darkest = withPoints(localized, (i) => images[i]?.darkest);
  return {
    images: images.length,
    positives: positive.filter(Boolean).length,
    located: localized.filter(isLocated).length,
    acc: accuracy(
      images.map((image) => mostProbable(image.probabilities)),
      images.map((image) => image.label),
    ),
    auc: rocAuc(scores, positive),
    apPositive: averagePrecision(scores, positive),
    // -p ranks as 1 - p does, without rounding small probabilities into ties.
    apNegative: averagePrecision(
      scores.map((score) => -score),
      positive.map((is) => !is),
    ),
    locAp: localizationAp(localized),
    hitRate: hitRate(localized),
    hitRateRandom: randomHitRate(localized),
    hitRateShuffled: shuffledPointing(localized)?.hitRate,
    hitRateFixed: fixed?.hitRate,
    locApFixed: fixed === undefined ? undefined : localizationAp(localized.map((image) => pointTo(image, fixed))),
    hitRateBrightest: brightest === undefined ? undefined : hitRate(brightest),
    locApBrightest: brightest === undefined ? undefined : localizationAp(brightest),
    hitRateDarkest: darkest === undefined ? undefined : hitRate(darkest),
    locApDarkest: darkest === undefined ? undefined : localizationAp(darkest),
  };
}

/** The hit rate and localization AP of a test set, and what its responses know of the single image. */
export interface PointingMetrics extends Pick<Metrics, 'hitRate' | 'locAp'> {
  readonly shuffled: ShuffledPointing | undefined;
}

/** Of `computeMetrics` what looks at the responses, with all of `shuffledPointing`. @throws as `computeMetrics`. */
export function computePointing(images: readonly EvaluatedImage[], options: MetricsOptions): PointingMetrics {
  const localized = images.map((image, i) => toLocalized(`computePointing: image ${i}`, image, options));
  return {
    hitRate: hitRate(localized),
    locAp: localizationAp(localized),
    shuffled: shuffledPointing(localized),
  };
}

/** The images with other responses; undefined where one of a located image is not known. Those of others never count. */
function withPoints(
  images: readonly LocalizedImage[],
  pointOf: (index: number) => Point | undefined,
): LocalizedImage[] | undefined {
  const pointed = images.map((image, i) => ({ image, point: pointOf(i) }));
  if (pointed.some(({ image, point }) => point === undefined && isLocated(image))) return undefined;
  return pointed.map(({ image, point }) => (point === undefined ? image : { ...image, response: point }));
}

/** The image with a response at these shares of its width and height. */
function pointTo(image: LocalizedImage, { x, y }: Point): LocalizedImage {
  return { ...image, response: { x: x * image.width, y: y * image.height } };
}
