import { spawn } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as onnxruntime from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failureOf, temporaryFolder, writeTree } from '../data/testing/files.js';
import { loadCheckpoint } from '../run/checkpoint.js';
import type { TrainEvent } from './events.js';
import { type TrainingRequest, readRecords, train } from './index.js';
import { runTraining } from './run-training.js';
import { eventsOf, filesBelow, runHere, tinyConfig, writeImages } from './testing/runs.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const images = join(folder, 'images');
/** A run that was never stopped. */
const whole = join(folder, 'whole');

const newRun = (run: string): TrainingRequest => {
  // Both kinds of balance and partial minibatches, dropout, momentum and augmentation: all that a resumed run must repeat.
  const config = tinyConfig(images, { balance: 'sample', optimizer: { schedule: { kind: 'cosine' }, warmup: 1 } });
  return { run, cache: undefined, resume: false, config, force: false };
};
const resume = async (run: string): Promise<TrainEvent[]> => runHere({ run, cache: undefined, resume: true });
/** As users do: what a killed process left of its lock is in the way. */
const resumeKilled = async (run: string): Promise<TrainEvent[]> =>
  eventsOf(train({ run, cache: undefined, resume: true }));

beforeAll(async () => {
  await writeImages(images);
  await eventsOf(train(newRun(whole)));
});

/** Compares a run's folder with that of the run never stopped, file by file and bit by bit, but for the speed. */
async function expectSameAsWhole(run: string): Promise<void> {
  expect(filesBelow(run)).toEqual(filesBelow(whole));
  for (const name of filesBelow(whole).filter((file) => file !== 'metrics.jsonl')) {
    expect(readFileSync(join(run, name)).equals(readFileSync(join(whole, name))), name).toBe(true);
  }
  const [found, expected] = await Promise.all([run, whole].map((path) => readRecords(join(path, 'metrics.jsonl'))));
  const slow = { imagesPerSecond: 0 };
  expect(found?.map((record) => ({ ...record, ...slow }))).toEqual(expected?.map((record) => ({ ...record, ...slow })));
}

/** Trains in a process of its own that is killed (SIGKILL: nothing can be tidied up) once an event meets the condition. */
async function trainAndKill(run: string, condition: string): Promise<void> {
  const script = `
    import { train } from ${JSON.stringify(new URL('./index.js', import.meta.url).href)};
    for await (const event of train(${JSON.stringify(newRun(run))})) if (${condition}) process.kill(process.pid, 'SIGKILL');
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
  const signal = await new Promise<NodeJS.Signals | null>((resolve) => child.once('exit', (_, by) => resolve(by)));
  // That is, neither failed nor finished.
  expect(signal).toBe('SIGKILL');
}

const stepsOf = (events: readonly TrainEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'step' ? [`${event.epoch}.${event.step}`] : []));

describe('a run stopped by the signal', () => {
  it('in the middle of an epoch, resumed, equals the run never stopped, to the last bit', async () => {
    const run = join(folder, 'stopped');
    const stop = new AbortController();
    const before: TrainEvent[] = [];
    for await (const event of train(newRun(run), stop)) {
      before.push(event);
      if (event.type === 'step' && event.epoch === 2 && event.step === 2) stop.abort();
    }
    const last = before.at(-1);
    expect(last?.type).toBe('stopped');
    const { epoch, step } = last as TrainEvent & { type: 'stopped' };
    // The thread may have been a few steps ahead of its events.
    expect(5 * epoch + step).toBeGreaterThanOrEqual(7);
    const { progress } = await loadCheckpoint(join(run, 'checkpoints', 'last.safetensors'));
    expect(progress).toMatchObject({ epoch, step });
    expect(existsSync(join(run, 'model.onnx'))).toBe(false);

    const after = await eventsOf(train({ run, cache: undefined, resume: true }));
    expect(after.find((event) => event.type === 'start')).toMatchObject({ epoch, epochs: 3 });
    // Every step once, none twice.
    const expected = [1, 2, 3].flatMap((e) => [1, 2, 3, 4, 5].map((s) => `${e}.${s}`));
    expect([...stepsOf(before), ...stepsOf(after)]).toEqual(expected);
    await expectSameAsWhole(run);
  });
});

describe('a run of balanced minibatches', () => {
  it.each([
    ['compact', {}],
    [
      'field',
      {
        network: { name: 'field', normalization: 'batch' },
        method: 'STL+TopK',
        preprocessing: { normalization: { kind: 'set' } },
        optimizer: { kind: 'adamw', ema: 0.9, averageFrom: null },
      },
    ],
  ] as const)(
    'of %s, stopped after every step and resumed, equals the run never stopped, to the last bit',
    async (name, changes) => {
      // So few of the smaller class that its orders end within epochs.
      const uneven = await writeImages(join(folder, `uneven-${name}`), 10);
      for (let i = 4; i < 10; i++) rmSync(join(uneven, 'lesion', `${i}.png`), { force: true });
      const config = tinyConfig(uneven, { ...changes, balance: 'batch' });
      const [straight, stopped] = [join(folder, `straight-${name}`), join(folder, `stopped-often-${name}`)];
      const start = { cache: undefined, resume: false, config, force: false } as const;
      await runHere({ run: straight, ...start });
      const steps: string[] = [];
      for (let request: TrainingRequest = { run: stopped, ...start }, ended = ''; ended !== 'done';) {
        let hasStepped = false;
        const events = runTraining(request, { runtime: onnxruntime, isStopped: () => hasStepped });
        for await (const event of events) {
          hasStepped ||= event.type === 'step';
          if (event.type === 'step') steps.push(`${event.epoch}.${event.step}`);
          ended = event.type;
        }
        request = { run: stopped, cache: undefined, resume: true };
      }
      expect(steps).toEqual(['1.1', '1.2', '2.1', '2.2', '3.1', '3.2']);
      const last = (run: string): Buffer => readFileSync(join(run, 'checkpoints', 'last.safetensors'));
      expect(last(stopped).equals(last(straight))).toBe(true);
    },
  );
});

describe('a process killed', () => {
  it.each([
    ['in the first epoch, before any checkpoint', "event.type === 'step' && event.step === 2"],
    ['in the second epoch', "event.type === 'step' && event.epoch === 2 && event.step === 3"],
    ['when an epoch is saved', "event.type === 'checkpoint' && event.epoch === 2"],
  ])('%s, resumed, equals the run never stopped, to the last bit', async (name, condition) => {
    const run = join(folder, name.replaceAll(/\W+/g, '-'));
    await trainAndKill(run, condition);
    expect(existsSync(join(run, 'config.json'))).toBe(true);
    expect(existsSync(join(run, 'model.onnx'))).toBe(false);
    // What a process killed while writing leaves.
    writeTree(run, { 'checkpoints/last.safetensors.1-a.tmp': 'half', 'metrics.jsonl.1-b.tmp': '' });
    const records = await readRecords(join(run, 'metrics.jsonl'));
    writeFileSync(join(run, 'metrics.jsonl'), `${records.map((record) => JSON.stringify(record)).join('\n')}\n{"epo`);
    expect((await resumeKilled(run)).at(-1)?.type).toBe('done');
    await expectSameAsWhole(run);
  });
});

