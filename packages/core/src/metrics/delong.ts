import { WeakspotError } from '../errors.js';

/** Areas under several models' ROC curves on the same images, and how they vary together. */
export interface AucCovariance {
  /** One per model. */
  readonly aucs: readonly number[];
  /** Estimated covariance matrix of them, over draws of the images; symmetric. */
  readonly covariance: readonly (readonly number[])[];
}

/**
 * The covariance of areas under correlated ROC curves (DeLong, DeLong & Clarke-Pearson, Biometrics 1988), by midranks
 * (Sun & Xu, IEEE Signal Processing Letters 2014). With groups, such as the images of one patient, which are not
 * independent, after Obuchowski (Biometrics 1997): the same numbers where every group has one image.
 *
 * An image's component is the share of the other class that it is ranked rightly against, ties by one half; the
 * covariances are those of the components' sums over the groups.
 *
 * @param scores per model one score per image, the higher the more positive.
 * @param positive per image.
 * @param groups per image the name of its group; undefined stands alone.
 * @returns undefined where there are fewer than two groups with an image of each class: a variance needs two.
 * @throws WeakspotError `usage` where the lengths differ or a score is NaN.
 */
export function delong(
  scores: readonly (readonly number[])[],
  positive: readonly boolean[],
  groups: readonly (string | undefined)[] = [],
): AucCovariance | undefined {
  scores.forEach((of, model) => {
    if (of.length === positive.length && !of.some(Number.isNaN)) return;
    throw new WeakspotError('usage', `delong: the scores of model ${model} do not fit or are NaN`, {
      hint: `Give ${positive.length} numbers, one per image.`,
    });
  });
  const positives = positive.filter(Boolean).length;
  const negatives = positive.length - positives;
  const members = groupNumbers(positive.length, groups);
  const count = members.reduce((most, group) => Math.max(most, group), -1) + 1;
  const withPositive = new Set(members.filter((_, i) => positive[i])).size;
  const withNegative = new Set(members.filter((_, i) => !positive[i])).size;
  if (withPositive < 2 || withNegative < 2) return undefined;

  const models = scores.map((of) => {
    const components = componentsOf(of, positive);
    const auc = components.reduce((sum, value, i) => sum + (positive[i] ? value : 0), 0) / positives;
    // Per group, how much its positive and its negative images together lie above the mean.
    const above = { positive: new Float64Array(count), negative: new Float64Array(count) };
    components.forEach((value, i) => {
      const sums = positive[i] ? above.positive : above.negative;
      sums[members[i] as number] = (sums[members[i] as number] as number) + value - auc;
    });
    return { auc, above };
  });
  const s10 = withPositive / ((withPositive - 1) * positives);
  const s01 = withNegative / ((withNegative - 1) * negatives);
  const s11 = count / (count - 1);
  const covariance = models.map(({ above: a }) =>
    models.map(({ above: b }) => {
      let [pp, nn, pn] = [0, 0, 0];
      for (let g = 0; g < count; g++) {
        const [ap, an] = [a.positive[g] as number, a.negative[g] as number];
        const [bp, bn] = [b.positive[g] as number, b.negative[g] as number];
        pp += ap * bp;
        nn += an * bn;
        pn += ap * bn + bp * an;
      }
      return (s10 * pp) / positives + (s01 * nn) / negatives + (s11 * pn) / (positives * negatives);
    }),
  );
  return { aucs: models.map(({ auc }) => auc), covariance };
}

/** The number of each item's group, from 0; an item without a group has one of its own. */
export function groupNumbers(items: number, groups: readonly (string | undefined)[]): number[] {
  const numbers = new Map<string, number>();
  let next = 0;
  return Array.from({ length: items }, (_, i) => {
    const name = groups[i];
    if (name === undefined) return next++;
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, next);
    return next++;
  });
}

/** DeLong's V10 of positive and V01 of negative images. */
function componentsOf(scores: readonly number[], positive: readonly boolean[]): number[] {
  const all = midranks(scores);
  const own = positive.map(() => 0);
  for (const side of [true, false]) {
    const indices = positive.flatMap((is, i) => (is === side ? [i] : []));
    const ranks = midranks(indices.map((i) => scores[i] as number));
    indices.forEach((i, place) => (own[i] = ranks[place] as number));
  }
  const positives = positive.filter(Boolean).length;
  // Ranks among all less ranks among its own class: how many of the other class lie below.
  return positive.map((is, i) => {
    const below = (all[i] as number) - (own[i] as number);
    return is ? below / (positive.length - positives) : 1 - below / positives;
  });
}

/** Ranks from 1, ascending; equal values share the mean of theirs. */
function midranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).toSorted((a, b) => (values[a] as number) - (values[b] as number));
  const ranks = values.map(() => 0);
  for (let first = 0; first < order.length;) {
    let last = first;
    while (last + 1 < order.length && values[order[last + 1] as number] === values[order[first] as number]) last++;
    for (let i = first; i <= last; i++) ranks[order[i] as number] = (first + last) / 2 + 1;
    first = last + 1;
  }
  return ranks;
}
