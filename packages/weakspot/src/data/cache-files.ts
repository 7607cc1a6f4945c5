import { createHash, randomUUID } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { endianness } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { messageOf } from '@weakspot/core';
import { CACHE_VERSION, decodeEntry, encodeEntry } from './cache-entry.js';
import type { DecodeOptions } from './decode.js';
import { decodeImage } from './decode.js';
import { filmScanOf } from './film-scan.js';
import { unreadableImage } from './image.js';
import type { PreparedImage, Preprocessing } from './preprocess.js';
import { prepareImage } from './preprocess.js';
import { makeFolder, writingFailed } from './storage.js';

/** What all images of a cache share. */
export interface CacheSettings {
  /** Undefined caches nothing. */
  readonly directory: string | undefined;
  readonly preprocessing: Preprocessing;
  /** Milliseconds since 1970 when the cache was opened: what was used since is marked so already. */
  readonly opened: number;
}

/** An image that is asked for. */
export interface CacheJob {
  readonly path: string;
  /** Of a file with several frames, from 1. */
  readonly frame: number;
  /** Whether there is room for a new entry. */
  readonly write: boolean;
}

export interface CacheAnswer {
  readonly image: PreparedImage;
  /** SHA-256 of the image file's bytes, hexadecimal. */
  readonly content: string;
  /** False where the cache had it. */
  readonly decoded: boolean;
  /** Bytes written to the cache. */
  readonly written: number;
}

/** A file whose time stamp is younger may change again within the file system's time step: its hash isn't noted. */
const SETTLED_NS = 2_000_000_000n;

/**
 * The image file prepared, from the cache where that holds it.
 *
 * @throws WeakspotError `data` where the file is missing or not a usable image; `io` where the cache can't be written.
 */
export async function prepareCached(job: CacheJob, settings: CacheSettings): Promise<CacheAnswer> {
  const { path, frame, write } = job;
  const { directory, preprocessing, opened } = settings;
  const options = { frame, scan: await filmScanOf(path) };
  const decode = async (bytes: Uint8Array): Promise<PreparedImage> =>
    prepareImage(await decodeImage(bytes, path, options), preprocessing);
  if (directory === undefined) {
    const bytes = await readImage(path);
    return { image: await decode(bytes), content: hashOf(bytes), decoded: true, written: 0 };
  }

  const entryFile = (content: string): string => join(directory, 'images', entryName(content, options, preprocessing));
  const info = await statImage(path);
  const note = noteFile(directory, path, info);
  const noted = await readNote(note, opened);
  if (noted !== undefined) {
    const image = await findEntry(entryFile(noted), settings);
    if (image !== undefined) return { image, content: noted, decoded: false, written: 0 };
  }
  const bytes = await readImage(path);
  const content = hashOf(bytes);
  const found = await findEntry(entryFile(content), settings);
  const image = found ?? (await decode(bytes));
  let written = 0;
  const keep = async (file: string, value: Uint8Array): Promise<void> => {
    await writeWhole(file, value, directory);
    written += value.length;
  };
  if (found === undefined && write)
    await keep(entryFile(content), encodeEntry(image, preprocessing.width, preprocessing.height));
  if (write && isSettled(info)) await keep(note, Buffer.from(content, 'latin1'));
  return { image, content, decoded: found === undefined, written };
}

/**
 * The SHA-256 of an image file's bytes, hexadecimal: as noted in the cache, where the file has not changed since, else read.
 * @throws WeakspotError `data` where the file cannot be read.
 */
export async function contentOf(path: string, directory: string | undefined): Promise<string> {
  const noted =
    directory === undefined ? undefined : await readNote(noteFile(directory, path, await statImage(path)), 0);
  return noted ?? hashOf(await readImage(path));
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function readNote(note: string, opened: number): Promise<string | undefined> {
  const noted = (await readMarked(note, opened))?.toString('latin1');
  return noted !== undefined && /^[0-9a-f]{64}$/.test(noted) ? noted : undefined;
}

async function findEntry(file: string, { preprocessing, opened }: CacheSettings): Promise<PreparedImage | undefined> {
  const bytes = await readMarked(file, opened);
  return bytes === undefined ? undefined : decodeEntry(bytes, preprocessing.width, preprocessing.height);
}

/**
 * By the file's content, its frame, how its film was scanned, and what of the preprocessing the pixels depend on, with the keys
 * in a fixed order.
 */
function entryName(content: string, { frame, scan }: DecodeOptions, preprocessing: Preprocessing): string {
  const { width, height, intensity, crop, fit, clahe, antialias } = preprocessing;
  const { range, percentiles = null, window = null } = intensity;
  const equalized = clahe === null ? null : [clahe.tiles, clahe.clipLimit];
  const steps = [width, height, range, percentiles, window, crop, fit, equalized, antialias];
  const film = scan === undefined ? [] : [scan.width, scan.height, scan.digitizer];
  const canonical = JSON.stringify([CACHE_VERSION, endianness(), frame, ...steps, ...film]);
  const settings = createHash('sha256').update(canonical).digest('hex').slice(0, 32);
  return join(content.slice(0, 2), `${content}-${settings}`);
}

function noteFile(directory: string, path: string, { size, mtimeNs, ctimeNs }: BigIntStats): string {
  const identity = [resolve(path), size, mtimeNs, ctimeNs].join('\n');
  const name = createHash('sha256').update(identity).digest('hex');
  return join(directory, 'hashes', name.slice(0, 2), name);
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

export async function readImage(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw unreadableImage(path, `cannot read: ${messageOf(error)}`, error);
  }
}

/**
 * A file of the cache, marked as used now by its modification time, once for each opening of the cache. Anything that can't be
 * read counts as absent: it is made anew, and writing tells what is wrong.
 */
async function readMarked(path: string, opened: number): Promise<Buffer | undefined> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const bytes = await file.readFile();
    const now = new Date();
    // A cache that may only be read stays as it is.
    if ((await file.stat()).mtimeMs < opened) await file.utimes(now, now).catch(() => undefined);
    return bytes;
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}

async function writeWhole(path: string, bytes: Uint8Array, directory: string): Promise<void> {
  const temporary = `${path}.${process.pid}-${randomUUID()}.tmp`;
  try {
    await makeFolder(dirname(path));
    await writeFile(temporary, bytes);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    const hint = 'Make the directory writable, choose another with --cache, or run without: --no-cache.';
    throw await writingFailed(`cannot write the image cache in ${directory}`, directory, error, hint);
  }
}