describe('resuming', () => {
  it('a finished run trains nothing and changes nothing', async () => {
    const run = join(folder, 'finished');
    cpSync(whole, run, { recursive: true });
    const events = await resume(run);
    expect(stepsOf(events)).toEqual([]);
    expect(events.at(-1)).toMatchObject({ type: 'done', epochs: 3 });
    await expectSameAsWhole(run);
  });

  it('a finished run whose export was lost exports it again', async () => {
    const run = join(folder, 'unexported');
    cpSync(whole, run, { recursive: true });
    rmSync(join(run, 'model.onnx'));
    await resume(run);
    await expectSameAsWhole(run);
  });

  it.each([
    ['that is not there', {}],
    ['that holds no run', { 'notes.txt': 'text' }],
    ['of another program', { 'config.json': '{"model_type": "bert"}' }],
  ])('a folder %s is an error that says so', async (name, files) => {
    const run = join(folder, name.replaceAll(' ', '-'));
    writeTree(run, files);
    const error = await failureOf(() => resume(run));
    expect(error.code).toBe('model');
    expect(error.message).toContain(`${run} is not a run`);
    expect(error.hint).toContain('weakspot train');
    expect(filesBelow(run)).toEqual(Object.keys(files));
  });

  it('with the last checkpoint lost or damaged is an error, and the other results stay', async () => {
    const run = join(folder, 'damaged');
    cpSync(whole, run, { recursive: true });
    const path = join(run, 'checkpoints', 'last.safetensors');
    writeFileSync(path, readFileSync(path).subarray(0, 5000));
    const damaged = await failureOf(() => resume(run));
    rmSync(path);
    const lost = await failureOf(() => resume(run));
    for (const error of [damaged, lost]) expect([error.code, error.message.includes(path)]).toEqual(['model', true]);
    expect(filesBelow(run)).toEqual(filesBelow(whole).filter((name) => name !== 'checkpoints/last.safetensors'));
  });

  it('is refused where images came or went since, unless told to; new ones are left out', async () => {
    const run = join(folder, 'changed');
    cpSync(whole, run, { recursive: true });
    const other = join(folder, 'images-changed');
    cpSync(images, other, { recursive: true });
    cpSync(join(other, 'clear', '0.png'), join(other, 'clear', 'new.png'));
    rmSync(join(other, 'lesion', '1.png'));
    const config = readFileSync(join(run, 'config.json'), 'utf8');
    writeFileSync(join(run, 'config.json'), config.replace(JSON.stringify(images), JSON.stringify(other)));
    const error = await failureOf(() => resume(run));
    expect([error.code, error.message]).toEqual([
      'data',
      `The data of ${run} have changed since it began:\n  1 image removed: lesion/1.png\n  1 image added: clear/new.png`,
    ]);
    const data = (await runHere({ run, cache: undefined, resume: true, acceptChanges: true }))[0];
    const { issues, images: counts } = data as TrainEvent & { type: 'data' };
    expect(issues.map(({ message }) => message)).toEqual([
      'changed since this run began: 1 image removed: lesion/1.png',
      'changed since this run began: 1 image added: clear/new.png',
    ]);
    expect(counts.train + counts.validation + counts.test).toBe(23);
  });
});
