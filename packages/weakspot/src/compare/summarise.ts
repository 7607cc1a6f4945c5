import { comparedMetrics, drawnError, drawnInterval, mean, variance } from '@weakspot/core';
import { type ComparedMethod, type ComparedScore, comparedBoxMetrics } from './comparison.js';
import { type Measured, drawsOf, hitRateBaselines, runsOf, valuesOf } from './measure.js';

/** Every method's row for a test set. */
export function summariseTest(
  test: string,
  methods: readonly string[],
  parts: readonly Measured[],
  level: number,
): ComparedMethod[] {
  return methods.map((method, number): ComparedMethod => {
    const ofRuns = parts.flatMap(({ baselines, replicates }) =>
      runsOf(number, replicates).map((run) => baselines[run]),
    );
    const baselines = hitRateBaselines.map((key) => {
      const known = ofRuns.map((run) => run?.[key] ?? null).filter((value) => value !== null);
      return [key, known.length === 0 ? null : mean(known)];
    });
    const drawn = parts.flatMap(({ boxes, replicates }) => runsOf(number, replicates).map((run) => boxes[run]));
    const boxes = comparedBoxMetrics.map((key) => {
      const values = drawn.map((of) => of?.[key]).filter((value) => value !== undefined);
      return [key, values.length < drawn.length ? null : mean(values)];
    });
    const scores = comparedMetrics.map((metric, index) => [metric, scoreOf(parts, number, index, level)]);
    return {
      test,
      method,
      map: ofRuns[0]?.map ?? 'positive',
      ...(Object.fromEntries(baselines) as Pick<ComparedMethod, (typeof hitRateBaselines)[number]>),
      boxes: Object.fromEntries(boxes) as NonNullable<ComparedMethod['boxes']>,
      scores: Object.fromEntries(scores) as ComparedMethod['scores'],
    };
  });
}

/** Null where a run's images lack what the metric needs: a mean over the others would be of something else. */
function scoreOf(parts: readonly Measured[], method: number, metric: number, level: number): ComparedScore | null {
  const values = valuesOf(parts, method, metric);
  if (values.some(Number.isNaN)) return null;
  const draws = drawsOf(parts, method, metric);
  const interval = drawnInterval(draws, level);
  return {
    mean: mean(values),
    deviation: values.length > 1 ? Math.sqrt(variance(values)) : null,
    low: interval?.low ?? null,
    high: interval?.high ?? null,
    standardError: drawnError(draws) ?? null,
    values,
  };
}
