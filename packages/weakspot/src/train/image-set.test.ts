import { WeakspotError, type DataIssue, wholeImage } from '@weakspot/core';
import { describe, expect, it } from 'vitest';
import type { CachedImages } from '../data/cache.js';
import type { Sample } from '../data/dataset.js';
import { unreadableImage } from '../data/image.js';
import { failureOf } from '../data/testing/files.js';
import { type ImageSetOptions, type PreparedSet, prepareImages } from './image-set.js';

const sample = (name: string): Sample => ({
  name,
  path: `/${name}`,
  label: 0,
  patient: undefined,
  split: undefined,
  regions: [],
});
const samples = ['a', 'bad', 'b', 'worse', 'c'].map(sample);

/** Images of two pixels, both the path's second letter; paths of more letters cannot be read. */
function fakeCache(error?: Error): CachedImages & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    statistics: { decoded: 0, hits: 0 },
    prepare: (path) => {
      asked.push(path);
      if (path.length > 2) return Promise.reject(error ?? unreadableImage(path, 'not an image'));
      return Promise.resolve({
        pixels: new Uint16Array(2).fill(path.charCodeAt(1)),
        originalWidth: 2,
        originalHeight: 1,
        placement: wholeImage(2, 1),
      });
    },
  };
}

async function prepareAll(
  cache: CachedImages,
  options: Partial<ImageSetOptions> = {},
): Promise<{ set: PreparedSet; told: (DataIssue | undefined)[] }> {
  const preparation = prepareImages(samples, cache, { width: 2, strict: false, isStopped: () => false, ...options });
  const told: (DataIssue | undefined)[] = [];
  for (;;) {
    const next = await preparation.next();
    if (next.done === true) return { set: next.value, told };
    told.push(next.value);
  }
}

describe('prepareImages', () => {
  it('leaves out what cannot be read, tells of each image, and keeps the others in order', async () => {
    const { set, told } = await prepareAll(fakeCache());
    expect(set.samples.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(told.map((issue) => issue?.file)).toEqual([undefined, '/bad', undefined, '/worse', undefined]);
    expect(told[1]).toMatchObject({ severity: 'warning', message: 'left out: not an image' });
    expect([...(await set.pixels(1))]).toEqual([98, 98]);
  });

  it('tells mean and deviation of those that can be read', async () => {
    // 97, 98 and 99; the deviation is the least that is taken.
    expect((await prepareAll(fakeCache())).set.intensity).toEqual({ mean: 98 / 65535, std: 1e-3 });
  });

  it.each([
    [0, ['/a', '/b', '/c']],
    [8, ['/c']],
    [12, []],
  ])('holds %i bytes in memory and asks the cache for the rest', async (memoryBudget, asked) => {
    const cache = fakeCache();
    const { set } = await prepareAll(cache, { memoryBudget });
    cache.asked.length = 0;
    for (const [index, letter] of [97, 98, 99].entries()) expect((await set.pixels(index))[0]).toBe(letter);
    expect(cache.asked).toEqual(asked);
  });

  it('strict: stops at the first that cannot be read', async () => {
    const error = await failureOf(() => prepareAll(fakeCache(), { strict: true }));
    expect([error.code, error.message]).toEqual(['data', '/bad: not an image']);
  });

  it('does not leave out an image because of another problem, such as a full disk', async () => {
    const full = new WeakspotError('io', 'no space left');
    expect(await failureOf(() => prepareAll(fakeCache(full)))).toBe(full);
  });

  it('stops between images', async () => {
    const cache = fakeCache();
    const error = await failureOf(() => prepareAll(cache, { isStopped: () => cache.asked.length === 2 }));
    expect([error.code, cache.asked]).toEqual(['aborted', ['/a', '/bad']]);
  });

  it('knows no image beyond the last', async () => {
    const { set } = await prepareAll(fakeCache());
    expect((await failureOf(() => set.pixels(3))).code).toBe('usage');
  });
});
