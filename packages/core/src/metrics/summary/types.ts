import type { Box, HeatMap, Point } from '../../imaging/index.js';
import type { EvaluatedImage, MetricsOptions } from '../evaluate.js';

/** An evaluated image with the positive class's map. */
export interface MappedImage extends EvaluatedImage {
  readonly map: HeatMap;
  /** Whose image it is; an image without stands for a patient of its own. Resampling draws patients. */
  readonly patient?: string;
}

export interface SummaryOptions extends MetricsOptions {
  /** Where a detection ends, between the map's minimum (0) and maximum (1); 0.5 unless given, as in `mapRegions`. */
  readonly threshold?: number;
  /** RoDeO counts the boxes of images whose positive class is at least this probable; 0.5 unless given. */
  readonly minProbability?: number;
}

/** A connected part of the map at or above the threshold, as a detection. Pixels of the original image. */
export interface Mark {
  /** Probability of the positive class times the part's peak, 0..1 of the map's range. */
  readonly score: number;
  readonly peak: Point;
  readonly box: Box;
}

/** Heat map thresholds at which boxes and pixels are compared: 0, 0.01 .. 0.99 of the map's range. */
export const LEVELS = 100;

/** The overlaps at which boxes are matched for box AP. */
export const boxApOverlaps = [0.3, 0.5] as const;

/** Detections against the lesions of an image all of whose lesions are known: a negative image has none. */
export interface DetectionSummary {
  /** Per lesion the highest score of a mark whose peak hits it, -Infinity where none does. */
  readonly lesionScores: Float64Array;
  /** Scores of the marks whose peaks hit no lesion, highest first. */
  readonly falseScores: Float64Array;
  /** Scores of all boxes, highest first. */
  readonly boxScores: Float64Array;
  /** Per overlap of `boxApOverlaps`, which of the boxes found a lesion: 1, or 0. */
  readonly boxFound: readonly Uint8Array[];
  readonly rodeo: RodeoCounts;
}

/** An image's part in RoDeO: boxes paired and left over, and sums over the pairs. */
export interface RodeoCounts {
  readonly matched: number;
  readonly overpredicted: number;
  readonly missed: number;
  readonly localization: number;
  readonly shape: number;
}

/** How the map covers the lesions of a positive image with ground truth. */
export interface CoverageSummary {
  /** The best overlap of a mark's box with a lesion's: intersection over union, and over the mark's box. */
  readonly iou: number;
  readonly iobb: number;
  /** Per level, the best intersection over union of a box around a connected part with a lesion's box. */
  readonly levelIou: Float64Array;
  /** Pixels of the evaluation grid by level, on lesions and beside them. */
  readonly lesionPixels: Uint32Array;
  readonly otherPixels: Uint32Array;
}

/** What the metrics need of one image: about 2 KiB, whatever the size of the image and its map. */
export interface ImageSummary {
  /** Probability of the positive class. */
  readonly score: number;
  readonly positive: boolean;
  /** Whether the most probable class is the image's. */
  readonly correct: boolean;
  readonly patient: string | undefined;
  /** Whether it is positive and has ground truth. */
  readonly located: boolean;
  /** Whether it is located and the map's response lies on a lesion, within the tolerance. */
  readonly hit: boolean;
  /** Undefined where the image is positive without ground truth: where its lesions are is not known. */
  readonly detection: DetectionSummary | undefined;
  /** Of located images only. */
  readonly coverage: CoverageSummary | undefined;
}
