/** The recipe of docs/how-to/export.md, run as it stands there. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Box, CellGrid, DecodedImage, HeatMap, Point } from '@weakspot/core';
import { Random, createGraph, encodeOnnx } from '@weakspot/core';
import * as onnxruntime from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeImage } from '../data/decode.js';
import type { Preprocessing } from '../data/preprocess.js';
import { greyPng, temporaryFolder, writeTree } from '../data/testing/files.js';
import { dicomFile, imageValues, words } from '../dicom/testing/file.js';
import { readModelInfo } from '../run/model-file.js';
import { localizeImages } from './localize.js';
import { openModel } from './model.js';
import { listOf, writeRun } from './testing/models.js';

interface Recipe {
  modelInfo(bytes: Uint8Array): { readonly preprocessing: Preprocessing; readonly cells: CellGrid };
  film(pixels: Uint8Array, width: number, height: number, highest: number): DecodedImage;
  localize(
    ort: typeof onnxruntime,
    session: onnxruntime.InferenceSession,
    info: object,
    image: DecodedImage,
  ): Promise<{ probabilities: object; map: HeatMap; placement: Box; response: Point; boxes: Box[] }>;
}

const { folder, remove } = temporaryFolder();
// Beside the tests, where @weakspot/core is found as a program finds it.
const script = join(import.meta.dirname, `recipe-${process.pid}.mjs`);
afterAll(() => {
  remove();
  rmSync(script, { force: true });
});

let recipe: Recipe;
beforeAll(async () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/how-to/export.md'), 'utf8');
  const block = /```js\n(\/\/ localize-anywhere\.mjs\n.*?)```/s.exec(page)?.[1];
  writeFileSync(script, block ?? '');
  recipe = (await import(pathToFileURL(script).href)) as Recipe;
});

const [width, height] = [90, 70];
const random = new Random(3, 'film');
/** A bright blob on noise, with a flat border. */
const values = Uint16Array.from({ length: width * height }, (_, i) => {
  const [x, y] = [i % width, Math.floor(i / width)];
  const inside = x >= 8 && x < 84 && y >= 5 && y < 70;
  return inside ? 500 + random.integer(800) + 2000 * Math.exp(-((x - 60) ** 2 + (y - 30) ** 2) / 40) : 100;
});

async function writeFilms(): Promise<string[]> {
  const values12 = { BitsStored: [12], HighBit: [11], PixelData: words([...values]) };
  const windows = { WindowCenter: '1500\\40', WindowWidth: '2000\\400' };
  const files = {
    'grey.png': await greyPng(
      Uint8Array.from(values, (value) => value >> 4),
      width,
      height,
    ),
    'deep.png': await greyPng(
      values.map((value) => value * 16),
      width,
      height,
    ),
    'window.dcm': dicomFile(imageValues(width, height, { ...values12, ...windows, RescaleIntercept: '-200' })),
    'inverted.dcm': dicomFile(
      imageValues(width, height, { ...values12, PhotometricInterpretation: 'MONOCHROME1', PixelPaddingValue: [100] }),
    ),
  };
  writeTree(folder, files);
  return Object.keys(files).map((name) => join(folder, name));
}

/** What differs: the preprocessing, and other settings. */
const steps: readonly [string, object, object?][] = [
  ['the defaults', {}],
  [
    'percentiles, fixed normalisation',
    { intensity: { range: 'percentile', percentiles: [2, 97] }, normalization: { kind: 'fixed', mean: 0.4, std: 0.2 } },
  ],
  ['normalisation by the set', { normalization: { kind: 'set', mean: 0.3, std: 0.1 } }],
  ['minimum to maximum, no antialiasing', { intensity: { range: 'min-max' }, antialias: false }],
  ['a window', { intensity: { range: 'window', window: [20, 150] } }],
  ['crop, pad and CLAHE', { crop: 'content', fit: 'pad', clahe: { tiles: 4, clipLimit: 2 } }],
  [
    'a map over mirror images',
    { fit: 'pad' },
    { augmentation: { flip: true, flipVertical: true }, localizer: { map: 'positive+flips' } },
  ],
  [
    'the network field',
    { normalization: { kind: 'set', mean: 0.3, std: 0.1 } },
    {
      network: { name: 'field' },
      localizer: { evidence: 'single', map: 'positive+flips' },
      method: 'TopK',
      augmentation: { flip: true, flipVertical: true },
    },
  ],
  ['pad, of the full scale', { intensity: { range: 'full-scale' }, fit: 'pad' }],
];

