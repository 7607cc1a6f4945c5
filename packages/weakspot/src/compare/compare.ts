import { type OnnxRuntime, WeakspotError } from '@weakspot/core';
import { throwIfAborted } from '../data/concurrency.js';
import { type Lock, acquireLock, lockOf, refuseHeld } from '../data/lock.js';
import type { RunFolder } from '../run/folder.js';
import { writeFileWhole } from '../run/write.js';
import { type TrainOptions, type TrainingRequest, train } from '../train/index.js';
import type { TrainEvent } from '../train/events.js';
import { measureAll } from './conclude.js';
import { type ComparisonData, foldsOf, openData, writeSplits } from './data.js';
import type { EvaluationFile } from './evaluation-file.js';
import { evaluateRun } from './evaluations.js';
import type { CompareEvent, RunPlace } from './events.js';
import { FORCE_HINT, clearComparison, comparisonFolder, refuseForeign, writeSettings } from './folder.js';
import { moveRuns } from './moved.js';
import { type Opening, openComparison } from './open.js';
import type { CompareRequest } from './request.js';
import { type PlannedRun, folderOf, planRuns, stateOf } from './runs.js';
import { sameTraining, takeTraining } from './shared-training.js';
import { comparisonMarkdown } from './tables.js';
import { contentsOfTests } from './test-data.js';

export interface CompareOptions {
  /** Aborting saves the run at hand and ends with the event `stopped`. */
  readonly signal?: AbortSignal;
  /** ONNX Runtime that tests the runs, as of `openModel`: the one that comes with this package unless given. */
  readonly runtime?: OnnxRuntime;
  /** How a run is trained: by `train`, in a thread of its own, unless given. */
  readonly train?: (request: TrainingRequest, options: TrainOptions) => AsyncIterable<TrainEvent>;
}

interface Work extends Opening, Required<Pick<CompareOptions, 'train'>> {
  readonly runtime: OnnxRuntime | undefined;
}

/**
 * Compares methods: trains each with every seed (or on every fold) on the same parts of a data set, one run after
 * another, then tests all of them and says whether they differ.
 *
 * What is finished in the folder is kept and a run begun is resumed, so that a comparison stopped or killed at any point
 * goes on with the same request. Test images are looked at when all runs are trained, and not before: nothing is chosen
 * by them.
 *
 * @throws WeakspotError `exists` if the folder holds something else, or a comparison with other settings; `busy` if another
 * process works in it; and as `train`,
 * `openModel` and `evaluateModel` do.
 */
export async function* compare(request: CompareRequest, options: CompareOptions = {}): AsyncGenerator<CompareEvent> {
  const { signal, runtime } = options;
  const folder = comparisonFolder(request.out);
  const runs = planRuns(folder, request.settings);
  let lock: Lock | undefined;
  try {
    throwIfAborted(signal);
    await refuseHeld(lockOf(folder.path));
    // A folder that is refused anyway is left untouched.
    await refuseForeign(folder, request.force ? FORCE_HINT : undefined);
    lock = await acquireLock(lockOf(folder.path), 'a comparison');
    yield* runComparison({ request, runtime, folder, runs, signal, train: options.train ?? train });
  } catch (error) {
    const isStop = error instanceof WeakspotError && error.code === 'aborted' && signal?.aborted === true;
    if (!isStop) throw error;
    yield { type: 'stopped', folder: folder.path };
  } finally {
    await lock?.release();
  }
}

/**
 * Finds out what would keep a comparison from beginning, or from going on, without training or testing anything, or changing its folder.
 * @throws WeakspotError as `compare` does before its first run.
 */
export async function checkComparison(request: CompareRequest, { signal }: CompareOptions = {}): Promise<void> {
  const folder = comparisonFolder(request.out);
  await refuseHeld(lockOf(folder.path));
  await refuseForeign(folder, request.force ? FORCE_HINT : undefined);
  await openComparison({ request, folder, runs: planRuns(folder, request.settings), signal });
}

