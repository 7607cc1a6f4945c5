import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder, writingFailed } from '../data/storage.js';

/**
 * Writes a file whole: to a temporary name beside it, flushed to the disk, then renamed. A reader, or a process killed
 * at any moment, leaves either the old file or the new one.
 * @throws WeakspotError `io` naming the file.
 */
export async function writeFileWhole(path: string, content: Uint8Array | string): Promise<void> {
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
    await rename(temporary, path);
  } catch (error) {
    // The first error is the one to tell; a temporary file that cannot be removed either changes nothing about it.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw await writingFailed(`Cannot write ${path}`, path, error);
  }
}