const bytesOf = (run: string): Uint8Array => readFileSync(join(run, 'model.onnx'));

/** Checks that the recipe, with nothing but the run's model file, answers as the library does with the run; gives its answers. */
async function expectLibraryAnswers(run: string, films: readonly string[]): Promise<{ readonly map: HeatMap }[]> {
  const bytes = bytesOf(run);
  const info = recipe.modelInfo(bytes);
  const model = await openModel(run, { threads: 1 });
  const session = await onnxruntime.InferenceSession.create(bytes, { intraOpNumThreads: 1 });
  const answers: { readonly map: HeatMap }[] = [];
  try {
    const files = films.map((path) => ({ path, name: path }));
    for (const event of await listOf(localizeImages(model, files, { minProbability: 0 }))) {
      if (event.type !== 'image') throw new Error(event.issue.message);
      const { localization, prediction, placement, file } = event;
      const answer = await recipe.localize(onnxruntime, session, info, event.image);
      expect(answer.probabilities, file.name).toEqual(localization.probabilities);
      expect({ ...answer.map, values: Array.from(answer.map.values) }).toEqual({
        ...prediction.map,
        values: [...prediction.map.values],
      });
      expect([answer.placement, answer.response]).toEqual([placement, localization.response]);
      expect(answer.boxes).toEqual(localization.boxes.map(({ x0, y0, x1, y1 }) => ({ x0, y0, x1, y1 })));
      answers.push(answer);
    }
  } finally {
    await session.release();
    await model.release();
  }
  expect(answers).toHaveLength(films.length);
  return answers;
}

describe('the recipe for a model without this package', () => {
  it.each(steps.map(([name, preprocessing, others = {}]) => ({ name, preprocessing, others })))(
    'gives the library’s answer with $name',
    async ({ name, preprocessing, others }) => {
      const films = await writeFilms();
      const size = { width: 64, height: 96 };
      const run = await writeRun(join(folder, `run ${name}`), {
        settings: { preprocessing: { ...size, ...preprocessing }, ...others },
      });
      expect(recipe.modelInfo(bytesOf(run)).preprocessing).toMatchObject({ ...size, ...preprocessing });
      await expectLibraryAnswers(run, films);
    },
  );

  it('gives the library’s answer with LayerCAM, and finds the cells of a model that does not say where they lie', async () => {
    const films = await writeFilms();
    const settings = {
      localizer: { map: 'layercam' },
      preprocessing: { width: 64, height: 96, fit: 'pad', crop: 'content' },
    } as const;
    const run = await writeRun(join(folder, 'run LayerCAM'), { settings });
    const bytes = bytesOf(run);
    expect(recipe.modelInfo(bytes).cells).toEqual({ centre: 7.5, stride: 8 });
    const { cells, ...silent } = readModelInfo(bytes, 'model.onnx');
    const graph = createGraph();
    graph.output('x', graph.constant('one', Float32Array.of(1), [1]));
    const older = encodeOnnx(graph, { metadata: { weakspot: JSON.stringify(silent) } });
    expect(recipe.modelInfo(older).cells).toEqual(cells);
    for (const { map } of await expectLibraryAnswers(run, films)) {
      expect(map.extent).toEqual({ x0: 3.5 / 64, y0: 3.5 / 96, x1: 67.5 / 64, y1: 99.5 / 96 });
    }
  });

  it('makes of grey values the image that decoding gives', async () => {
    const [file = ''] = await writeFilms();
    const image = await decodeImage(readFileSync(file), file);
    expect(recipe.film(image.pixels as Uint8Array, width, height, 255)).toEqual(image);
  });
});
