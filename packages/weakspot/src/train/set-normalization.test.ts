import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSetMoments } from '@weakspot/core';
import * as onnxruntime from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flatPgm, temporaryFolder, writeTree } from '../data/testing/files.js';
import { openModel } from '../evaluate/model.js';
import type { PartialConfig } from '../run/config.js';
import { readConfig, runFolder } from '../run/folder.js';
import { readModelInfo } from '../run/model-file.js';
import { runTraining } from './run-training.js';
import { runHere, tinyConfig } from './testing/runs.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const images = join(folder, 'images');

/** 8 training images of 51 / 255 and 153 / 255, half and half, and a validation part that is quite different. */
beforeAll(() => {
  const rows = Array.from({ length: 12 }, (_, i) => ({
    name: `${i}.pgm`,
    value: i < 8 ? (i % 2 === 0 ? 51 : 153) : 255,
    label: i % 4 < 2 ? 'clear' : 'lesion',
    split: i < 8 ? 'train' : 'validation',
  }));
  const table = rows.map(({ name, label, split }) => `${name},${label},${split}`);
  writeTree(images, { 'labels.csv': ['file,label,split', ...table].join('\n') });
  // Half as wide as high: the other half is padding.
  for (const { name, value } of rows) writeTree(images, { [`images/${name}`]: flatPgm(32, 64, value) });
});

const request = (run: string, normalization: object, changes: PartialConfig = {}) => {
  const preprocessing = { fit: 'pad', clahe: null, normalization };
  const config = tinyConfig(images, { epochs: 2, ...changes, preprocessing });
  return { run, cache: undefined, resume: false, config, force: false } as const;
};
const normalizationOf = async (run: string): Promise<object> =>
  (await readConfig(runFolder(run))).config.preprocessing.normalization;

describe('normalization by the training set', () => {
  // 0.2 and 0.6, half and half; 51 / 255 is kept as 13107 of 65535, exactly.
  const [mean, std] = [0.4, 0.2];

  it('takes mean and deviation of the training images, without padding, and keeps them with run and model', async () => {
    const run = join(folder, 'run');
    await runHere(request(run, { kind: 'set' }));
    const stored = (await normalizationOf(run)) as { kind: string; mean: number; std: number };
    expect(Object.keys(stored)).toEqual(['kind', 'mean', 'std']);
    expect(stored.kind).toBe('set');
    expect(stored.mean).toBeCloseTo(mean, 12);
    expect(stored.std).toBeCloseTo(std, 12);
    const model = join(run, 'model.onnx');
    expect(readModelInfo(readFileSync(model), model).preprocessing.normalization).toEqual(stored);
    // What was trained, and what answers, is a fixed normalization by these numbers.
    const fixed = join(folder, 'fixed');
    await runHere(request(fixed, { ...stored, kind: 'fixed' }));
    const checkpoints = [run, fixed].map((path) => readFileSync(join(path, 'checkpoints', 'last.safetensors')));
    expect(checkpoints[0]?.equals(checkpoints[1] as Buffer)).toBe(true);
    const image = { pixels: new Uint16Array(64 * 64).fill(30000), originalWidth: 64, originalHeight: 64 };
    const answers = [];
    for (const path of [run, fixed]) {
      const opened = await openModel(path, { threads: 1 });
      const [answer] = await opened.predict([{ ...image, placement: { x0: 0, y0: 0, x1: 64, y1: 64 } }]);
      answers.push(answer?.probabilities);
      await opened.release();
    }
    expect(answers[0]).toEqual(answers[1]);
  });

  it('keeps numbers that are given', async () => {
    const run = join(folder, 'given');
    await runHere(request(run, { kind: 'set', mean: 0.3, std: 0.1 }, { epochs: 1 }));
    expect(await normalizationOf(run)).toEqual({ kind: 'set', mean: 0.3, std: 0.1 });
  });

  it('a resumed run goes on with the numbers that it began with, and equals the run never stopped', async () => {
    const [straight, stopped] = [join(folder, 'straight'), join(folder, 'stopped')];
    await runHere(request(straight, { kind: 'set' }));
    let hasStepped = false;
    const events = runTraining(request(stopped, { kind: 'set' }), {
      runtime: onnxruntime,
      isStopped: () => hasStepped,
    });
    for await (const event of events) hasStepped ||= event.type === 'step';
    const begun = await normalizationOf(stopped);
    await runHere({ run: stopped, cache: undefined, resume: true });
    expect(await normalizationOf(stopped)).toEqual(begun);
    for (const name of ['config.json', 'model.onnx', join('checkpoints', 'last.safetensors')]) {
      expect(readFileSync(join(stopped, name)).equals(readFileSync(join(straight, name))), name).toBe(true);
    }
  });

  it('of two runs with other training parts has other numbers', async () => {
    const run = join(folder, 'other');
    const split = { train: 0.5, validation: 0.25, test: 0.25 };
    const table = join(folder, 'table.csv');
    // The values of the first eight, 51 and 153 by turns, and 255 four times, now without parts.
    const rows = Array.from({ length: 12 }, (_, i) => `${i}.pgm,${i % 4 < 2 ? 'clear' : 'lesion'}`);
    writeTree(folder, { 'table.csv': ['file,label', ...rows].join('\n') });
    const { config, ...rest } = request(run, { kind: 'set' }, { epochs: 1 });
    const data = { ...config.data, path: table, images: join(images, 'images'), split };
    await runHere({ ...rest, config: { ...config, data } });
    const parts = JSON.parse(readFileSync(join(run, 'split.json'), 'utf8')) as Record<string, string>;
    const set = startSetMoments(1);
    for (const [name, part] of Object.entries(parts)) {
      const index = Number.parseInt(name, 10);
      const value = index < 8 ? (index % 2 === 0 ? 51 : 153) : 255;
      if (part === 'train') set.add({ pixels: Uint16Array.of(value * 257) });
    }
    expect(await normalizationOf(run)).toEqual({ kind: 'set', ...set.moments });
  });
});
