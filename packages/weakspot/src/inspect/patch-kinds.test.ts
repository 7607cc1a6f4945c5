import { describe, expect, it } from 'vitest';
import { scoreByKinds } from './patch-kinds.js';

const patch = (mean: number, std = 0) => ({ mean, std });

describe('scoreByKinds', () => {
  it('is the mean logarithm of how much more frequent such patches are in positive images of other folds', () => {
    // Two kinds by the mean, 0 and 1. In the other fold: positives have 3 of 4 patches of kind 1, the other 1 of 4.
    const patches = [
      [patch(1), patch(1), patch(1), patch(0)],
      [patch(1), patch(0), patch(0), patch(0)],
      [patch(1), patch(1), patch(1), patch(1)],
      [patch(0), patch(0), patch(0), patch(0)],
    ];
    const scores = scoreByKinds(patches, [true, false, true, false], [0, 0, 1, 1]);
    const small = 0.05 / 32;
    const [high, low] = [Math.log((0.75 + small) / (0.25 + small)), Math.log((0.25 + small) / (0.75 + small))];
    expect(scores[2]).toBeCloseTo(high, 12);
    expect(scores[3]).toBeCloseTo(low, 12);
    // By the other fold, kind 1 is all of the one and nothing of the other.
    const sure = Math.log((1 + small) / small);
    expect(scores[0]).toBeCloseTo(0.5 * sure, 9);
    expect(scores[1]).toBeCloseTo(-0.5 * sure, 9);
  });

  it('tells patches of one mean by their deviation, and moves with no straight line of all values', () => {
    const patches = [0.1, 0.4, 0.1, 0.4].map((std, i) => [patch(0.5 + 0.001 * (i % 2), std), patch(0.5, std)]);
    const [is, fold] = [
      [true, false, true, false],
      [0, 0, 1, 1],
    ];
    const scores = scoreByKinds(patches, is, fold);
    expect(scores[2]).toBeGreaterThan(1);
    expect(scores[3]).toBeLessThan(-1);
    const moved = patches.map((own) => own.map(({ mean, std }) => ({ mean: 3 * mean - 1, std: 3 * std })));
    expect(scoreByKinds(moved, is, fold)).toEqual(scores);
  });

  it('counts every image the same, however many patches it has', () => {
    const few = [[patch(1)], [patch(0)], [patch(1)], [patch(0)]];
    const many = few.map((own, i) => (i === 0 ? Array.from({ length: 9 }, () => own[0] ?? patch(1)) : own));
    const [is, fold] = [
      [true, false, true, false],
      [0, 0, 1, 1],
    ];
    expect(scoreByKinds(many, is, fold)[2]).toBeCloseTo(scoreByKinds(few, is, fold)[2] as number, 12);
  });
});
