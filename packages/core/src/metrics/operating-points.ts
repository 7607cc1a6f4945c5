import { WeakspotError } from '../errors.js';

/** What a threshold on a score finds: everything scored at least that much. */
export interface OperatingPoint {
  readonly threshold: number;
  /** Relevant items found. */
  readonly truePositives: number;
  /** Other items found. */
  readonly falsePositives: number;
}

/**
 * Every operating point of a ranking, one for each distinct score, the highest first: what ROC and precision-recall
 * curves are drawn through (scikit-learn's `roc_curve` with `drop_intermediate=False`, without its point at infinity).
 * Both counts grow along the points; the last one finds every item.
 *
 * @throws WeakspotError `usage` where the lengths differ or a score is NaN.
 */
export function operatingPoints(scores: readonly number[], relevant: readonly boolean[]): OperatingPoint[] {
  if (scores.length !== relevant.length || scores.some(Number.isNaN)) {
    throw new WeakspotError('usage', `operatingPoints: ${scores.length} scores for ${relevant.length} items, or NaN`, {
      hint: 'Pass one number per item, in the same order.',
    });
  }
  const order = scores.map((_, i) => i).toSorted((a, b) => (scores[b] as number) - (scores[a] as number));
  const points: OperatingPoint[] = [];
  let [truePositives, falsePositives] = [0, 0];
  order.forEach((item, rank) => {
    if (relevant[item] === true) truePositives++;
    else falsePositives++;
    const threshold = scores[item] as number;
    const next = order[rank + 1];
    if (next === undefined || scores[next] !== threshold) points.push({ threshold, truePositives, falsePositives });
  });
  return points;
}
