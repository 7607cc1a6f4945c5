import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { WeakspotError } from '@weakspot/core';
import sharp from 'sharp';
import { type Lock, acquireLock, lockBeside, refuseHeld } from '../lock.js';
import { makeFolder, writingFailed } from '../storage.js';
import { makePhantom, type Phantom } from './film.js';
import { type PhantomOptions, requireInteger, resolveFilmOptions } from './options.js';

/** Version of the films: it changes whenever the same seed gives other pixels, labels or boxes. */
export const PHANTOM_VERSION = 1;

export interface WritePhantomsOptions extends PhantomOptions {
  /** Bits per pixel of the PNG files; 8 unless set, which keeps the upper bits: round(value / 257). */
  readonly bits?: 8 | 16;
  /** Replace a phantom set that is already there. A folder that holds anything else is never replaced. */
  readonly force?: boolean;
  readonly signal?: AbortSignal;
  /** Called after each film. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface WrittenPhantoms {
  readonly images: number;
  readonly positives: number;
}

/** What a phantom set consists of; nothing else may be in a folder that `force` replaces. */
const ENTRIES: readonly string[] = ['images', 'labels.csv', 'boxes.csv', 'phantoms.json'];

/**
 * Writes a set of phantom films as a dataset folder:
 * - `images/phantom-00001.png` and on, grey;
 * - `labels.csv` with columns file, label (`lesion` or `normal`), patient;
 * - `boxes.csv` with columns file, xmin, ymin, xmax, ymax: pixels, `[xmin, xmax) x [ymin, ymax)`, a row per lesion;
 * - `phantoms.json` with the options and the version of the films.
 *
 * `file` is relative to the folder. The folder appears under its name only when it is complete.
 *
 * @throws WeakspotError `usage` for options out of range, `exists` where the folder is not empty (without `force`, or
 * with other things than a phantom set in it), `busy` where another process writes there, `aborted` when the signal fires, `io` where the file system refuses.
 */
export async function writePhantoms(directory: string, options: WritePhantomsOptions): Promise<WrittenPhantoms> {
  requireInteger('count', options.count, 1);
  requireInteger('seed', options.seed, Number.MIN_SAFE_INTEGER);
  const film = resolveFilmOptions(options);
  const target = resolve(directory);
  let lock: Lock | undefined;
  try {
    await refuseHeld(lockBeside(target));
    await requireReplaceable(target, options.force ?? false);
    lock = await acquireLock(lockBeside(target), 'making phantoms');
    // Looked at again, as another process may have made the set meanwhile.
    const present = await requireReplaceable(target, options.force ?? false);
    const temporary = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
    try {
      const fresh = join(temporary, 'new');
      const written = await writeSet(fresh, { ...options, ...film });
      if (present) await rename(target, join(temporary, 'old'));
      await rename(fresh, target);
      return written;
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  } catch (thrown) {
    if (thrown instanceof WeakspotError) throw thrown;
    throw await writingFailed(`could not write phantoms to ${directory}`, target, thrown);
  } finally {
    await lock?.release();
  }
}

/** Whether `target` is there; throws `exists` where it holds what must not be replaced. */
async function requireReplaceable(target: string, force: boolean): Promise<boolean> {
  let entries: string[];
  try {
    entries = await readdir(target);
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return false;
    throw thrown;
  }
  const foreign = entries.find((entry) => !ENTRIES.includes(entry));
  if (foreign !== undefined) {
    throw new WeakspotError('exists', `${target} holds "${foreign}", which is not part of a phantom set`, {
      hint: 'Choose a new or empty folder: a folder with other files in it is not replaced, even by force.',
    });
  }
  if (entries.length > 0 && !force) {
    throw new WeakspotError('exists', `${target} already holds a phantom set`, {
      hint: 'Choose another folder, or force to replace it.',
    });
  }
  return true;
}

async function writeSet(
  folder: string,
  options: WritePhantomsOptions & {
    readonly size: number;
    readonly positiveFraction: number;
    readonly bright: boolean;
  },
): Promise<WrittenPhantoms> {
  const { count, seed, size, positiveFraction, bright, bits = 8 } = options;
  await makeFolder(join(folder, 'images'));
  const labels = ['file,label,patient'];
  const boxes = ['file,xmin,ymin,xmax,ymax'];
  let positives = 0;
  for (let index = 0; index < count; index++) {
    if (options.signal?.aborted) {
      throw new WeakspotError('aborted', `stopped after ${index} of ${count} phantoms; nothing was left behind`, {
        cause: options.signal.reason,
      });
    }
    const phantom = makePhantom(seed, index, { size, positiveFraction, bright });
    const file = `images/phantom-${String(index + 1).padStart(5, '0')}.png`;
    await writeFile(join(folder, file), await encodePng(phantom, bits));
    labels.push(`${file},${phantom.label},${phantom.patient}`);
    for (const { x0, y0, x1, y1 } of phantom.boxes) boxes.push(`${file},${x0},${y0},${x1},${y1}`);
    if (phantom.label === 'lesion') positives++;
    options.onProgress?.(index + 1, count);
  }
  const record = { kind: 'weakspot-phantoms', version: PHANTOM_VERSION, count, seed, size, positiveFraction, bits };
  // What is not said is not bright, as in sets of earlier versions.
  const told = bright ? { ...record, bright } : record;
  await writeFile(join(folder, 'labels.csv'), `${labels.join('\n')}\n`);
  await writeFile(join(folder, 'boxes.csv'), `${boxes.join('\n')}\n`);
  await writeFile(join(folder, 'phantoms.json'), `${JSON.stringify(told, undefined, 2)}\n`);
  return { images: count, positives };
}

async function encodePng({ pixels, width, height }: Phantom, bits: 8 | 16): Promise<Buffer> {
  const raw = { raw: { width, height, channels: 1 } } as const;
  if (bits === 16) return sharp(pixels, raw).toColourspace('grey16').png().toBuffer();
  const bytes = Uint8Array.from(pixels, (value) => Math.round(value / 257));
  return sharp(bytes, raw).toColourspace('b-w').png().toBuffer();
}
