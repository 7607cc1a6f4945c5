import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failureOf, temporaryFolder, writeTree } from '../data/testing/files.js';
import { loadCheckpoint } from '../run/checkpoint.js';
import type { PartialConfig, RunConfig } from '../run/config.js';
import { readConfig, readSplit, runFolder } from '../run/folder.js';
import { readModelInfo } from '../run/model-file.js';
import { deviceName } from '../device/name.js';
import type { TrainEvent } from './events.js';
import { type TrainingRequest, readRecords, train } from './index.js';
import { eventsOf, filesBelow, runHere, tinyConfig, writeImages } from './testing/runs.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const images = join(folder, 'images');
const finished = join(folder, 'finished');
const complete = [
  'checkpoints/best.safetensors',
  'checkpoints/last.safetensors',
  'config.json',
  'data.json',
  'metrics.jsonl',
  'model.onnx',
  'split.json',
];

const newRun = (run: string, config: RunConfig, force = false): TrainingRequest => ({
  run,
  cache: undefined,
  resume: false,
  config,
  force,
});
const hashOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

let events: TrainEvent[];
beforeAll(async () => {
  await writeImages(images);
  events = await eventsOf(train(newRun(finished, tinyConfig(images))));
});

describe('a run', () => {
  it('reports data, device, preparation, steps, epochs with their checkpoints, and its end, in this order', () => {
    const steps = Array.from({ length: 5 }, () => 'step');
    const types = events.map((event) => (event.type === 'checkpoint' ? `checkpoint ${event.kind}` : event.type));
    const prepare = Array.from({ length: 24 }, () => 'prepare');
    const epoch = [...steps, 'checkpoint last', 'epoch'];
    expect(types.filter((type) => type !== 'checkpoint best')).toEqual(
      ['data', 'device', prepare, 'start', epoch, epoch, epoch, 'done'].flat(),
    );
    expect(types.indexOf('checkpoint best')).toBe(types.indexOf('checkpoint last') - 1);
  });

  it('reports what it has', () => {
    expect(events[0]).toEqual({
      type: 'data',
      dataset: 'images',
      classes: ['clear', 'lesion'],
      positive: 'lesion',
      format: 'class-folders',
      otherFormats: [],
      images: { train: 18, validation: 6, test: 0 },
      issues: [],
    });
    expect(events[1]).toEqual({ type: 'device', provider: 'cpu', notes: [], name: deviceName('cpu', 1) });
    const prepared = events.filter((event) => event.type === 'prepare');
    expect(prepared.map(({ done }) => done)).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
    expect(prepared.at(-1)).toMatchObject({ total: 24, decoded: 24, issues: [] });
    const { parameters, ...start } = events.find((event) => event.type === 'start') ?? { parameters: 0 };
    expect(start).toEqual({ type: 'start', epoch: 0, epochs: 3, steps: 5, run: finished });
    expect(parameters).toBeGreaterThan(1e6);
    const model = join(finished, 'model.onnx');
    expect(events.at(-1)).toEqual({ type: 'done', run: finished, model, epochs: 3 });
  });

  it('reports each step with finite numbers and what is left', () => {
    const steps = events.filter((event) => event.type === 'step');
    expect(steps.map(({ epoch, step }) => [epoch, step])).toEqual(
      [1, 2, 3].flatMap((epoch) => [1, 2, 3, 4, 5].map((step) => [epoch, step])),
    );
    for (const step of steps) {
      const { alpha, loss, classifierLoss, localizerLoss, imagesPerSecond, secondsLeft } = step;
      // alpha steps after 40 % of three epochs, rounded: after the first.
      expect(alpha).toBe(step.epoch < 2 ? 0.1 : 0.9);
      expect(loss).toBeCloseTo((1 - alpha) * (classifierLoss ?? Number.NaN) + alpha * localizerLoss, 4);
      expect(imagesPerSecond).toBeGreaterThan(0);
      expect(Number.isFinite(secondsLeft)).toBe(true);
    }
    expect(steps.at(-1)?.secondsLeft).toBe(0);
  });

  it('tells of each epoch the means of its steps, weighted by images', () => {
    const steps = events.filter((event) => event.type === 'step' && event.epoch === 2) as { localizerLoss: number }[];
    const record = events.filter((event) => event.type === 'epoch')[1]?.record;
    // 18 images in minibatches of 4: the last has 2.
    const sum = steps.reduce((total, { localizerLoss }, i) => total + localizerLoss * (i === 4 ? 2 : 4), 0);
    expect(record?.localizerLoss).toBeCloseTo(sum / 18, 9);
    expect(record?.validationAuc).toBeGreaterThanOrEqual(0);
    expect(record?.validationLoss).toBeGreaterThan(0);
  });

  it('leaves a whole folder and nothing temporary', async () => {
    expect(filesBelow(finished)).toEqual(complete);
    const records = await readRecords(join(finished, 'metrics.jsonl'));
    expect(readFileSync(join(finished, 'metrics.jsonl'), 'utf8').trimEnd().split('\n')).toHaveLength(3);
    expect(records).toEqual(events.flatMap((event) => (event.type === 'epoch' ? [event.record] : [])));
    const { progress } = await loadCheckpoint(join(finished, 'checkpoints', 'last.safetensors'));
    expect(progress).toMatchObject({ epoch: 3, step: 0, images: 0 });
    const best = await loadCheckpoint(join(finished, 'checkpoints', 'best.safetensors'));
    expect(best.progress.epoch).toBe(progress.best?.epoch);
    expect(records[best.progress.epoch - 1]?.validationAuc).toBe(Math.max(...records.map((r) => r.validationAuc ?? 0)));
  });

  it('keeps configuration, parts and classes', async () => {
    const { run, config } = await readConfig(runFolder(finished));
    expect(config).toEqual(tinyConfig(images));
    expect(run).toMatchObject({ dataset: 'images', classes: ['clear', 'lesion'], positive: 1 });
    const split = [...(await readSplit(runFolder(finished))).values()];
    expect([split.length, split.filter((part) => part === 'validation').length]).toEqual([24, 6]);
  });

  it('exports a model that says what it is', () => {
    const info = readModelInfo(readFileSync(join(finished, 'model.onnx')), 'model.onnx');
    expect(info).toMatchObject({ method: 'STL+LSE', network: 'compact', stride: 32, epochs: 3, positive: 1 });
    expect(info.preprocessing).toEqual(tinyConfig(images).preprocessing);
  });
});

