import type { Box, Region } from '../imaging/index.js';
import { regionBounds } from '../imaging/index.js';
import { boxAccuracy } from './families/box-accuracy.js';
import { boxAp } from './families/box-ap.js';
import { findGreedily } from './summary/detection.js';
import { bestOverlaps, withArea } from './summary/marks.js';
import { boxApOverlaps } from './summary/types.js';

/** A box that a model draws, in pixels of the original image, with its score. */
export interface ScoredBox extends Box {
  readonly score: number;
}

/** An image with the boxes that a model draws in it, and the truth; all in pixels of the original image. */
export interface BoxedImage {
  readonly positive: boolean;
  /** Ground truth; of a positive image without any, it is not known where its lesions are. */
  readonly regions: readonly Region[];
  /** Highest score first. */
  readonly boxes: readonly ScoredBox[];
}

type KeyOf<Family extends { readonly titles: object }> = keyof Family['titles'] & string;
export type BoxMetricKey = KeyOf<typeof boxAccuracy> | KeyOf<typeof boxAp>;
/** Each 0..1; undefined where the images lack what it needs. */
export type BoxMetrics = Readonly<Record<BoxMetricKey, number | undefined>>;

/**
 * The metrics that look at boxes alone, as `computeAllMetrics` has them, from the boxes that `marksOf` gives: accuracy at an
 * overlap (Wang et al., CVPR 2017) and box AP (PASCAL VOC). They know no tolerance.
 */
export function boxMetrics(images: readonly BoxedImage[]): BoxMetrics {
  const summaries = images.map(({ positive, regions, boxes }) => {
    const truth = positive ? withArea(regions).map(regionBounds) : [];
    const located = truth.length > 0;
    return {
      located,
      coverage: located ? bestOverlaps(boxes, truth) : undefined,
      detection:
        positive && !located
          ? undefined
          : {
              // Box AP asks only how many lesions there are.
              lesionScores: new Float64Array(truth.length),
              boxScores: Float64Array.from(boxes, ({ score }) => score),
              boxFound: boxApOverlaps.map((overlap) => findGreedily(boxes, truth, overlap)),
            },
    };
  });
  const once = new Float64Array(images.length).fill(1);
  const found = { ...boxAccuracy.prepare(summaries)(once), ...boxAp.prepare(summaries)(once) };
  return Object.fromEntries(
    Object.entries(found).map(([key, value]) => [key, Number.isNaN(value) ? undefined : value]),
  ) as BoxMetrics;
}
