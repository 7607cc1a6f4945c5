import {
  type MapChoice,
  type MapName,
  type MetricEstimate,
  type MetricEstimates,
  type MetricKey,
  type Metrics,
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
  /** With the model's mean map for every image. */
  readonly hitRateMean: number | null;
  readonly locApMean: number | null;
  /** The map whose response was measured. */
  readonly map: MapChoice;
  /** Share of the evidence that comes through the other classes' maps; null where it can't be told. */
  readonly negativeShare: number | null;
  /** The hit rate of each map; null without ground truth, or where the model has but one. */
  readonly hitRates: Readonly<Record<MapName, number>> | null;
  /** Of a multi-label set, whose numbers are means over its classes (counts: sums): each class's record. */
  readonly classes?: readonly EvaluationRecord[];
  /** The class, in such a record. */
  readonly class?: string;
  /** How the intervals of `metrics` were made; where all metrics were asked for. */
  readonly bootstrap?: Readonly<Omit<MetricEstimates, 'metrics'>>;
  /** All metrics with their intervals, by key; where they were asked for. */
  readonly metrics?: Readonly<Record<MetricKey, RecordedEstimate>>;
}

/** A `MetricEstimate`; without `random`, `centred` and `mean` where the metric does not look at the map. */
export interface RecordedEstimate {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly random?: number | null;
  readonly centred?: number | null;
  readonly mean?: number | null;
}

/** Which map was measured, where the evidence lies, how much is position, and all metrics where they were estimated. */
export interface MeasuredMap {
  readonly map: MapChoice;
  readonly negativeShare?: number | undefined;
  readonly hitRates?: Readonly<Record<MapName, number>> | undefined;
  readonly position?: PointingOfPosition | undefined;
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
  { map, negativeShare, hitRates, position, estimates }: MeasuredMap = { map: 'positive' },
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
    locAp: metrics.locAp ?? null,
    hitRate: metrics.hitRate ?? null,
    hitRateRandom: metrics.hitRateRandom ?? null,
    hitRateShuffled: metrics.hitRateShuffled ?? null,
    hitRateFixed: metrics.hitRateFixed ?? null,
    locApFixed: metrics.locApFixed ?? null,
    hitRateMean: position?.mean.hitRate ?? null,
    locApMean: position?.mean.locAp ?? null,
    map,
    negativeShare: negativeShare ?? null,
    hitRates: hitRates ?? null,
    ...(estimates === undefined ? {} : recordedEstimates(estimates)),
  };
}

function recordedEstimates({
  metrics,
  ...bootstrap
}: MetricEstimates): Required<Pick<EvaluationRecord, 'bootstrap' | 'metrics'>> {
  const recorded = metricDescriptions.map(({ key, localizes }): [MetricKey, RecordedEstimate] => {
    const { value, low, high, random, centred, mean }: MetricEstimate = metrics[key];
    const interval = { value: value ?? null, low: low ?? null, high: high ?? null };
    return [
      key,
      localizes ? { ...interval, random: random ?? null, centred: centred ?? null, mean: mean ?? null } : interval,
    ];
  });
  return { bootstrap, metrics: Object.fromEntries(recorded) as Record<MetricKey, RecordedEstimate> };
}
