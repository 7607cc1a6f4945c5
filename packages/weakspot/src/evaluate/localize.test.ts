import { mkdirSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { PassedOverCounts } from '../data/passed-over.js';
import { failureOf, flatPgm, temporaryFolder, writeTree } from '../data/testing/files.js';
import { IMAGES, mixedFolder } from '../data/testing/mixed-folder.js';
import { findImages } from './find-images.js';
import { type ImageFile, type LocalizeOptions, heatRange, localizeImages } from './localize.js';
import { openModel } from './model.js';
import { answer, fakeModel, listOf, writeRun } from './testing/models.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

const films = writeTree(join(folder, 'films'), {
  'a.pgm': flatPgm(40, 20),
  'b.txt': 'not an image',
  'deep/er/c.PNG': flatPgm(7, 31),
  'deep/a.pgm': flatPgm(1, 1),
  '.hidden.png': flatPgm(3, 3),
});

function file(name: string): ImageFile {
  return { name, path: join(films, name) };
}

async function localizationsOf(probability: number, options: LocalizeOptions = {}, names = ['a.pgm']) {
  // One peak at the right of the 2x1 map.
  const model = fakeModel([answer(probability, 2, 1, [-3, 1])]);
  const events = await listOf(localizeImages(model, names.map(file), options));
  return events.flatMap((event) => (event.type === 'image' ? [event.localization] : []));
}

describe('findImages', () => {
  it('finds the images of a folder in depth, by their endings, named relative to it', async () => {
    const found = await findImages([films]);
    expect(found).toEqual(['a.pgm', 'deep/a.pgm', 'deep/er/c.PNG'].map(file));
  });

  it('finds DICOM by its content, and counts what it passes over', async () => {
    const passed = new PassedOverCounts();
    const root = writeTree(join(folder, 'mixed'), await mixedFolder());
    expect((await findImages([root], passed)).map(({ name }) => name)).toEqual(IMAGES);
    expect(passed.list().map(({ kind, count }) => `${count} ${kind}`)).toEqual([
      '1 DICOMDIR',
      '1 NIfTI',
      '1 PNG named .png_original',
      '2 CSV',
      '2 hidden files or files of the operating system',
      '1 without an ending, of no known format',
    ]);
  });

  it('takes a file whatever its name, named without its folder', async () => {
    const path = join(films, 'b.txt');
    expect(await findImages([path])).toEqual([{ path, name: 'b.txt' }]);
    expect(await findImages([relative(process.cwd(), path)])).toEqual([{ path, name: 'b.txt' }]);
  });

  it('takes an image named twice once, and keeps two of one name apart', async () => {
    const twice = await findImages([films, join(films, 'deep'), join(films, 'a.pgm')]);
    expect(twice.map(({ path }) => relative(films, path))).toEqual(['a.pgm', 'deep/a.pgm', 'deep/er/c.PNG']);
    const same = await findImages([join(films, 'a.pgm'), join(films, 'deep', 'a.pgm')]);
    expect(same.map(({ name }) => name)).toEqual(['a.pgm', 'a.pgm']);
  });

  it('names a path where nothing is', async () => {
    const path = join(folder, 'nothing');
    const failure = await failureOf(() => findImages([films, path]));
    expect(failure).toMatchObject({ code: 'data', message: `There is no file or folder ${path}.` });
  });

  it('names a folder without images', async () => {
    const texts = writeTree(join(folder, 'texts'), { 'a.txt': 'a' });
    mkdirSync(join(folder, 'empty'));
    for (const [path, but] of [
      [texts, ', but 1 TXT'],
      [join(folder, 'empty'), ''],
    ] as const) {
      const failure = await failureOf(() => findImages([path]));
      expect(failure).toMatchObject({ code: 'data', message: `${path} holds no images${but}.` });
    }
  });

  it('does not run in circles where a folder is linked into itself', async () => {
    const looped = writeTree(join(folder, 'looped'), { 'a.pgm': flatPgm(2, 2) });
    symlinkSync(looped, join(looped, 'again'));
    expect((await findImages([looped])).map(({ name }) => name)).toEqual(['a.pgm']);
  });
});

describe('localizeImages', () => {
  it('describes an image in the fields that are documented', async () => {
    const [found] = await localizationsOf(0.75);
    // The 2x1 map over 40x20 pixels: cell centres at x = 10 and 30, halfway at x = 20; beyond x = 30 it is constant.
    expect(found).toEqual({
      file: join(films, 'a.pgm'),
      width: 40,
      height: 20,
      predicted: 'lesion',
      positive: 'lesion',
      probabilities: { clear: 0.25, lesion: 0.75 },
      map: 'positive',
      response: { x: 30.5, y: 9.5, value: 1 },
      boxes: [{ x0: 20, y0: 0, x1: 40, y1: 20, score: 0.75, peak: expect.objectContaining({ y: expect.any(Number) }) }],
    });
    expect(JSON.parse(JSON.stringify(found))).toEqual(found);
  });

  it('gives boxes from minProbability on, and the response always', async () => {
    const [below] = await localizationsOf(0.4);
    expect(below).toMatchObject({ predicted: 'clear', boxes: [], response: { x: 30.5, y: 9.5 } });
    expect((await localizationsOf(0.4, { minProbability: 0.4 }))[0]!.boxes).toHaveLength(1);
    expect((await localizationsOf(0.5))[0]!.boxes).toHaveLength(1);
    expect((await localizationsOf(0.75, { minProbability: 0.76 }))[0]!.boxes).toEqual([]);
  });

  it('ends boxes at the threshold', async () => {
    // The map rises from -3 at x = 10 to 1 at x = 30: a fraction t of its range is reached at x = 10 + 20 t.
    for (const [threshold, x0] of [
      [0.25, 15],
      [0.75, 25],
    ] as const) {
      expect((await localizationsOf(1, { threshold }))[0]!.boxes[0]).toMatchObject({ x0, x1: 40 });
    }
    const wrong = () => localizationsOf(1, { threshold: 1.5 });
    expect(await failureOf(wrong)).toMatchObject({ code: 'usage' });
  });

  it('keeps responses and boxes inside the image, for any map and size', async () => {
    const finite = fc.float({ min: -1000, max: 1000, noNaN: true });
    const property = fc.asyncProperty(
      fc.array(finite, { minLength: 12, maxLength: 12 }),
      fc.constantFrom('a.pgm', 'deep/a.pgm', 'deep/er/c.PNG'),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (values, name, threshold) => {
        const model = fakeModel([answer(1, 4, 3, values)]);
        const [event] = await listOf(localizeImages(model, [file(name)], { threshold }));
        if (event?.type !== 'image') throw new Error('not localized');
        const { width, height, response, boxes } = event.localization;
        for (const { x, y } of [response, ...boxes.map(({ peak }) => peak)]) {
          expect(x > 0 && x < width && y > 0 && y < height).toBe(true);
        }
        for (const { x0, y0, x1, y1, score, peak } of boxes) {
          expect(0 <= x0 && x0 < x1 && x1 <= width && 0 <= y0 && y0 < y1 && y1 <= height).toBe(true);
          expect(score >= 0 && score <= 1).toBe(true);
          expect(x0 < peak.x && peak.x < x1 && y0 < peak.y && peak.y < y1).toBe(true);
        }
        expect(boxes.map(({ score }) => score)).toEqual(boxes.map(({ score }) => score).toSorted((a, b) => b - a));
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });

  it('reports an image that cannot be read and goes on', async () => {
    const files = ['a.pgm', 'b.txt', 'gone.png', 'deep/a.pgm'].map(file);
    const events = await listOf(localizeImages(fakeModel([answer(1, 1, 1, [0])]), files));
    expect(events.map(({ type, done, total }) => [type, done, total])).toEqual([
      ['image', 1, 4],
      ['issue', 2, 4],
      ['issue', 3, 4],
      ['image', 4, 4],
    ]);
    const issues = events.flatMap((event) => (event.type === 'issue' ? [event.issue] : []));
    expect(issues.map((issue) => issue.file)).toEqual([files[1]!.path, files[2]!.path]);
    // The file stands in `file`, and is not named again.
    expect(issues[0]!.message).toBe('left out: not an image of a known format, or its header is damaged');
    expect(issues[1]!.message).toMatch(/^left out: cannot read: ENOENT/);
  });

  it('stops at an image that cannot be read if strict', async () => {
    for (const name of ['b.txt', 'gone.png']) {
      const events = localizeImages(fakeModel([answer(1, 1, 1, [0])]), [file(name)], { strict: true });
      const failure = await failureOf(() => listOf(events));
      expect(failure.code).toBe('data');
      expect(failure.message).toContain(join(films, name));
    }
  });

  it('stops between images when aborted', async () => {
    const controller = new AbortController();
    const files = ['a.pgm', 'deep/a.pgm'].map(file);
    const events = localizeImages(fakeModel([answer(1, 1, 1, [0])]), files, { signal: controller.signal });
    expect((await events.next()).value).toMatchObject({ type: 'image', done: 1 });
    controller.abort();
    expect(await failureOf(() => events.next())).toMatchObject({ code: 'aborted' });
  });

  it('localizes a single pixel', async () => {
    const model = await openModel(await writeRun(join(folder, 'run')), { threads: 1 });
    const [event] = await listOf(localizeImages(model, [file('deep/a.pgm')], { minProbability: 0 }));
    await model.release();
    expect(event).toMatchObject({ localization: { width: 1, height: 1, response: { x: 0.5, y: 0.5 } } });
  });
});

describe('heatRange', () => {
  it('gives the maximum the heat of the probability and the minimum none', () => {
    const map = Float32Array.of(-2, 6, 1);
    for (const probability of [1, 0.5, 0.1]) {
      const { low, high } = heatRange(map, probability);
      expect(low).toBe(-2);
      expect((6 - low) / (high - low)).toBeCloseTo(probability, 12);
    }
  });

  it('stays finite without probability, and for a flat map', () => {
    expect(heatRange(Float32Array.of(0, 1), 0)).toEqual({ low: 0, high: 1000 });
    expect(heatRange(Float32Array.of(4, 4), 0.5)).toEqual({ low: 4, high: 4 });
  });
});
