import { type DataIssue, WeakspotError } from '@weakspot/core';
import { findCopies } from '../data/copies.js';
import type { Dataset, Sample, Split } from '../data/dataset.js';
import { divideDataset } from '../data/divide.js';
import { readDataset } from '../data/read-dataset.js';
import { openDataset } from '../run/open-dataset.js';
import { changesSince } from '../train/run-data.js';
import { type ComparisonFolder, storedSplit, writeSplitFile } from './folder.js';
import type { ComparisonSettings, TestSettings } from './settings.js';

/** Images that a comparison's models are tested on. */
export interface TestSet {
  /** Also the name of the file with a run's answers; different ones have different names. */
  readonly name: string;
  /** Absolute path or as given; null: the parts for testing of the data that is trained on. */
  readonly path: string | null;
  /** Of what is tested: `test`, another part of the set's own, or `all`. */
  readonly part: Split | 'all';
  /** The images for the runs of a fold; all for the others. */
  readonly samples: (fold: number | null) => readonly Sample[];
}

export interface ComparisonData {
  readonly dataset: Dataset;
  /** By fold; one where there are none. */
  readonly splits: readonly { readonly fold: number | null; readonly split: ReadonlyMap<string, Split> }[];
  readonly tests: readonly TestSet[];
  /** Warnings. */
  readonly issues: readonly DataIssue[];
}

/** The folds of a comparison: null stands for the parts that all its runs share. */
export function foldsOf({ folds }: Pick<ComparisonSettings, 'folds'>): readonly (number | null)[] {
  return folds === null ? [null] : Array.from({ length: folds }, (_, fold) => fold);
}

