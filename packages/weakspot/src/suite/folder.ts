import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { WeakspotError } from '@weakspot/core';
import { z } from 'zod';
import { isComparison } from '../compare/folder.js';
import { isOccupied } from '../run/folder.js';

/** Places in a suite's folder. */
export interface SuiteFolder {
  readonly path: string;
  /** The folder of a set's comparison. */
  readonly set: (name: string) => string;
  /** The result, which is there from the beginning: it says how far each set is. */
  readonly result: string;
  readonly tables: string;
}

export function suiteFolder(path: string): SuiteFolder {
  const root = resolve(path);
  return {
    path: root,
    set: (name) => join(root, name),
    result: join(root, 'suite.json'),
    tables: join(root, 'suite.md'),
  };
}

/**
 * Changes nothing.
 * @throws WeakspotError `exists` if the folder holds anything but a suite.
 */
export async function refuseForeign(folder: SuiteFolder): Promise<void> {
  if (!(await isOccupied(folder.path, isTemporary)) || (await holdsSuite(folder))) return;
  const what = (await isComparison(folder.path))
    ? 'holds a comparison, not a suite'
    : 'exists, is not empty and holds no suite';
  throw new WeakspotError('exists', `${folder.path} ${what}.`, { hint: 'Choose another folder for the suite.' });
}

/** Whether a folder is a suite's, however damaged: its own mark is enough. */
export async function holdsSuite({ result }: SuiteFolder): Promise<boolean> {
  const text = await readFile(result, 'utf8').catch(() => '');
  return /"weakspot"\s*:/.test(text);
}

const statesSchema = z.object({ sets: z.array(z.object({ name: z.string(), state: z.string() })) });

/** The sets that the result in the folder tells of; none where it is damaged. */
export async function finishedSets({ result }: SuiteFolder): Promise<string[]> {
  try {
    const { sets } = statesSchema.parse(JSON.parse(await readFile(result, 'utf8')));
    return sets.filter(({ state }) => state === 'done').map(({ name }) => name);
  } catch {
    return [];
  }
}

/** Of `writeFileWhole`. */
function isTemporary(name: string): boolean {
  return /\.(json|md)\.\d+-[-\da-f]+\.tmp$/.test(name);
}
