import { cpSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type MapChoice, Random, decodeOnnx, encodeOnnx, createGraph, wholeImage } from '@weakspot/core';
import * as onnxruntime from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeImage } from '../data/decode.js';
import type { PreparedImage } from '../data/preprocess.js';
import { prepareImage } from '../data/preprocess.js';
import { failureOf, greyPng, temporaryFolder, writeTree } from '../data/testing/files.js';
import { type Prediction, openModel, readModel } from './model.js';
import { drawn, writeRun } from './testing/models.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const run = join(folder, 'run');
const side = 64;

/** Three noisy images with a spot each, 8 bits, in the input's size. */
const films = [0, 1, 2].map((index) => {
  const random = new Random(3, 'film', index);
  return Uint8Array.from(
    { length: side * side },
    (_, i) => random.integer(120) + (i % side > 40 - 12 * index ? 90 : 0),
  );
});
let prepared: PreparedImage[] = [];

beforeAll(async () => {
  await writeRun(run);
  const { info } = await readModel(run);
  prepared = await Promise.all(
    films.map(async (film) =>
      prepareImage(await decodeImage(await greyPng(film, side, side), 'x'), info.preprocessing),
    ),
  );
});

async function predictions(path: string, images = prepared) {
  const model = await openModel(path, { threads: 1 });
  try {
    return await model.predict(images);
  } finally {
    await model.release();
  }
}

