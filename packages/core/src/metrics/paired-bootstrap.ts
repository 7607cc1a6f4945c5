import { WeakspotError } from '../errors.js';
import type { Random } from '../random.js';
import { type Interval, percentileInterval } from './bootstrap.js';
import { groupNumbers } from './delong.js';
import { variance } from './moments.js';
import { type WeightedMetrics, comparedMetrics } from './weighted.js';

/** Test images that several models were evaluated on. */
export interface PairedModels {
  /** Each model's metrics over these images. */
  readonly models: readonly WeightedMetrics[];
  /** Per image the group, such as a patient, that is drawn as a whole; undefined stands alone. */
  readonly groups: readonly (string | undefined)[];
}

/** Metrics of models by resample: `values[model][metric][resample]`, metrics in the order of `comparedMetrics`. */
export type ResampledMetrics = readonly (readonly Float64Array[])[];

export interface PairedBootstrapOptions {
  readonly random: Random;
  /** How often the images are drawn anew. */
  readonly resamples: number;
}

/**
 * Paired bootstrap (Efron & Tibshirani, An Introduction to the Bootstrap, 1993): groups of images are drawn anew with
 * replacement, as many as there are, and every model is measured on the same draw, so that differences of models keep
 * what the images have in common. Drawing whole groups keeps images together that are not independent (Field & Welsh,
 * Journal of the Royal Statistical Society B 2007).
 *
 * Yields the number of resamples done, now and then, and returns all metrics; NaN where a draw lacks what one needs.
 *
 * @throws WeakspotError `usage` where there are no images or no resamples.
 */
export function* pairedBootstrap(
  { models, groups }: PairedModels,
  { random, resamples }: PairedBootstrapOptions,
): Generator<number, ResampledMetrics> {
  if (groups.length === 0 || !Number.isSafeInteger(resamples) || resamples < 1) {
    throw new WeakspotError('usage', `pairedBootstrap: ${groups.length} images, ${resamples} resamples`, {
      hint: 'Give at least one of each.',
    });
  }
  const members = groupNumbers(groups.length, groups);
  const count = members.reduce((most, group) => Math.max(most, group), 0) + 1;
  const results = models.map(() => comparedMetrics.map(() => new Float64Array(resamples)));
  const drawn = new Uint32Array(count);
  const weights = new Float64Array(groups.length);
  const values = new Float64Array(comparedMetrics.length);
  for (let resample = 0; resample < resamples; resample++) {
    drawn.fill(0);
    for (let i = 0; i < count; i++) {
      const group = random.integer(count);
      drawn[group] = (drawn[group] as number) + 1;
    }
    members.forEach((group, image) => (weights[image] = drawn[group] as number));
    models.forEach((measure, model) => {
      measure(weights, values);
      results[model]?.forEach((of, metric) => (of[resample] = values[metric] as number));
    });
    if ((resample + 1) % EVERY === 0) yield resample + 1;
  }
  return results;
}

/** Resamples between two yields. */
const EVERY = 20;

/** The percentile interval of the values that are numbers; undefined where none is. */
export function drawnInterval(values: ArrayLike<number>, level = 0.95): Interval | undefined {
  return percentileInterval(numbersOf(values), level);
}

/** The standard deviation of the values that are numbers, which estimates a standard error; undefined with fewer than two. */
export function drawnError(values: ArrayLike<number>): number | undefined {
  const numbers = numbersOf(values);
  return numbers.length < 2 ? undefined : Math.sqrt(variance(numbers));
}

/**
 * The two-sided p-value of a bootstrapped difference being 0: twice the smaller share of resamples on either side of 0,
 * 0 itself on both, counted with one more so that it is never 0 (Davison & Hinkley, Bootstrap Methods, 1997, 4.2). It
 * is about alpha where the percentile interval at `1 - alpha` ends at 0.
 */
export function bootstrapTails(differences: ArrayLike<number>): number {
  const values = numbersOf(differences);
  const low = values.filter((value) => value <= 0).length;
  const high = values.filter((value) => value >= 0).length;
  return Math.min(1, (2 * (Math.min(low, high) + 1)) / (values.length + 1));
}

/** Sample covariance of two series, over the places where both are numbers; NaN with fewer than two of them. */
export function covarianceOf(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [count, meanA, meanB, sum] = [0, 0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    // Welford's update.
    count++;
    const fromMean = x - meanA;
    meanA += fromMean / count;
    meanB += (y - meanB) / count;
    sum += fromMean * (y - meanB);
  }
  return sum / (count - 1);
}

function numbersOf(values: ArrayLike<number>): number[] {
  return Array.from(values).filter((value) => !Number.isNaN(value));
}
