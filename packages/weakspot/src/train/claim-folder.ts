import { readdir, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { WeakspotError, messageOf } from '@weakspot/core';
import { type RunFolder, isOccupied, isRun } from '../run/folder.js';

/**
 * Checks that a new run may have the folder: it is empty or not there, or `force` is set and it holds a run. Nothing is
 * changed yet.
 * @throws WeakspotError `exists` saying what to do.
 */
export async function checkClaim(folder: RunFolder, force: boolean): Promise<void> {
  if (!(await isOccupied(folder.path))) return;
  const hasRun = await isRun(folder);
  if (force && hasRun) return;
  throw new WeakspotError('exists', `${folder.path} exists and is not empty.`, {
    hint: hasRun
      ? 'Continue that run with --resume, start over with --force, or choose another folder.'
      : 'It does not hold a run: choose another folder.',
  });
}

/** Removes the results of a run, all but its configuration and split; without a checkpoint it is a run not begun. */
export async function removeResults(folder: RunFolder): Promise<void> {
  const { metrics, model, report, checkpoint } = folder;
  try {
    for (const path of [checkpoint('last'), checkpoint('best'), metrics, model, report])
      await rm(path, { force: true });
  } catch (error) {
    throw new WeakspotError('io', `Cannot start over in ${folder.path}: ${messageOf(error)}`, { cause: error });
  }
}

/** Removes what a killed process had not yet renamed. Leaves what else lies in the folder alone. */
export async function removeLeftovers(folder: RunFolder): Promise<void> {
  const { config, split, metrics, model, report, checkpoint } = folder;
  for (const path of [config, split, metrics, model, report, checkpoint('last'), checkpoint('best')]) {
    const directory = dirname(path);
    // Nothing depends on it: a folder that can't be read, or a file that can't be removed, fails where it matters.
    const entries = await readdir(directory).catch(() => []);
    for (const name of entries.filter((entry) => entry.startsWith(`${basename(path)}.`) && entry.endsWith('.tmp'))) {
      await rm(`${directory}/${name}`, { force: true }).catch(() => undefined);
    }
  }
}