describe('a folder that is occupied', () => {
  it('by a run: refused without force, and untouched', async () => {
    const before = complete.map((name) => hashOf(join(finished, name)));
    const error = await failureOf(() => runHere(newRun(finished, tinyConfig(images))));
    expect(error.code).toBe('exists');
    expect(error.message).toContain(finished);
    expect(error.hint).toMatch(/--resume.*--force/);
    expect(complete.map((name) => hashOf(join(finished, name)))).toEqual(before);
  });

  it('by a run: with force starts anew, and nothing of the old run stays', async () => {
    const run = join(folder, 'forced');
    cpSync(finished, run, { recursive: true });
    const data = { split: { train: 1, validation: 0, test: 0 } };
    const again = await runHere(newRun(run, tinyConfig(images, { data, epochs: 1 }), true));
    expect(again.find((event) => event.type === 'start')).toMatchObject({ epoch: 0, epochs: 1 });
    // Without a validation part there is no best.
    expect(filesBelow(run)).toEqual(complete.filter((name) => !name.includes('best')));
    expect(await readRecords(join(run, 'metrics.jsonl'))).toHaveLength(1);
    expect((await readConfig(runFolder(run))).config.epochs).toBe(1);
  });

  it('by a run: with force but data that cannot be used, the old run stays', async () => {
    const run = join(folder, 'kept');
    cpSync(finished, run, { recursive: true });
    const error = await failureOf(() => runHere(newRun(run, tinyConfig(join(folder, 'nowhere')), true)));
    expect(['data', 'usage', 'io']).toContain(error.code);
    expect(complete.map((name) => hashOf(join(run, name)))).toEqual(
      complete.map((name) => hashOf(join(finished, name))),
    );
  });

  it.each(['notes.txt', 'config.json'])(
    'by something else (%s): refused with force too, and untouched',
    async (name) => {
      const foreign = join(folder, `foreign-${name}`);
      writeTree(foreign, { [name]: '{"model_type": "bert"}', 'model.onnx': 'precious' });
      const error = await failureOf(() => runHere(newRun(foreign, tinyConfig(images), true)));
      expect(error.code).toBe('exists');
      expect(error.hint).toBe('It does not hold a run: choose another folder.');
      expect(readFileSync(join(foreign, 'model.onnx'), 'utf8')).toBe('precious');
      expect(filesBelow(foreign)).toEqual([name, 'model.onnx'].toSorted());
    },
  );
});

describe('what cannot be trained leaves no folder that blocks the next try', () => {
  it.each<[string, PartialConfig, string, RegExp]>([
    ['fewer images than a minibatch', { batch: 32 }, 'data', /has 18 images, fewer than one minibatch of 32/],
    [
      'an input too small for the network',
      { preprocessing: { width: 5, height: 5 }, network: { name: 'alexnet6' } },
      'usage',
      /too small/,
    ],
    ['a class that is not there', { data: { positive: 'nodule' } }, 'usage', /no class "nodule"/],
    ['a loss that is not finite', { optimizer: { learningRate: 1e38, clipNorm: null } }, 'diverged', /finite/],
  ])('%s', async (name, changes, code, message) => {
    const run = join(folder, 'failing', name.replaceAll(' ', '-'));
    const error = await failureOf(() => runHere(newRun(run, tinyConfig(images, changes))));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    // A run that diverged did begin, and can be started anew with force.
    if (code !== 'diverged') expect(filesBelow(run)).toEqual([]);
    else expect(filesBelow(run)).toEqual(['config.json', 'data.json', 'metrics.jsonl', 'split.json']);
  });
});

