import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { WeakspotError } from '@weakspot/core';
import { dicomFile, imageValues, words } from '../dicom/testing/file.js';
import type { CachedImages } from './cache.js';
import { openImageCache } from './cache.js';
import { decodeImage } from './decode.js';
import type { Preprocessing } from './preprocess.js';
import { prepareImage } from './preprocess.js';
import { failureOf, greyPng, temporaryFolder, writeTree } from './testing/files.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

const preprocessing: Preprocessing = {
  width: 5,
  height: 4,
  intensity: { range: 'full-scale' },
  crop: 'none',
  fit: 'stretch',
  clahe: null,
  normalization: { kind: 'image' },
  antialias: true,
};

let count = 0;
/** A folder of its own with two images of different content, last changed an hour ago. */
async function fresh(): Promise<{ images: string[]; directory: string }> {
  const own = join(folder, String(count++));
  const ramp = (step: number): Uint8Array => Uint8Array.from({ length: 80 }, (_, i) => (i * step) % 256);
  writeTree(own, { 'a.png': await greyPng(ramp(3), 10, 8), 'b.png': await greyPng(ramp(7), 10, 8) });
  const images = ['a.png', 'b.png'].map((name) => join(own, name));
  for (const image of images) age(image);
  return { images, directory: join(own, 'cache') };
}

function age(path: string): void {
  const past = new Date(Date.now() - 3_600_000);
  utimesSync(path, past, past);
}

