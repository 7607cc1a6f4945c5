import { relative, sep } from 'node:path';
import { type OnnxRuntime, WeakspotError } from '@weakspot/core';
import { throwIfAborted } from '../data/concurrency.js';
import { type Lock, acquireLock, lockOf, refuseHeld } from '../data/lock.js';
import { type RunFolder, isRun } from '../run/folder.js';
import { readWeights } from '../run/weights.js';
import { writeFileWhole } from '../run/write.js';
import { type TrainOptions, type TrainingRequest, train } from '../train/index.js';
import type { TrainEvent } from '../train/events.js';
import { checkTrainingPart } from '../train/minibatches.js';
import { VERSION } from '../version.js';
import type { ComparedRun, ComparedWarning, Comparison } from './comparison.js';
import { type ComparisonData, foldsOf, openData, writeSplits } from './data.js';
import { compareMethods } from './differences.js';
import { type EvaluationFile, withTolerance } from './evaluation-file.js';
import { evaluateRun, evaluationPath } from './evaluations.js';
import type { CompareEvent, RunPlace } from './events.js';
import {
  type ComparisonFolder,
  FORCE_HINT,
  clearComparison,
  comparisonFolder,
  goesOn,
  movedTests,
  refuseForeign,
  writeSettings,
} from './folder.js';
import { checkComparedData, checkMovedTests, moveRuns, recordedName } from './moved.js';
import { type Measured, measure } from './measure.js';
import { type PlannedRun, folderOf, planRuns, stateOf } from './runs.js';
import type { ComparisonSettings } from './settings.js';
import { sameTraining, takeTraining } from './shared-training.js';
import { summariseTest } from './summarise.js';
import { comparisonMarkdown } from './tables.js';
import { contentsOfTests } from './test-data.js';

/** A comparison to begin, or to go on with: its folder knows which. */
export interface CompareRequest {
  /** The comparison's folder. */
  readonly out: string;
  /** Folder of the cache of prepared images; undefined: none. */
  readonly cache: string | undefined;
  /** Bytes that the cache may hold; 20 GiB unless given. */
  readonly cacheLimit?: number;
  readonly settings: ComparisonSettings;
  /** Start anew in a folder that holds a comparison, whose runs are removed. */
  readonly force: boolean;
  /** Go on though the data are others than the runs were trained on. */
  readonly acceptChanges?: boolean;
  /** Write TensorBoard event files into the folders of the runs. */
  readonly tensorboard?: boolean;
}

export interface CompareOptions {
  /** Aborting saves the run at hand and ends with the event `stopped`. */
  readonly signal?: AbortSignal;
  /** ONNX Runtime that tests the runs, as of `openModel`: the one that comes with this package unless given. */
  readonly runtime?: OnnxRuntime;
  /** How a run is trained: by `train`, in a thread of its own, unless given. */
  readonly train?: (request: TrainingRequest, options: TrainOptions) => AsyncIterable<TrainEvent>;
}

