import { WeakspotError } from '../errors.js';
import { Random } from '../random.js';

export interface BootstrapOptions {
  readonly seed: number;
  /** How many times the items are drawn anew; 1000 unless given. */
  readonly resamples?: number;
  /** The interval's coverage, between 0 and 1; 0.95 unless given. */
  readonly level?: number;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Percentile bootstrap interval of a statistic over `count` items (Efron 1979): the items are drawn anew with
 * replacement, `count` at a time, and the interval lies between the `(1 - level) / 2` and `(1 + level) / 2` quantiles
 * of the statistic over the resamples, linear between order statistics.
 *
 * @param statistic of the items at these indices (with repetitions); resamples for which it is undefined, because a
 * class is missing from them, are left out.
 * @returns undefined where `count` is 0 or no resample has the statistic.
 * @throws WeakspotError `usage` where an option is out of range.
 */
export function bootstrapInterval(
  count: number,
  statistic: (indices: readonly number[]) => number | undefined,
  options: BootstrapOptions,
): Interval | undefined {
  const { seed, resamples, level } = checkBootstrap('bootstrapInterval', options);
  if (count === 0) return undefined;
  const random = new Random(seed, 'bootstrap');
  const values: number[] = [];
  for (let i = 0; i < resamples; i++) {
    const value = statistic(Array.from({ length: count }, () => random.integer(count)));
    if (value !== undefined) values.push(value);
  }
  return percentileInterval(values, level);
}

/**
 * Draws `count` items anew with replacement, `count` at a time, and yields per resample how often each was drawn. The
 * array is the same each time, filled anew.
 *
 * The draws depend on the seed and on `count` alone: two methods' results on the same items, in the same order, are
 * resampled alike, as a paired comparison needs.
 *
 * @throws WeakspotError `usage` where an option is out of range.
 */
export function* resampleWeights(count: number, options: BootstrapOptions): Generator<Float64Array> {
  const { seed, resamples } = checkBootstrap('resampleWeights', options);
  const random = new Random(seed, 'resample');
  const weights = new Float64Array(count);
  const scale = count / 2 ** 32;
  for (let i = 0; i < resamples; i++) {
    weights.fill(0);
    for (let k = 0; k < count; k++) {
      // Faster than `integer`; an item's chance differs from another's by at most `count / 2^32` of itself.
      const drawn = Math.floor((random.bits() >>> 0) * scale);
      weights[drawn] = (weights[drawn] as number) + 1;
    }
    yield weights;
  }
}

/**
 * The interval between the `(1 - level) / 2` and `(1 + level) / 2` quantiles of the values, linear between neighbours;
 * undefined where there are none.
 */
export function percentileInterval(values: ArrayLike<number>, level: number): Interval | undefined {
  if (values.length === 0) return undefined;
  const sorted = Float64Array.from(values).toSorted();
  return { low: quantile(sorted, (1 - level) / 2), high: quantile(sorted, (1 + level) / 2) };
}

/** The options with their defaults. */
export function checkBootstrap(where: string, options: BootstrapOptions): Required<BootstrapOptions> {
  const { seed, resamples = 1000, level = 0.95 } = options;
  if (!(Number.isInteger(resamples) && resamples > 0) || !(level > 0 && level < 1)) {
    throw new WeakspotError('usage', `${where}: ${resamples} resamples at level ${level} give no interval`, {
      hint: 'Draw at least one resample, and choose a level between 0 and 1.',
    });
  }
  return { seed, resamples, level };
}

/** Quantile of ascending values, 0..1, linear between neighbours. */
function quantile(sorted: Float64Array, fraction: number): number {
  const position = fraction * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  return low + (high - low) * (position - below);
}
