import { type BootstrapMetricsOptions, bootstrapMetrics } from './bootstrap-metrics.js';
import { checkBootstrap } from './bootstrap.js';
import { type MetricKey, metricDescriptions } from './families/index.js';
import { prepareMetrics } from './measure.js';
import type { EstimatedSummaries } from './summary/index.js';

/** A metric with its interval and, where it measures localization, its values for maps that have not seen the image. */
export interface MetricEstimate {
  /** Undefined where the images lack what the metric needs, like all that follows. */
  readonly value: number | undefined;
  readonly low: number | undefined;
  readonly high: number | undefined;
  /** With a map of noise for each image's (`randomMap`); on few images it scatters as much as the value does. */
  readonly random: number | undefined;
  /** With a map that points to the middle of the image (`centredMap`). */
  readonly centred: number | undefined;
  /** With the model's mean map for every image. */
  readonly mean: number | undefined;
  /** With the blurred image itself in place of its map, and with that turned dark for bright (`brightnessMap`). */
  readonly brightest: number | undefined;
  readonly darkest: number | undefined;
}

/** The maps that each metric is also measured with. */
export const comparedMaps = ['random', 'centred', 'mean', 'brightest', 'darkest'] as const satisfies readonly Exclude<
  keyof EstimatedSummaries,
  'model'
>[];
export type ComparedMap = (typeof comparedMaps)[number];

export interface MetricEstimates {
  readonly metrics: Readonly<Record<MetricKey, MetricEstimate>>;
  /** How many patients were drawn from; an image without a patient is one of its own. */
  readonly patients: number;
  readonly seed: number;
  readonly resamples: number;
  /** The intervals' coverage. */
  readonly level: number;
}

/** `done` counts the resamples so far, of `total`. */
export type EstimateEvent =
  | { readonly type: 'progress'; readonly done: number; readonly total: number }
  | { readonly type: 'done'; readonly estimates: MetricEstimates };

/**
 * Every metric of a test set with its bootstrap interval by patient, and beside it what a random and a centred map, the model's
 * mean map and the images' own brightness get with the same probabilities: a localization metric says something only as far as it is above those.
 *
 * @throws WeakspotError as `bootstrapMetrics`.
 */
export function* estimateMetrics(
  images: readonly EstimatedSummaries[],
  options: BootstrapMetricsOptions,
): Generator<EstimateEvent> {
  const { seed, resamples, level } = checkBootstrap('estimateMetrics', options);
  const model = prepareMetrics(images.map((image) => image.model));
  const values = model.measure();
  const others = comparedMaps.map(
    (name) => [name, prepareMetrics(images.map((image) => image[name])).measure()] as const,
  );
  for (const event of bootstrapMetrics(model, options)) {
    if (event.type === 'progress') {
      yield event;
      continue;
    }
    const metrics = metricDescriptions.map(({ key, localizes }, i): [MetricKey, MetricEstimate] => [
      key,
      {
        value: definedAt(values, i),
        low: event.intervals[key]?.low,
        high: event.intervals[key]?.high,
        ...(Object.fromEntries(
          others.map(([name, found]) => [name, localizes ? definedAt(found, i) : undefined]),
        ) as Record<ComparedMap, number | undefined>),
      },
    ]);
    const byKey = Object.fromEntries(metrics) as Record<MetricKey, MetricEstimate>;
    yield { type: 'done', estimates: { metrics: byKey, patients: model.patients, seed, resamples, level } };
  }
}

function definedAt(values: Float64Array, index: number): number | undefined {
  const value = values[index];
  return Number.isNaN(value) ? undefined : value;
}