interface Work extends Required<Pick<CompareOptions, 'train'>> {
  readonly request: CompareRequest;
  readonly runtime: OnnxRuntime | undefined;
  readonly folder: ComparisonFolder;
  readonly runs: readonly PlannedRun[];
  readonly signal: AbortSignal | undefined;
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

/** The data of a comparison, and whether they are at another place than its runs were made with. */
async function openComparison({
  request,
  folder,
  runs,
  signal,
}: Pick<Work, 'request' | 'folder' | 'runs' | 'signal'>): Promise<{ data: ComparisonData; isMoved: boolean }> {
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

function checkCheckpoint({ checkpoint }: ComparisonSettings, { splits }: ComparisonData): void {
  if (checkpoint === 'last' || splits.every(({ split }) => [...split.values()].includes('validation'))) return;
  throw new WeakspotError('usage', 'The best checkpoint is chosen on the validation part, and there is none.', {
    hint: 'Leave images for validation, such as --split 7:1:2, or compare the last checkpoints.',
  });
}

/** What would fail when its turn comes, maybe after hours: of runs that are not begun, whose folders know the rest. */
async function checkUnbegun(
  { folder, runs, force }: Pick<Work, 'folder' | 'runs'> & { readonly force: boolean },
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

/** The tables and the differences, from what the runs said of the test images. */
async function* measureAll(
  { request, folder, runs, signal }: Work,
  { dataset, tests }: ComparisonData,
  evaluations: ReadonlyMap<string, readonly EvaluationFile[]>,
): AsyncGenerator<CompareEvent, Comparison> {
  const { settings } = request;
  const { resamples, level, folds } = settings;
  const methods = settings.methods.map(({ name }) => name);
  const seed = settings.methods[0]?.config.seed ?? 0;
  const table: Comparison['table'][number][] = [];
  const differences: Comparison['differences'][number][] = [];
  const inRegion = {
    table: [] as Comparison['table'][number][],
    differences: [] as Comparison['differences'][number][],
  };
  const testSets: Comparison['tests'][number][] = [];
  const sets = tests.map((test) => {
    const of = evaluations.get(test.name) ?? [];
    // Runs go round by round, each with every method: in a fold's own part a round is tested together, else all are.
    const byMethod = (rounds: readonly number[]): EvaluationFile[] =>
      methods.flatMap((_, method) => rounds.map((round) => of[round * methods.length + method] as EvaluationFile));
    const rounds = Array.from({ length: runs.length / methods.length }, (_, round) => round);
    const together = test.path === null && folds !== null ? rounds.map((round) => [round]) : [rounds];
    return { test, together: together.map((chosen) => ({ runs: byMethod(chosen), replicates: chosen.length })) };
  });
  const total = 2 * resamples * sets.reduce((sum, { together }) => sum + together.length, 0);
  let [number, before] = [0, 0];
  for (const { test, together } of sets) {
    const parts: Measured[] = [];
    const strictly: Measured[] = [];
    for (const tested of together) {
      const inside = { ...tested, runs: tested.runs.map((run) => withTolerance(run, { x: 0, y: 0 })) };
      // The same draws for both.
      for (const [of, into] of [[tested, parts] as const, [inside, strictly] as const]) {
        const measuring = measure(of, { seed, number, resamples });
        for (;;) {
          const next = measuring.next();
          if (next.done === true) {
            into.push(next.value);
            break;
          }
          yield { type: 'resample', done: before + next.value, total };
          // The caller's thread is busy: let a signal come through.
          await new Promise((resolve) => setImmediate(resolve));
          throwIfAborted(signal);
        }
        before += resamples;
      }
      number++;
    }
    table.push(...summariseTest(test.name, methods, parts, level));
    differences.push(...compareMethods({ test: test.name, methods, level, parts }));
    inRegion.table.push(...summariseTest(test.name, methods, strictly, level));
    inRegion.differences.push(...compareMethods({ test: test.name, methods, level, parts: strictly }));
    const sum = (pick: (part: Measured) => number): number => parts.reduce((count, part) => count + pick(part), 0);
    const isKnown = parts.some(({ patients }) => patients !== undefined);
    testSets.push({
      name: test.name,
      path: test.path,
      images: sum(({ images }) => images),
      positives: sum(({ positives }) => positives),
      located: sum(({ located }) => located),
      patients: isKnown ? sum(({ patients }) => patients ?? 0) : null,
    });
  }
  return {
    format: 2,
    weakspot: VERSION,
    dataset: dataset.name,
    classes: dataset.classes,
    positive: dataset.classes[dataset.positive] ?? '',
    methods,
    seeds: settings.seeds,
    folds,
    checkpoint: settings.checkpoint,
    resamples,
    level,
    tests: testSets,
    runs: runs.map((planned) => describeRun(folder, planned, tests)),
    table,
    differences,
    inRegion,
    warnings: tests.flatMap(({ name }) => warningsOf(name, runs, evaluations.get(name) ?? [])),
  };
}

/** What the runs' evaluations warn of, on one test set. */
function warningsOf(
  test: string,
  runs: readonly PlannedRun[],
  evaluations: readonly EvaluationFile[],
): ComparedWarning[] {
  return runs.flatMap(({ method, seed, fold }, i) =>
    (evaluations[i]?.record.warnings ?? []).map((warning) => ({ test, method, seed, fold, warning })),
  );
}

function describeRun(folder: ComparisonFolder, planned: PlannedRun, tests: ComparisonData['tests']): ComparedRun {
  const { method, seed, fold, folder: path } = planned;
  const inside = (file: string): string => relative(folder.path, file).split(sep).join('/');
  const files = tests.map((test) => [test.name, inside(evaluationPath(folderOf(folder, planned), test))]);
  return { method, seed, fold, folder: path, evaluations: Object.fromEntries(files) };
}
