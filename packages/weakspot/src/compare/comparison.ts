import type { BoxMetricKey, ComparedMetric, EvaluationWarning, MapChoice } from '@weakspot/core';

/** A metric of a method on a test set: the mean over its runs, and how sure it is. */
export interface ComparedScore {
  readonly mean: number;
  /** Sample standard deviation over the runs; null with one. */
  readonly deviation: number | null;
  /** Confidence interval of the mean over draws of the test images, for the models as they are; null where none can be drawn. */
  readonly low: number | null;
  readonly high: number | null;
  /** Standard deviation of the mean over these draws; null with fewer than two. Not in comparisons of earlier versions. */
  readonly standardError?: number | null;
  /** By run, in the order of the seeds or folds. */
  readonly values: readonly number[];
}

/** The box metrics that tables show: of the PASCAL VOC challenge, and NIH's at an overlap with the drawn box. */
export const comparedBoxMetrics = [
  'boxAp30',
  'iobbAccuracy10',
  'iobbAccuracy25',
  'iobbAccuracy50',
] as const satisfies readonly BoxMetricKey[];
export type ComparedBoxMetric = (typeof comparedBoxMetrics)[number];

/** A method on a test set. */
export interface ComparedMethod {
  readonly test: string;
  readonly method: string;
  /** The map whose response was measured. */
  readonly map: MapChoice;
  /** The hit rate to expect of random points, mean over the runs. */
  readonly hitRateRandom: number | null;
  /** That of the responses of other images, mean over the runs, as all that follow. */
  readonly hitRateShuffled: number | null;
  /** That of a run's mean map, given for every image. */
  readonly hitRateMean: number | null;
  /** That of the best point that is the same in every image, chosen by the ground truth. */
  readonly hitRateFixed: number | null;
  /** That of the brightest point of each image, blurred; then of the darkest. */
  readonly hitRateBrightest: number | null;
  readonly hitRateDarkest: number | null;
  /** Means over the runs; null where a run's images lack what a metric needs. Not in comparisons of earlier versions. */
  readonly boxes?: Readonly<Record<ComparedBoxMetric, number | null>>;
  /** Null where the test set lacks what a metric needs. */
  readonly scores: Readonly<Record<ComparedMetric, ComparedScore | null>>;
}

/** An interval of a difference and the p-value of there being none. */
export interface Evidence {
  readonly low: number;
  readonly high: number;
  readonly p: number;
  /** Adjusted for the number of pairs of methods (Holm). */
  readonly pAdjusted: number;
}

/** The same of a bootstrap. */
export interface BootstrapEvidence extends Evidence {
  /** Standard deviation of the difference over the draws; null with fewer than two. Not in comparisons of earlier versions. */
  readonly standardError?: number | null;
}

/** The same of a t-test or z-test. */
export interface TestEvidence extends Evidence {
  readonly standardError: number;
  /** Degrees of freedom; null: the normal distribution. */
  readonly freedom: number | null;
}

/** By how much one method's metric exceeds another's on a test set, and whether that is more than chance. */
export interface ComparedDifference {
  readonly test: string;
  readonly metric: ComparedMetric;
  /** `difference` is the mean of `method` less that of `baseline`. */
  readonly method: string;
  readonly baseline: string;
  readonly difference: number;
  /** By run, in the order of the seeds or folds. */
  readonly values: readonly number[];
  /** Over draws of the test images, for the models as they are: paired bootstrap. Null where no draw has the metric. */
  readonly bootstrap: BootstrapEvidence | null;
  /** The same of the AUC by DeLong's covariance; null for other metrics. */
  readonly delong: TestEvidence | null;
  /**
   * Over test images and trainings both; null with one run of each method. `obuchowski-rockette`: runs on the same images;
   * `nadeau-bengio`: runs on different folds.
   */
  readonly training: (TestEvidence & { readonly kind: 'obuchowski-rockette' | 'nadeau-bengio' }) | null;
  /**
   * What the difference holds over, at the comparison's level, adjusted for the number of pairs: nothing; other test
   * images, with these models; other test images and other trainings.
   */
  readonly holds: 'nowhere' | 'images' | 'images and trainings';
}

/** A test set of a comparison. */
export interface ComparedTest {
  readonly name: string;
  /** Null: the part for testing of the data that is trained on. */
  readonly path: string | null;
  readonly images: number;
  readonly positives: number;
  /** Positive images with ground truth. */
  readonly located: number;
  /** Groups that are drawn as wholes; null where no patient is known. */
  readonly patients: number | null;
}

/** A run of a comparison. Paths are relative to the comparison's folder. */
export interface ComparedRun {
  readonly method: string;
  readonly seed: number;
  readonly fold: number | null;
  readonly folder: string;
  /** Path by test set. */
  readonly evaluations: Readonly<Record<string, string>>;
}

/** What to know of a run's numbers on a test set before they are believed. */
export interface ComparedWarning extends Pick<ComparedRun, 'method' | 'seed' | 'fold'> {
  readonly test: string;
  readonly warning: EvaluationWarning;
}

/** The result of a comparison: `comparison.json`. */
export interface Comparison {
  /** In format 1 maps lay stretched over the images: its localization metrics were measured otherwise. */
  readonly format: 2;
  readonly weakspot: string;
  readonly dataset: string;
  readonly classes: readonly string[];
  readonly positive: string;
  readonly methods: readonly string[];
  readonly seeds: readonly number[];
  readonly folds: number | null;
  readonly checkpoint: 'last' | 'best';
  readonly resamples: number;
  readonly level: number;
  readonly tests: readonly ComparedTest[];
  readonly runs: readonly ComparedRun[];
  readonly table: readonly ComparedMethod[];
  readonly differences: readonly ComparedDifference[];
  /** Both once more with a tolerance of 0: the response must lie in the region itself. Not in comparisons of earlier versions. */
  readonly inRegion?: {
    readonly table: readonly ComparedMethod[];
    readonly differences: readonly ComparedDifference[];
  };
  /** By run and test set; not in comparisons of earlier versions. */
  readonly warnings?: readonly ComparedWarning[];
}
