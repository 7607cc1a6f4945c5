import { randomUUID } from 'node:crypto';
import { cp, link, readdir, rm, rmdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeFolder, writingFailed } from '../data/storage.js';
import type { RunConfig } from '../run/config.js';
import { type RunFolder, readConfig, runFolder, writeConfig } from '../run/folder.js';
import { differencesOf } from './folder.js';
import type { PlannedRun } from './runs.js';

/**
 * Of the runs before this one, the first that is trained alike: with the same seed on the same images, and with a configuration that differs
 * in nothing but the map that is read, which training does not look at.
 */
export function sameTraining(runs: readonly PlannedRun[], planned: PlannedRun): PlannedRun | undefined {
  const before = runs.slice(0, runs.indexOf(planned));
  return before.find(
    ({ seed, fold, config }) =>
      seed === planned.seed &&
      fold === planned.fold &&
      differencesOf(withMap(config, 'positive'), withMap(planned.config, 'positive')).length === 0,
  );
}

function withMap(config: RunConfig, map: RunConfig['localizer']['map']): RunConfig {
  return { ...config, localizer: { ...config.localizer, map } };
}

/**
 * Makes a run of a finished one, to be read by another map: with its checkpoints and records, and without its model. Resumed, it has nothing to
 * train and writes its own. The folder appears under its name only when it is complete.
 * @throws WeakspotError `io` where the file system refuses; `model` where the finished run is damaged.
 */
export async function takeTraining(from: RunFolder, to: RunFolder, { localizer }: RunConfig): Promise<void> {
  const { run, config } = await readConfig(from);
  const [runs, name] = [dirname(to.path), basename(to.path)];
  const isLeftOver = (entry: string): boolean => entry.startsWith(`.${name}-`) && entry.endsWith('.tmp');
  for (const entry of (await readdir(runs)).filter(isLeftOver))
    await rm(join(runs, entry), { recursive: true, force: true });
  const temporary = runFolder(join(runs, `.${name}-${randomUUID()}.tmp`));
  try {
    await makeFolder(join(temporary.path, 'checkpoints'));
    for (const kind of ['last', 'best'] as const) await share(from.checkpoint(kind), temporary.checkpoint(kind));
    for (const file of ['split.json', 'data.json', 'metrics.jsonl'])
      await copyKnown(join(from.path, file), join(temporary.path, file));
    await writeConfig(temporary, run, withMap(config, localizer.map));
    await rmdir(to.path).catch(() => undefined);
    await rename(temporary.path, to.path);
  } catch (error) {
    await rm(temporary.path, { recursive: true, force: true }).catch(() => undefined);
    throw await writingFailed(`Cannot write ${to.path}`, to.path, error);
  }
}

/** Checkpoints are replaced as whole files: both runs can have the same one on the disk. */
async function share(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyKnown(from, to));
}

/** Copies a file; one that is not there is left out. */
async function copyKnown(from: string, to: string): Promise<void> {
  await cp(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}
