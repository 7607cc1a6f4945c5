import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ReadableStream } from 'node:stream/web';
import { WeakspotError } from '@weakspot/core';
import { z } from 'zod';
import { PHANTOM_VERSION, writePhantoms } from '../data/phantom/index.js';
import { isOccupied } from '../run/folder.js';
import type { SuitePhantoms } from './settings.js';

const recordSchema = z.object({
  kind: z.literal('weakspot-phantoms'),
  version: z.number(),
  count: z.number(),
  seed: z.number(),
  size: z.number(),
  positiveFraction: z.number(),
  bits: z.number(),
});

/**
 * Whether a folder holds these films already.
 * @throws WeakspotError `exists` where it holds something else, unless `force` replaces other films.
 */
export async function holdsPhantoms(folder: string, asked: SuitePhantoms, force: boolean): Promise<boolean> {
  if (!(await isOccupied(folder))) return false;
  const text = await readFile(join(folder, 'phantoms.json'), 'utf8').catch(() => '');
  const made = recordOf(text);
  const wanted = { kind: 'weakspot-phantoms' as const, version: PHANTOM_VERSION, ...asked };
  const keys = ['version', 'count', 'seed', 'size', 'positiveFraction', 'bits'] as const;
  const other = made === undefined ? undefined : keys.find((key) => made[key] !== wanted[key]);
  if (made !== undefined && other === undefined) return true;
  if (force) return false;
  const what =
    made === undefined || other === undefined
      ? 'holds something else than the phantoms of the suite'
      : `holds phantoms that were made otherwise: ${other === 'positiveFraction' ? 'positives' : other} ${made[other]}, not ${wanted[other]}`;
  throw new WeakspotError('exists', `${folder} ${what}.`, {
    hint: 'Choose another folder for the suite, or start over with --force, which removes its runs.',
  });
}

/** Makes the films, in place of others that are there. Yields how many are done. @throws as `writePhantoms`. */
export async function* makePhantoms(
  folder: string,
  films: SuitePhantoms,
  signal: AbortSignal | undefined,
): AsyncGenerator<number> {
  const options = { ...films, force: true, ...(signal === undefined ? {} : { signal }) };
  yield* new ReadableStream<number>({
    start: async (controller) => {
      await writePhantoms(folder, { ...options, onProgress: (done) => controller.enqueue(done) });
      controller.close();
    },
  });
}

function recordOf(text: string): z.infer<typeof recordSchema> | undefined {
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