export interface OpenDataOptions {
  /** Parts in the folder are not looked at. */
  readonly anew?: boolean;
  /** What the data set is called, instead of its folder's name. */
  readonly name?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads the data, divides it once for all runs, and finds the test sets. The parts are those in the folder, if they are
 * there. No image is decoded.
 *
 * @throws WeakspotError `data` where a set is wrong, or where an image to test on is trained on, or a copy of one is;
 * `usage` where there is nothing to test on; `aborted`.
 */
export async function openData(
  settings: ComparisonSettings,
  folder: ComparisonFolder,
  { anew = false, name, signal }: OpenDataOptions = {},
): Promise<ComparisonData> {
  const [first] = settings.methods;
  if (first === undefined) throw new WeakspotError('usage', 'There is no method to compare.');
  const { config } = first;
  const read = await openDataset(config);
  const dataset = name === undefined ? read : { ...read, name };
  if (dataset.multiLabel === true) {
    throw new WeakspotError(
      'usage',
      `Images of ${dataset.name} may have several labels: a comparison has one positive class.`,
      {
        hint: 'Train with "weakspot train" and measure every class with "weakspot evaluate".',
      },
    );
  }
  const issues: DataIssue[] = [...dataset.issues];
  const splits: ComparisonData['splits'][number][] = [];
  for (const fold of foldsOf(settings)) {
    const stored = anew ? undefined : await storedSplit(folder, fold);
    if (stored !== undefined) {
      splits.push({ fold, split: stored });
      if (splits.length === 1) issues.push(...changesSince(stored, dataset));
      continue;
    }
    const division = { ...config.data.split, ...(fold === null ? {} : { fold }) };
    const { split, issues: found } = await divideDataset(dataset, division, config.seed, { signal });
    splits.push({ fold, split });
    if (splits.length === 1) issues.push(...found);
  }
  const names = new Set<string>();
  const own = ownTest(dataset, splits, names);
  const tests = own === undefined ? [] : [own];
  for (const test of settings.tests) {
    const { set, found } = await openTest(test, dataset, config.data.strict, names, signal);
    tests.push(set);
    issues.push(...found);
  }
  if (tests.length === 0) {
    throw new WeakspotError('usage', `${dataset.name} has no part for testing, and no test set is given.`, {
      hint: 'Give test sets with --test, or leave some images for testing, such as --split 7:1:2.',
    });
  }
  await refuseTrainedOn({ dataset, splits, tests: tests.filter((test) => test !== own), signal });
  return { dataset, splits, tests, issues };
}

/** Writes the parts, for the runs to take. */
export async function writeSplits(folder: ComparisonFolder, { splits }: ComparisonData): Promise<void> {
  for (const { fold, split } of splits) {
    if ((await storedSplit(folder, fold)) === undefined) await writeSplitFile(folder, fold, split);
  }
}

/** The data's own part for testing, of each fold; undefined where it is empty. */
function ownTest(dataset: Dataset, splits: ComparisonData['splits'], names: Set<string>): TestSet | undefined {
  const parts = new Map(
    splits.map(({ fold, split }) => [fold, dataset.samples.filter(({ name }) => split.get(name) === 'test')]),
  );
  if ([...parts.values()].some((samples) => samples.length === 0)) return undefined;
  const samples = (fold: number | null): readonly Sample[] => parts.get(fold) ?? [];
  return { name: freshName(dataset.name, names), path: null, part: 'test', samples };
}

async function openTest(
  test: TestSettings,
  { classes, positive }: Dataset,
  strict: boolean,
  names: Set<string>,
  signal: AbortSignal | undefined,
): Promise<{ set: TestSet; found: readonly DataIssue[] }> {
  const { path, name, format, images, boxes, part } = test;
  const dataset = await readDataset(path, {
    classes,
    positive: classes[positive] ?? '',
    strict,
    ...(format === undefined ? {} : { format }),
    ...(images === undefined ? {} : { images }),
    ...(boxes === undefined ? {} : { boxes }),
    ...(signal === undefined ? {} : { signal }),
  });
  const samples = dataset.samples.filter(({ split }) => part === undefined || split === part);
  if (samples.length === 0) {
    throw new WeakspotError('data', `${path} has no images whose split is "${part}".`, {
      hint: 'The parts of a test set come from its own split. Leave out "part" to take all images.',
    });
  }
  const set = {
    name: freshName(name ?? dataset.name, names),
    path,
    part: part ?? 'all',
    samples: () => samples,
  } as const;
  return { set, found: dataset.issues };
}

/** A name that can be a file's, which no other test set has. */
function freshName(name: string, names: Set<string>): string {
  const safe = name.replaceAll(/[^\p{L}\p{N}_+.-]+/gu, '-').replace(/^\.+/, '') || 'test';
  let fresh = safe;
  for (let n = 2; names.has(fresh.toLowerCase()); n++) fresh = `${safe}-${n}`;
  names.add(fresh.toLowerCase());
  return fresh;
}

interface Trained extends Pick<ComparisonData, 'dataset' | 'splits'> {
  readonly tests: readonly TestSet[];
  readonly signal: AbortSignal | undefined;
}

/** @throws WeakspotError `data` naming the images of test sets that are those, or copies of those, trained on. */
async function refuseTrainedOn({ dataset, splits, tests, signal }: Trained): Promise<void> {
  const trained = dataset.samples.filter(({ name }) =>
    splits.some(({ split }) => (split.get(name) ?? 'test') !== 'test'),
  );
  const tested = tests.flatMap(({ samples }) => samples(null));
  // Names are unique in a set only.
  const all = [...trained, ...tested].map((sample, i) => ({ ...sample, name: String(i) }));
  const copies = await findCopies(all, { signal });
  const issues = copies.flatMap((set): DataIssue[] => {
    const files = set.map(Number);
    const from = files.find((i) => i < trained.length);
    if (from === undefined) return [];
    const message = `is trained on, as ${all[from]?.path}`;
    return files
      .filter((i) => i >= trained.length)
      .map((i) => ({ severity: 'error', file: all[i]?.path ?? '', message }));
  });
  const [one] = issues;
  if (one === undefined) return;
  const more = issues.length === 1 ? '' : `, and ${issues.length - 1} more like it`;
  throw new WeakspotError('data', `${one.file} of the test set ${one.message}${more}.`, {
    issues,
    hint: 'Test on other images: with these, the numbers would show how well the training images are remembered.',
  });
}
