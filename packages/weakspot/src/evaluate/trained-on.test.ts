import { copyFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openImageCache } from '../data/cache.js';
import { contentsOf } from '../data/contents.js';
import type { Sample, Split } from '../data/dataset.js';
import { readDataset } from '../data/read-dataset.js';
import { failureOf, greyPng, temporaryFolder } from '../data/testing/files.js';
import { recordedImages, writeDataRecord } from '../run/data-record.js';
import { runFolder, writeSplit } from '../run/folder.js';
import { type EvaluateOptions, evaluateModel } from './evaluate.js';
import { openModel } from './model.js';
import { writeRun } from './testing/models.js';
import { countModelImages, modelImages, readModelImages } from './trained-on.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const films = join(folder, 'films');
const run = join(folder, 'run');
const split = new Map<string, Split>();

/** Twelve images of two classes: six to train on, two to validate, four to test. */
beforeAll(async () => {
  for (const label of ['clear', 'lesion']) {
    mkdirSync(join(films, label), { recursive: true });
    for (let i = 0; i < 6; i++) {
      const shade = label === 'clear' ? 3 * i : 100 + 7 * i;
      const pixels = Uint8Array.from({ length: 256 }, (_, at) => (at * (i + 1) + shade) % 256);
      writeFileSync(join(films, label, `${i}.png`), await greyPng(pixels, 16, 16));
      split.set(`${label}/${i}.png`, i < 3 ? 'train' : i < 4 ? 'validation' : 'test');
    }
  }
  await writeRun(run, { settings: { data: { path: films } } });
  await writeSplit(runFolder(run), split);
});

const samplesOf = async (path: string): Promise<readonly Sample[]> =>
  (await readDataset(path, { classes: ['clear', 'lesion'] })).samples;

/** The warnings' codes with their figures. */
async function warningsOf(
  path: string,
  samples: readonly Sample[],
  options: Partial<EvaluateOptions> = {},
): Promise<(readonly [string, Readonly<Record<string, number>>])[]> {
  const model = await openModel(path, { threads: 1 });
  const cache = openImageCache({ directory: undefined, preprocessing: model.info.preprocessing, threads: 0 });
  try {
    for await (const event of evaluateModel(model, samples, { cache, ...options })) {
      if (event.type === 'done')
        return event.warnings
          .filter(({ code }) => ['trained-on', 'validated-on', 'unread-images'].includes(code))
          .map(({ code, figures }) => [code, figures] as const);
    }
  } finally {
    await model.release();
  }
  throw new Error('no end');
}