async function* runComparison(work: Work): AsyncGenerator<CompareEvent> {
  const { request, folder, runs, signal } = work;
  const { settings } = request;
  const { data, isMoved } = await openComparison(work);
  if (request.force) await clearComparison(folder);
  // The runs first: stopped in between, the same command does it again.
  if (isMoved) await moveRuns(work);
  await writeSettings(folder, settings);
  await writeSplits(folder, data);
  yield planEvent(work, data);

  for (const [index, planned] of runs.entries()) yield* trainRun(work, planned, placeOf(work, planned, index));
  yield { type: 'trained', runs: runs.length };

  // Read again: days may have passed.
  const { tests } = await openData(settings, folder, { name: data.dataset.name, signal });
  const contents = await contentsOfTests(tests, foldsOf(settings), { cache: request.cache, signal });
  const evaluations = new Map<string, EvaluationFile[]>(tests.map(({ name }) => [name, []]));
  for (const [index, planned] of runs.entries()) {
    const run = placeOf(work, planned, index);
    const { cache, cacheLimit } = request;
    const task = { ...work, planned, folder: folderOf(folder, planned), tests, contents, settings, cache, cacheLimit };
    for await (const event of evaluateRun(task)) {
      throwIfAborted(signal);
      if (event.type === 'issue') {
        yield { type: 'issues', issues: [event.issue] };
        continue;
      }
      const { name } = event.test;
      if (event.type === 'image') {
        yield { type: 'evaluate', run, test: name, done: event.done, total: event.total };
      } else {
        const { evaluation, kept } = event;
        evaluations.get(name)?.push(evaluation);
        yield { type: 'evaluated', run, test: name, record: evaluation.record, kept };
      }
    }
  }

  const comparison = yield* measureAll(work, { ...data, tests }, evaluations);
  await writeFileWhole(folder.comparison, `${JSON.stringify(comparison, undefined, 1)}\n`);
  await writeFileWhole(folder.table, comparisonMarkdown(comparison));
  yield { type: 'done', folder: folder.path, files: [folder.comparison, folder.table], comparison };
}

function planEvent({ folder, runs, request }: Work, { dataset, splits, tests, issues }: ComparisonData): CompareEvent {
  const { methods, seeds, folds } = request.settings;
  const parts = splits.map(({ split }) => {
    const count = (part: string): number => dataset.samples.filter(({ name }) => split.get(name) === part).length;
    return { train: count('train'), validation: count('validation'), test: count('test') };
  });
  const ofFolds = (path: string | null): readonly (number | null)[] =>
    path === null ? splits.map(({ fold }) => fold) : [null];
  return {
    type: 'plan',
    folder: folder.path,
    dataset: dataset.name,
    methods: methods.map(({ name }) => name),
    seeds,
    folds,
    parts,
    tests: tests.map(({ name, path, samples }) => {
      return { name, path, images: ofFolds(path).reduce<number>((sum, fold) => sum + samples(fold).length, 0) };
    }),
    runs: runs.length,
    issues,
  };
}

function placeOf({ folder, runs }: Work, planned: PlannedRun, index: number): RunPlace {
  const { method, seed, fold } = planned;
  return { method, seed, fold, folder: folderOf(folder, planned).path, number: index + 1, total: runs.length };
}

/** Trains a run, or what is left of it. */
async function* trainRun(work: Work, planned: PlannedRun, run: RunPlace): AsyncGenerator<CompareEvent> {
  const { request, signal } = work;
  throwIfAborted(signal);
  const target: RunFolder = folderOf(work.folder, planned);
  const state = await stateOf(target, planned);
  const same = state === 'new' ? sameTraining(work.runs, planned) : undefined;
  if (same !== undefined) await takeTraining(folderOf(work.folder, same), target, planned.config);
  yield { type: 'run', run, state, ...(same === undefined ? {} : { trainedAs: same.method }) };
  if (state === 'finished') return;
  const board = request.tensorboard === true ? { tensorboard: true } : {};
  const limit = request.cacheLimit === undefined ? {} : { cacheLimit: request.cacheLimit };
  const common = { run: target.path, cache: request.cache, ...limit, ...board };
  const training: TrainingRequest =
    state === 'begun' || same !== undefined
      ? { ...common, resume: true, ...(request.acceptChanges === true ? { acceptChanges: true } : {}) }
      : { ...common, resume: false, config: planned.config, force: false };
  for await (const event of work.train(training, signal === undefined ? {} : { signal })) {
    yield { type: 'train', run, event };
    if (event.type === 'stopped') throw new WeakspotError('aborted', 'Stopped while a run was being trained.');
  }
}
