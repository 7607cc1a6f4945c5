import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type DataIssue, WeakspotError } from '@weakspot/core';
import { contentsOf } from '../data/contents.js';
import { lockOf, refuseHeld } from '../data/lock.js';
import { type DataRecord, differencesBetween, readDataRecord, recordedImages } from '../run/data-record.js';
import { isRun, readConfig, writeConfig } from '../run/folder.js';
import type { ComparisonData, TestSet } from './data.js';
import { readEvaluation } from './evaluation-file.js';
import type { ComparisonFolder } from './folder.js';
import { type PlannedRun, folderOf } from './runs.js';
import { contentsOfTests, fingerprintOf } from './test-data.js';

interface Compared {
  readonly folder: ComparisonFolder;
  readonly runs: readonly PlannedRun[];
}

export interface ComparedDataOptions {
  /** Folder of the cache of prepared images. */
  readonly cache: string | undefined;
  /** Go on though the data are others than the runs were trained on. */
  readonly acceptChanges: boolean;
  /** The data are at another place than they were. */
  readonly isMoved: boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * Compares the data of a comparison with what its runs were trained on.
 * @returns What differs and was accepted.
 * @throws WeakspotError `data` saying what differs, unless that is accepted; `exists` where the data were moved and the runs did
 * not record them.
 */
export async function checkComparedData(
  { folder, runs }: Compared,
  { dataset, splits }: ComparisonData,
  { cache, acceptChanges, isMoved, signal }: ComparedDataOptions,
): Promise<DataIssue[]> {
  const begun: PlannedRun[] = [];
  let record: DataRecord | undefined;
  for (const planned of runs) {
    if (!(await isRun(folderOf(folder, planned)))) continue;
    begun.push(planned);
    record ??= await readDataRecord(folderOf(folder, planned));
  }
  if (begun.length === 0) return [];
  if (record === undefined) {
    if (!isMoved) return [];
    throw new WeakspotError(
      'exists',
      `${folder.path} was begun with data at another place, and has no record of them.`,
      {
        hint: 'Put the data back where they were, choose another folder, or start over with --force, which removes its runs.',
      },
    );
  }
  const samples = dataset.samples.filter(({ name }) => splits.some(({ split }) => split.has(name)));
  const differences = differencesBetween(
    record.images,
    recordedImages(dataset, await contentsOf(samples, { cache, signal })),
  );
  const issues = differences.map((what): DataIssue => ({
    severity: 'warning',
    file: dataset.root,
    message: `changed since the runs began: ${what}`,
  }));
  if (differences.length === 0 || acceptChanges) return issues;
  const lines = differences.map((one) => `\n  ${one}`).join('');
  throw new WeakspotError('data', `The runs of ${folder.path} were trained on other data:${lines}`, {
    hint:
      'Put the data back as they were, or start over with --force, which removes the runs. With --accept-changes the comparison ' +
      'continues with the data as they are; its runs are then trained on different data.',
    issues,
  });
}

/**
 * Compares the test sets that are at another place with those that the runs were tested on.
 * @param moved Their indices among the test sets of the settings.
 * @throws WeakspotError `exists` naming one that no run was tested on, where runs were tested on others in its place.
 */
export async function checkMovedTests(
  { folder, runs }: Compared,
  tests: readonly TestSet[],
  moved: readonly number[],
  { cache, signal }: Pick<ComparedDataOptions, 'cache' | 'signal'>,
): Promise<void> {
  const own = tests.find(({ path }) => path === null)?.name;
  const tested = new Set<string | undefined>();
  for (const planned of runs) {
    const place = join(folderOf(folder, planned).path, 'evaluations');
    for (const name of await readdir(place).catch(() => [])) {
      const evaluation = await readEvaluation(join(place, name)).catch(() => undefined);
      if (evaluation !== undefined && evaluation.dataset !== own) tested.add(evaluation.testHash);
    }
  }
  if (tested.size === 0) return;
  const others = tests.filter(({ path }) => path !== null);
  const chosen = others.filter((_, i) => moved.includes(i));
  const contents = await contentsOfTests(chosen, [null], { cache, signal });
  for (const test of chosen) {
    if (tested.has(fingerprintOf(test.samples(null), contents.get(test) ?? new Map()))) continue;
    throw new WeakspotError(
      'exists',
      `The runs of ${folder.path} were tested on other images than those of ${test.path}.`,
      {
        hint:
          'A test set may be moved if images and ground truth stay the same. Choose another folder, or accept the new ones with ' +
          '--accept-changes: then the runs are tested on them.',
      },
    );
  }
}

/** What the data set was called when the runs began; undefined where none has. */
export async function recordedName({ folder, runs }: Compared): Promise<string | undefined> {
  for (const planned of runs) {
    const target = folderOf(folder, planned);
    if (await isRun(target)) return (await readConfig(target)).run.dataset;
  }
  return undefined;
}

/**
 * Tells the runs where the data are now.
 * @throws WeakspotError `busy` where one is being trained.
 */
export async function moveRuns({ folder, runs }: Compared): Promise<void> {
  for (const planned of runs) {
    const target = folderOf(folder, planned);
    if (!(await isRun(target))) continue;
    await refuseHeld(lockOf(target.path));
    const { run, config } = await readConfig(target);
    const { images: _images, boxes: _boxes, ...kept } = config.data;
    const { path, images, boxes } = planned.config.data;
    const place = { path, ...(images === undefined ? {} : { images }), ...(boxes === undefined ? {} : { boxes }) };
    await writeConfig(target, run, { ...config, data: { ...kept, ...place } });
  }
}
