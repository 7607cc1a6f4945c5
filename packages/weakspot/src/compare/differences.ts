import {
  type ComparedMetric,
  type DifferenceTest,
  bootstrapTails,
  comparedMetrics,
  correctedResampledTest,
  covarianceOf,
  drawnError,
  holm,
  mean,
  obuchowskiRockette,
  drawnInterval,
  testDifference,
} from '@weakspot/core';
import type { BootstrapEvidence, ComparedDifference, TestEvidence } from './comparison.js';
import { type Measured, drawsOf, runsOf, valuesOf } from './measure.js';

export interface DifferenceOptions {
  readonly test: string;
  readonly methods: readonly string[];
  readonly level: number;
  /** Several sets of images are the folds of a cross-validation, each with runs of its own. */
  readonly parts: readonly Measured[];
}

/** A difference before the number of pairs is taken into account. */
interface Pair {
  readonly method: number;
  readonly baseline: number;
  readonly difference: number;
  readonly values: readonly number[];
  readonly bootstrap: Omit<BootstrapEvidence, 'pAdjusted'> | undefined;
  readonly delong: DifferenceTest | undefined;
  readonly training: DifferenceTest | undefined;
}

/** Every two methods' differences in every metric that the test set can tell; the later method less the earlier one. */
export function compareMethods({ test, methods, level, parts }: DifferenceOptions): ComparedDifference[] {
  return comparedMetrics.flatMap((metric, index) => {
    const pairs = methods.flatMap((_, method) =>
      Array.from({ length: method }, (__, baseline) => comparePair(parts, metric, index, method, baseline, level)),
    );
    const told = pairs.filter(({ difference }) => !Number.isNaN(difference));
    const adjusted = (pick: (pair: Pair) => { p: number } | undefined): ((pair: Pair) => number) => {
      const tested = told.filter((pair) => pick(pair) !== undefined);
      const values = holm(tested.map((pair) => pick(pair)?.p ?? 1));
      return (pair) => values[tested.indexOf(pair)] ?? 1;
    };
    const [ofBootstrap, ofDelong] = [adjusted(({ bootstrap }) => bootstrap), adjusted(({ delong }) => delong)];
    const ofTraining = adjusted(({ training }) => training);
    const kind = parts.length > 1 ? ('nadeau-bengio' as const) : ('obuchowski-rockette' as const);
    return told.map((pair): ComparedDifference => {
      const bootstrap = pair.bootstrap === undefined ? null : { ...pair.bootstrap, pAdjusted: ofBootstrap(pair) };
      const delong = pair.delong === undefined ? null : evidenceOf(pair.delong, ofDelong(pair));
      const training = pair.training === undefined ? null : { ...evidenceOf(pair.training, ofTraining(pair)), kind };
      const overImages = (delong ?? bootstrap)?.pAdjusted ?? 1;
      const overTrainings = training?.pAdjusted ?? 1;
      const isReal = (p: number): boolean => p < 1 - level;
      return {
        test,
        metric,
        method: methods[pair.method] ?? '',
        baseline: methods[pair.baseline] ?? '',
        difference: pair.difference,
        values: pair.values,
        bootstrap,
        delong,
        training,
        holds: !isReal(overImages) ? 'nowhere' : isReal(overTrainings) ? 'images and trainings' : 'images',
      };
    });
  });
}

function comparePair(
  parts: readonly Measured[],
  metric: ComparedMetric,
  index: number,
  method: number,
  baseline: number,
  level: number,
): Pair {
  const [a, b] = [valuesOf(parts, method, index), valuesOf(parts, baseline, index)];
  const values = a.map((value, run) => value - (b[run] as number));
  const [drawnA, drawnB] = [drawsOf(parts, method, index), drawsOf(parts, baseline, index)];
  const drawn = drawnA.map((value, draw) => value - (drawnB[draw] as number));
  const interval = drawnInterval(drawn, level);
  const difference = mean(values);
  return {
    method,
    baseline,
    difference,
    values,
    bootstrap:
      interval === undefined
        ? undefined
        : { ...interval, p: bootstrapTails(drawn), standardError: drawnError(drawn) ?? null },
    delong: metric === 'auc' ? delongTest(parts, method, baseline, level) : undefined,
    training: trainingTest(parts, metric, index, { method, baseline, a, b, values, level }),
  };
}

/** The difference of mean AUCs: independent from set of images to set, so that their variances add up. */
function delongTest(
  parts: readonly Measured[],
  method: number,
  baseline: number,
  level: number,
): DifferenceTest | undefined {
  let [difference, error] = [0, 0];
  for (const { aucs, replicates } of parts) {
    if (aucs === undefined) return undefined;
    const contrast = new Map([
      ...runsOf(method, replicates).map((run) => [run, 1 / replicates] as const),
      ...runsOf(baseline, replicates).map((run) => [run, -1 / replicates] as const),
    ]);
    for (const [run, weight] of contrast) {
      difference += (weight * (aucs.aucs[run] as number)) / parts.length;
      for (const [other, otherWeight] of contrast) {
        error += (weight * otherWeight * (aucs.covariance[run]?.[other] ?? 0)) / parts.length ** 2;
      }
    }
  }
  // Rounding can leave a variance of 0 a little below it.
  return testDifference(difference, Math.sqrt(Math.max(error, 0)), Infinity, level);
}

interface PairValues {
  readonly method: number;
  readonly baseline: number;
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly values: readonly number[];
  readonly level: number;
}

function trainingTest(
  parts: readonly Measured[],
  metric: ComparedMetric,
  index: number,
  { method, baseline, a, b, values, level }: PairValues,
): DifferenceTest | undefined {
  const [part] = parts;
  if (part === undefined || values.some(Number.isNaN)) return undefined;
  // In k folds, one image is tested for k - 1 that are trained on.
  if (parts.length > 1) return correctedResampledTest(values, 1 / (parts.length - 1), level);
  const runs = [...runsOf(method, part.replicates), ...runsOf(baseline, part.replicates)];
  const { aucs, resampled } = part;
  const covariance = runs.map((one) =>
    runs.map((other) =>
      metric === 'auc' && aucs !== undefined
        ? (aucs.covariance[one]?.[other] ?? 0)
        : covarianceOf(resampled[one]?.[index] ?? [], resampled[other]?.[index] ?? []),
    ),
  );
  return obuchowskiRockette(a, b, covariance, level);
}

function evidenceOf({ low, high, p, standardError, freedom }: DifferenceTest, pAdjusted: number): TestEvidence {
  return { low, high, p, pAdjusted, standardError, freedom: Number.isFinite(freedom) ? freedom : null };
}
