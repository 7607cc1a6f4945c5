import { readFile, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { WeakspotError, messageOf } from '@weakspot/core';
import { z } from 'zod';
import type { Split } from '../data/dataset.js';
import { lockOf, refuseHeld } from '../data/lock.js';
import { runConfigSchema } from '../run/config.js';
import { isOccupied, isRun, runFolder } from '../run/folder.js';
import { writeFileWhole } from '../run/write.js';
import { VERSION } from '../version.js';
import type { ComparisonSettings } from './settings.js';

/** Places in a comparison's folder. */
export interface ComparisonFolder {
  readonly path: string;
  /** What is compared; written first. */
  readonly settings: string;
  /** The parts that all runs share, or those of a fold. */
  readonly split: (fold: number | null) => string;
  readonly runs: string;
  readonly comparison: string;
  readonly table: string;
}

export function comparisonFolder(path: string): ComparisonFolder {
  const root = resolve(path);
  return {
    path: root,
    settings: join(root, 'settings.json'),
    split: (fold) => join(root, fold === null ? 'split.json' : `split-${fold}.json`),
    runs: join(root, 'runs'),
    comparison: join(root, 'comparison.json'),
    table: join(root, 'table.md'),
  };
}

export const FORCE_HINT = '--force replaces comparisons only: choose another folder.';

/**
 * Changes nothing.
 * @throws WeakspotError `exists` if the folder holds anything but a comparison.
 */
export async function refuseForeign(folder: ComparisonFolder, hint = 'Choose another folder.'): Promise<void> {
  if (!(await isOccupied(folder.path, isTemporary)) || (await storedSettings(folder)) !== undefined) return;
  throw new WeakspotError('exists', `${folder.path} exists, is not empty and holds no comparison.`, { hint });
}

/** A difference of settings in where the data are. */
const DATA_PLACE = /^methods\.\d+\.config\.data\.(path|images|boxes): /;
/** A difference of settings in where a test set is, with its index. */
const TEST_PLACE = /^tests\.(\d+)\.(path|images|boxes): /;

/**
 * Whether a comparison with these settings goes on in the folder, maybe with its data or test sets at another place; or whether one may
 * begin, as it is empty.
 * @throws WeakspotError `exists` if the folder holds anything else, or a comparison with other settings.
 */
export async function goesOn(
  folder: ComparisonFolder,
  settings: ComparisonSettings,
): Promise<'begins' | 'goes on' | 'moved'> {
  await refuseForeign(folder);
  await removeTemporary(folder.path);
  const stored = await storedSettings(folder);
  if (stored === undefined) return 'begins';
  const changes = differencesOf(comparable(stored), comparable(settings));
  if (changes.length === 0) return 'goes on';
  if (changes.every((change) => DATA_PLACE.test(change) || TEST_PLACE.test(change))) return 'moved';
  const shown = changes.slice(0, 5).map((change) => `\n  ${change}`);
  const more = changes.length > shown.length ? `\n  and ${changes.length - shown.length} more` : '';
  throw new WeakspotError('exists', `${folder.path} holds a comparison with other settings:${shown.join('')}${more}`, {
    hint: 'Continue with its own settings, choose another folder, or start over with --force, which removes its runs.',
  });
}

/** Indices of the test sets, in the settings, that the comparison in the folder had at another place. */
export async function movedTests(folder: ComparisonFolder, settings: ComparisonSettings): Promise<number[]> {
  const changes = differencesOf(comparable(await storedSettings(folder)), comparable(settings));
  const indices = changes.flatMap((change) => TEST_PLACE.exec(change)?.[1] ?? []);
  return [...new Set(indices.map(Number))];
}

/** Whether a comparison with these very settings is in the folder; nothing is changed or thrown. */
export async function holdsComparison(out: string, settings: ComparisonSettings): Promise<boolean> {
  const stored = await storedSettings(comparisonFolder(out)).catch(() => undefined);
  return stored !== undefined && differencesOf(comparable(stored), comparable(settings)).length === 0;
}

/**
 * Empties the folder of a comparison, whatever its settings.
 * @throws WeakspotError `exists` if it holds anything but a comparison, `busy` if one of its runs is being trained.
 */
export async function clearComparison(folder: ComparisonFolder): Promise<void> {
  await refuseForeign(folder, FORCE_HINT);
  const runs = (await readdir(folder.runs).catch(() => [])).map((name) => join(folder.runs, name));
  for (const path of runs) await refuseHeld(lockOf(path));
  try {
    for (const path of runs) if (await isRun(runFolder(path))) await rm(path, { recursive: true });
    const splits = (await readdir(folder.path)).filter((name) => /^split(-\d+)?\.json$/.test(name));
    const files = [folder.comparison, folder.table, ...splits.map((name) => join(folder.path, name))];
    // The settings last: without them nobody would know the folder for a comparison's.
    for (const path of [...files, folder.settings]) await rm(path, { force: true });
  } catch (error) {
    throw new WeakspotError('io', `Cannot start over in ${folder.path}: ${messageOf(error)}`, { cause: error });
  }
}

export async function writeSettings(folder: ComparisonFolder, settings: ComparisonSettings): Promise<void> {
  const content = { format: 1, weakspot: VERSION, settings };
  await writeFileWhole(folder.settings, `${JSON.stringify(content, undefined, 2)}\n`);
}

const splitSchema = z.record(z.string(), z.enum(['train', 'validation', 'test']));

/** Keeps which image is in which part, as a run's split.json does: a split file that every run takes. */
export async function writeSplitFile(
  folder: ComparisonFolder,
  fold: number | null,
  split: ReadonlyMap<string, Split>,
): Promise<void> {
  await writeFileWhole(folder.split(fold), `${JSON.stringify(Object.fromEntries(split), undefined, 1)}\n`);
}

/**
 * The parts as they were written; undefined where they were not yet.
 * @throws WeakspotError `model` if the file is damaged.
 */
export async function storedSplit(
  folder: ComparisonFolder,
  fold: number | null,
): Promise<ReadonlyMap<string, Split> | undefined> {
  const path = folder.split(fold);
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return new Map(Object.entries(splitSchema.parse(JSON.parse(text))));
  } catch (error) {
    throw new WeakspotError('model', `${path} is damaged: ${messageOf(error)}`, {
      hint: 'Copy the split.json of one of the runs over it, or start the comparison over with --force.',
      cause: error,
    });
  }
}

