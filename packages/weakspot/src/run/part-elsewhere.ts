import { type DataIssue, WeakspotError } from '@weakspot/core';
import { contentsOf } from '../data/contents.js';
import type { Dataset, Sample, Split } from '../data/dataset.js';
import { type RecordedImage, differencesBetween, readDataRecord, recordedImages } from './data-record.js';
import { type RunFolder, readSplit } from './folder.js';

export interface PartOptions {
  /** Folder of the cache of prepared images. */
  readonly cache: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The images of one of a run's parts in a data set at another place: those of the same names and, as the run recorded it, of
 * the same content and labels.
 *
 * @returns Undefined where the data set is another one: it has none of the part's names, or a split of its own and other images
 * under these names. With them a warning, where the run was made before contents were recorded.
 * @throws WeakspotError `data` saying what differs, where some of the part's images are missing or others.
 */
export async function partElsewhere(
  folder: RunFolder,
  part: Split,
  dataset: Dataset,
  { cache, signal }: PartOptions,
): Promise<{ readonly samples: readonly Sample[]; readonly issues: readonly DataIssue[] } | undefined> {
  const split = await readSplit(folder);
  const samples = dataset.samples.filter(({ name }) => split.get(name) === part);
  if (samples.length === 0) return undefined;
  const hasOwn = dataset.samples.some((sample) => sample.split === part);
  const record = await readDataRecord(folder);
  if (record === undefined) {
    if (hasOwn) return undefined;
    const message = `${folder.path} is from a version that did not record the images of a run: they are taken by their names and may be different images`;
    return { samples, issues: [{ severity: 'warning', file: dataset.root, message }] };
  }
  const names = new Set([...split].flatMap(([name, is]) => (is === part ? [name] : [])));
  // Ground truth may be given anew: boxes are for testing.
  const unlocated = (images: Readonly<Record<string, RecordedImage>>): Record<string, RecordedImage> =>
    Object.fromEntries(Object.entries(images).map(([name, image]) => [name, { ...image, located: false }]));
  const before = unlocated(Object.fromEntries(Object.entries(record.images).filter(([name]) => names.has(name))));
  const now = unlocated(recordedImages({ ...dataset, samples }, await contentsOf(samples, { cache, signal })));
  const differences = differencesBetween(before, now);
  if (differences.length === 0) return { samples, issues: [] };
  if (hasOwn) return undefined;
  throw new WeakspotError(
    'data',
    `${dataset.root} does not hold the ${part} part of ${folder.path} as it was:${differences.map((one) => `\n  ${one}`).join('')}`,
    { hint: `Give the place of the run's own images, or leave out --part to test on all of these.` },
  );
}
