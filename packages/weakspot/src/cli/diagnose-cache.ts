import { mkdtemp, readdir, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf } from '@weakspot/core';

/** The folder in which prepared images are cached. */
export interface CacheDiagnosis {
  readonly folder: string;
  readonly writable: boolean;
  /** Files in it, and their bytes together. */
  readonly files: number;
  readonly bytes: number;
  /** Why it cannot be written; null where it can. */
  readonly problem: string | null;
}

/** Whether the folder, or the one it would be made in, can be written, and what it holds. Makes and leaves nothing. */
export async function diagnoseCache(folder: string): Promise<CacheDiagnosis> {
  const problem = await writingFails(await nearestThere(folder));
  return { folder, writable: problem === null, ...(await contents(folder)), problem };
}

/** What making a folder in it fails with: access rights alone would not tell of a full disk or one mounted read-only. */
async function writingFails(folder: string): Promise<string | null> {
  try {
    await rmdir(await mkdtemp(join(folder, '.weakspot-')));
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

/** The path, or the nearest above it that exists. */
async function nearestThere(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  const above = dirname(path);
  return found !== undefined || above === path ? path : nearestThere(above);
}

async function contents(folder: string): Promise<{ files: number; bytes: number }> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  let [files, bytes] = [0, 0];
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    files++;
    // Another process may have removed it meanwhile.
    bytes += (await stat(join(entry.parentPath, entry.name)).catch(() => ({ size: 0 }))).size;
  }
  return { files, bytes };
}
