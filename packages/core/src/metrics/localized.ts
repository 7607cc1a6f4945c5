import { WeakspotError } from '../errors.js';
import { wholeImage } from '../imaging/index.js';
import type { EvaluatedImage, MetricsOptions } from './evaluate.js';
import type { LocalizedImage } from './localization.js';

/**
 * An evaluated image as localization sees it, with the tolerance scaled along each axis from the network's input to the
 * part of the original image that it covers.
 *
 * @param where The function and image that an error names.
 * @throws WeakspotError `usage` where the image has no probability for the positive class, or one that is NaN.
 */
export function toLocalized(where: string, image: EvaluatedImage, options: MetricsOptions): LocalizedImage {
  const { positive, tolerance, inputWidth, inputHeight } = options;
  const score = image.probabilities[positive];
  if (score === undefined || image.probabilities.some(Number.isNaN)) {
    throw new WeakspotError('usage', `${where} has probabilities [${image.probabilities.join(', ')}]`, {
      hint: `Give one number per class; the positive class is number ${positive}, counted from 0.`,
    });
  }
  const { response, width, height, regions, placement = wholeImage(width, height) } = image;
  const [across, down] = [placement.x1 - placement.x0, placement.y1 - placement.y0];
  return {
    score,
    positive: image.label === positive,
    response,
    width,
    height,
    regions,
    tolerance: { x: (tolerance.x * across) / inputWidth, y: (tolerance.y * down) / inputHeight },
  };
}

/** The first class of the highest probability. */
export function mostProbable(probabilities: readonly number[]): number {
  return probabilities.indexOf(Math.max(...probabilities));
}
