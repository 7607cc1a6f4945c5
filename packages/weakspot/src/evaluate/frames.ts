import { open } from 'node:fs/promises';
import { messageOf, WeakspotError } from '@weakspot/core';
import { mapLimited } from '../data/concurrency.js';
import { imageFrames } from '../data/decode.js';
import { unreadableImage } from '../data/image.js';

/** An image to localize: its file and a name for what is written about it. */
export interface ImageFile {
  readonly path: string;
  /** Relative to the folder it was found in, `/`-separated. */
  readonly name: string;
  /** Of a file with several frames, the one that is meant, from 1: as `Sample.frame`, the first unless given. */
  readonly frame?: number;
}

/** Which frames of files with several: one, from 1, or all. */
export type FrameChoice = number | 'all';

/** A frame of a file, to be localized. */
export interface FilmFrame {
  readonly file: ImageFile;
  /** Whether more frames of the file follow or went before: its content is then read once for all. */
  readonly isOneOfSeveral: boolean;
}

export interface FilmFrames extends Iterable<FilmFrame> {
  readonly count: number;
}

/** Files looked into at once. */
const CONCURRENCY = 8;

/**
 * The frames of files that are localized, one after the other: of each file the one that is chosen, else the one that the
 * file's own `frame` means, else the first; or all, for which the headers are read. A file whose header can't be read counts
 * as one of one frame: what is wrong is said when that is decoded.
 *
 * @throws WeakspotError `usage` for a frame that is no whole number from 1; `aborted` by the signal.
 */
export async function planFrames(
  files: readonly ImageFile[],
  choice: FrameChoice | undefined,
  signal: AbortSignal | undefined,
): Promise<FilmFrames> {
  if (choice !== 'all') {
    if (choice !== undefined && !(Number.isSafeInteger(choice) && choice >= 1))
      throw new WeakspotError('usage', `There is no frame ${choice}: frames are counted from 1.`);
    const chosen = (file: ImageFile): FilmFrame => ({
      file: choice === undefined ? file : { ...file, frame: choice },
      isOneOfSeveral: false,
    });
    return { count: files.length, [Symbol.iterator]: () => files.map(chosen).values() };
  }
  const counts = await mapLimited(files, CONCURRENCY, ({ path }) => imageFrames(path).catch(() => 1), signal);
  function* all(): Generator<FilmFrame> {
    for (const [i, file] of files.entries()) {
      const frames = counts[i] as number;
      for (let frame = 1; frame <= frames; frame++) yield { file: { ...file, frame }, isOneOfSeveral: frames > 1 };
    }
  }
  return { count: counts.reduce((sum, frames) => sum + frames, 0), [Symbol.iterator]: all };
}

/**
 * A file's content in memory that threads share.
 *
 * @throws WeakspotError `data` where it can't be read.
 */
export async function readShared(path: string): Promise<Uint8Array> {
  try {
    return await readWhole(path);
  } catch (error) {
    throw unreadableImage(path, `cannot read: ${messageOf(error)}`, error);
  }
}

async function readWhole(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const bytes = new Uint8Array(new SharedArrayBuffer(size));
    let at = 0;
    while (at < size) {
      const { bytesRead } = await file.read(bytes, at, Math.min(size - at, 2 ** 30), at);
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    return bytes.subarray(0, at);
  } finally {
    await file.close();
  }
}