describe('images that the model was made from', () => {
  it('are told of, by the files of the run’s data set, with no further word from the caller', async () => {
    const samples = await samplesOf(films);
    const of = (part: Split): Sample[] => samples.filter(({ name }) => split.get(name) === part);
    expect(await warningsOf(run, of('test'))).toEqual([]);
    expect(await warningsOf(run, of('train'))).toEqual([['trained-on', { trained: 6, images: 6 }]]);
    expect(await warningsOf(run, of('validation'))).toEqual([['validated-on', { validated: 2, images: 2 }]]);
    expect(await warningsOf(run, samples)).toEqual([
      ['trained-on', { trained: 6, images: 12 }],
      ['validated-on', { validated: 2, images: 12 }],
    ]);
    // Also of the model file that the run left.
    expect(await warningsOf(join(run, 'model.onnx'), of('train'))).toEqual([['trained-on', { trained: 6, images: 6 }]]);
  });

  it('are known under another name and in another folder, by their bytes', async () => {
    const other = join(folder, 'other');
    mkdirSync(join(other, 'clear'), { recursive: true });
    mkdirSync(join(other, 'lesion'));
    copyFileSync(join(films, 'clear', '1.png'), join(other, 'clear', 'a.png'));
    copyFileSync(join(films, 'lesion', '3.png'), join(other, 'lesion', 'b.png'));
    copyFileSync(join(films, 'lesion', '5.png'), join(other, 'lesion', 'c.png'));
    // Of the same name as one that was trained on, and another image.
    writeFileSync(join(other, 'clear', '0.png'), await greyPng(new Uint8Array(256).fill(9), 16, 16));
    const samples = await samplesOf(other);
    expect(await warningsOf(run, samples)).toEqual([
      ['trained-on', { trained: 1, images: 4 }],
      ['validated-on', { validated: 1, images: 4 }],
    ]);
    // A model file elsewhere does not tell what it was made from.
    const alone = join(folder, 'alone.onnx');
    copyFileSync(join(run, 'model.onnx'), alone);
    expect(await warningsOf(alone, samples)).toEqual([]);
  });

  it('are told by the caller, who may know that there are none', async () => {
    const samples = await samplesOf(films);
    expect(await warningsOf(run, samples, { made: [] })).toEqual([]);
    const made = modelImages(samples, new Map([['lesion/5.png', 'train']]));
    expect(await warningsOf(run, samples, { made })).toEqual([['trained-on', { trained: 1, images: 12 }]]);
  });

  it('are frames, of which a file has several', async () => {
    const [image] = (await samplesOf(films)).filter(({ name }) => name === 'clear/0.png') as [Sample];
    const copy = join(folder, 'frames.png');
    copyFileSync(image.path, copy);
    const made = [{ part: 'train' as const, name: 'x', path: image.path, frame: 2 }];
    const count = async (path: string, frame?: number): Promise<number> => {
      const tested = { ...image, path, ...(frame === undefined ? {} : { frame }) };
      return (await countModelImages([tested], made, undefined)).trained;
    };
    expect([await count(image.path, 2), await count(image.path, 1), await count(image.path)]).toEqual([1, 0, 0]);
    expect([await count(copy, 2), await count(copy, 1)]).toEqual([1, 0]);
  });

  it('are told by their names where their data set is no longer there', async () => {
    const moved = join(folder, 'moved');
    renameSync(films, moved);
    try {
      const samples = await samplesOf(moved);
      expect(await warningsOf(run, samples)).toEqual([
        ['trained-on', { trained: 6, images: 12, byName: 8 }],
        ['validated-on', { validated: 2, images: 12, byName: 8 }],
      ]);
    } finally {
      renameSync(moved, films);
    }
  });

  it('are told by their bytes where their data set is no longer there and the run recorded them', async () => {
    const samples = await samplesOf(films);
    const contents = await contentsOf(samples, { cache: undefined });
    const images = recordedImages({ samples, classes: ['clear', 'lesion'] }, contents);
    const recording = join(folder, 'recording');
    await writeRun(recording, { settings: { data: { path: join(folder, 'gone') } } });
    await writeSplit(runFolder(recording), split);
    await writeDataRecord(runFolder(recording), { format: 1, images, changes: [] });
    expect(await warningsOf(recording, samples)).toEqual([
      ['trained-on', { trained: 6, images: 12 }],
      ['validated-on', { validated: 2, images: 12 }],
    ]);
    // Another image of the name of one that was trained on is none, and one of another name with its bytes is.
    const mixed = join(folder, 'recorded');
    for (const label of ['clear', 'lesion']) mkdirSync(join(mixed, label), { recursive: true });
    writeFileSync(join(mixed, 'clear', '0.png'), await greyPng(new Uint8Array(256).fill(7), 16, 16));
    copyFileSync(join(films, 'clear', '2.png'), join(mixed, 'lesion', 'z.png'));
    expect(await warningsOf(recording, await samplesOf(mixed))).toEqual([['trained-on', { trained: 1, images: 2 }]]);
  });

  it.each(['split.json', 'data.json'])('that a damaged %s hides are an error, not silence', async (name) => {
    const damaged = join(folder, `damaged-${name}`);
    await writeRun(damaged, { settings: { data: { path: films } } });
    await writeSplit(runFolder(damaged), split);
    expect(await readModelImages(damaged)).toHaveLength(8);
    writeFileSync(join(damaged, name), '{"clear/0.png": ');
    const error = await failureOf(() => readModelImages(damaged));
    expect([error.code, error.message]).toEqual(['model', expect.stringContaining(join(damaged, name))]);
  });

  it('are also those of the run whose weights it started from', async () => {
    const samples = await samplesOf(films);
    const later = async (name: string, path: string): Promise<string> => {
      const init = { path, sha256: '', taken: [], drawn: [], unused: [] };
      const made = await writeRun(join(folder, name), { settings: { data: { path: films } }, info: { init } });
      // What the earlier one validated with is trained on now, and the other way round.
      await writeSplit(
        runFolder(made),
        new Map([
          ['clear/3.png', 'train'],
          ['clear/0.png', 'validation'],
          ['clear/5.png', 'train'],
        ]),
      );
      return made;
    };
    const expected = [
      ['trained-on', { trained: 8, images: 12 }],
      ['validated-on', { validated: 1, images: 12 }],
    ];
    const starts = [run, join(run, 'model.onnx'), runFolder(run).checkpoint('last')];
    for (const [i, start] of starts.entries())
      expect(await warningsOf(await later(`later-${i}`, start), samples), start).toEqual(expected);
    // One after another, and a circle ends.
    expect(await warningsOf(await later('last', join(folder, 'later-0')), samples)).toEqual(expected);
    const circle = await later('circle', join(folder, 'circle'));
    expect(await warningsOf(circle, samples)).toEqual([
      ['trained-on', { trained: 2, images: 12 }],
      ['validated-on', { validated: 1, images: 12 }],
    ]);
  });

  it('are none that are known where a folder does not tell its parts', async () => {
    expect(await readModelImages(folder)).toEqual([]);
  });

  it('are looked for until the signal', async () => {
    const samples = await samplesOf(films);
    const made = modelImages(samples.slice(0, 1), new Map([[samples[0]?.name ?? '', 'train']]));
    const failure = await failureOf(() => countModelImages(samples.slice(1), made, AbortSignal.abort()));
    expect(failure.code).toBe('aborted');
  });
});
