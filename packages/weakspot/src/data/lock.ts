import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import {
  type FileHandle,
  constants,
  copyFile,
  link,
  lstat,
  open,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
} from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { WeakspotError, messageOf } from '@weakspot/core';
import { z } from 'zod';
import { isRunning, startOf, whereabouts } from './process-identity.js';
import { codeOf, makeFolder, writingFailed } from './storage.js';

/** Who has a lock: the content of its file. */
const holderSchema = z.object({
  /** Names this holding of the lock, and no other. */
  token: z.string(),
  host: z.string(),
  pid: z.int(),
  /** When the process began, as its system tells it; null where that is not known. */
  started: z.string().nullable(),
  /** Where its process number holds: another boot of the machine, or another container, has other ones. */
  whereabouts: z.string(),
  /** ISO 8601, UTC. */
  since: z.string(),
  /** What the holder does, such as `training`. */
  what: z.string(),
});
type Holder = z.infer<typeof holderSchema>;

export interface Lock {
  /** Takes the lock away, and the folders that were made for it, where nothing else is in them. */
  release(): Promise<void>;
}

/** Milliseconds between signs of life. */
const BEAT = 10_000;
/** After so many milliseconds without one, a holder whose process cannot be looked for (on another machine) is dead. */
const SILENCE = 120_000;
/** A file that is being written has no content for a moment; one that stays so longer, in milliseconds, is left over. */
const WRITING = 5000;

const NAME = 'weakspot.lock';

/** The lock of a run's or a comparison's folder. */
export function lockOf(folder: string): string {
  return join(folder, NAME);
}

/** The lock of a file or folder that is replaced as a whole: a hidden file beside it. */
export function lockBeside(path: string): string {
  return join(dirname(path), `.${basename(path)}.lock`);
}

/** What the lock is of. */
function lockedBy(lock: string): string {
  return basename(lock) === NAME ? dirname(lock) : join(dirname(lock), basename(lock).slice(1, -'.lock'.length));
}

/** Whether a file in a folder is its lock, or one of those that take it. */
export function isLockFile(name: string): boolean {
  return name === NAME || name.startsWith(`${NAME}.`);
}

/**
 * Takes a lock: a file that names its holder, made whole and only where there is none. A lock whose holder is dead is taken
 * over; of any number of processes that try at once, one has it.
 *
 * Whether a holder lives is asked of the system, by process number and start, where it runs on the same machine, boot
 * and container; else its file's time stamp tells, which the holder renews every ten seconds.
 *
 * @param what What it is taken for, for those who find it.
 * @throws WeakspotError `busy` naming the living holder; `io` where the file cannot be written.
 */
export async function acquireLock(path: string, what: string): Promise<Lock> {
  const holder: Holder = {
    token: randomUUID(),
    host: hostname(),
    pid: process.pid,
    started: (await startOf(process.pid)) ?? null,
    whereabouts: await whereabouts(),
    since: new Date().toISOString(),
    what,
  };
  const { draft, file, made } = await writeDraft(path, holder).catch(async (error: unknown) => {
    throw await writingFailed(`Cannot write ${path}`, path, error);
  });
  try {
    while (!(await createFrom(draft, path)) && !(await takeOver(path, draft))) await pause();
  } catch (error) {
    await file.close();
    await rm(draft, { force: true }).catch(() => undefined);
    await removeEmpty(made);
    throw error instanceof WeakspotError ? error : await writingFailed(`Cannot write ${path}`, path, error);
  }
  await rm(draft, { force: true });
  const stopBeating = keepFresh(file, holder);
  return {
    release: async () => {
      await stopBeating();
      // A process that slept for minutes may have lost it.
      const found = await readHolder(path).catch(() => undefined);
      if (found?.token === holder.token) await rm(path, { force: true }).catch(() => undefined);
      await removeEmpty(made);
    },
  };
}

/**
 * Looks whether a lock is free, and changes nothing.
 * @throws WeakspotError `busy` naming the living holder.
 */
export async function refuseHeld(path: string): Promise<void> {
  const found = await readHolder(path);
  if (found !== undefined) await refuseLiving(path, found, Date.now());
}

/** The holder's own file, not yet a lock: whoever sees the lock shall see all of it. */
async function writeDraft(
  path: string,
  holder: Holder,
): Promise<{ draft: string; file: FileHandle; made: readonly string[] }> {
  const draft = `${path}.${holder.token}.tmp`;
  for (;;) {
    const made = await makeFolder(dirname(path));
    try {
      const file = await open(draft, 'wx');
      try {
        await file.writeFile(contentOf(holder));
        return { draft, file, made };
      } catch (error) {
        await file.close();
        await rm(draft, { force: true }).catch(() => undefined);
        throw error;
      }
    } catch (error) {
      await removeEmpty(made);
      // Whoever made the folder has taken it away again: once more.
      if (codeOf(error) !== 'ENOENT' || (await isThere(dirname(path)))) throw error;
    }
  }
}

function contentOf(holder: Holder): string {
  return `${JSON.stringify(holder, undefined, 1)}\n`;
}

