import { mkdir, readdir, rmdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { WeakspotError, messageOf } from '@weakspot/core';

/** Where runs go that are given no folder. */
export const RUNS = 'runs';

/** The name that runs on a data set are numbered under: its folder's, without what a shell or file system minds. */
export function setNameOf(data: string): string {
  const path = resolve(data);
  const name = basename(path).replace(/\.(?:csv|tsv|txt|json|xml|ya?ml)$/i, '');
  // "labels.csv" says less than the folder that it lies in.
  const said = /^labels$/i.test(name) ? basename(dirname(path)) : name;
  return said.replaceAll(/[^\p{L}\p{M}\p{N}._-]+/gu, '-').replaceAll(/^[.-]+|-+$/g, '') || 'run';
}

/** A folder that was made for a run, so that no other process takes the same. */
export interface ClaimedFolder {
  readonly path: string;
  /** Removes it again if nothing came into it, such as after an error. */
  readonly dispose: () => Promise<void>;
}

/**
 * Makes the folder of the next run on a data set: `PARENT/NAME-N`, N one more than the highest there is. Of several
 * processes that ask at once, each gets another one.
 * @throws WeakspotError `io` if it cannot be made.
 */
export async function claimRunFolder(data: string, parent: string = RUNS): Promise<ClaimedFolder> {
  const name = setNameOf(data);
  try {
    await mkdir(parent, { recursive: true });
    const prefix = `${name}-`;
    const taken = (await readdir(parent))
      .filter((entry) => entry.startsWith(prefix) && /^\d{1,9}$/.test(entry.slice(prefix.length)))
      .map((entry) => Number(entry.slice(prefix.length)));
    for (let number = Math.max(0, ...taken) + 1; ; number++) {
      const path = join(parent, `${prefix}${number}`);
      if (await made(path)) return { path, dispose: () => removeEmpty(path, parent) };
    }
  } catch (error) {
    throw new WeakspotError('io', `Cannot make a folder for the run in ${resolve(parent)}: ${messageOf(error)}`, {
      hint: 'Say where the run goes: --out FOLDER.',
      cause: error,
    });
  }
}

/** Whether the folder was made; false if there is something of the name. */
async function made(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function removeEmpty(...paths: readonly string[]): Promise<void> {
  // Not empty, or gone: as it should be.
  for (const path of paths) await rmdir(path).catch(() => undefined);
}
