import { WeakspotError } from '../errors.js';
import {
  type BootstrapOptions,
  type Interval,
  checkBootstrap,
  percentileInterval,
  resampleWeights,
} from './bootstrap.js';
import { type MetricKey, metricDescriptions } from './families/index.js';
import { type PreparedMetrics, prepareMetrics } from './measure.js';
import type { ImageSummary } from './summary/index.js';

/** Undefined where no resample has the metric. */
export type MetricIntervals = Readonly<Record<MetricKey, Interval | undefined>>;

/** `done` counts the resamples so far, of `total`. */
export type BootstrapEvent =
  | { readonly type: 'progress'; readonly done: number; readonly total: number }
  | { readonly type: 'done'; readonly intervals: MetricIntervals };

export interface BootstrapMetricsOptions extends BootstrapOptions {
  /** Such as an AbortSignal. It is looked at between resamples; only a caller that waits between events lets it fire. */
  readonly signal?: { readonly aborted: boolean };
}

/** A progress event comes after so many resamples: at 10,000 images some tens of milliseconds. */
const PROGRESS_EVERY = 20;

/**
 * Percentile bootstrap intervals of every metric (Efron 1979), patients being drawn with replacement, all images of a
 * patient with him (the cluster bootstrap: Field & Welsh 2007): images of one patient are alike, and drawn one by one
 * would make the intervals too narrow. A metric's interval leaves out the resamples that lack a class or ground truth.
 *
 * It shows the uncertainty of the test set, not that of the training seed.
 *
 * @throws WeakspotError `usage` where there are no images or an option is out of range; `aborted`.
 */
export function* bootstrapMetrics(
  images: readonly ImageSummary[] | PreparedMetrics,
  options: BootstrapMetricsOptions,
): Generator<BootstrapEvent> {
  const { resamples, level } = checkBootstrap('bootstrapMetrics', options);
  const prepared = 'measure' in images ? images : prepareMetrics(images);
  const values = metricDescriptions.map(() => new Float64Array(resamples));
  const counts = metricDescriptions.map(() => 0);
  let done = 0;
  for (const weights of resampleWeights(prepared.patients, options)) {
    if (options.signal?.aborted === true) throw new WeakspotError('aborted', 'Stopped before it was done.');
    prepared.measure(weights).forEach((value, metric) => {
      if (Number.isNaN(value)) return;
      const count = counts[metric] as number;
      (values[metric] as Float64Array)[count] = value;
      counts[metric] = count + 1;
    });
    if (++done % PROGRESS_EVERY === 0 || done === resamples) yield { type: 'progress', done, total: resamples };
  }
  const intervals = metricDescriptions.map(({ key }, metric) => [
    key,
    percentileInterval((values[metric] as Float64Array).subarray(0, counts[metric]), level),
  ]);
  yield { type: 'done', intervals: Object.fromEntries(intervals) as MetricIntervals };
}