/** Makes `path` of the draft's content where nothing is there; false where something is. */
async function createFrom(draft: string, path: string): Promise<boolean> {
  try {
    // A link appears whole or not at all.
    await link(draft, path).catch(async (error: unknown) => {
      if (codeOf(error) === 'EEXIST') throw error;
      // A file system without links: there readers wait for the content.
      await copyFile(draft, path, constants.COPYFILE_EXCL);
    });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Takes a dead holder's lock. Who makes the file that claims it, which is named by the dead one's token, may rename it over the
 * lock; nobody else changes a lock that is not his. A claim is itself such a lock, for a process may die while it has one.
 *
 * @returns False where the lock was free, or taken or claimed by another, meanwhile: try again.
 * @throws WeakspotError `busy` naming the living holder.
 */
async function takeOver(path: string, draft: string): Promise<boolean> {
  const dead = await readHolder(path);
  if (dead === undefined) return false;
  await refuseLiving(path, dead, (await stat(draft)).mtimeMs);
  const claim = `${path}.${dead.token}.claim`;
  if (!(await createFrom(draft, claim))) {
    const isTaken = await takeOver(claim, draft).catch((error: unknown) => {
      // Another process is about to have the lock.
      if (error instanceof WeakspotError && error.code === 'busy') return false;
      throw error;
    });
    if (!isTaken) return false;
  }
  // Whoever had the claim before may have used it.
  if ((await readHolder(path))?.token === dead.token) {
    await rename(claim, path);
    return true;
  }
  await rm(claim, { force: true });
  return false;
}

interface Found extends Omit<Holder, 'token'> {
  readonly token: string;
  /** Of its file, milliseconds since 1970. */
  readonly modified: number;
}

/**
 * Who has the lock; undefined where there is none. A file that cannot be made sense of is a dead holder's.
 * @throws WeakspotError `io` where something else stands in its place, or it cannot be read: it would never become free.
 */
async function readHolder(path: string): Promise<Found | undefined> {
  for (;;) {
    let info: Stats;
    let text: string;
    try {
      info = await lstat(path);
      if (!info.isFile()) throw notALock(path, 'is no plain file');
      text = await readFile(path, 'utf8');
    } catch (error) {
      // Released meanwhile, or never there.
      if (codeOf(error) === 'ENOENT') return undefined;
      if (codeOf(error) === 'ENOTDIR') {
        const message = `${dirname(path)} is a file, or stands below one: there can be no folder.`;
        throw new WeakspotError('io', message, { hint: 'Choose another folder.', cause: error });
      }
      throw error instanceof WeakspotError ? error : notALock(path, `cannot be read (${messageOf(error)})`, error);
    }
    try {
      return { ...holderSchema.parse(JSON.parse(text)), modified: info.mtimeMs };
    } catch {
      if (Date.now() - info.mtimeMs > WRITING || info.mtimeMs > Date.now() + WRITING) {
        const nobody = { host: '', pid: -1, started: null, whereabouts: '', since: '', what: '' };
        return { ...nobody, token: `${info.ino}-${info.mtimeMs}`, modified: 0 };
      }
    }
    await pause();
  }
}

function notALock(path: string, what: string, cause?: unknown): WeakspotError {
  return new WeakspotError('io', `${path}, the lock of ${lockedBy(path)}, ${what}.`, {
    hint: 'Make sure that no process uses it, then remove it.',
    cause,
  });
}

/**
 * @param now By the file system's clock, which need not be ours.
 * @throws WeakspotError `busy` where the holder lives.
 */
async function refuseLiving(path: string, holder: Found, now: number): Promise<void> {
  const { host, pid, started, since, what, modified } = holder;
  const isFresh = now - modified < SILENCE;
  const isNear = host === hostname() && holder.whereabouts === (await whereabouts());
  // Where a start is not known, another process may have the dead one's number.
  const isAlive = isNear ? await isRunning(pid, started, isFresh) : isFresh;
  if (!isAlive) return;
  const who = pid === process.pid && isNear ? `this process (${pid})` : `process ${pid} on ${host}`;
  const end = isNear
    ? 'Wait until it has ended, or end it. A lock left by a killed process is taken over automatically.'
    : `Wait until it has ended, or end it there. The lock of a process that died on another machine is taken over after ${SILENCE / 60_000} minutes.`;
  throw new WeakspotError('busy', `${lockedBy(path)} is in use: ${what}, by ${who}, since ${since}.`, { hint: end });
}

/** Renews the lock's time stamp until the returned function is called. Keeps no process alive. */
function keepFresh(file: FileHandle, holder: Holder): () => Promise<void> {
  const content = Buffer.from(contentOf(holder));
  let beating = Promise.resolve();
  // By writing, so that the stamp is by the file system's clock.
  const beat = async (): Promise<void> => void (await file.write(content, 0, content.length, 0).catch(() => undefined));
  const timer = setInterval(() => void (beating = beating.then(beat)), BEAT);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await beating;
    await file.close();
  };
}

async function removeEmpty(folders: readonly string[]): Promise<void> {
  for (const folder of folders.toReversed()) await rmdir(folder).catch(() => undefined);
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/** A few milliseconds, not the same for all. */
async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 5 + 20 * Math.random()));
}
