import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makePhantom } from './film.js';
import { PHANTOM_VERSION, writePhantoms } from './write.js';

const OPTIONS = { count: 12, seed: 5, size: 64 };

describe('writePhantoms', () => {
  let parent: string;
  let folder: string;
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'weakspot-phantoms-'));
    folder = join(parent, 'deep', 'set');
  });
  afterEach(() => rm(parent, { recursive: true, force: true }));

  const rows = async (name: string): Promise<Record<string, string>[]> =>
    parse(await readFile(join(folder, name), 'utf8'), { columns: true });

  it('leaves a dataset folder: labels, boxes and a record that agree with makePhantom', async () => {
    const films = Array.from({ length: 12 }, (_, index) => makePhantom(5, index, { size: 64 }));
    const positives = films.filter((film) => film.label === 'lesion').length;
    expect(await writePhantoms(folder, OPTIONS)).toEqual({ images: 12, positives });

    expect((await readdir(folder)).toSorted()).toEqual(['boxes.csv', 'images', 'labels.csv', 'phantoms.json']);
    expect(await readdir(join(folder, 'images'))).toHaveLength(12);
    const name = (index: number): string => `images/phantom-000${String(index + 1).padStart(2, '0')}.png`;
    expect(await rows('labels.csv')).toEqual(
      films.map(({ label, patient }, index) => ({ file: name(index), label, patient })),
    );
    expect(await rows('boxes.csv')).toEqual(
      films.flatMap(({ boxes }, index) =>
        boxes.map(({ x0, y0, x1, y1 }) => ({
          file: name(index),
          xmin: String(x0),
          ymin: String(y0),
          xmax: String(x1),
          ymax: String(y1),
        })),
      ),
    );
    expect(JSON.parse(await readFile(join(folder, 'phantoms.json'), 'utf8'))).toEqual({
      kind: 'weakspot-phantoms',
      version: PHANTOM_VERSION,
      ...OPTIONS,
      positiveFraction: 0.5,
      bits: 8,
    });
  });

  it('says of bright lesions that they are', async () => {
    await writePhantoms(folder, { ...OPTIONS, count: 1, bright: true });
    const record = JSON.parse(await readFile(join(folder, 'phantoms.json'), 'utf8')) as object;
    expect(record).toMatchObject({ version: PHANTOM_VERSION, bright: true });
  });

  it('writes 8-bit grey PNGs of the upper bits', async () => {
    await writePhantoms(folder, { ...OPTIONS, count: 2 });
    const image = sharp(join(folder, 'images', 'phantom-00002.png'));
    expect(await image.metadata()).toMatchObject({ format: 'png', width: 64, height: 64, channels: 1, depth: 'uchar' });
    const { pixels } = makePhantom(5, 1, { size: 64 });
    const read = await image.toColourspace('b-w').raw().toBuffer();
    expect([...read]).toEqual(Array.from(pixels, (value) => Math.round(value / 257)));
  });

  it('writes 16-bit PNGs of the very pixels', async () => {
    await writePhantoms(folder, { ...OPTIONS, count: 1, bits: 16 });
    const image = sharp(join(folder, 'images', 'phantom-00001.png'));
    expect(await image.metadata()).toMatchObject({ channels: 1, depth: 'ushort' });
    const bytes = await image.toColourspace('grey16').raw({ depth: 'ushort' }).toBuffer();
    const read = Array.from({ length: bytes.length / 2 }, (_, i) => bytes.readUInt16LE(2 * i));
    expect(read).toEqual([...makePhantom(5, 0, { size: 64 }).pixels]);
  });

  it('refuses a folder that holds anything, replaces a phantom set by force, and never a foreign file', async () => {
    await mkdir(folder, { recursive: true });
    await writePhantoms(folder, { ...OPTIONS, count: 3 });
    await expect(writePhantoms(folder, OPTIONS)).rejects.toMatchObject({ code: 'exists' });
    await writePhantoms(folder, { ...OPTIONS, count: 1, force: true });
    expect(await readdir(join(folder, 'images'))).toEqual(['phantom-00001.png']);
    await writeFile(join(folder, 'thesis.txt'), 'the only copy');
    await expect(writePhantoms(folder, { ...OPTIONS, force: true })).rejects.toMatchObject({ code: 'exists' });
    expect(await readFile(join(folder, 'thesis.txt'), 'utf8')).toBe('the only copy');
  });

  it('stops on its signal and leaves nothing behind', async () => {
    const controller = new AbortController();
    const seen: [number, number][] = [];
    const writing = writePhantoms(folder, {
      ...OPTIONS,
      signal: controller.signal,
      onProgress: (done, total) => {
        seen.push([done, total]);
        if (done === 3) controller.abort();
      },
    });
    await expect(writing).rejects.toMatchObject({ code: 'aborted' });
    expect(seen).toEqual([
      [1, 12],
      [2, 12],
      [3, 12],
    ]);
    expect(await readdir(parent)).toEqual([]);
  });

  it('says what the file system refused', async () => {
    await writeFile(join(parent, 'deep'), 'a file where a folder should be');
    await expect(writePhantoms(folder, OPTIONS)).rejects.toMatchObject({ code: 'io' });
  });

  it.each([{ count: 0 }, { count: 1.5 }, { seed: 0.5 }, { size: 1 }])('refuses %o before it writes', async (wrong) => {
    await expect(writePhantoms(folder, { ...OPTIONS, ...wrong })).rejects.toMatchObject({ code: 'usage' });
    expect(await readdir(parent)).toEqual([]);
  });
});
