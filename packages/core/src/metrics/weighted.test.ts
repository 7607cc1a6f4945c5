import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boxRegion } from '../imaging/index.js';
import { Random } from '../random.js';
import { bootstrapInterval } from './bootstrap.js';
import { type EvaluatedImage, computeMetrics } from './evaluate.js';
import { mean } from './moments.js';
import { bootstrapTails, covarianceOf, drawnInterval, pairedBootstrap } from './paired-bootstrap.js';
import { comparedMetrics, weightedMetrics } from './weighted.js';

const options = { positive: 1, tolerance: { x: 4, y: 4 }, inputWidth: 64, inputHeight: 64 };

const pointOf = (isHit: boolean) => (isHit ? { x: 10, y: 10 } : { x: 50, y: 50 });

/** Few scores, so that many tie; positive ones with or without ground truth, hit or not. */
const image = fc
  .record({
    label: fc.integer({ min: 0, max: 2 }),
    score: fc.integer({ min: 0, max: 4 }),
    isMarked: fc.boolean(),
    isHit: fc.boolean(),
  })
  .map(({ label, score, isMarked, isHit }): EvaluatedImage => {
    const rest = (1 - score / 4) / 2;
    return {
      label,
      probabilities: [rest, score / 4, rest],
      response: pointOf(isHit),
      width: 64,
      height: 64,
      regions: isMarked ? [boxRegion(5, 5, 20, 20)] : [],
    };
  });

/** The compared metrics by `computeMetrics`, `gain` being that of `shares`, those of the images among others. */
function metricOf(
  metric: (typeof comparedMetrics)[number],
  images: readonly EvaluatedImage[],
  shares: ReadonlyMap<EvaluatedImage, number>,
): number | undefined {
  const metrics = computeMetrics(images, options);
  if (metric !== 'hitRateGain') return metrics[metric];
  if (metrics.hitRate === undefined || shares.size < 2) return undefined;
  return metrics.hitRate - mean(images.filter((one) => shares.has(one)).map((one) => shares.get(one)!));
}

/** The shuffled shares of the located ones, from their definition. */
function sharesOf(images: readonly EvaluatedImage[]): Map<EvaluatedImage, number> {
  const located = images.filter(({ label, regions }) => label === 1 && regions.length > 0);
  const isHit = ({ x }: { x: number }): number => (x < 25 ? 1 : 0);
  return new Map(
    located.map((one, i) => [one, mean(located.filter((_, k) => k !== i).map(({ response }) => isHit(response)))]),
  );
}

function expectSame(
  found: ArrayLike<number>,
  images: readonly EvaluatedImage[],
  shares: ReadonlyMap<EvaluatedImage, number>,
): void {
  comparedMetrics.forEach((metric, i) => {
    const expected = metricOf(metric, images, shares);
    if (expected === undefined) expect(found[i], metric).toBeNaN();
    else expect(found[i], metric).toBeCloseTo(expected, 12);
  });
}

describe('weightedMetrics', () => {
  it('gives of whole weights what computeMetrics gives of the images repeated', () => {
    const weighted = fc.array(fc.tuple(image, fc.integer({ min: 0, max: 3 })), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(weighted, (drawn) => {
        const repeated = drawn.flatMap(([of, weight]) => Array.from({ length: weight }, () => of));
        fc.pre(repeated.length > 0);
        const values = new Float64Array(comparedMetrics.length);
        const measure = weightedMetrics(
          drawn.map(([of]) => of),
          options,
        );
        measure(
          Float64Array.from(drawn, ([, weight]) => weight),
          values,
        );
        expectSame(values, repeated, sharesOf(drawn.map(([of]) => of)));
      }),
    );
  });

  it('refuses an image without a probability for the positive class', () => {
    const broken = { label: 0, probabilities: [1], response: { x: 1, y: 1 }, width: 8, height: 8, regions: [] };
    expect(() => weightedMetrics([broken], options)).toThrow(/image 0/);
  });
});

