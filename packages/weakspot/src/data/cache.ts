import { createHash, randomUUID } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { endianness } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { messageOf, WeakspotError } from '@weakspot/core';
import { CACHE_VERSION, decodeEntry, encodeEntry } from './cache-entry.js';
import { decodeImage } from './decode.js';
import { unreadableImage } from './image.js';
import type { PreparedImage, Preprocessing } from './preprocess.js';
import { prepareImage } from './preprocess.js';

export interface CachedImages {
  /**
   * The image file, decoded and prepared, from the cache where it holds it.
   *
   * @throws WeakspotError `data` where the file is missing or not a usable image; `io` where the cache can't be written.
   */
  prepare(path: string): Promise<PreparedImage>;
  /** Images decoded, and images found in the cache, so far. */
  readonly statistics: { readonly decoded: number; readonly hits: number };
}

export interface ImageCacheOptions {
  /** Made when the first image is written; undefined caches nothing. Several processes may share it. */
  readonly directory: string | undefined;
  readonly preprocessing: Preprocessing;
}

/** A file whose time stamp is younger may change again within the file system's time step: its hash isn't noted. */
const SETTLED_NS = 2_000_000_000n;

/**
 * Prepared images on disk, so that a second run decodes nothing.
 *
 * An entry's name is the SHA-256 of the image file's bytes and that of the preprocessing (all but `normalization`,
 * which is applied later): a renamed file is found, a changed one is not. To skip reading unchanged image files, a note
 * keeps each one's hash by its path, size and time stamps. Entries and notes are written to a temporary name, then
 * renamed; a damaged entry is made anew. Deleting the directory, or anything in it, is always safe.
 */
export function openImageCache({ directory, preprocessing }: ImageCacheOptions): CachedImages {
  const statistics = { decoded: 0, hits: 0 };
  const decode = async (bytes: Uint8Array, path: string): Promise<PreparedImage> => {
    const image = await decodeImage(bytes, path);
    statistics.decoded++;
    return prepareImage(image, preprocessing);
  };
  if (directory === undefined) return { statistics, prepare: async (path) => decode(await readImage(path), path) };

  const { width, height } = preprocessing;
  const settings = preprocessingHash(preprocessing);
  const entryFile = (content: string): string =>
    join(directory, 'images', content.slice(0, 2), `${content}-${settings}`);
  const find = async (content: string): Promise<PreparedImage | undefined> => {
    const bytes = await readIfThere(entryFile(content));
    const image = bytes === undefined ? undefined : decodeEntry(bytes, width, height);
    if (image !== undefined) statistics.hits++;
    return image;
  };
  const prepare = async (path: string): Promise<PreparedImage> => {
    const info = await statImage(path);
    const note = join(directory, 'hashes', noteName(path, info));
    const noted = (await readIfThere(note))?.toString('latin1');
    if (noted !== undefined && /^[0-9a-f]{64}$/.test(noted)) {
      const image = await find(noted);
      if (image !== undefined) return image;
    }
    const bytes = await readImage(path);
    const content = createHash('sha256').update(bytes).digest('hex');
    let image = await find(content);
    if (image === undefined) {
      image = await decode(bytes, path);
      await writeWhole(entryFile(content), encodeEntry(image, width, height), directory);
    }
    if (isSettled(info)) await writeWhole(note, Buffer.from(content, 'latin1'), directory);
    return image;
  };
  return { statistics, prepare };
}

/** What of the preprocessing the prepared pixels depend on, with the keys in a fixed order. */
function preprocessingHash({ width, height, intensity, crop, fit, clahe, antialias }: Preprocessing): string {
  const { range, percentiles = null, window = null } = intensity;
  const equalized = clahe === null ? null : [clahe.tiles, clahe.clipLimit];
  const steps = [width, height, range, percentiles, window, crop, fit, equalized, antialias];
  const canonical = JSON.stringify([CACHE_VERSION, endianness(), ...steps]);
  return createHash('sha256').update(canonical).digest('hex').slice(0, 32);
}

function noteName(path: string, { size, mtimeNs, ctimeNs }: BigIntStats): string {
  const identity = [resolve(path), size, mtimeNs, ctimeNs].join('\n');
  const name = createHash('sha256').update(identity).digest('hex');
  return join(name.slice(0, 2), name);
}

function isSettled({ mtimeNs }: BigIntStats): boolean {
  return BigInt(Date.now()) * 1_000_000n - mtimeNs > SETTLED_NS;
}

async function statImage(path: string): Promise<BigIntStats> {
  try {
    return await stat(path, { bigint: true });
  } catch (error) {
    throw unreadableImage(path, `cannot read: ${messageOf(error)}`, error);
  }
}

async function readImage(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw unreadableImage(path, `cannot read: ${messageOf(error)}`, error);
  }
}

/** Anything that can't be read counts as absent: it is made anew, and writing tells what is wrong. */
async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch {
    return undefined;
  }
}

async function writeWhole(path: string, bytes: Uint8Array, directory: string): Promise<void> {
  const temporary = `${path}.${process.pid}-${randomUUID()}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, bytes);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new WeakspotError('io', `cannot write the image cache in ${directory}: ${messageOf(error)}`, {
      hint: 'Make the directory writable, choose another, or run without a cache.',
      cause: error,
    });
  }
}
