import { basename, join } from 'node:path';
import { WeakspotError } from '@weakspot/core';
import type { RunConfig } from '../run/config.js';
import { type RunFolder, type RunInfo, isRun, readConfig, runFolder } from '../run/folder.js';
import { type ComparisonFile, type ComparisonTesting, readComparison, readTesting } from './comparison-file.js';
import { groupBy } from './group-by.js';

/** A run of a report, and the method it stands for. */
export interface ReportedRun {
  readonly folder: RunFolder;
  readonly run: RunInfo;
  readonly config: RunConfig;
  /** Index into the report's methods. */
  readonly method: number;
  /** Tells the run from others of its method: seed and fold. */
  readonly name: string;
}

export interface ReportSources {
  /** Names of the methods, each of one run or of several that differ in seed or fold only. */
  readonly methods: readonly string[];
  readonly runs: readonly ReportedRun[];
  /** Where the runs are those of `weakspot compare`. */
  readonly comparison?: { readonly file: ComparisonFile; readonly testing: ComparisonTesting | undefined };
}

/**
 * What a report's arguments name: run folders, or the folder of one comparison.
 * @throws WeakspotError `usage` where there are none, or a comparison is one of several; `model` naming a path that is
 * neither, or a run that is damaged.
 */
export async function readSources(paths: readonly string[]): Promise<ReportSources> {
  const [first] = paths;
  if (first === undefined) throw new WeakspotError('usage', 'A report needs a run, or a comparison.');
  for (const path of paths) {
    if (await isRun(runFolder(path))) continue;
    const file = await readComparison(path);
    if (paths.length > 1) {
      throw new WeakspotError('usage', `${path} is a comparison: report it alone.`, {
        hint: 'Several run folders can be shown side by side, or one comparison.',
      });
    }
    return comparisonSources(file.root, file.content);
  }
  const opened = await Promise.all([...new Set(paths.map((path) => runFolder(path).path))].map(openRun));
  const groups = groupBy(opened, settingsKey);
  const names = [...groups.values()].map(([one]) => (one as OpenedRun).config.method);
  const methods = [...groups.values()].map(([one], i) => {
    const { config, folder } = one as OpenedRun;
    const shared = names.some((name, j) => name === config.method && i !== j);
    return shared ? `${config.method} (${basename(folder.path)})` : config.method;
  });
  const runs = [...groups.values()].flatMap((members, method) =>
    members.map((one): ReportedRun => ({ ...one, method, name: runName(one) })),
  );
  checkClasses(runs);
  return { methods, runs };
}

interface OpenedRun {
  readonly folder: RunFolder;
  readonly run: RunInfo;
  readonly config: RunConfig;
}

async function openRun(path: string): Promise<OpenedRun> {
  const folder = runFolder(path);
  return { folder, ...(await readConfig(folder)) };
}

async function comparisonSources(root: string, file: ComparisonFile): Promise<ReportSources> {
  const methods = [...new Set(file.runs.map(({ method }) => method))];
  const runs: ReportedRun[] = [];
  for (const { method, folder: name } of file.runs) {
    const one = await openRun(join(root, name));
    runs.push({ ...one, method: methods.indexOf(method), name: runName(one) });
  }
  checkClasses(runs);
  const comparison = { file, testing: await readTesting(root) };
  return { methods, runs: runs.toSorted((a, b) => a.method - b.method), comparison };
}

/** Equal for runs whose settings differ in seed, fold and what changes no result: they are one method's. */
function settingsKey({ config }: OpenedRun): string {
  const { seed: _seed, threads: _threads, device: _device, data, ...settings } = config;
  const { split: _split, ...source } = data;
  return JSON.stringify({ ...settings, source });
}

function runName({ config }: OpenedRun): string {
  const { split } = config.data;
  const fold = 'fold' in split && split.fold !== undefined ? `, fold ${split.fold}` : '';
  return `seed ${config.seed}${fold}`;
}

/** @throws WeakspotError `usage` naming the first run of a multi-label set, or whose classes are others than the first one's. */
function checkClasses(runs: readonly ReportedRun[]): void {
  const [first] = runs;
  const several = runs.find(({ run }) => run.multiLabel === true);
  if (several !== undefined) {
    throw new WeakspotError(
      'usage',
      `${several.folder.path} was trained on a data set whose images may have several labels.`,
      {
        hint: 'A report shows one positive class. "weakspot evaluate" measures every class of such a run.',
      },
    );
  }
  const other = runs.find(({ run }) => JSON.stringify(run.classes) !== JSON.stringify(first?.run.classes));
  if (first === undefined || other === undefined) return;
  throw new WeakspotError(
    'usage',
    `The classes of ${other.folder.path} are ${other.run.classes.join(', ')}; those of ${first.folder.path} are ${first.run.classes.join(', ')}.`,
    { hint: 'Report runs of the same classes together.' },
  );
}
