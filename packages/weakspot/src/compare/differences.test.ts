import { mean, rocAuc, testDifference, variance } from '@weakspot/core';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../data/testing/files.js';
import type { ComparedDifference } from './comparison.js';
import { compareMethods } from './differences.js';
import type { EvaluationFile } from './evaluation-file.js';
import { type Measured, type TestedTogether, measure } from './measure.js';
import { summariseTest } from './summarise.js';
import { evaluationOf, scoresOf } from './testing/evaluations.js';

const IMAGES = 120;

function measured(together: TestedTogether, number = 0): Measured {
  const measuring = measure(together, { seed: 2, number, resamples: 400 });
  for (;;) {
    const next = measuring.next();
    if (next.done === true) return next.value;
  }
}

/** The difference of two methods' AUC; each is given one list of scores per seed. */
function compared(baseline: number[][], method: number[][]): { auc: ComparedDifference; all: ComparedDifference[] } {
  const runs = [...baseline.map((of) => evaluationOf('A', of)), ...method.map((of) => evaluationOf('B', of))];
  const parts = [measured({ runs, replicates: baseline.length })];
  const all = compareMethods({ test: 'films', methods: ['A', 'B'], level: 0.95, parts });
  return { auc: all.find(({ metric }) => metric === 'auc') as ComparedDifference, all };
}

const seeds = (separation: number, noise: number, first: number): number[][] =>
  [0, 1, 2].map((seed) => scoresOf(IMAGES, separation, noise, first + seed));

describe('a difference', () => {
  it('that every training shows holds over images and trainings', () => {
    const { auc } = compared(seeds(0.5, 0.3, 10), seeds(2, 0.3, 20));
    expect(auc.holds).toBe('images and trainings');
    expect(auc.values.every((value) => value > 0.1)).toBe(true);
    expect(auc.training).toMatchObject({ kind: 'obuchowski-rockette' });
  });

  it('that rests on one training of three holds for these models only', () => {
    const collapsed = [...seeds(2, 0.3, 20).slice(0, 2), scoresOf(IMAGES, -2, 0.3, 22)];
    const { auc } = compared(collapsed, seeds(2, 0.3, 30));
    expect(auc.holds).toBe('images');
    expect(auc.delong?.p).toBeLessThan(1e-6);
    expect(auc.training?.p).toBeGreaterThan(0.05);
  });

  it('of models that are alike holds nowhere, and of one with itself is nothing at all', () => {
    expect(compared(seeds(1, 0.5, 10), seeds(1, 0.5, 20)).auc.holds).toBe('nowhere');
    const same = compared(seeds(1, 0.5, 10), seeds(1, 0.5, 10));
    for (const { difference, bootstrap, training, holds } of same.all) {
      expect([difference, bootstrap?.p, bootstrap?.low, training?.p, holds]).toEqual([0, 1, 0, 1, 'nowhere']);
    }
    expect(same.auc.delong?.p).toBe(1);
  });

  it('of one training each may hold over images, never over trainings', () => {
    const { auc } = compared([scoresOf(IMAGES, 0.5, 0.3, 10)], [scoresOf(IMAGES, 2, 0.3, 20)]);
    expect([auc.training, auc.holds]).toEqual([null, 'images']);
  });

  it('is the mean over seeds; DeLong and bootstrap agree about it', () => {
    const [a, b] = [seeds(0.8, 0.6, 10), seeds(1.2, 0.6, 20)];
    const { auc } = compared(a, b);
    const positive = Array.from({ length: IMAGES }, (_, i) => i < IMAGES / 2);
    const expected = b.map((of, seed) => (rocAuc(of, positive) ?? 0) - (rocAuc(a[seed] ?? [], positive) ?? 0));
    expect(auc.values).toEqual(expected.map((value) => expect.closeTo(value, 12)));
    expect(auc.difference).toBeCloseTo(mean(expected), 12);
    const { delong, bootstrap } = auc;
    const width = (of: { low: number; high: number } | null): number => (of?.high ?? 0) - (of?.low ?? 0);
    expect(width(bootstrap) / width(delong)).toBeGreaterThan(0.85);
    expect(width(bootstrap) / width(delong)).toBeLessThan(1.15);
  });

  it('is adjusted for the number of pairs', () => {
    const methods = ['A', 'B', 'C'];
    const runs = methods.map((name, i) => evaluationOf(name, scoresOf(IMAGES, 0.6 + 0.4 * i, 0.6, 10 + i)));
    const all = compareMethods({ test: 'films', methods, level: 0.95, parts: [measured({ runs, replicates: 1 })] });
    const auc = all.filter(({ metric }) => metric === 'auc');
    expect(auc.map(({ method, baseline }) => `${method}-${baseline}`)).toEqual(['B-A', 'C-A', 'C-B']);
    const smallest = auc.reduce((best, entry) => ((entry.delong?.p ?? 1) < (best.delong?.p ?? 1) ? entry : best));
    expect(smallest.delong?.pAdjusted).toBeCloseTo(3 * (smallest.delong?.p ?? 0), 12);
  });
});

describe('folds', () => {
  it('add up: the mean of their differences, their variances over the square of their number', () => {
    const runsOf = (fold: number): EvaluationFile[] => [
      evaluationOf('A', scoresOf(IMAGES, 0.8, 0.6, 10 + fold)),
      evaluationOf('B', scoresOf(IMAGES, 1.4, 0.6, 20 + fold)),
    ];
    const parts = [0, 1, 2].map((fold) => measured({ runs: runsOf(fold), replicates: 1 }, fold));
    const all = compareMethods({ test: 'films', methods: ['A', 'B'], level: 0.95, parts });
    const auc = all.find(({ metric }) => metric === 'auc');
    const single = parts.map((part) =>
      compareMethods({ test: 'films', methods: ['A', 'B'], level: 0.95, parts: [part] }),
    );
    const errors = single.map((of) => of.find(({ metric }) => metric === 'auc')?.delong?.standardError ?? 0);
    expect(auc?.delong?.standardError).toBeCloseTo(Math.hypot(...errors) / 3, 12);
    const values = auc?.values ?? [];
    expect(auc?.training).toMatchObject({ kind: 'nadeau-bengio', freedom: 2 });
    const error = Math.sqrt((1 / 3 + 1 / 2) * variance(values));
    expect(auc?.training?.p).toBeCloseTo(testDifference(mean(values), error, 2).p, 12);
    const [row] = summariseTest('films', ['A', 'B'], parts, 0.95);
    expect(row?.scores.auc?.values).toHaveLength(3);
    expect(row).toMatchObject({
      hitRateRandom: 0.25,
      hitRateShuffled: 1,
      hitRateMean: 0.75,
      hitRateFixed: 1,
      hitRateBrightest: 0.5,
      hitRateDarkest: 0,
    });
    // Every response is the same and hits: there is nothing beyond those of other images.
    expect([row?.scores.hitRate?.mean, row?.scores.hitRateGain?.mean]).toEqual([1, 0]);
  });
});

describe('runs tested on different images', () => {
  it('are not compared', async () => {
    const [one, two] = [evaluationOf('A', scoresOf(8, 1, 1, 1)), evaluationOf('B', scoresOf(6, 1, 1, 2))];
    const error = await failureOf(() => measured({ runs: [one, two], replicates: 1 }));
    expect([error.code, error.message]).toEqual(['data', expect.stringContaining('different images of films')]);
  });
});
