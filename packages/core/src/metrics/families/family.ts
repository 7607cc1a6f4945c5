import type { ImageSummary } from '../summary/types.js';

/**
 * Metrics that are computed together from the summaries of images.
 *
 * `prepare` sorts and packs once what they need; the function it returns then computes them in time linear in the
 * number of images for any weights, image i counting `weights[i]` times. Equal images may be given once with their
 * number as the weight: that is what makes resampling cheap. A metric that the images cannot tell, because a class or
 * ground truth is missing, is NaN. `Image` is what of a summary they look at.
 */
export interface MetricFamily<Key extends string, Image = ImageSummary> {
  /** Names for tables, by the metric's key, in their order. */
  readonly titles: Readonly<Record<Key, string>>;
  /** Whether the metrics look at the map, and so are to be compared with those of a random and of a centred one. */
  readonly localizes: boolean;
  readonly prepare: (images: readonly Image[]) => (weights: Float64Array) => Readonly<Record<Key, number>>;
}

/** Items by descending score, and where those of one score end. */
export interface Ranking {
  /** Indices of the items. */
  readonly order: Int32Array;
  /** 1 at the last place of each distinct score. */
  readonly ends: Uint8Array;
}

export function rankDescending(scores: ArrayLike<number>): Ranking {
  const order = Int32Array.from({ length: scores.length }, (_, i) => i).toSorted(
    // Infinite scores are equal, although their difference is not 0.
    (a, b) => (scores[a] === scores[b] ? a - b : (scores[b] as number) - (scores[a] as number)),
  );
  const ends = Uint8Array.from(order, (item, i) => (scores[item] === scores[order[i + 1] ?? -1] ? 0 : 1));
  return { order, ends };
}

/** The sum of the weights at these places. */
export function sumAt(weights: Float64Array, places: Int32Array): number {
  let sum = 0;
  for (let i = 0; i < places.length; i++) sum += weights[places[i] as number] as number;
  return sum;
}

/** Indices of the images for which `holds`. */
export function placesOf<Image>(images: readonly Image[], holds: (image: Image) => boolean): Int32Array {
  return Int32Array.from(images.flatMap((image, i) => (holds(image) ? [i] : [])));
}
