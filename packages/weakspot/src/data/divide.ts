import { type DataIssue, WeakspotError } from '@weakspot/core';
import { type CopiesOptions, findCopies } from './copies.js';
import type { Dataset, Sample, Split } from './dataset.js';
import { IssueList } from './issues.js';
import { applySplitFile } from './split-file.js';
import { foldSamples, splitSamples } from './split.js';
import { type SplitSettings, splitWay } from './split-settings.js';

export interface Division {
  /** The part of each sample, by name; samples that a split file does not name are in none. */
  readonly split: ReadonlyMap<string, Split>;
  /** Warnings. */
  readonly issues: readonly DataIssue[];
}

/**
 * Divides a data set into training, validation and test part. Patients and copies of one image (files of the same bytes)
 * are never parted: drawn parts keep them together, given ones that part them are an error.
 *
 * @param seed Used where the settings have none.
 * @throws WeakspotError `data` naming every two files that are of one patient, or copies, and in different parts, or what
 * is wrong in the split file; `usage` where folds are asked for and the data set has a split of its own, or where it has
 * fewer patients than folds; `aborted`.
 */
export async function divideDataset(
  dataset: Dataset,
  settings: SplitSettings,
  seed: number,
  options: CopiesOptions = {},
): Promise<Division> {
  const { train = 0, validation = 0, test = 0, folds = 0, fold, file } = settings;
  const drawn = settings.seed ?? seed;
  const way = splitWay(settings) ?? 'shares';
  const issues = new IssueList();
  let { samples } = dataset;
  if (way === 'file') {
    samples = await applySplitFile(file ?? '', fold, dataset, issues);
    issues.throwIfErrors('the split file');
  }
  const copies = await findCopies(samples, options);
  if (way === 'folds') {
    refuseOwnSplit(dataset);
    const numbers = foldSamples(samples, folds, drawn, copies);
    samples = samples.map((sample, i): Sample => ({ ...sample, split: numbers[i] === fold ? 'test' : 'train' }));
  }
  const fractions = way === 'shares' ? { train, validation, test } : { train: 1 - validation, validation, test: 0 };
  const parts = splitSamples(samples, fractions, drawn, copies);
  return { split: new Map(samples.map(({ name }, i) => [name, parts[i] as Split])), issues: issues.list() };
}

/** @throws WeakspotError `usage` where samples have splits of their own: folds would train on their test part. */
export function refuseOwnSplit({ samples, name }: Dataset): void {
  if (!samples.some(({ split }) => split !== undefined)) return;
  throw new WeakspotError('usage', `${name} has its own split, which folds would mix up`, {
    hint: 'Use its own split (shares), or write a split file with "weakspot split --anew" and give that.',
  });
}
