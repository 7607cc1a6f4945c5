import { Random, WeakspotError } from '@weakspot/core';
import type { Sample, Split } from './dataset.js';
import { type Copies, type Group, givenSplits, groupsOf, strataOf } from './split-groups.js';

/** Shares of the samples, each 0..1, together 1. */
export interface SplitFractions {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
}

const SPLITS: readonly Split[] = ['train', 'validation', 'test'];

/**
 * The split of each sample, in the samples' order.
 *
 * By patient: all images of one patient go together; an image without a patient is on its own. Copies of one image go
 * together too, and with them their patients. Stratified: patients are dealt out separately for each set of labels that
 * their images carry, in proportion to images. A split that is asked for gets at least one patient of each such set that
 * has enough of them, so that a small validation set still has both classes. The result depends on the seed and on the
 * samples' names, patients and labels, not on their order.
 *
 * Samples with a split of their own keep it, and so do other images of their patient; the rest is dealt out as above.
 * If then no sample is for validation and some are asked for, they are taken from training, in the proportion
 * `validation / (train + validation)`; a test set is never made up beside given splits.
 *
 * @param copies From `findCopies`.
 * @throws WeakspotError `usage` where the fractions are negative or do not add up to 1; `data` where a patient's images,
 * or copies of one image, have different splits of their own.
 */
export function splitSamples(
  samples: readonly Sample[],
  fractions: SplitFractions,
  seed: number,
  copies: Copies = [],
): Split[] {
  checkFractions(fractions);
  const groups = groupsOf(samples, copies);
  const given = givenSplits(samples, groups, copies);
  const result = new Map(given);
  const free = groups.filter((group) => !given.has(group));
  deal(samples, free, fractions, new Random(seed, 'split'), result);

  if (given.size > 0 && fractions.validation > 0 && ![...result.values()].includes('validation')) {
    const share = fractions.validation / (fractions.train + fractions.validation);
    const training = groups.filter((group) => result.get(group) === 'train');
    const shares = { train: 1 - share, validation: share, test: 0 };
    deal(samples, training, shares, new Random(seed, 'split', 'validation'), result);
  }

  const splits: Split[] = Array.from({ length: samples.length });
  for (const [group, split] of result) for (const index of group.members) splits[index] = split;
  return splits;
}

/**
 * The fold of each sample, 0 to `folds - 1`, in the samples' order: each is in one fold. By patient and stratified as
 * `splitSamples`: of the patients with one set of labels, no fold has more images than another by more than the images
 * of one patient. Splits that samples have of their own are not looked at.
 *
 * @throws WeakspotError `usage` where there are fewer patients than folds, or fewer than two folds.
 */
export function foldSamples(samples: readonly Sample[], folds: number, seed: number, copies: Copies = []): number[] {
  const groups = groupsOf(samples, copies);
  if (!Number.isSafeInteger(folds) || folds < 2 || folds > groups.length) {
    throw new WeakspotError('usage', `${groups.length} patients cannot be divided into ${folds} folds`, {
      hint: 'Use at least two folds, and no more than there are patients (images, where patients are not known).',
    });
  }
  const random = new Random(seed, 'folds');
  const result: number[] = Array.from({ length: samples.length });
  const totals = Array.from({ length: folds }, () => 0);
  for (const stratum of strataOf(samples, groups)) {
    const dealt = totals.map(() => 0);
    for (const group of largestFirst(stratum, random)) {
      // The emptiest fold of this stratum; of equal ones the emptiest of all, so that no fold gets every remainder.
      let fold = 0;
      for (let other = 1; other < folds; other++) {
        const ahead = (dealt[other] as number) - (dealt[fold] as number);
        if (ahead < 0 || (ahead === 0 && (totals[other] as number) < (totals[fold] as number))) fold = other;
      }
      dealt[fold] = (dealt[fold] as number) + group.members.length;
      totals[fold] = (totals[fold] as number) + group.members.length;
      for (const index of group.members) result[index] = fold;
    }
  }
  return result;
}

/** Deals groups out to the splits, stratum by stratum, into `result`. */
function deal(
  samples: readonly Sample[],
  groups: readonly Group[],
  fractions: SplitFractions,
  random: Random,
  result: Map<Group, Split>,
): void {
  const wanted = SPLITS.filter((split) => fractions[split] > 0);
  for (const stratum of strataOf(samples, groups)) {
    const queue = largestFirst(stratum, random);
    const dealt: Record<Split, number> = { train: 0, validation: 0, test: 0 };
    queue.forEach((group, i) => {
      const empty = wanted.filter((split) => dealt[split] === 0);
      const open = queue.length >= wanted.length && queue.length - i <= empty.length ? empty : wanted;
      // Webster's method: the highest share per image already dealt out, the group counted by half.
      const claim = (split: Split): number => fractions[split] / (dealt[split] + group.members.length / 2);
      const split = open.reduce((best, other) => (claim(other) > claim(best) ? other : best));
      dealt[split] += group.members.length;
      result.set(group, split);
    });
  }
}

/** Shuffled, then largest first, so that the small ones level out the shares; equal ones stay shuffled. */
function largestFirst(stratum: readonly Group[], random: Random): Group[] {
  return random.shuffle([...stratum]).toSorted((a, b) => b.members.length - a.members.length);
}

function checkFractions(fractions: SplitFractions): void {
  const { train, validation, test } = fractions;
  const valid = [train, validation, test].every((fraction) => fraction >= 0 && fraction <= 1);
  if (valid && Math.abs(train + validation + test - 1) < 1e-6) return;
  throw new WeakspotError('usage', `split fractions ${train}, ${validation}, ${test} do not add up to 1`, {
    hint: 'Give shares from 0 to 1 that add up to 1, such as 0.8, 0.1 and 0.1.',
  });
}
