import { relative, sep } from 'node:path';
import { throwIfAborted } from '../data/concurrency.js';
import { VERSION } from '../version.js';
import type { ComparedRun, ComparedWarning, Comparison } from './comparison.js';
import type { ComparisonData } from './data.js';
import { compareMethods } from './differences.js';
import { type EvaluationFile, withTolerance } from './evaluation-file.js';
import { evaluationPath } from './evaluations.js';
import type { CompareEvent } from './events.js';
import type { ComparisonFolder } from './folder.js';
import { type Measured, measure } from './measure.js';
import type { Opening } from './open.js';
import { type PlannedRun, folderOf } from './runs.js';
import { summariseTest } from './summarise.js';

/** The tables and the differences, from what the runs said of the test images. */
export async function* measureAll(
  { request, folder, runs, signal }: Opening,
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
