import { type DataIssue, type IntensityMoments, WeakspotError, startSetMoments } from '@weakspot/core';
import type { CachedImages, WithContent } from '../data/cache.js';
import { mapAhead } from '../data/concurrency.js';
import type { Sample } from '../data/dataset.js';
import { leftOut } from '../data/left-out.js';
import type { PreparedImage } from '../data/preprocess.js';

/** Prepared images of a run, in memory up to a budget and from the cache on disk beyond it. */
export interface ImageSet {
  readonly samples: readonly Sample[];
  /** Prepared pixels of sample i. */
  pixels(index: number): Promise<Uint16Array>;
}

/** Images just prepared. */
export interface PreparedSet extends ImageSet {
  /** SHA-256 of the files' bytes by the samples' names, as far as it came to be known. */
  readonly contents: ReadonlyMap<string, string>;
  /** Of all their pixels, without padding; undefined if there is no image. */
  readonly intensity: IntensityMoments | undefined;
}

const DEFAULT_MEMORY_BUDGET = 2 * 2 ** 30;

export interface ImageSetOptions {
  /** Of the prepared images, pixels. */
  readonly width: number;
  /** An unreadable image stops the run instead of being left out. */
  readonly strict: boolean;
  /** Stops between images when it returns true. */
  readonly isStopped: () => boolean;
  /** Bytes of prepared pixels to keep in memory; 2 GiB unless given. */
  readonly memoryBudget?: number;
}

/**
 * Prepares all images once, so that the first epoch meets every unreadable file before any time is spent on training.
 * Yields after each image what is wrong with it, or undefined.
 * @throws WeakspotError `data` naming the file, if `strict` and an image cannot be read; `aborted` if stopped.
 */
export async function* prepareImages(
  samples: readonly Sample[],
  cache: CachedImages,
  { width, strict, isStopped, memoryBudget = DEFAULT_MEMORY_BUDGET }: ImageSetOptions,
): AsyncGenerator<DataIssue | undefined, PreparedSet> {
  type Prepared = Pick<PreparedImage, 'pixels' | 'shown'> & WithContent;
  type Result = { readonly sample: Sample } & (Prepared | { readonly error: unknown });
  const prepareOne = async (sample: Sample): Promise<Result> => {
    try {
      return { sample, ...(await cache.prepare(sample.path, sample.frame)) };
    } catch (error) {
      return { sample, error };
    }
  };
  const readable: Sample[] = [];
  const held: (Uint16Array | undefined)[] = [];
  const contents = new Map<string, string>();
  const intensity = startSetMoments(width);
  let bytes = 0;
  for await (const result of mapAhead(samples, cache.ahead ?? 1, prepareOne)) {
    if (isStopped()) throw new WeakspotError('aborted', 'Stopped while images were being prepared.');
    if ('error' in result) {
      yield leftOut(result.error, result.sample.path, strict);
      continue;
    }
    const { sample, pixels, content } = result;
    if (content !== undefined) contents.set(sample.name, content);
    intensity.add(result);
    bytes += pixels.byteLength;
    held.push(bytes <= memoryBudget ? pixels : undefined);
    readable.push(sample);
    yield undefined;
  }
  return {
    samples: readable,
    contents,
    intensity: intensity.moments,
    pixels: async (index) => {
      const found = held[index];
      if (found !== undefined) return found;
      const sample = readable[index];
      if (sample === undefined) throw new WeakspotError('usage', `There is no image ${index}.`);
      return (await cache.prepare(sample.path, sample.frame)).pixels;
    },
  };
}
