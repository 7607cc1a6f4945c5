import {
  type AucCovariance,
  type BoxMetrics,
  type PairedModels,
  Random,
  type ResampledMetrics,
  WeakspotError,
  boxMetrics,
  comparedMetrics,
  delong,
  mean,
  pairedBootstrap,
  weightedMetrics,
} from '@weakspot/core';
import { baselineColumns } from '../report/columns.js';
import { type EvaluationFile, boxedImages, evaluatedImages, metricsOptions } from './evaluation-file.js';

/** What hit rates must be compared with. */
export const hitRateBaselines = baselineColumns.map(({ key }) => key);

/** Runs that were tested on the same images: of each method as many, method by method. */
export interface TestedTogether {
  readonly runs: readonly EvaluationFile[];
  /** Runs of each method. */
  readonly replicates: number;
}

/** What one set of images says of all runs tested on it. */
export interface Measured {
  readonly replicates: number;
  readonly images: number;
  readonly positives: number;
  readonly located: number;
  /** Different ones; undefined where none is known. */
  readonly patients: number | undefined;
  /** Box AP and accuracies by run; undefined where it did not keep its boxes. */
  readonly boxes: readonly (BoxMetrics | undefined)[];
  /** What hit rates must be compared with, and the map that was measured, by run. */
  readonly baselines: readonly Pick<EvaluationFile['record'], 'map' | (typeof hitRateBaselines)[number]>[];
  /** `values[run][metric]`, NaN where the images lack what a metric needs. */
  readonly values: readonly Float64Array[];
  readonly resampled: ResampledMetrics;
  /** Undefined where a class has fewer than two patients. */
  readonly aucs: AucCovariance | undefined;
}

export interface MeasureOptions {
  readonly seed: number;
  /** Number of this set of images: different ones are drawn independently. */
  readonly number: number;
  readonly resamples: number;
}

/**
 * Measures runs on the images that they were tested on, and on draws of them. Yields how many draws are done.
 * @throws WeakspotError `data` where runs were tested on different images.
 */
export function* measure(
  { runs, replicates }: TestedTogether,
  { seed, number, resamples }: MeasureOptions,
): Generator<number, Measured> {
  const first = checkSameImages(runs);
  const groups = first.images.map(({ patient }) => patient ?? undefined);
  const models = runs.map((run) => weightedMetrics(evaluatedImages(run), metricsOptions(run)));
  const once = new Float64Array(first.images.length).fill(1);
  const values = models.map((model) => {
    const found = new Float64Array(comparedMetrics.length);
    model(once, found);
    return found;
  });
  const paired: PairedModels = { models, groups };
  const resampled = yield* pairedBootstrap(paired, { random: new Random(seed, 'bootstrap', number), resamples });
  const scores = runs.map((run) => run.images.map(({ probabilities }) => probabilities[run.positive] ?? Number.NaN));
  const positive = first.images.map(({ label }) => label === first.positive);
  const known = groups.filter((group) => group !== undefined);
  const { images, positives, located } = first.record;
  return {
    replicates,
    images,
    positives,
    located,
    patients: known.length === 0 ? undefined : new Set(known).size,
    boxes: runs.map((run) => {
      const boxed = boxedImages(run);
      return boxed === undefined ? undefined : boxMetrics(boxed);
    }),
    baselines: runs.map(({ record }) => record),
    values,
    resampled,
    aucs: delong(scores, positive, groups),
  };
}

function checkSameImages(runs: readonly EvaluationFile[]): EvaluationFile {
  const [first] = runs;
  if (first === undefined) throw new WeakspotError('usage', 'There are no runs to compare.');
  const identity = ({ images, positive }: EvaluationFile): string =>
    JSON.stringify([positive, images.map(({ name, label, regions }) => [name, label, regions])]);
  const expected = identity(first);
  const other = runs.find((run) => identity(run) !== expected);
  if (other === undefined) return first;
  throw new WeakspotError('data', `The runs were tested on different images of ${first.dataset}.`, {
    hint: 'Images were added, removed or became unreadable in the meantime: remove the folders "evaluations" in the runs, then run the command again.',
  });
}

/** A method's metric by run, over all sets of images: its runs on each, in turn. */
export function valuesOf(parts: readonly Measured[], method: number, metric: number): number[] {
  return parts.flatMap(({ values, replicates }) =>
    runsOf(method, replicates).map((run) => values[run]?.[metric] ?? Number.NaN),
  );
}

/** A method's metric in each draw of the images: the mean over its runs. */
export function drawsOf(parts: readonly Measured[], method: number, metric: number): Float64Array {
  const series = parts.flatMap(({ resampled, replicates }) =>
    runsOf(method, replicates).map((run) => resampled[run]?.[metric] ?? new Float64Array()),
  );
  return Float64Array.from({ length: series[0]?.length ?? 0 }, (_, draw) =>
    mean(series.map((of) => of[draw] as number)),
  );
}

/** The numbers of a method's runs. */
export function runsOf(method: number, replicates: number): number[] {
  return Array.from({ length: replicates }, (_, i) => method * replicates + i);
}
