import type { Point, Region } from '../imaging/index.js';
import { regionContains, regionsShare } from '../imaging/index.js';
import { averagePrecision } from './ranking.js';

/**
 * Half-widths by which ground-truth regions grow on every side: the paper allows for half the network's stride, since a
 * map's cell stands for a stride's width of pixels.
 */
export interface Tolerance {
  readonly x: number;
  readonly y: number;
}

/**
 * An image as localization sees it: how high it ranks, what it is, and where the model points. Points, regions, sizes
 * and the tolerance are in pixels of the original image.
 */
export interface LocalizedImage {
  /** The probability of the positive class. */
  readonly score: number;
  readonly positive: boolean;
  readonly response: Point;
  readonly width: number;
  readonly height: number;
  /** Ground truth; empty where there is none. */
  readonly regions: readonly Region[];
  readonly tolerance: Tolerance;
}

/** Whether the point lies in one of the regions grown by the tolerance, see `regionContains`. */
export function isHit(point: Point, regions: readonly Region[], toleranceX: number, toleranceY: number): boolean {
  return regions.some((region) => regionContains(region, point.x, point.y, toleranceX, toleranceY));
}

/**
 * Localization average precision of the positive class (Hwang & Kim 2016, section 3): images are ranked by score; one
 * is a true positive if it is positive and its response hits, every other one is a false positive. Recall counts the
 * positive images that have ground truth; a positive image without any cannot be a true positive.
 *
 * @returns 0..1, or undefined where no positive image has ground truth. At most the AP of classification, where all
 * positive images have ground truth.
 */
export function localizationAp(images: readonly LocalizedImage[]): number | undefined {
  const scores = images.map((image) => image.score);
  const found = images.map((image) => image.positive && hits(image));
  return averagePrecision(scores, found, images.filter(isLocated).length);
}

/**
 * The pointing game (Zhang et al., ECCV 2016): the fraction of positive images with ground truth whose response hits.
 *
 * @returns 0..1, or undefined where no positive image has ground truth.
 */
export function hitRate(images: readonly LocalizedImage[]): number | undefined {
  return mean(images.filter(isLocated).map((image) => (hits(image) ? 1 : 0)));
}

/**
 * The hit rate of points drawn uniformly over each image, in expectation: the mean share of the image that the grown
 * regions cover together. What a hit rate must be compared with.
 *
 * @returns 0..1, or undefined where no positive image has ground truth.
 */
export function randomHitRate(images: readonly LocalizedImage[]): number | undefined {
  const shares = images
    .filter(isLocated)
    .map(({ regions, tolerance, width, height }) => regionsShare(regions, width, height, tolerance.x, tolerance.y));
  return mean(shares);
}

/** Whether the image counts for localization: positive, and with ground truth. */
export function isLocated(image: Pick<LocalizedImage, 'positive' | 'regions'>): boolean {
  return image.positive && image.regions.length > 0;
}

/** Whether the image's response lies in its ground truth, grown by its tolerance. */
export function hits(image: LocalizedImage): boolean {
  return isHit(image.response, image.regions, image.tolerance.x, image.tolerance.y);
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}
