/** Folders made, and what is said of a file that cannot be written. */
import { mkdir, stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { WeakspotError, messageOf } from '@weakspot/core';

/**
 * Makes a folder and those above it that are not there; returns those it made, from the top. Node's own way
 * (`mkdir` with `recursive`) never comes back where the file system says ENOENT to every new folder, as /proc does.
 * @throws The file system's error where one cannot be made, or a file has its name.
 */
export async function makeFolder(path: string): Promise<readonly string[]> {
  const missing: string[] = [];
  for (let place = resolve(path); !(await isFolder(place)); place = dirname(place)) missing.unshift(place);
  const made: string[] = [];
  for (const folder of missing) {
    try {
      await mkdir(folder);
      made.push(folder);
    } catch (error) {
      // Another process may have made it meanwhile.
      if (codeOf(error) !== 'EEXIST' || !(await isFolder(folder))) throw error;
    }
  }
  return made;
}

/** @throws ENOTDIR where something else than a folder is there, or above it; and what else keeps it from being known. */
async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (found === undefined || found.isDirectory()) return found !== undefined;
  throw Object.assign(new Error(`ENOTDIR: ${path} is not a folder`), { code: 'ENOTDIR' });
}

/** The code of a file system's error, such as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

const FULL = ['ENOSPC', 'EDQUOT'];
const HINT = 'Check the folder, its permissions and the free space on the disk.';

/**
 * What is said where a file could not be written: its name and, where the disk is full, how much is free there.
 * @param what The beginning of the message, such as `Cannot write RUN/config.json`.
 * @param path Of the file, or of its folder.
 * @param hint What to do; where the disk is full, to make room goes before it.
 */
export async function writingFailed(
  what: string,
  path: string,
  error: unknown,
  hint: string = HINT,
): Promise<WeakspotError> {
  if (!FULL.includes(codeOf(error) ?? '')) {
    return new WeakspotError('io', `${what}: ${messageOf(error)}`, { hint, cause: error });
  }
  const free = await freeBytes(path);
  const space = free === undefined ? '' : ` (${megabytes(free)} free)`;
  const room = `Free some space on the disk of ${dirname(resolve(path))}, or raise the quota.`;
  return new WeakspotError('io', `${what}: the disk is full${space}: ${messageOf(error)}`, {
    hint: hint === HINT ? room : `${room} ${hint}`,
    cause: error,
  });
}

/** Bytes that may still be written where the path is or would be; undefined where that is not known. */
async function freeBytes(path: string): Promise<number | undefined> {
  for (let place = resolve(path); ; place = dirname(place)) {
    const found = await statfs(place).catch(() => undefined);
    if (found !== undefined) return found.bavail * found.bsize;
    if (dirname(place) === place) return undefined;
  }
}

function megabytes(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
