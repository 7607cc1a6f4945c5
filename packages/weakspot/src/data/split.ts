import { Random, WeakspotError } from '@weakspot/core';
import type { Sample, Split } from './dataset.js';

/** Shares of the samples, each 0..1, together 1. */
export interface SplitFractions {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
}

/** Samples that must stay together: one patient's, or one image where the patient is not known. */
interface Group {
  readonly id: string;
  /** Indices into the samples. */
  readonly members: readonly number[];
}

const SPLITS: readonly Split[] = ['train', 'validation', 'test'];

/**
 * The split of each sample, in the samples' order.
 *
 * By patient: all images of one patient go together; an image without a patient is on its own. Stratified: patients are
 * dealt out separately for each set of labels that their images carry, in proportion to images. A split that is asked
 * for gets at least one patient of each such set that has enough of them, so that a small validation set still has both
 * classes. The result depends on the seed and on the samples' names, patients and labels, not on their order.
 *
 * Samples with a split of their own keep it, and so do other images of their patient; the rest is dealt out as above.
 * If then no sample is for validation and some are asked for, they are taken from training, in the proportion
 * `validation / (train + validation)`; a test set is never made up beside given splits.
 *
 * @throws WeakspotError `usage` where the fractions are negative or do not add up to 1; `data` where a patient's images
 * have different splits of their own.
 */
export function splitSamples(samples: readonly Sample[], fractions: SplitFractions, seed: number): Split[] {
  checkFractions(fractions);
  const result = new Map<Group, Split>();
  const groups = groupsOf(samples);
  for (const group of groups) {
    const given = givenSplit(samples, group);
    if (given !== undefined) result.set(group, given);
  }
  const anyGiven = result.size > 0;
  const free = groups.filter((group) => !result.has(group));
  deal(samples, free, fractions, new Random(seed, 'split'), result);

  if (anyGiven && fractions.validation > 0 && ![...result.values()].includes('validation')) {
    const share = fractions.validation / (fractions.train + fractions.validation);
    const training = groups.filter((group) => result.get(group) === 'train');
    const shares = { train: 1 - share, validation: share, test: 0 };
    deal(samples, training, shares, new Random(seed, 'split', 'validation'), result);
  }

  const splits: Split[] = Array.from({ length: samples.length });
  for (const [group, split] of result) for (const index of group.members) splits[index] = split;
  return splits;
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
  const strata = collect(groups, (group) => {
    const labels = new Set(group.members.map((index) => samples[index]?.label as number));
    return [...labels].toSorted((a, b) => a - b).join();
  });
  for (const [, stratum] of [...strata].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    // Largest first, so that the small ones level out the shares; the sort is stable, so equal ones stay shuffled.
    const queue = random.shuffle([...stratum]).toSorted((a, b) => b.members.length - a.members.length);
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

/** In an order of their own, by id, whatever the samples' order. */
function groupsOf(samples: readonly Sample[]): Group[] {
  const identity = ({ patient, name }: Sample): string =>
    patient === undefined ? `image ${name}` : `patient ${patient}`;
  const members = collect([...samples.keys()], (index) => identity(samples[index] as Sample));
  return [...members].map(([id, indices]) => ({ id, members: indices })).toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** The items by key, keys and items in the order of their coming. */
function collect<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const collected = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const list = collected.get(key);
    if (list === undefined) collected.set(key, [item]);
    else list.push(item);
  }
  return collected;
}

function givenSplit(samples: readonly Sample[], group: Group): Split | undefined {
  const splits = new Set(group.members.map((index) => samples[index]?.split).filter((split) => split !== undefined));
  if (splits.size > 1) {
    throw new WeakspotError('data', `${group.id} is in two splits: ${[...splits].toSorted().join(' and ')}`, {
      hint: 'Put all images of one patient into one split.',
    });
  }
  return [...splits][0];
}

function checkFractions(fractions: SplitFractions): void {
  const { train, validation, test } = fractions;
  const valid = [train, validation, test].every((fraction) => fraction >= 0 && fraction <= 1);
  if (valid && Math.abs(train + validation + test - 1) < 1e-6) return;
  throw new WeakspotError('usage', `split fractions ${train}, ${validation}, ${test} do not add up to 1`, {
    hint: 'Give shares from 0 to 1 that add up to 1, such as 0.8, 0.1 and 0.1.',
  });
}
