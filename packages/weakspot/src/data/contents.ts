import { WeakspotError } from '@weakspot/core';
import { contentOf } from './cache-files.js';
import { mapLimited, throwIfAborted } from './concurrency.js';
import type { Sample } from './dataset.js';

/** Files read at once. */
const CONCURRENCY = 8;

export interface ContentsOptions {
  /** Folder of the cache of prepared images, which knows the content of files that have not changed since. */
  readonly cache: string | undefined;
  /** What is known already, by the sample's name. */
  readonly known?: ReadonlyMap<string, string>;
  readonly signal?: AbortSignal | undefined;
  /** Stops between files when it returns true. */
  readonly isStopped?: () => boolean;
}

/**
 * The SHA-256, hexadecimal, of the samples' files by the samples' names; null of a file that cannot be read.
 * @throws WeakspotError `aborted` by the signal or `isStopped`.
 */
export async function contentsOf(
  samples: readonly Sample[],
  { cache, known, signal, isStopped = () => false }: ContentsOptions,
): Promise<ReadonlyMap<string, string | null>> {
  // Frames of one file share it.
  const ofFile = new Map<string, Promise<string | null>>();
  const read = async ({ name, path }: Sample): Promise<[string, string | null]> => {
    throwIfAborted(signal);
    if (isStopped()) throw new WeakspotError('aborted', 'Stopped while images were being compared.');
    const found = known?.get(name);
    if (found !== undefined) return [name, found];
    const content = ofFile.get(path) ?? contentOf(path, cache).catch(() => null);
    ofFile.set(path, content);
    return [name, await content];
  };
  return new Map(await mapLimited(samples, CONCURRENCY, read, signal));
}
