import type { ComparedDifference, ComparedMethod, ComparedScore, Comparison } from '../../compare/comparison.js';

/** A score with runs, and the standard error of its mean over images. */
export function scoreOf(values: readonly number[], standardError: number | null = 0.03): ComparedScore {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, deviation: null, low: mean - 0.06, high: mean + 0.06, standardError, values };
}

/** A method's row on the test set `part`, with hit rates of points that have learned nothing. */
export function methodOf(
  method: string,
  hits: ComparedScore | null,
  gain: ComparedScore | null,
  points: Partial<ComparedMethod> = {},
): ComparedMethod {
  return {
    test: 'part',
    method,
    map: 'positive',
    hitRateRandom: 0.1,
    hitRateShuffled: 0.2,
    hitRateMean: 0.15,
    hitRateFixed: 0.4,
    hitRateBrightest: 0.3,
    hitRateDarkest: 0,
    boxes: { boxAp30: 0.25, iobbAccuracy10: 0.75, iobbAccuracy25: 0.5, iobbAccuracy50: 0.25 },
    scores: {
      acc: null,
      auc: scoreOf([0.8, 0.9]),
      apPositive: null,
      apNegative: null,
      locAp: null,
      hitRate: hits,
      hitRateGain: gain,
    },
    ...points,
  };
}

/** The gain of `method` less that of `A` on the test set `part`. */
export function differenceOf(
  method: string,
  difference: number,
  standardError: number,
  training: { readonly standardError: number; readonly freedom: number | null } | null = null,
): ComparedDifference {
  const evidence = { low: 0, high: 0, p: 0.5, pAdjusted: 0.5 };
  return {
    test: 'part',
    metric: 'hitRateGain',
    method,
    baseline: 'A',
    difference,
    values: [difference],
    bootstrap: { ...evidence, standardError },
    delong: null,
    training: training === null ? null : { ...evidence, ...training, kind: 'obuchowski-rockette' },
    holds: 'nowhere',
  };
}

/** A comparison with one test set. */
export function comparisonOf(
  strict: readonly ComparedMethod[],
  differences: readonly ComparedDifference[] = [],
  usual: readonly ComparedMethod[] = strict,
): Comparison {
  return {
    format: 2,
    weakspot: '0.1.0',
    dataset: 'set',
    classes: ['clear', 'lesion'],
    positive: 'lesion',
    methods: strict.map(({ method }) => method),
    seeds: [0, 1],
    folds: null,
    checkpoint: 'last',
    resamples: 60,
    level: 0.95,
    tests: [{ name: 'part', path: null, images: 40, positives: 20, located: 20, patients: 30 }],
    runs: [],
    table: usual,
    differences,
    inRegion: { table: strict, differences },
    warnings: [],
  };
}