describe('images that cannot be read', () => {
  const damaged = join(folder, 'damaged');
  const bad = ['clear/3.png', 'lesion/5.png'];
  beforeAll(() => {
    cpSync(images, damaged, { recursive: true });
    for (const name of bad) writeFileSync(join(damaged, name), 'no image at all');
  });

  it('are left out, each with an issue, and the run goes on', async () => {
    const run = join(folder, 'two-left-out');
    const found = await runHere(newRun(run, tinyConfig(damaged, { epochs: 1 })));
    const issues = found.flatMap((event) => (event.type === 'data' || event.type === 'prepare' ? event.issues : []));
    expect(issues.map(({ file = '' }) => file).toSorted()).toEqual(bad.map((name) => join(damaged, name)));
    expect(issues.every(({ severity }) => severity === 'warning')).toBe(true);
    expect(found.at(-1)?.type).toBe('done');
    // The parts are those of the whole set, so that mending the files moves no other image between them.
    expect((await readSplit(runFolder(run))).size).toBe(24);
  });

  it('stop a strict run, naming the file, and nothing is left behind', async () => {
    const run = join(folder, 'strict');
    const config = tinyConfig(damaged, { data: { strict: true } });
    const error = await failureOf(() => runHere(newRun(run, config)));
    expect(error.code).toBe('data');
    expect(bad.some((name) => error.message.includes(join(damaged, name)))).toBe(true);
    expect(filesBelow(run)).toEqual([]);
  });

  it('so many that no minibatch is filled: an error that says so, and nothing is left behind', async () => {
    const few = join(folder, 'few');
    cpSync(images, few, { recursive: true });
    for (const name of filesBelow(few).slice(2)) writeFileSync(join(few, name), 'no image at all');
    const run = join(folder, 'few-run');
    const error = await failureOf(() => runHere(newRun(run, tinyConfig(few))));
    expect(error.code).toBe('data');
    expect(error.message).toMatch(/minibatch of 4|no images/);
    expect(filesBelow(run)).toEqual([]);
  });
});

describe('the thread', () => {
  it('ends when the iteration is left early, with the run saved', async () => {
    const run = join(folder, 'left');
    for await (const event of train(newRun(run, tinyConfig(images, { epochs: 100 })))) if (event.type === 'step') break;
    // The thread has ended: what it saved is there and stays as it is.
    const before = filesBelow(run).map((name) => hashOf(join(run, name)));
    expect(filesBelow(run)).toContain('checkpoints/last.safetensors');
    // Stopped, not finished.
    expect(filesBelow(run)).not.toContain('model.onnx');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(filesBelow(run).map((name) => hashOf(join(run, name)))).toEqual(before);
  });

  it('is not started if the signal has fired', async () => {
    const run = join(folder, 'aborted');
    const error = await failureOf(() =>
      eventsOf(train(newRun(run, tinyConfig(images)), { signal: AbortSignal.abort() })),
    );
    expect(error.code).toBe('aborted');
    expect(filesBelow(run)).toEqual([]);
  });

  it('stops while images are prepared, leaving nothing behind', async () => {
    const run = join(folder, 'aborted');
    const stop = new AbortController();
    const error = await failureOf(async () => {
      for await (const event of train(newRun(run, tinyConfig(images)), stop)) if (event.type === 'data') stop.abort();
    });
    expect(error.code).toBe('aborted');
    expect(filesBelow(run)).toEqual([]);
  });

  it('that cannot write says which file', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    const error = await failureOf(() => eventsOf(train(newRun(join(file, 'run'), tinyConfig(images)))));
    expect(error.code).toBe('io');
    expect(error.message).toContain(file);
  });

  it('that fails for another reason tells its message as an engine error', async () => {
    // A request that no type checker saw.
    const request = { ...newRun(join(folder, 'broken'), tinyConfig(images)), config: { data: undefined } };
    const error = await failureOf(() => eventsOf(train(request as unknown as TrainingRequest)));
    expect(error.code).toBe('engine');
    expect(error.message).not.toBe('');
    expect(error.cause).toContain('run-training');
  });
});

it('a cache makes the second run decode nothing and changes no bit of the result', async () => {
  const cache = join(folder, 'cache');
  mkdirSync(cache);
  const run = join(folder, 'cached');
  const config = tinyConfig(images, { epochs: 1 });
  await runHere({ ...newRun(run, config), cache });
  const first = hashOf(join(run, 'model.onnx'));
  const again = await runHere({ ...newRun(run, config, true), cache });
  expect(again.filter((event) => event.type === 'prepare').at(-1)).toMatchObject({ done: 24, decoded: 0 });
  expect(hashOf(join(run, 'model.onnx'))).toBe(first);
});
