import { Random } from '@weakspot/core';
import type { EvaluationFile } from '../evaluation-file.js';

/** What a model said of `scores.length` images, half of them positive, two of each patient. */
export function evaluationOf(method: string, scores: readonly number[]): EvaluationFile {
  const half = scores.length / 2;
  return {
    format: 3,
    weakspot: '0.1.0',
    dataset: 'films',
    part: 'test',
    checkpoint: 'last',
    checkpointHash: method,
    classes: ['clear', 'lesion'],
    positive: 1,
    input: { width: 64, height: 64 },
    tolerance: { x: 0, y: 0 },
    record: {
      method,
      dataset: 'films',
      images: scores.length,
      positives: half,
      located: half,
      acc: 0,
      auc: null,
      apPositive: null,
      apNegative: null,
      locAp: null,
      hitRate: null,
      hitRateRandom: 0.25,
      hitRateShuffled: 1,
      hitRateFixed: 1,
      locApFixed: null,
      hitRateBrightest: 0.5,
      locApBrightest: null,
      hitRateDarkest: 0,
      locApDarkest: null,
      hitRateMean: 0.75,
      locApMean: null,
      map: 'positive',
      negativeShare: null,
      hitRates: null,
      warnings: [],
    },
    images: scores.map((score, i) => ({
      name: `${i}.png`,
      patient: `patient ${Math.floor(i / 2)}`,
      label: i < half ? 1 : 0,
      probabilities: [1 - score, score],
      response: { x: 8, y: 8, value: 1 },
      width: 64,
      height: 64,
      placement: { x0: 0, y0: 0, x1: 64, y1: 64 },
      regions: i < half ? [{ kind: 'box', x0: 0, y0: 0, x1: 32, y1: 32 }] : [],
    })),
  };
}

/** Scores of `count` images, the first half positive: how hard each one is, the same for all models, and noise of each. */
export function scoresOf(count: number, separation: number, noise: number, seed: number): number[] {
  const [common, own] = [new Random(1, 'images'), new Random(seed, 'model')];
  return Array.from({ length: count }, (_, i) => {
    const logit = common.normal() + noise * own.normal() + (i < count / 2 ? separation : -separation) / 2;
    return 1 / (1 + Math.exp(-logit));
  });
}