const sample = fc.sample(image, { numRuns: 60, seed: 4 });

function draws(
  models: Parameters<typeof pairedBootstrap>[0]['models'],
  groups: (string | undefined)[],
  resamples = 300,
): readonly (readonly Float64Array[])[] {
  const generator = pairedBootstrap({ models, groups }, { random: new Random(3, 'bootstrap'), resamples });
  for (;;) {
    const next = generator.next();
    if (next.done === true) return next.value;
  }
}

describe('pairedBootstrap', () => {
  it('measures every model on the same draws, so that a model does not differ from itself', () => {
    const model = weightedMetrics(sample, options);
    const [one = [], other = []] = draws(
      [model, model],
      sample.map(() => undefined),
    );
    expect(one).toEqual(other);
    expect(new Set(one[0]).size).toBeGreaterThan(10);
  });

  it('has the interval of the bootstrap of single images', () => {
    const resamples = 100;
    const shares = sharesOf(sample);
    const found = draws(
      [weightedMetrics(sample, options)],
      sample.map(() => undefined),
      resamples,
    );
    // The same stream draws the same images.
    for (const [index, metric] of comparedMetrics.entries()) {
      const statistic = (indices: readonly number[]): number | undefined =>
        metricOf(
          metric,
          indices.map((i) => sample[i] as EvaluatedImage),
          shares,
        );
      const expected = bootstrapInterval(sample.length, statistic, { seed: 3, resamples });
      const interval = drawnInterval(found[0]?.[index] ?? []);
      expect(interval?.low, metric).toBeCloseTo(expected?.low ?? Number.NaN, 9);
      expect(interval?.high, metric).toBeCloseTo(expected?.high ?? Number.NaN, 9);
    }
  });

  it('draws the images of a patient together, which makes intervals of alike images wider', () => {
    const alike = sample.flatMap((of) => [of, of, of, of]);
    const model = weightedMetrics(alike, options);
    const width = (groups: (string | undefined)[]): number => {
      const { low, high } = drawnInterval(draws([model], groups)[0]?.[0] ?? [])!;
      return high - low;
    };
    const patients = alike.map((_, i) => `patient ${Math.floor(i / 4)}`);
    // Of four times as many images half as wide, if they were independent.
    const ratio = width(patients) / width(alike.map(() => undefined));
    expect(ratio).toBeGreaterThan(1.7);
    expect(ratio).toBeLessThan(2.3);
  });

  it('refuses to draw from nothing', () => {
    expect(() => draws([], [])).toThrow(/0 images/);
    expect(() => draws([], [undefined], 0)).toThrow(/0 resamples/);
  });
});

describe('bootstrap values', () => {
  it('tell how rarely a difference falls on the other side of 0, and never say never', () => {
    const values = Float64Array.from({ length: 99 }, (_, i) => i - 2);
    // 3 of 99 at or below 0: twice (3 + 1) / 100.
    expect(bootstrapTails(values)).toBeCloseTo(0.08, 12);
    expect(bootstrapTails(values.map((value) => -value))).toBeCloseTo(0.08, 12);
    expect(bootstrapTails(Array.from({ length: 99 }, () => 5))).toBeCloseTo(0.02, 12);
    expect(bootstrapTails([0, 0, 0])).toBe(1);
    expect(bootstrapTails([Number.NaN, ...values])).toBeCloseTo(0.08, 12);
  });

  it('have intervals and covariances without those that are no numbers', () => {
    expect(drawnInterval([3, Number.NaN, 1, 2], 0.5)).toEqual({ low: 1.5, high: 2.5 });
    expect(drawnInterval([Number.NaN])).toBeUndefined();
    expect(covarianceOf([1, 2, Number.NaN, 4], [2, 3, 9, 10])).toBeCloseTo(13 / 2, 12);
    expect(covarianceOf([1], [1])).toBeNaN();
  });
});
