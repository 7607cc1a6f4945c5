import { createHash } from 'node:crypto';
import { type ContentsOptions, contentsOf } from '../data/contents.js';
import type { Sample } from '../data/dataset.js';
import type { TestSet } from './data.js';
import { storedRegion } from './evaluation-file.js';

/** SHA-256, hexadecimal, of image files by the samples' names; null of a file that cannot be read. */
type Contents = ReadonlyMap<string, string | null>;

/**
 * The contents of the test sets' images, by test set.
 * @param folds All folds whose images are tested; null stands for those of no fold.
 * @throws WeakspotError `aborted` by the signal.
 */
export async function contentsOfTests(
  tests: readonly TestSet[],
  folds: readonly (number | null)[],
  options: ContentsOptions,
): Promise<ReadonlyMap<TestSet, Contents>> {
  const all = new Map<TestSet, Contents>();
  for (const test of tests) all.set(test, await contentsOf([...new Set(folds.flatMap(test.samples))], options));
  return all;
}

/**
 * What an evaluation depends on besides the model: SHA-256, hexadecimal, over the images in their order, with names, pixels,
 * classes, patients and ground truth. It does not depend on where the images are.
 */
export function fingerprintOf(samples: readonly Sample[], contents: Contents): string {
  const hash = createHash('sha256');
  for (const { name, frame, label, labels, patient, regions, regionLabels } of samples) {
    const truth = [regions.map(storedRegion), regionLabels?.map((index) => index ?? null) ?? null];
    const image = [name, contents.get(name) ?? null, frame ?? null, label, labels ?? null, patient ?? null, ...truth];
    hash.update(`${JSON.stringify(image)}\n`);
  }
  return hash.digest('hex');
}
