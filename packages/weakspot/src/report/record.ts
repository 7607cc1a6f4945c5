import {
  type ComparedMap,
  type EvaluationWarning,
  type MapChoice,
  type MapName,
  type MetricEstimate,
  type MetricEstimates,
  type MetricKey,
  type Metrics,
  comparedMaps,
  metricDescriptions,
} from '@weakspot/core';

/**
 * One evaluation as it is stored and compared: a row of the paper's Table 1. The numbers are those of `Metrics`, each
 * 0..1, with null, which JSON can hold, for what the test set cannot tell.
 */
export interface EvaluationRecord {
  /** The method's name, such as `STL+AvePool`. */
  readonly method: string;
  /** The test set's name. */
  readonly dataset: string;
  readonly images: number;
  readonly positives: number;
  readonly located: number;
  readonly acc: number;
  readonly auc: number | null;
  readonly apPositive: number | null;
  readonly apNegative: number | null;
  readonly locAp: number | null;
  readonly hitRate: number | null;
  readonly hitRateRandom: number | null;
  /** With the responses of other images. */
  readonly hitRateShuffled: number | null;
  /** With the best point that is the same in every image. */
  readonly hitRateFixed: number | null;
  readonly locApFixed: number | null;
  /** With the brightest point of each image, blurred; then with the darkest. */
  readonly hitRateBrightest: number | null;
  readonly locApBrightest: number | null;
  readonly hitRateDarkest: number | null;
  readonly locApDarkest: number | null;
  /** With the model's mean map for every image. */
  readonly hitRateMean: number | null;
  readonly locApMean: number | null;
  /** The map whose response was measured. */
  readonly map: MapChoice;
  /** Share of the evidence that comes through the other classes' maps; null where it can't be told. */
  readonly negativeShare: number | null;
  /** The hit rate of each map; null without ground truth, or where the model has but one. */
  readonly hitRates: Readonly<Record<MapName, number>> | null;
  /** What to know before the numbers are believed; none in records of earlier versions. */
  readonly warnings?: readonly EvaluationWarning[];
  /** Of a multi-label set, whose numbers are means over its classes (counts: sums): each class's record. */
  readonly classes?: readonly EvaluationRecord[];
  /** The class, in such a record. */
  readonly class?: string;
  /** How the intervals of `metrics` were made; where all metrics were asked for. */
  readonly bootstrap?: Readonly<Omit<MetricEstimates, 'metrics'>>;
  /** All metrics with their intervals, by key; where they were asked for. */
  readonly metrics?: Readonly<Record<MetricKey, RecordedEstimate>>;
}

/** A `MetricEstimate`; without the values of other maps where the metric does not look at the map. */
export interface RecordedEstimate extends Readonly<Partial<Record<ComparedMap, number | null>>> {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** Which map was measured, where the evidence lies, how much is position, and all metrics where they were estimated. */
export interface MeasuredMap {
  readonly map: MapChoice;
  readonly negativeShare?: number | undefined;
  readonly hitRates?: Readonly<Record<MapName, number>> | undefined;
  readonly position?: PointingOfPosition | undefined;
  readonly warnings?: readonly EvaluationWarning[] | undefined;
  readonly estimates?: MetricEstimates | undefined;
}

/** As the evaluation's `PositionDiagnosis` has it. */
interface PointingOfPosition {
  readonly mean: { readonly hitRate: number; readonly locAp: number };
}

/** The record of a method's metrics on a test set; with all metrics where their estimates are given. */
export function evaluationRecord(
  method: string,
  dataset: string,
  metrics: Metrics,
  { map, negativeShare, hitRates, position, warnings, estimates }: MeasuredMap = { map: 'positive' },
): EvaluationRecord {
  const { images, positives, located, acc } = metrics;
  return {
    method,
    dataset,
    images,
    positives,
    located,
    acc,
    auc: metrics.auc ?? null,
    apPositive: metrics.apPositive ?? null,
    apNegative: metrics.apNegative ?? null,
    ...pointingRecord(metrics, position?.mean),
    map,
    negativeShare: negativeShare ?? null,
    hitRates: hitRates ?? null,
    ...(warnings === undefined ? {} : { warnings }),
    ...(estimates === undefined ? {} : recordedEstimates(estimates)),
  };
}

/** Where responses lie, in a record, and what that is to be compared with. @param mean With the mean map for every image. */
export function pointingRecord(metrics: Metrics, mean: Pick<Metrics, 'hitRate' | 'locAp'> | undefined) {
  return {
    locAp: metrics.locAp ?? null,
    hitRate: metrics.hitRate ?? null,
    hitRateRandom: metrics.hitRateRandom ?? null,
    hitRateShuffled: metrics.hitRateShuffled ?? null,
    hitRateFixed: metrics.hitRateFixed ?? null,
    locApFixed: metrics.locApFixed ?? null,
    hitRateBrightest: metrics.hitRateBrightest ?? null,
    locApBrightest: metrics.locApBrightest ?? null,
    hitRateDarkest: metrics.hitRateDarkest ?? null,
    locApDarkest: metrics.locApDarkest ?? null,
    hitRateMean: mean?.hitRate ?? null,
    locApMean: mean?.locAp ?? null,
  };
}

function recordedEstimates({
  metrics,
  ...bootstrap
}: MetricEstimates): Required<Pick<EvaluationRecord, 'bootstrap' | 'metrics'>> {
  const recorded = metricDescriptions.map(({ key, localizes }): [MetricKey, RecordedEstimate] => {
    const { value, low, high, ...others }: MetricEstimate = metrics[key];
    const interval = { value: value ?? null, low: low ?? null, high: high ?? null };
    if (!localizes) return [key, interval];
    return [key, { ...interval, ...Object.fromEntries(comparedMaps.map((map) => [map, others[map] ?? null])) }];
  });
  return { bootstrap, metrics: Object.fromEntries(recorded) as Record<MetricKey, RecordedEstimate> };
}