/** Whether the folder is that of a comparison, of whatever version or however damaged. */
export async function isComparison(path: string): Promise<boolean> {
  return (await storedSettings(comparisonFolder(path)).catch(() => ({}))) !== undefined;
}

/** The settings as they were written, undefined where there are none. */
async function storedSettings({ settings }: ComparisonFolder): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(settings, 'utf8');
  } catch {
    return undefined;
  }
  if (!/"weakspot"\s*:/.test(text)) return undefined;
  try {
    return (JSON.parse(text) as { settings?: unknown }).settings ?? {};
  } catch (error) {
    throw new WeakspotError('exists', `${settings} is damaged: ${messageOf(error)}`, {
      hint: 'Choose another folder, or remove this one.',
      cause: error,
    });
  }
}

/**
 * What finished runs depend on: how the test images are drawn anew does not touch them. Keys that an earlier version had
 * not yet have the values that stand for what it did.
 */
function comparable(settings: unknown): unknown {
  const plain = JSON.parse(JSON.stringify(settings)) as Record<string, unknown>;
  const methods: unknown = Array.isArray(plain['methods']) ? plain['methods'].map(completed) : plain['methods'];
  return { ...plain, methods, resamples: undefined, level: undefined };
}

function completed(method: unknown): unknown {
  if (!isObject(method)) return method;
  const config = runConfigSchema.safeParse(method['config']);
  return config.success ? { ...method, config: JSON.parse(JSON.stringify(config.data)) as unknown } : method;
}

/** `path: old -> new` of every value that differs between two JSON values; keys that are undefined are not there. */
export function differencesOf(before: unknown, after: unknown, path = ''): string[] {
  if (isObject(before) && isObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => differencesOf(before[key], after[key], path === '' ? key : `${path}.${key}`));
  }
  const [was, is] = [JSON.stringify(before), JSON.stringify(after)];
  return was === is ? [] : [`${path}: ${was ?? 'not set'} -> ${is ?? 'not set'}`];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Removes what a killed process had not yet renamed in this folder itself. */
export async function removeTemporary(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (isTemporary(name)) await rm(join(folder, name), { force: true }).catch(() => undefined);
  }
}

/** Of `writeFileWhole`. */
function isTemporary(name: string): boolean {
  return /\.json\.\d+-[-\da-f]+\.tmp$/.test(name);
}
