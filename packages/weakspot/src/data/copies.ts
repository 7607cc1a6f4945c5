import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { WeakspotError } from '@weakspot/core';
import { mapLimited } from './concurrency.js';
import type { Sample } from './dataset.js';
import type { Copies } from './split-groups.js';

/** Files looked at at once. */
const CONCURRENCY = 16;
/** Bytes read at a time. */
const CHUNK = 2 ** 20;
/** Bytes read in the middle of a file, where images of equal size differ, before whole files are. */
const SAMPLE = 4096;

export interface CopiesOptions {
  readonly signal?: AbortSignal | undefined;
  /** Stops between files when it returns true. */
  readonly isStopped?: (() => boolean) | undefined;
}

/**
 * Samples whose files are the same bytes. Only files of equal size, and of those with equal bytes in the middle, are read
 * whole. A file that can't be read is no copy of any: what is wrong with it is told where it is decoded.
 *
 * @throws WeakspotError `aborted` by the signal or `isStopped`.
 */
export async function findCopies(samples: readonly Sample[], options: CopiesOptions = {}): Promise<Copies> {
  let sets: readonly (readonly Sample[])[] = [samples];
  for (const keyOf of [sizeOf, middleOf, hashOf]) {
    const next: (readonly Sample[])[] = [];
    for (const set of sets) next.push(...(await divideBy(set, keyOf, options)));
    sets = next;
  }
  return sets.map((set) => set.map(({ name }) => name).toSorted());
}

/** The samples by key, sets of two at least. */
async function divideBy(
  samples: readonly Sample[],
  keyOf: (path: string) => Promise<string>,
  { signal, isStopped = () => false }: CopiesOptions,
): Promise<Sample[][]> {
  const look = async ({ path }: Sample): Promise<string | undefined> => {
    if (isStopped()) throw new WeakspotError('aborted', 'Stopped while images were being compared.');
    return keyOf(path).catch(() => undefined);
  };
  const keys = await mapLimited(samples, CONCURRENCY, look, signal);
  const sets = new Map<string, Sample[]>();
  samples.forEach((sample, i) => {
    const key = keys[i];
    if (key === undefined) return;
    const set = sets.get(key);
    if (set === undefined) sets.set(key, [sample]);
    else set.push(sample);
  });
  return [...sets.values()].filter((set) => set.length > 1);
}

async function sizeOf(path: string): Promise<string> {
  return String((await stat(path)).size);
}

async function middleOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const start = Math.max(0, Math.floor((size - SAMPLE) / 2));
    const { buffer, bytesRead } = await file.read(new Uint8Array(SAMPLE), 0, SAMPLE, start);
    return createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('hex');
  } finally {
    await file.close();
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path);
  try {
    const chunk = new Uint8Array(CHUNK);
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, CHUNK);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(chunk.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
