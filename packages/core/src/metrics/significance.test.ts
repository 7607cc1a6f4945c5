import { describe, expect, it } from 'vitest';
import { mean, variance } from './moments.js';
import { correctedResampledTest, holm, obuchowskiRockette, testDifference } from './significance.js';

/**
 * The data of Van Dyke et al. (1993), five readers and two modalities, as analysed in the documentation of the R packages
 * MRMCaov ("mrmc", DeLong covariances) and RJafroc (dataset 2): AUC by reader, covariances, and the test's result.
 */
const vanDyke = {
  first: [0.91964573, 0.85877617, 0.90386473, 0.97310789, 0.82979066],
  second: [0.94782609, 0.90531401, 0.92173913, 0.99935588, 0.92995169],
  cov2: 0.0003440748,
  cov3: 0.0002390284,
  result: {
    difference: -0.04380032,
    standardError: 0.02074862,
    freedom: 15.25967,
    low: -0.0879594986,
    high: 0.0003588544,
    p: 0.05166569,
  },
};

/** A covariance matrix of two methods with `count` seeds that has these means. */
function covarianceWith(count: number, cov2: number, cov3: number): number[][] {
  const size = 2 * count;
  return Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (__, j) => (Math.floor(i / count) === Math.floor(j / count) ? cov2 : cov3)),
  );
}

describe('obuchowskiRockette', () => {
  it('gives the published result of a published study', () => {
    const { first, second, cov2, cov3, result } = vanDyke;
    const found = obuchowskiRockette(first, second, covarianceWith(5, cov2, cov3));
    expect(found?.difference).toBeCloseTo(result.difference, 8);
    expect(found?.standardError).toBeCloseTo(result.standardError, 7);
    expect(found?.freedom).toBeCloseTo(result.freedom, 4);
    expect(found?.p).toBeCloseTo(result.p, 6);
    expect([found?.low, found?.high].map((end) => end?.toFixed(6))).toEqual(
      [result.low, result.high].map((end) => end.toFixed(6)),
    );
  });

  it('reads neither variances nor covariances of paired seeds', () => {
    const { first, second, cov2, cov3 } = vanDyke;
    const marked = covarianceWith(5, cov2, cov3).map((row, i) => row.map((value, j) => (i % 5 === j % 5 ? 99 : value)));
    expect(obuchowskiRockette(first, second, marked)?.p).toBeCloseTo(vanDyke.result.p, 6);
  });

  it('is the t-test over seeds where the images add no variance', () => {
    const [a, b] = [
      [0.8, 0.7, 0.9],
      [0.6, 0.65, 0.7],
    ] as const;
    const found = obuchowskiRockette(a, b, covarianceWith(3, 0.001, 0.002));
    const differences = a.map((value, i) => value - b[i]!);
    expect(found?.freedom).toBeCloseTo(2, 12);
    expect(found?.standardError).toBeCloseTo(Math.sqrt(variance(differences) / 3), 12);
    // Tails of 2 degrees of freedom: 1 - t / sqrt(t^2 + 2).
    const t = mean(differences) / Math.sqrt(variance(differences) / 3);
    expect(found?.p).toBeCloseTo(1 - t / Math.sqrt(t * t + 2), 12);
  });

  it('has the normal distribution where the seeds do not differ, and says nothing of one seed', () => {
    const found = obuchowskiRockette([0.5, 0.5], [0.4, 0.4], covarianceWith(2, 0.002, 0.001));
    expect(found?.freedom).toBe(Infinity);
    expect(found?.standardError).toBeCloseTo(Math.sqrt(0.002), 12);
    expect(obuchowskiRockette([0.5], [0.4], covarianceWith(1, 0, 0))).toBeUndefined();
    expect(() => obuchowskiRockette([0.5, 0.5], [0.4], [])).toThrow(/2, 1 values, 0 rows/);
  });
});

describe('correctedResampledTest', () => {
  it('has the variance of Nadeau and Bengio, worked by hand', () => {
    // Mean 2, variance 1 of 1, 2, 3; tested to trained 1:2.
    const found = correctedResampledTest([1, 2, 3], 1 / 2);
    expect(found?.standardError).toBeCloseTo(Math.sqrt(1 / 3 + 1 / 2), 12);
    const t = 2 / Math.sqrt(5 / 6);
    expect(found?.p).toBeCloseTo(1 - t / Math.sqrt(t * t + 2), 12);
    expect(correctedResampledTest([1], 1)).toBeUndefined();
  });
});

describe('testDifference', () => {
  it('is certain of a difference without any error, and only then', () => {
    expect(testDifference(0.1, 0)).toMatchObject({ p: 0, low: 0.1, high: 0.1 });
    expect(testDifference(0, 0).p).toBe(1);
    const { low, high, p } = testDifference(1.959963984540054, 1);
    expect([low, high]).toEqual([expect.closeTo(0, 12), expect.closeTo(2 * 1.959963984540054, 12)]);
    expect(p).toBeCloseTo(0.05, 12);
  });
});

describe('holm', () => {
  it('adjusts as R’s p.adjust', () => {
    const found = holm([0.01, 0.04, 0.03, 0.005]);
    expect(found).toEqual([0.03, 0.06, 0.06, 0.02].map((value) => expect.closeTo(value, 12)));
    expect(holm([0.9, 0.8])).toEqual([1, 1]);
    expect(holm([])).toEqual([]);
  });
});