function entries(directory: string, part: 'images' | 'hashes'): string[] {
  return readdirSync(join(directory, part), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

async function prepareAll(cache: CachedImages, images: readonly string[]): Promise<unknown[]> {
  return Promise.all(images.map((image) => cache.prepare(image)));
}

describe('openImageCache', () => {
  it('decodes nothing in the second epoch and nothing in the second run', async () => {
    const { images, directory } = await fresh();
    const first = openImageCache({ directory, preprocessing });
    const expected = [];
    for (const image of images) {
      const content = createHash('sha256').update(readFileSync(image)).digest('hex');
      expected.push({ ...prepareImage(await decodeImage(readFileSync(image), image), preprocessing), content });
    }
    expect(await prepareAll(first, images)).toEqual(expected);
    expect(first.statistics).toEqual({ decoded: 2, hits: 0 });
    expect(await prepareAll(first, images)).toEqual(expected);
    expect(first.statistics).toEqual({ decoded: 2, hits: 2 });
    const second = openImageCache({ directory, preprocessing });
    expect(await prepareAll(second, images)).toEqual(expected);
    expect(second.statistics).toEqual({ decoded: 0, hits: 2 });
  });

  it('does not read an unchanged image file again', async () => {
    const { images, directory } = await fresh();
    await prepareAll(openImageCache({ directory, preprocessing }), images);
    // Exchange the notes' hashes: if the notes are followed, so are the images.
    const notes = entries(directory, 'hashes');
    expect(notes).toHaveLength(2);
    const [one, two] = notes.map((note) => readFileSync(note));
    writeFileSync(notes[0] as string, two as Buffer);
    writeFileSync(notes[1] as string, one as Buffer);
    const [a, b] = await prepareAll(openImageCache({ directory: undefined, preprocessing }), images);
    expect(await prepareAll(openImageCache({ directory, preprocessing }), images)).toEqual([b, a]);
  });

  it('notes no hash of a file that has just changed, and ignores a damaged note', async () => {
    const { images, directory } = await fresh();
    const now = new Date();
    utimesSync(images[0] as string, now, now);
    await prepareAll(openImageCache({ directory, preprocessing }), images);
    const notes = entries(directory, 'hashes');
    expect(notes).toHaveLength(1);
    writeFileSync(notes[0] as string, '../../etc');
    const cache = openImageCache({ directory, preprocessing });
    await prepareAll(cache, images);
    expect(cache.statistics).toEqual({ decoded: 0, hits: 2 });
  });

  it('goes by content: a renamed image is found, a changed one is not', async () => {
    const { images, directory } = await fresh();
    const [a, b] = images as [string, string];
    await prepareAll(openImageCache({ directory, preprocessing }), [a]);
    renameSync(a, `${a}.old`);
    renameSync(b, a);
    const cache = openImageCache({ directory, preprocessing });
    await cache.prepare(`${a}.old`);
    expect(cache.statistics).toEqual({ decoded: 0, hits: 1 });
    await cache.prepare(a);
    expect(cache.statistics).toEqual({ decoded: 1, hits: 1 });
  });

  it('prepares anew under other settings, except for the normalisation, which comes later', async () => {
    const { images, directory } = await fresh();
    await prepareAll(openImageCache({ directory, preprocessing }), images);
    const decodedUnder = async (change: Partial<Preprocessing>): Promise<number> => {
      const cache = openImageCache({ directory, preprocessing: { ...preprocessing, ...change } });
      await prepareAll(cache, images);
      return cache.statistics.decoded;
    };
    expect(await decodedUnder({ normalization: { kind: 'fixed', mean: 0.5, std: 0.2 } })).toBe(0);
    expect(await decodedUnder({ antialias: false })).toBe(2);
    expect(await decodedUnder({ width: 4, height: 5 })).toBe(2);
    expect(await decodedUnder({ intensity: { range: 'percentile' } })).toBe(2);
    expect(await decodedUnder({ intensity: { range: 'percentile', percentiles: [5, 95] } })).toBe(2);
  });

  it('makes a damaged, short or foreign entry anew', async () => {
    const { images, directory } = await fresh();
    const expected = await prepareAll(openImageCache({ directory, preprocessing }), images);
    const damages: readonly ((file: string) => void)[] = [
      (file) => {
        const bytes = readFileSync(file);
        bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
        writeFileSync(file, bytes);
      },
      (file) => {
        const bytes = readFileSync(file);
        bytes[16] = (bytes[16] as number) ^ 1; // the original width
        writeFileSync(file, bytes);
      },
      (file) => truncateSync(file, 50),
      (file) => truncateSync(file, 0),
    ];
    for (const damage of damages) {
      damage(entries(directory, 'images')[0] as string);
      const cache = openImageCache({ directory, preprocessing });
      expect(await prepareAll(cache, images)).toEqual(expected);
      expect(cache.statistics).toEqual({ decoded: 1, hits: 1 });
    }
  });

  it('may be filled by several at once and leaves no temporary files', async () => {
    const { images, directory } = await fresh();
    const caches = Array.from({ length: 4 }, () => openImageCache({ directory, preprocessing }));
    const results = await Promise.all(caches.flatMap((cache) => images.map((image) => cache.prepare(image))));
    for (let i = 0; i < results.length; i++) expect(results[i]).toEqual(results[i % 2]);
    const names = [...entries(directory, 'images'), ...entries(directory, 'hashes')];
    expect(names).toHaveLength(4);
    expect(names.filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('gives the same bits and errors from threads as from this one, frame by frame, and counts alike', async () => {
    const { images, directory } = await fresh();
    const [image] = images as [string, string];
    const own = join(image, '..');
    const bits = Array.from({ length: 24 }, (_, i) => 150 * i);
    const frames = dicomFile(imageValues(4, 3, { NumberOfFrames: [2], PixelData: words(bits) }));
    writeTree(own, {
      'frames.dcm': frames,
      'bad.png': 'no image',
      'wide.png': await greyPng(Uint16Array.from(bits), 6, 4),
    });
    const at = (name: string): string => join(own, name);
    const asked: [string, number?][] = [
      [images[0] as string],
      [at('frames.dcm'), 2],
      [at('frames.dcm')],
      [at('bad.png')],
      [at('wide.png')],
      [at('frames.dcm'), 3],
      [images[1] as string],
    ];
    const steps: Preprocessing = {
      ...preprocessing,
      width: 20,
      height: 17,
      fit: 'pad',
      clahe: { tiles: 2, clipLimit: 3 },
    };
    const results = async (threads: number, folder_: string | undefined): Promise<unknown[]> => {
      const cache = openImageCache({ directory: folder_, preprocessing: steps, threads, startAfter: 0 });
      const found = await Promise.all(
        asked.map(async ([path, frame]) =>
          cache.prepare(path, frame).catch((error: unknown) => {
            const { code, message, issues } = error as WeakspotError;
            return { code, message, issues };
          }),
        ),
      );
      const { statistics } = cache;
      await cache.close();
      return [...found, statistics];
    };
    const serial = await results(0, undefined);
    expect(serial[1]).not.toEqual(serial[2]);
    expect(serial[3]).toMatchObject({ code: 'data', message: expect.stringContaining('bad.png') as unknown });
    expect(serial[5]).toMatchObject({ code: 'data', message: expect.stringContaining('frames.dcm') as unknown });
    expect(serial.at(-1)).toEqual({ decoded: 5, hits: 0 });
    expect(await results(2, directory)).toEqual(serial);
    // And what is read back, of a padded image too, is what was written.
    const again = await results(2, directory);
    expect(again.slice(0, -1)).toEqual(serial.slice(0, -1));
    expect(again.at(-1)).toEqual({ decoded: 0, hits: 5 });
    expect(again[4]).toMatchObject({ shown: expect.anything() as unknown });
    // From the cache, which keeps frames apart.
    expect(await results(0, directory)).toEqual([...serial.slice(0, -1), { decoded: 0, hits: 5 }]);
  });

  it('caches nothing without a directory', async () => {
    const { images } = await fresh();
    const cache = openImageCache({ directory: undefined, preprocessing });
    await prepareAll(cache, [...images, ...images]);
    expect(cache.statistics).toEqual({ decoded: 4, hits: 0 });
  });

  it('says that its directory cannot be written, and which image cannot be read', async () => {
    const { images, directory } = await fresh();
    const [image] = images as [string];
    const blocked = openImageCache({ directory: join(image, 'below-a-file'), preprocessing });
    const error = await failureOf(() => blocked.prepare(image));
    expect([error.code, error.message]).toEqual(['io', expect.stringContaining(join(image, 'below-a-file'))]);
    const cache = openImageCache({ directory, preprocessing });
    mkdirSync(`${image}.folder`);
    writeFileSync(`${image}.txt`, 'no image');
    for (const wrong of [`${image}.none`, `${image}.folder`, `${image}.txt`]) {
      const failure = await failureOf(() => cache.prepare(wrong));
      expect([failure.code, failure.message]).toEqual(['data', expect.stringContaining(wrong)]);
    }
  });
});
