import { WeakspotError } from '@weakspot/core';
import { isRun } from '../run/folder.js';
import { readWeights } from '../run/weights.js';
import { checkTrainingPart } from '../train/minibatches.js';
import { type ComparisonData, openData } from './data.js';
import { type ComparisonFolder, goesOn, movedTests } from './folder.js';
import { checkComparedData, checkMovedTests, recordedName } from './moved.js';
import type { CompareRequest } from './request.js';
import { type PlannedRun, folderOf } from './runs.js';
import type { ComparisonSettings } from './settings.js';

/** A comparison that is to begin, or to go on. */
export interface Opening {
  readonly request: CompareRequest;
  readonly folder: ComparisonFolder;
  readonly runs: readonly PlannedRun[];
  readonly signal: AbortSignal | undefined;
}

/**
 * The data of a comparison, and whether they are at another place than its runs were made with. Whatever can be known to keep it from
 * beginning, going on, or being finished is looked for; nothing is trained or changed.
 */
export async function openComparison({
  request,
  folder,
  runs,
  signal,
}: Opening): Promise<{ data: ComparisonData; isMoved: boolean }> {
  const { settings, cache, force, acceptChanges = false } = request;
  const begins = force ? 'begins' : await goesOn(folder, settings);
  // A folder that was moved may have another name.
  const called = force ? undefined : await recordedName({ folder, runs });
  const opened = await openData(settings, folder, { anew: force, name: called, signal });
  checkCheckpoint(settings, opened);
  await checkUnbegun({ folder, runs, force }, opened);
  // The runs that are there are removed.
  if (force) return { data: opened, isMoved: false };
  const isMoved = begins === 'moved';
  const changes = await checkComparedData({ folder, runs }, opened, { cache, acceptChanges, isMoved, signal });
  if (isMoved && !acceptChanges) {
    const moved = await movedTests(folder, settings);
    await checkMovedTests({ folder, runs }, opened.tests, moved, { cache, signal });
  }
  return { data: { ...opened, issues: [...opened.issues, ...changes] }, isMoved };
}

function checkCheckpoint({ checkpoint }: ComparisonSettings, { splits }: ComparisonData): void {
  if (checkpoint === 'last' || splits.every(({ split }) => [...split.values()].includes('validation'))) return;
  throw new WeakspotError('usage', 'The best checkpoint is chosen on the validation part, and there is none.', {
    hint: 'Leave images for validation, such as --split 7:1:2, or compare the last checkpoints.',
  });
}

/** What would fail when its turn comes, maybe after hours: of runs that are not begun, whose folders know the rest. */
async function checkUnbegun(
  { folder, runs, force }: Pick<Opening, 'folder' | 'runs'> & { readonly force: boolean },
  { dataset, splits }: ComparisonData,
): Promise<void> {
  const counts = new Map(
    splits.map(({ fold, split }) => [fold, dataset.samples.filter(({ name }) => split.get(name) === 'train').length]),
  );
  const sources = new Set<string>();
  for (const planned of runs) {
    if (!force && (await isRun(folderOf(folder, planned)))) continue;
    const { fold, config } = planned;
    checkTrainingPart(counts.get(fold) ?? 0, config);
    if (config.init !== undefined) sources.add(config.init);
  }
  for (const source of sources) await readWeights(source);
}
