import { WeakspotError } from '../errors.js';
import { studentQuantile, studentTails } from './distributions.js';
import { mean, variance } from './moments.js';

/** A difference with its uncertainty. */
export interface DifferenceTest {
  readonly difference: number;
  readonly standardError: number;
  /** Degrees of freedom of Student's distribution; infinite: the normal one. */
  readonly freedom: number;
  /** Confidence interval. */
  readonly low: number;
  readonly high: number;
  /** Two-sided p-value of there being no difference. */
  readonly p: number;
}

/** A t-test of a difference with the given standard error; without any error, a difference other than 0 is certain. */
export function testDifference(
  difference: number,
  standardError: number,
  freedom = Infinity,
  level = 0.95,
): DifferenceTest {
  const half = standardError === 0 ? 0 : studentQuantile(level, freedom) * standardError;
  const p = standardError === 0 ? (difference === 0 ? 1 : 0) : studentTails(difference / standardError, freedom);
  return { difference, standardError, freedom, low: difference - half, high: difference + half, p };
}

/**
 * Whether two methods differ beyond the chance of both the test images and the training: each method trained with
 * several seeds, all evaluated on the same images. The analysis of multi-reader multi-case studies (Obuchowski &
 * Rockette, Communications in Statistics 1995, with the degrees of freedom of Hillis, Statistics in Medicine 2007),
 * a training standing for a reader, seed j of one method paired with seed j of the other.
 *
 * With r seeds, mean squares MS(TR) of the interaction of method and seed, and the mean covariances over images `cov2`
 * of one method's different seeds and `cov3` of different methods' different seeds, the variance of the difference of
 * means is `2/r (MS(TR) + max(r (cov2 - cov3), 0))`.
 *
 * @param a A metric by each seed of one method, and `b` of the other.
 * @param covariance of the values over draws of the images, those of `a` first.
 * @returns undefined with fewer than two seeds.
 * @throws WeakspotError `usage` where the lengths differ.
 */
export function obuchowskiRockette(
  a: readonly number[],
  b: readonly number[],
  covariance: readonly (readonly number[])[],
  level = 0.95,
): DifferenceTest | undefined {
  const count = a.length;
  if (b.length !== count || covariance.length !== 2 * count) {
    throw new WeakspotError('usage', `obuchowskiRockette: ${count}, ${b.length} values, ${covariance.length} rows`, {
      hint: 'Give as many values of each method, and their covariance matrix.',
    });
  }
  if (count < 2) return undefined;
  let [cov2, cov3] = [0, 0];
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      if (i === j) continue;
      cov2 += ((covariance[i]?.[j] ?? 0) + (covariance[count + i]?.[count + j] ?? 0)) / 2;
      cov3 += covariance[i]?.[count + j] ?? 0;
    }
  }
  const pairs = count * (count - 1);
  const differences = a.map((value, i) => value - (b[i] as number));
  const interaction = variance(differences) / 2;
  const error = interaction + Math.max((count * (cov2 - cov3)) / pairs, 0);
  const freedom = interaction === 0 ? Infinity : (error / interaction) ** 2 * (count - 1);
  return testDifference(mean(differences), Math.sqrt((2 * error) / count), freedom, level);
}

/**
 * Whether two methods differ in cross-validation: the t-test over folds, its variance corrected for training parts that
 * overlap (Nadeau & Bengio, Machine Learning 2003): `(1/k + tested/trained)` in place of `1/k`.
 *
 * @param differences One per fold.
 * @param share Images tested per image trained on, in a fold.
 * @returns undefined with fewer than two folds.
 */
export function correctedResampledTest(
  differences: readonly number[],
  share: number,
  level = 0.95,
): DifferenceTest | undefined {
  const count = differences.length;
  if (count < 2) return undefined;
  const error = Math.sqrt((1 / count + share) * variance(differences));
  return testDifference(mean(differences), error, count - 1, level);
}

/**
 * p-values adjusted for being the smallest of several (Holm, Scandinavian Journal of Statistics 1979), in the same
 * order: below alpha is each one that Holm's procedure rejects at the family-wise level alpha.
 */
export function holm(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).toSorted((a, b) => (values[a] as number) - (values[b] as number));
  const adjusted = values.map(() => 0);
  let largest = 0;
  order.forEach((index, place) => {
    largest = Math.max(largest, Math.min(1, (values.length - place) * (values[index] as number)));
    adjusted[index] = largest;
  });
  return adjusted;
}
