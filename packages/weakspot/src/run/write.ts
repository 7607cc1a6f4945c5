import { randomUUID } from 'node:crypto';
import { constants, copyFile, link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { WeakspotError } from '@weakspot/core';
import { codeOf, makeFolder, writingFailed } from '../data/storage.js';

export interface WriteOptions {
  /** Whether a file that is there is replaced; it is unless told not to. */
  readonly replace?: boolean;
}

/**
 * Writes a file whole: to a temporary name beside it, flushed to the disk, then renamed. A reader, or a process killed
 * at any moment, leaves either the old file or the new one.
 * @throws WeakspotError `io` naming the file; `exists` where it is there and is not to be replaced.
 */
export async function writeFileWhole(
  path: string,
  content: Uint8Array | string,
  { replace = true }: WriteOptions = {},
): Promise<void> {
  const temporary = `${path}.${process.pid}-${randomUUID()}.tmp`;
  try {
    await makeFolder(dirname(path));
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await (replace ? rename(temporary, path) : appear(temporary, path));
  } catch (error) {
    // The first error is the one to tell; a temporary file that cannot be removed either changes nothing about it.
    await rm(temporary, { force: true }).catch(() => undefined);
    if (!replace && codeOf(error) === 'EEXIST')
      throw new WeakspotError('exists', `${path} exists.`, {
        hint: 'Choose another name, or overwrite it with --force.',
      });
    throw await writingFailed(`Cannot write ${path}`, path, error);
  }
}

/**
 * Gives a file a name that is free.
 * @throws EEXIST where the name is taken.
 */
async function appear(temporary: string, path: string): Promise<void> {
  await link(temporary, path).catch(async (error: unknown) => {
    if (codeOf(error) === 'EEXIST') throw error;
    // A file system without links.
    await copyFile(temporary, path, constants.COPYFILE_EXCL);
  });
  await rm(temporary, { force: true });
}
