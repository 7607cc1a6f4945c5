import { type DataIssue, WeakspotError } from '@weakspot/core';
import { contentsOf } from '../data/contents.js';
import type { Dataset, Split } from '../data/dataset.js';
import type { Checkpoint } from '../run/checkpoint.js';
import type { DataPlace } from '../run/data-place.js';
import {
  type DataRecord,
  differencesBetween,
  readDataRecord,
  recordedImages,
  writeDataRecord,
} from '../run/data-record.js';
import type { RunFolder } from '../run/folder.js';
import { changesSince } from './run-data.js';

/** What a run works on now. */
interface DataNow {
  readonly folder: RunFolder;
  readonly dataset: Dataset;
  readonly split: ReadonlyMap<string, Split>;
  readonly isStopped: () => boolean;
}

export interface CheckedData {
  /** What to keep of the data; undefined where what is kept already is right. */
  readonly record: Pick<DataRecord, 'changes'> | undefined;
  /** What differs and was accepted, or cannot be checked. */
  readonly issues: readonly DataIssue[];
}

/**
 * Compares the data of a run to resume with what it was trained on: names, labels, whether there is ground truth, and the files'
 * content. A run that saved no checkpoint begins again, with the data as they are.
 * @throws WeakspotError `data` saying what differs, unless that is accepted.
 */
export async function checkData(
  request: { readonly cache: string | undefined; readonly data?: DataPlace; readonly acceptChanges?: boolean },
  { folder, dataset, split, checkpoint, isStopped }: DataNow & { readonly checkpoint: Checkpoint | undefined },
): Promise<CheckedData> {
  const before = await readDataRecord(folder);
  const { epoch, step } = checkpoint?.progress ?? { epoch: 0, step: 0 };
  if (before === undefined) {
    if (checkpoint === undefined) return { record: { changes: [] }, issues: [] };
    const what =
      'this run is from a version that did not record the data: it cannot be checked whether labels or images have changed since';
    const change = { epoch, step, what: ['recorded from now on'] };
    const issue: DataIssue = { severity: 'warning', file: folder.path, message: what };
    return { record: { changes: [change] }, issues: [issue, ...changesSince(split, dataset)] };
  }
  const samples = dataset.samples.filter(({ name }) => split.has(name));
  const now = recordedImages(dataset, await contentsOf(samples, { cache: request.cache, isStopped }));
  const differences = differencesBetween(before.images, now);
  if (differences.length === 0 && checkpoint !== undefined) return { record: undefined, issues: [] };
  if (request.acceptChanges !== true && checkpoint !== undefined)
    throw refusal(folder, dataset, request.data, differences);
  const issues = differences.map((what): DataIssue => ({
    severity: 'warning',
    file: dataset.root,
    message: `changed since this run began: ${what}`,
  }));
  const changes = checkpoint === undefined ? [] : [...before.changes, { epoch, step, what: differences }];
  return { record: { changes }, issues };
}

function refusal(
  folder: RunFolder,
  dataset: Dataset,
  place: DataPlace | undefined,
  differences: readonly string[],
): WeakspotError {
  const what =
    place === undefined
      ? `The data of ${folder.path} have changed since it began`
      : `${place.path} does not hold the data that ${folder.path} was trained on`;
  const lines = differences.map((one) => `\n  ${one}`).join('');
  return new WeakspotError('data', `${what}:${lines}`, {
    hint:
      'Put the data back as they were, or train another run. With --accept-changes this run continues with the data as they ' +
      'are: added images are left out, and its result depends on both the old and the new data.',
    issues: differences.map((message) => ({ severity: 'error', file: dataset.root, message })),
  });
}

/** Keeps what a run is trained on, at its beginning and where a resumed one accepts what has changed. */
export async function recordData(
  checked: CheckedData | undefined,
  {
    folder,
    dataset,
    split,
    isStopped,
    ...known
  }: DataNow & { readonly cache: string | undefined; readonly known: ReadonlyMap<string, string> },
): Promise<void> {
  if (checked !== undefined && checked.record === undefined) return;
  const samples = dataset.samples.filter(({ name }) => split.has(name));
  const contents = await contentsOf(samples, { ...known, isStopped });
  const changes = checked?.record?.changes ?? [];
  await writeDataRecord(folder, { format: 1, images: recordedImages(dataset, contents), changes });
}
