import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { WeakspotError } from '@weakspot/core';
import type { RunConfig } from '../run/config.js';
import { type RunFolder, isOccupied, isRun, readConfig, runFolder } from '../run/folder.js';
import { foldsOf } from './data.js';
import { type ComparisonFolder, differencesOf, removeTemporary } from './folder.js';
import type { ComparisonSettings } from './settings.js';

/** A run of a comparison. */
export interface PlannedRun {
  /** Name of the method, or of the variant of one. */
  readonly method: string;
  readonly seed: number;
  /** Null: the parts are those of all runs. */
  readonly fold: number | null;
  /** Relative to the comparison's folder. */
  readonly folder: string;
  readonly config: RunConfig;
}

/** `new`: not begun. `begun`: to be resumed. `finished`: nothing is left to train. */
export type RunState = 'new' | 'begun' | 'finished';

/** All runs, in the order in which they are trained: every method once, then every method with the next seed or fold. */
export function planRuns(folder: ComparisonFolder, settings: ComparisonSettings): PlannedRun[] {
  const { methods, seeds } = settings;
  const rounds = foldsOf(settings).flatMap((fold) => seeds.map((seed) => ({ fold, seed })));
  return rounds.flatMap(({ fold, seed }) =>
    methods.map(({ name, config }): PlannedRun => {
      const split = { file: folder.split(fold), validation: 0 };
      return {
        method: name,
        seed,
        fold,
        folder: `runs/${name}-${fold === null ? seed : `fold-${fold}`}`,
        config: { ...config, seed, data: { ...config.data, split } },
      };
    }),
  );
}

export function folderOf(folder: ComparisonFolder, { folder: name }: PlannedRun): RunFolder {
  return runFolder(join(folder.path, name));
}

/**
 * How far a run is.
 * @throws WeakspotError `exists` if its folder holds something else, or a run with another configuration.
 */
export async function stateOf(run: RunFolder, { config }: PlannedRun): Promise<RunState> {
  await removeTemporary(run.path);
  if (!(await isOccupied(run.path))) return 'new';
  if (!(await isRun(run))) {
    throw new WeakspotError('exists', `${run.path} is not empty and holds no run.`, {
      hint: 'Move its contents elsewhere.',
    });
  }
  const [change] = differencesOf(lasting((await readConfig(run)).config, config), lasting(config, config));
  if (change !== undefined) {
    throw new WeakspotError('exists', `${run.path} holds a run with another configuration: ${change}`, {
      hint: 'Move it elsewhere; the comparison then trains its own.',
    });
  }
  const isDone = await access(run.model).then(
    () => true,
    () => false,
  );
  return isDone ? 'finished' : 'begun';
}

/**
 * What a run keeps of the configuration that it is asked for: `auto` becomes a device, a folder may be moved, and the
 * normalization of the training set gets its numbers.
 */
function lasting(config: RunConfig, asked: RunConfig): unknown {
  const { data, device, preprocessing, ...rest } = config;
  const { split, ...other } = data;
  const [kept, wanted] = [preprocessing.normalization, asked.preprocessing.normalization];
  const isCompleted = kept.kind === 'set' && wanted.kind === 'set' && wanted.mean === undefined;
  return {
    ...rest,
    preprocessing: isCompleted ? { ...preprocessing, normalization: wanted } : preprocessing,
    data: { ...other, split: { ...split, file: '' } },
    device: asked.device === 'auto' ? 'auto' : device,
  };
}
