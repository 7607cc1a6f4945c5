import { type EvaluatedImage, type Metrics, type MetricsOptions, computeMetrics, responsePoint } from '@weakspot/core';
import type { Sample } from '../data/dataset.js';
import type { ModelInfo } from '../run/model-file.js';
import type { Prediction } from './model.js';
import { type PositionDiagnosis, PositionGatherer } from './position.js';

/** The metrics of one class of a multi-label set: its images against all others. */
export interface ClassMetrics {
  readonly name: string;
  readonly metrics: Metrics;
  readonly position: PositionDiagnosis | undefined;
}

/**
 * One class of a multi-label image as a set of two classes has it, the class itself being the second: label,
 * probabilities, and the regions that are marked as of the class or not said to be of any.
 */
export function asBinary(
  { labels = [], regions, regionLabels = [] }: Sample,
  probabilities: readonly number[],
  index: number,
): Pick<EvaluatedImage, 'label' | 'probabilities' | 'regions'> {
  const probability = probabilities[index] ?? Number.NaN;
  return {
    label: labels.includes(index) ? 1 : 0,
    probabilities: [1 - probability, probability],
    regions: regions.filter((_, i) => (regionLabels[i] ?? index) === index),
  };
}

/** Gathers the images of a multi-label set once per class, without keeping maps. */
export class ClassGatherer {
  readonly #info: ModelInfo;
  readonly #images: EvaluatedImage[][];
  readonly #positions: PositionGatherer[];

  constructor(info: ModelInfo) {
    this.#info = info;
    this.#images = info.classes.map(() => []);
    this.#positions = info.classes.map(() => new PositionGatherer());
  }

  add(sample: Sample, evaluated: EvaluatedImage, { probabilities, map, evidence }: Prediction): void {
    if (evidence === undefined) return;
    const size = map.width * map.height;
    this.#images.forEach((images, index) => {
      const values = evidence.maps.subarray(index * size, (index + 1) * size);
      const response = responsePoint({ ...map, values }, evaluated);
      const image = { ...evaluated, ...asBinary(sample, probabilities, index), response };
      images.push(image);
      this.#positions[index]?.add(image, { ...map, values });
    });
  }

  /** In the order of the classes. */
  metrics(options: MetricsOptions): ClassMetrics[] {
    return this.#info.classes.flatMap((name, index) => {
      const images = this.#images[index] ?? [];
      const position = this.#positions[index];
      if (images.length === 0 || position === undefined) return [];
      const binary = { ...options, positive: 1 };
      const metrics = computeMetrics(images, binary);
      return [{ name, metrics, position: position.diagnose(metrics, binary) }];
    });
  }
}

/** Means over the classes that a number is defined for; `positives` and `located` are sums: labels, not images. */
export function macroMean(classes: readonly ClassMetrics[]): Pick<ClassMetrics, 'metrics' | 'position'> {
  const all = classes.map(({ metrics }) => metrics);
  const sum = (key: 'positives' | 'located'): number => all.reduce((total, metrics) => total + metrics[key], 0);
  type Score = Exclude<keyof Metrics, 'images' | 'positives' | 'located' | 'acc'>;
  const meanOf = (key: Score): number | undefined => mean(all.map((metrics) => metrics[key]));
  return {
    metrics: {
      images: all[0]?.images ?? 0,
      positives: sum('positives'),
      located: sum('located'),
      acc: mean(all.map(({ acc }) => acc)) ?? Number.NaN,
      auc: meanOf('auc'),
      apPositive: meanOf('apPositive'),
      apNegative: meanOf('apNegative'),
      locAp: meanOf('locAp'),
      hitRate: meanOf('hitRate'),
      hitRateRandom: meanOf('hitRateRandom'),
      hitRateShuffled: meanOf('hitRateShuffled'),
      hitRateFixed: meanOf('hitRateFixed'),
      locApFixed: meanOf('locApFixed'),
      hitRateBrightest: meanOf('hitRateBrightest'),
      locApBrightest: meanOf('locApBrightest'),
      hitRateDarkest: meanOf('hitRateDarkest'),
      locApDarkest: meanOf('locApDarkest'),
    },
    position: meanPosition(classes.flatMap(({ position }) => position ?? [])),
  };
}

/** It is a position if it is one in every class. The error is that of a mean of independent gains. */
function meanPosition(positions: readonly PositionDiagnosis[]): PositionDiagnosis | undefined {
  if (positions.length === 0) return undefined;
  const meanOf = (of: (position: PositionDiagnosis) => number): number => mean(positions.map(of)) ?? Number.NaN;
  const errors = positions.flatMap(({ standardError }) => standardError ?? []);
  return {
    mean: { hitRate: meanOf(({ mean: { hitRate } }) => hitRate), locAp: meanOf(({ mean: { locAp } }) => locAp) },
    gain: mean(positions.map(({ gain }) => gain)),
    standardError: errors.length === 0 ? undefined : Math.hypot(...errors) / errors.length,
    isPosition: positions.every((position) => position.isPosition),
  };
}

/** Of those that are known; undefined where none is. */
function mean(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((total, value) => total + value, 0) / known.length;
}
