import { unreadableImage } from './image.js';
import type { CacheAnswer, CacheJob, CacheSettings } from './cache-files.js';
import { prepareCached } from './cache-files.js';
import { DEFAULT_CACHE_BYTES, limitCache } from './cache-limit.js';
import type { PreparedImage, Preprocessing } from './preprocess.js';
import { openThreads } from './threads/threads.js';

export interface WithContent {
  /** SHA-256 of the image file's bytes, hexadecimal; absent where nobody looked. */
  readonly content?: string;
}

export interface CachedImages {
  /**
   * The image file, decoded and prepared, from the cache where it holds it.
   *
   * @param frame Of a file with several frames, from 1; the first unless given.
   * @throws WeakspotError `data` where the file is missing or not a usable image; `io` where the cache can't be written.
   */
  prepare(path: string, frame?: number): Promise<PreparedImage & WithContent>;
  /** Images decoded, and images found in the cache, so far. */
  readonly statistics: { readonly decoded: number; readonly hits: number };
  /** Images worth asking for at once, as so many are worked on; 1 unless given. */
  readonly ahead?: number;
}

export interface ImageCache extends CachedImages {
  readonly ahead: number;
  /** Ends the threads; what is under way fails with `aborted`. Without it they end by themselves when nothing is to be done. */
  close(): Promise<void>;
}

export interface ImageCacheOptions {
  /** Made when the first image is written; undefined caches nothing. Several processes may share it. */
  readonly directory: string | undefined;
  readonly preprocessing: Preprocessing;
  /** Bytes that the directory may hold; 20 GiB unless given. Images used longest ago go first. */
  readonly limit?: number | undefined;
  /** Threads that decode: the number of cores unless given, and never more than 8; 0 decodes in the caller's. */
  readonly threads?: number | undefined;
  /** Milliseconds of decoding in the caller's thread before another is started; 300 unless given. */
  readonly startAfter?: number | undefined;
}

/**
 * Prepared images on disk, so that a second run decodes nothing, and threads that read, decode and prepare those that are
 * not there.
 *
 * An entry's name is the SHA-256 of the image file's bytes and that of the preprocessing (all but `normalization`,
 * which is applied later), frame and film's scan: a renamed file is found, a changed one is not. To skip reading unchanged image files, a
 * note keeps each one's hash by its path, size and time stamps. Entries and notes are written to a temporary name, then
 * renamed; a damaged entry is made anew. Deleting the directory, or anything in it, is always safe, also while it is in use.
 */
export function openImageCache(options: ImageCacheOptions): ImageCache {
  const { directory, preprocessing, limit = DEFAULT_CACHE_BYTES, threads, startAfter } = options;
  const settings: CacheSettings = { directory, preprocessing, opened: Date.now() };
  const statistics = { decoded: 0, hits: 0 };
  const room = directory === undefined ? undefined : limitCache(directory, limit, settings.opened);
  const workers = openThreads<CacheSettings, CacheJob, CacheAnswer>({
    module: new URL('./cache-thread.js', import.meta.url),
    settings,
    here: (job) => prepareCached(job, settings),
    died: ({ path }, reason, cause) => unreadableImage(path, `the thread that decoded it ended: ${reason}`, cause),
    threads,
    startAfter,
  });
  return {
    statistics,
    ahead: workers.ahead,
    prepare: async (path, frame = 1) => {
      const { image, content, decoded, written } = await workers.run({ path, frame, write: room?.hasRoom ?? false });
      if (decoded) statistics.decoded++;
      else statistics.hits++;
      await room?.added(written);
      return { ...image, content };
    },
    close: () => workers.close(),
  };
}
