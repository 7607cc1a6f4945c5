import { WeakspotError } from '../errors.js';

/**
 * Average precision of a ranking by score, highest first: `sum (R_n - R_{n-1}) P_n` over the distinct scores, with
 * recall `R_n` and precision `P_n` of all items scored at least the n-th. Items of equal score enter together, so their
 * order does not matter; nothing is interpolated (scikit-learn's `average_precision_score`).
 *
 * @param totalRelevant how many relevant items recall counts, where some cannot be found at any threshold; the number
 * of relevant items in the ranking unless given.
 * @returns 0..1, or undefined where `totalRelevant` is 0.
 * @throws WeakspotError `usage` where the lengths differ or a score is NaN.
 */
export function averagePrecision(
  scores: readonly number[],
  relevant: readonly boolean[],
  totalRelevant?: number,
): number | undefined {
  const groups = groupByScore('averagePrecision', scores, relevant);
  const total = totalRelevant ?? relevant.filter(Boolean).length;
  if (total === 0) return undefined;
  let seen = 0;
  let found = 0;
  let sum = 0;
  for (const group of groups) {
    seen += group.positives + group.negatives;
    found += group.positives;
    sum += (group.positives / total) * (found / seen);
  }
  return sum;
}

/**
 * Area under the receiver operating characteristic: the probability that a positive item scores higher than a negative
 * one, ties counting one half (the Mann-Whitney statistic).
 *
 * @returns 0..1, or undefined where either class is missing.
 * @throws WeakspotError `usage` where the lengths differ or a score is NaN.
 */
export function rocAuc(scores: readonly number[], positive: readonly boolean[]): number | undefined {
  let positivesAbove = 0;
  let negatives = 0;
  let ordered = 0;
  for (const group of groupByScore('rocAuc', scores, positive)) {
    ordered += group.negatives * (positivesAbove + group.positives / 2);
    positivesAbove += group.positives;
    negatives += group.negatives;
  }
  return positivesAbove === 0 || negatives === 0 ? undefined : ordered / (positivesAbove * negatives);
}

/**
 * The fraction of predictions equal to their label, 0..1.
 *
 * @throws WeakspotError `usage` where the lengths differ or there are no predictions.
 */
export function accuracy(predicted: readonly number[], labels: readonly number[]): number {
  checkLengths('accuracy', predicted, labels);
  if (labels.length === 0) {
    throw new WeakspotError('usage', 'accuracy: there are no predictions', { hint: 'Pass at least one image.' });
  }
  return predicted.filter((prediction, i) => prediction === labels[i]).length / labels.length;
}

/** The items of one score. */
interface ScoreGroup {
  positives: number;
  negatives: number;
}

/** Positive and negative items counted per distinct score, highest score first. */
function groupByScore(where: string, scores: readonly number[], positive: readonly boolean[]): ScoreGroup[] {
  checkLengths(where, scores, positive);
  const groups = new Map<number, ScoreGroup>();
  scores.forEach((score, i) => {
    if (Number.isNaN(score)) {
      throw new WeakspotError('usage', `${where}: score ${i} is NaN`, { hint: 'The model may have diverged.' });
    }
    const group = groups.get(score) ?? { positives: 0, negatives: 0 };
    if (positive[i] === true) group.positives++;
    else group.negatives++;
    groups.set(score, group);
  });
  return [...groups].toSorted(([a], [b]) => b - a).map(([, group]) => group);
}

function checkLengths(where: string, a: readonly unknown[], b: readonly unknown[]): void {
  if (a.length === b.length) return;
  throw new WeakspotError('usage', `${where}: ${a.length} values for ${b.length} labels`, {
    hint: 'Pass one value and one label per image, in the same order.',
  });
}