describe('openModel', () => {
  it('answers alike from a run folder and from the model file exported from it', async () => {
    const fromRun = await predictions(run);
    expect(await predictions(join(run, 'model.onnx'))).toEqual(fromRun);
    for (const { probabilities, map } of fromRun) {
      expect(probabilities[0]! + probabilities[1]!).toBeCloseTo(1, 6);
      expect(map.values).toHaveLength(map.width * map.height);
    }
    // Different images have different answers, or equality above would say nothing.
    expect(new Set(fromRun.map(({ probabilities }) => probabilities[1])).size).toBe(3);
  });

  it('answers as plain ONNX Runtime does, fed as the metadata of the file say', async () => {
    const bytes = readFileSync(join(run, 'model.onnx'));
    const entry = decodeOnnx(bytes).metadataProps.find(({ key }) => key === 'weakspot');
    const { preprocessing, positive } = JSON.parse(entry?.value ?? '');
    expect(preprocessing).toEqual({
      width: side,
      height: side,
      intensity: { range: 'display' },
      crop: 'none',
      fit: 'stretch',
      clahe: null,
      normalization: { kind: 'image' },
      antialias: true,
    });
    // display, of a film without a window: divided by white; image: less the mean, over the standard deviation. 64x64 films are not resized.
    const input = films.flatMap((film) => {
      const values = Array.from(film, (value) => value / 255);
      const mean = values.reduce((a, b) => a + b) / values.length;
      const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
      return values.map((value) => (value - mean) / deviation);
    });
    const session = await onnxruntime.InferenceSession.create(bytes);
    const images = new onnxruntime.Tensor('float32', Float32Array.from(input), [3, 1, side, side]);
    const { probabilities, activation_maps: maps } = await session.run({ images });
    await session.release();

    const expected = await predictions(run);
    const size = maps!.data.length / 6;
    expect(maps!.dims).toEqual([3, 2, expected[0]!.map.height, expected[0]!.map.width]);
    for (const [index, { probabilities: ours, map }] of expected.entries()) {
      ours.forEach((value, k) => expect(value).toBeCloseTo(Number(probabilities!.data[2 * index + k]), 5));
      const first = (2 * index + positive) * size;
      map.values.forEach((value, i) => expect(value).toBeCloseTo(Number(maps!.data[first + i]), 4));
    }
  });

  it('answers for three images at once as for each alone', async () => {
    const together = await predictions(run);
    for (const [index, image] of prepared.entries()) {
      const [alone] = await predictions(run, [image]);
      alone!.probabilities.forEach((value, k) => expect(together[index]!.probabilities[k]).toBeCloseTo(value, 5));
      alone!.map.values.forEach((value, i) => expect(together[index]!.map.values[i]).toBeCloseTo(value, 4));
    }
    expect(await predictions(run, [])).toEqual([]);
  });

  it('takes another class as the positive one, and its map', async () => {
    const model = await openModel(run, { positive: 'clear' });
    const [turned] = await model.predict(prepared.slice(0, 1));
    await model.release();
    const [usual] = await predictions(run, prepared.slice(0, 1));
    expect(model.info.positive).toBe(0);
    expect(turned!.probabilities).toEqual(usual!.probabilities);
    expect(turned!.map.values).not.toEqual(usual!.map.values);
    const failure = await failureOf(() => openModel(run, { positive: 'leson' }));
    expect(failure).toMatchObject({ code: 'usage', hint: 'Its classes are clear, lesion.' });
    expect(failure.message).toContain('did you mean "lesion"');
  });

  it('reads the map that is asked for, else the one that the model names', async () => {
    const [image] = prepared;
    const named = await writeRun(join(folder, 'named'), { settings: { localizer: { map: 'difference' } } });
    const mapOf = async (path: string, map?: MapChoice): Promise<number[]> => {
      const model = await openModel(path, map === undefined ? {} : { map });
      const [prediction] = await model.predict([image!]);
      await model.release();
      return [...prediction!.map.values];
    };
    const [positive, difference, negative] = [
      await mapOf(run),
      await mapOf(run, 'difference'),
      await mapOf(run, 'negative'),
    ];
    positive.forEach((value, i) => expect(value + negative[i]!).toBeCloseTo(difference[i]!, 5));
    expect(new Set([positive[0], difference[0], negative[0]]).size).toBe(3);
    expect(await mapOf(named)).toEqual(difference);
    expect(await mapOf(join(named, 'model.onnx'))).toEqual(difference);
    expect(await mapOf(named, 'positive')).toEqual(positive);
  });

  it('answers by the classifier and its Grad-CAM where that is asked for', async () => {
    const model = await openModel(run, { map: 'gradcam', threads: 1 });
    const found = await model.predict(prepared);
    await model.release();
    expect(model.info.map).toBe('gradcam');
    const localizer = await predictions(run);
    for (const [index, { probabilities, map }] of found.entries()) {
      expect(probabilities[0]! + probabilities[1]!).toBeCloseTo(1, 6);
      expect(probabilities[1]).not.toBeCloseTo(localizer[index]!.probabilities[1]!, 3);
      expect([map.width, map.height]).toEqual([localizer[index]!.map.width, localizer[index]!.map.height]);
      expect(Math.min(...map.values)).toBeGreaterThanOrEqual(0);
    }
    expect(new Set(found.map(({ probabilities }) => probabilities[1])).size).toBe(3);
    // A classifier whose last layer is doubled has doubled gradients, and so maps.
    const doubled = await writeRun(join(folder, 'doubled'), {
      values: (parameter) =>
        drawn(parameter).map((value) => (parameter.name === 'classifier2.weight' ? 2 * value : value)),
    });
    const other = await openModel(doubled, { map: 'gradcam', threads: 1 });
    const maps = (await other.predict(prepared)).flatMap(({ map }) => [...map.values]);
    await other.release();
    const usual = found.flatMap(({ map }) => [...map.values]);
    expect(Math.max(...usual)).toBeGreaterThan(0);
    maps.forEach((value, i) => expect(value).toBeCloseTo(2 * usual[i]!, 4));
  });

  it('asks the localizer where its logits come from with LayerCAM, from a run or from a file that holds it', async () => {
    const settings = { localizer: { map: 'layercam' } };
    const own = await writeRun(join(folder, 'layercam'), { settings });
    const found = await predictions(own);
    const localizer = await predictions(run);
    for (const [index, { probabilities, map }] of found.entries()) {
      probabilities.forEach((value, k) => expect(value).toBeCloseTo(localizer[index]!.probabilities[k]!, 5));
      // Four times as many cells along each side: those of the first pooling.
      expect([map.width, map.height]).toEqual([4 * localizer[index]!.map.width, 4 * localizer[index]!.map.height]);
      expect(Math.min(...map.values)).toBeGreaterThanOrEqual(0);
    }
    const opened = async (path: string, map?: MapChoice) => {
      const model = await openModel(path, { threads: 1, ...(map === undefined ? {} : { map }) });
      const answers = await model.predict(prepared);
      await model.release();
      return { map: model.info.map, answers };
    };
    expect(await opened(own)).toEqual({ map: 'layercam', answers: found });
    // The other run's file holds the localizer's maps; this one's those of LayerCAM; the folders hold both.
    expect(await opened(run, 'layercam')).toEqual({ map: 'layercam', answers: found });
    expect(await opened(join(own, 'model.onnx'))).toEqual({ map: 'layercam', answers: found });
    expect((await opened(own, 'positive')).answers).toEqual(localizer);
    const failures = [
      await failureOf(() => openModel(join(own, 'model.onnx'), { map: 'positive' })),
      await failureOf(() => openModel(join(run, 'model.onnx'), { map: 'layercam' })),
    ];
    expect(failures.map(({ code, hint }) => [code, hint])).toEqual([
      ['usage', 'Give the folder of the run.'],
      ['usage', 'Give the folder of the run.'],
    ]);
    expect(failures[0]!.message).toContain('holds LayerCAM of the localizer only, not the map "positive"');
    expect(failures[1]!.message).toContain('holds the localizer\'s maps only, not the map "layercam"');
  });

  describe('maps over mirror images', () => {
    const settings = { augmentation: { flip: true }, localizer: { map: 'positive+flips' } };
    const mirrored = (values: ArrayLike<number>, columns: number): number[] =>
      Array.from({ length: values.length }, (_, i) => values[i - (i % columns) + columns - 1 - (i % columns)]!);
    const read = async (path: string, map?: MapChoice, images = prepared) => {
      const model = await openModel(path, { threads: 1, ...(map === undefined ? {} : { map }) });
      const answers = await model.predict(images);
      await model.release();
      return { info: model.info, answers };
    };
    let own = '';
    beforeAll(async () => {
      own = await writeRun(join(folder, 'mirrored'), { settings });
    });

    it.each(['positive', 'difference', 'negative', 'layercam', 'gradcam'] as const)(
      '%s: the mean of the map and of that of the mirrored image, mirrored back; probabilities of the mean logits',
      async (map) => {
        const turned = prepared.map((image) => ({ ...image, pixels: Uint16Array.from(mirrored(image.pixels, side)) }));
        const [plain, other] = [await read(own, map), await read(own, map, turned)];
        const { info, answers } = await read(own, `${map}+flips`);
        expect(info).toMatchObject({ map: `${map}+flips`, flips: { horizontal: true, vertical: false } });
        const valuesOf = (given: readonly Prediction[]) => given.flatMap(({ map: one }) => [...one.values]);
        expect(valuesOf(answers)).not.toEqual(valuesOf(plain.answers));
        for (const [i, { probabilities, map: found, evidence }] of answers.entries()) {
          const [one, two] = [plain.answers[i]!, other.answers[i]!];
          const back = mirrored(two.map.values, two.map.width);
          // 64 pixels: 2 cells of 32 at 15.5, mirrored at 16.5; of LayerCAM 8 of 8 at 7.5 .. 63.5, mirrored at .5 .. 56.5, so that the
          // mean has 9 at 0 .. 64: of those mirrored the next one each.
          const grown = map === 'layercam' ? 1 : 0;
          const { width } = one.map;
          expect([found.width, found.height]).toEqual([width + grown, one.map.height]);
          found.values.forEach((value, k) => {
            const [x, row] = [k % found.width, Math.floor(k / found.width) * width];
            const pair = one.map.values[row + Math.max(x - grown, 0)]! + back[row + Math.min(x, width - 1)]!;
            expect(value).toBeCloseTo(pair / 2, 4);
          });
          const [a, b] = [0, 1].map((k) => (one.evidence!.logits[k]! + two.evidence!.logits[k]!) / 2) as [
            number,
            number,
          ];
          expect(evidence!.logits[0]).toBeCloseTo(a, 4);
          expect(probabilities[1]).toBeCloseTo(1 / (1 + Math.exp(a - b)), 5);
          // Across, cells lie in the middle of the input, down where the plain map has them.
          const { x0, x1, y0, y1 } = found.extent;
          expect(x0 + x1).toBeCloseTo(1, 9);
          expect([y0, y1]).toEqual([one.map.extent.y0, one.map.extent.y1]);
        }
      },
    );

    it('is in the file that training leaves, with every map of the same graph', async () => {
      const file = join(own, 'model.onnx');
      expect((await read(file)).answers).toEqual((await read(own)).answers);
      expect((await read(file)).info.map).toBe('positive+flips');
      expect((await read(file, 'difference+flips')).answers).toEqual((await read(own, 'difference+flips')).answers);
      for (const [path, map, words] of [
        [file, 'positive', 'holds the localizer\'s maps, averaged over mirror images, only, not the map "positive"'],
        [file, 'layercam+flips', 'not the map "layercam+flips"'],
        [join(run, 'model.onnx'), 'positive+flips', 'holds the localizer\'s maps only, not the map "positive+flips"'],
        [file, 'gradcam+flips', 'is a model file, which has no classifier'],
      ] as const) {
        const failure = await failureOf(() => openModel(path, { map }));
        expect(failure).toMatchObject({ code: 'usage', hint: 'Give the folder of the run.' });
        expect(failure.message).toContain(words);
      }
    });

    it('is over the mirror images that training showed, top to bottom too', async () => {
      for (const augmentation of [{ flipVertical: true }, { flip: true, flipVertical: true }]) {
        const { flip = false } = augmentation as { flip?: boolean };
        const path = await writeRun(join(folder, `mirrored vertically ${flip}`), { settings: { augmentation } });
        expect((await readModel(path, 'last', 'positive+flips')).info).toMatchObject({
          flips: { horizontal: flip, vertical: true },
          cells: { centre: { x: flip ? 16 : 15.5, y: 16 }, stride: 32 },
        });
      }
    });

    it('is refused where training mirrored nothing, with what to do', async () => {
      for (const map of ['positive+flips', 'layercam+flips', 'gradcam+flips'] as const) {
        const failure = await failureOf(() => openModel(run, { map }));
        expect(failure.code).toBe('usage');
        expect(failure.message).toContain(`The map "${map}" needs a run whose training images were mirrored`);
        expect(failure.hint).toContain(`Read the map "${map.replace('+flips', '')}", or train with`);
      }
    });

    it('is refused for what the plain map is refused for', async () => {
      const changes = { augmentation: { flip: true } };
      const single = await writeRun(join(folder, 'single mirrored'), {
        settings: { ...changes, localizer: { evidence: 'single' } },
      });
      expect(await failureOf(() => openModel(single, { map: 'negative+flips' }))).toMatchObject({
        code: 'usage',
        hint: expect.stringContaining('"difference+flips"'),
      });
      const several = await writeRun(join(folder, 'several mirrored'), {
        settings: changes,
        info: { multiLabel: true },
      });
      expect((await failureOf(() => openModel(several, { map: 'difference+flips' }))).message).toContain(
        'do not compete',
      );
      const [{ probabilities, evidence }] = (await read(several, 'positive+flips')).answers as [Prediction];
      evidence!.logits.forEach((logit, k) => expect(probabilities[k]).toBeCloseTo(1 / (1 + Math.exp(-logit)), 5));
    });
  });

  it('has Grad-CAM of runs with a classifier only', async () => {
    const plain = await writeRun(join(folder, 'plain'), { settings: { method: 'AvePool' } });
    const failures = [
      await failureOf(() => openModel(plain, { map: 'gradcam' })),
      await failureOf(() => openModel(join(run, 'model.onnx'), { map: 'gradcam' })),
    ];
    expect(failures.map(({ code }) => code)).toEqual(['usage', 'usage']);
    expect(failures[0]!.message).toContain('AvePool has no classifier');
    expect(failures[1]!.hint).toBe('Give the folder of the run.');
  });

  it('tells each class of a multi-label run by itself', async () => {
    const several = await writeRun(join(folder, 'several'), { info: { multiLabel: true } });
    const usual = await predictions(run);
    for (const [index, { probabilities, evidence }] of (await predictions(several)).entries()) {
      expect(evidence).toEqual(usual[index]!.evidence);
      evidence!.logits.forEach((logit, k) => expect(probabilities[k]).toBeCloseTo(1 / (1 + Math.exp(-logit)), 5));
    }
    expect((await readModel(several)).info.multiLabel).toBe(true);
    expect(await failureOf(() => openModel(several, { map: 'difference' }))).toMatchObject({
      code: 'usage',
      message: expect.stringContaining('do not compete'),
    });
  });

  it('gives all maps and logits, whose softmax the probabilities are', async () => {
    for (const { probabilities, evidence, map } of await predictions(run)) {
      const [a, b] = evidence!.logits as [number, number];
      expect(1 / (1 + Math.exp(a - b))).toBeCloseTo(probabilities[1]!, 5);
      expect(evidence!.maps.slice(map.values.length)).toEqual(map.values);
      // STL+AvePool: a logit is its map's mean.
      expect(map.values.reduce((sum, value) => sum + value, 0) / map.values.length).toBeCloseTo(b, 4);
    }
  });

  it('a single-logit model has one map, and says so where another is asked for', async () => {
    const single = await writeRun(join(folder, 'single'), { settings: { localizer: { evidence: 'single' } } });
    const [{ probabilities, evidence, map }] = (await predictions(single)) as [Prediction];
    expect(evidence!.maps.slice(0, map.values.length)).toEqual(map.values.map(() => 0));
    expect(new Set(map.values).size).toBeGreaterThan(1);
    expect(evidence!.logits[0]).toBe(0);
    expect(probabilities[1]).toBeCloseTo(1 / (1 + Math.exp(-evidence!.logits[1]!)), 5);
    expect((await readModel(single)).info).toMatchObject({ reference: 0, map: 'positive' });
    const negative = await failureOf(() => openModel(single, { map: 'negative' }));
    expect(negative).toMatchObject({ code: 'usage', hint: expect.stringContaining('difference') });
    const turned = await failureOf(() => openModel(single, { positive: 'clear' }));
    expect(turned).toMatchObject({ code: 'usage', message: expect.stringContaining('"clear"') });
    const model = await openModel(single, { positive: 'clear', map: 'difference' });
    expect([...(await model.predict(prepared.slice(0, 1)))[0]!.map.values]).toEqual([...map.values].map((v) => -v));
    await model.release();
  });

  it('refuses an image that is prepared for another size', async () => {
    const placement = wholeImage(10, 10);
    const image = { pixels: new Uint16Array(100), originalWidth: 10, originalHeight: 10, placement };
    expect(await failureOf(() => predictions(run, [image]))).toMatchObject({ code: 'usage' });
  });
});

