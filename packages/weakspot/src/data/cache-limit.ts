import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes of prepared images that a cache may hold unless told otherwise: 20 GiB. */
export const DEFAULT_CACHE_BYTES = 20 * 2 ** 30;
/** After so much of its size has been written, the cache is looked through. */
const LOOK = 1 / 20;
/** What is taken away when it is too large: to so much of its size. */
const LEAVE = 0.9;
/** Nobody takes so long to write a file: older temporary ones are of processes that were killed. Milliseconds. */
const FORGOTTEN = 3_600_000;

export interface CacheLimit {
  /** Whether another entry may be written. */
  readonly hasRoom: boolean;
  /** Tells that so many bytes were written; looks through the cache at times. */
  added(bytes: number): Promise<void>;
}

interface Entry {
  readonly path: string;
  readonly bytes: number;
  /** When it was last used, milliseconds since 1970. */
  readonly used: number;
}

/**
 * Keeps a cache folder within `limit` bytes: what was used longest ago goes first. Where what was used since `opened` fills
 * the cache alone, nothing more is written, as this process will want it again: of a set larger than the cache a part is
 * found each time, instead of nothing. Several processes may share a folder; each may overshoot by a twentieth.
 */
export function limitCache(directory: string, limit: number, opened: number): CacheLimit {
  let [unseen, isFirst, hasRoom] = [0, true, limit > 0];
  let looking: Promise<void> | undefined;
  const look = async (): Promise<void> => {
    const entries = await entriesOf(directory);
    let total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
    if (total > limit) {
      hasRoom = entries.reduce((sum, { bytes, used }) => sum + (used < opened ? 0 : bytes), 0) <= LEAVE * limit;
      for (const { path, bytes, used } of entries.toSorted((a, b) => a.used - b.used)) {
        if (total <= (used < opened ? LEAVE * limit : limit)) break;
        // Another process may have taken it away, or has it open where that locks it.
        await rm(path, { force: true }).catch(() => undefined);
        total -= bytes;
      }
    }
  };
  return {
    get hasRoom() {
      return hasRoom;
    },
    added: async (bytes) => {
      if (bytes === 0 || !hasRoom) return;
      unseen += bytes;
      if (looking === undefined && (isFirst || unseen > LOOK * limit)) {
        [unseen, isFirst] = [0, false];
        looking = look().finally(() => (looking = undefined));
      }
      await looking;
    },
  };
}

/** All files of the cache but temporary ones, of which those that were forgotten are removed. */
async function entriesOf(directory: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const part of ['images', 'hashes']) {
    const found = await readdir(join(directory, part), { recursive: true, withFileTypes: true }).catch(() => []);
    for (const entry of found) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const info = await stat(path).catch(() => undefined);
      if (info === undefined) continue;
      if (!path.endsWith('.tmp')) entries.push({ path, bytes: info.size, used: info.mtimeMs });
      else if (info.mtimeMs < Date.now() - FORGOTTEN) await rm(path, { force: true }).catch(() => undefined);
    }
  }
  return entries;
}