describe('readModel', () => {
  it('says where there is nothing', async () => {
    const failure = await failureOf(() => readModel(join(folder, 'nothing')));
    expect(failure).toMatchObject({ code: 'model', hint: 'Give a run folder, or the model.onnx of one.' });
    expect(failure.message).toContain(join(folder, 'nothing'));
  });

  it('tells that a file is not a model, whatever it holds', async () => {
    const files = writeTree(join(folder, 'files'), {
      'empty.onnx': '',
      'text.csv': 'file,label\na.png,clear\n',
      'image.png': await greyPng(films[0]!, side, side),
      'foreign.onnx': encodeOnnx(createGraph()),
    });
    for (const name of ['empty.onnx', 'text.csv', 'image.png', 'foreign.onnx']) {
      const failure = await failureOf(() => readModel(join(files, name)));
      expect(failure).toMatchObject({ code: 'model', hint: 'Give a run folder, or the model.onnx of one.' });
      expect(failure.message).toContain(`${name} is not a model exported by Weakspot`);
    }
  });

  it('refuses a model file cut short', async () => {
    const cut = join(folder, 'cut.onnx');
    cpSync(join(run, 'model.onnx'), cut);
    truncateSync(cut, 100_000);
    expect(await failureOf(() => readModel(cut))).toMatchObject({ code: 'model' });
  });

  it('tells that a folder is not a run, or has not the checkpoint', async () => {
    const data = join(folder, 'data');
    mkdirSync(data);
    const failure = await failureOf(() => readModel(data));
    expect(failure).toMatchObject({ code: 'model', hint: 'Give the folder that "weakspot train" made.' });
    expect(failure.message).toContain(`${data} is not a run`);
    const without = await failureOf(() => readModel(run, 'best'));
    expect(without.message).toContain('best.safetensors');
    expect(without.hint).toContain('validation');
  });

  it('tells a damaged run from one', async () => {
    const damaged = join(folder, 'damaged');
    cpSync(run, damaged, { recursive: true });
    writeFileSync(join(damaged, 'config.json'), '{"run": {}}');
    expect((await failureOf(() => readModel(damaged))).message).toContain('config.json');
    cpSync(join(run, 'config.json'), join(damaged, 'config.json'));
    truncateSync(join(damaged, 'checkpoints', 'last.safetensors'), 5000);
    expect((await failureOf(() => readModel(damaged))).message).toContain('last.safetensors');
    rmSync(join(damaged, 'checkpoints'), { recursive: true });
    expect(await failureOf(() => readModel(damaged))).toMatchObject({ code: 'model' });
  });
});
