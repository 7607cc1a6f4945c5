import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as onnxruntime from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failureOf, temporaryFolder } from '../data/testing/files.js';
import { type TrainingRequest, runTraining } from './run-training.js';
import { eventsOf, filesBelow, runHere, tinyConfig, writeImages } from './testing/runs.js';
import { type SessionKind, type Watched, watchRuntime } from './testing/watched-runtime.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const images = join(folder, 'images');
beforeAll(() => writeImages(images));

/** 18 images in minibatches of 4: five steps an epoch. */
const newRun = (name: string, learningRate = 0.002): TrainingRequest => ({
  run: join(folder, name),
  cache: undefined,
  resume: false,
  config: tinyConfig(images, { optimizer: { learningRate } }),
  force: false,
});

const lastCheckpoint = (name: string): string => join(folder, name, 'checkpoints', 'last.safetensors');
const modelOf = (name: string): Buffer => readFileSync(join(folder, name, 'model.onnx'));
const trainOn = ({ runtime }: Watched, request: TrainingRequest): Promise<unknown> =>
  eventsOf(runTraining(request, { runtime, isStopped: () => false }));

/** A runtime that fails to load a graph (run 0) or to run it, once a condition holds. */
const failingWhen = (message: string, condition: (kind: SessionKind, run: number) => boolean): Watched =>
  watchRuntime((kind, run) => {
    if (condition(kind, run)) throw new Error(message);
  });

/** A runtime whose first step after a checkpoint fails. */
const dyingAfterCheckpoint = (name: string, message: string): Watched =>
  failingWhen(message, (kind, run) => kind === 'training' && run > 0 && existsSync(lastCheckpoint(name)));

const LOST = 'The device has been lost.';
const MEMORY = 'Failed to allocate memory for requested buffer of size 4000000000';

describe('a provider that dies in the middle of a run', () => {
  it('is told with the checkpoint that is kept, from which the run goes on as if nothing had been, to the last bit', async () => {
    const watched = dyingAfterCheckpoint('lost', LOST);
    const error = await failureOf(() => trainOn(watched, newRun('lost')));
    expect(error.code).toBe('engine');
    expect(error.message).toContain(LOST);
    expect(error.message).toContain(`The last checkpoint is kept: ${lastCheckpoint('lost')}`);
    expect(error.hint).toMatch(/no longer responds/);
    expect(watched.sessions.held).toBe(0);
    expect(watched.tensors.made).toBeGreaterThan(0);
    expect(watched.tensors.held).toBe(0);

    await runHere({ run: join(folder, 'lost'), cache: undefined, resume: true });
    await runHere(newRun('whole'));
    expect(modelOf('lost').equals(modelOf('whole'))).toBe(true);
  });

  it('of its memory says so', async () => {
    const watched = dyingAfterCheckpoint('out of memory', MEMORY);
    const error = await failureOf(() => trainOn(watched, newRun('out of memory')));
    expect(error.message).toContain(MEMORY);
    expect(error.message).toContain(lastCheckpoint('out of memory'));
    expect(error.hint).toMatch(/smaller/);
  });

  it('before a checkpoint was saved says that there is none', async () => {
    const watched = failingWhen(LOST, (kind, run) => kind === 'training' && run === 1);
    const error = await failureOf(() => trainOn(watched, newRun('early')));
    expect(error.message).toMatch(/had not saved a checkpoint yet\.$/);
    expect(existsSync(lastCheckpoint('early'))).toBe(false);
  });

  it('in validation is told alike', async () => {
    // Six images in minibatches of four: the third is the second epoch's first.
    const watched = failingWhen(LOST, (kind, run) => kind === 'inference' && run === 3);
    const error = await failureOf(() => trainOn(watched, newRun('validation')));
    expect(error.code).toBe('engine');
    expect(error.message).toContain(`The last checkpoint is kept: ${lastCheckpoint('validation')}`);
    expect([watched.sessions.held, watched.tensors.held]).toEqual([0, 0]);
  });
});

describe('a provider that fails to start', () => {
  it.each<SessionKind>(['training', 'inference'])(
    'with the graph of %s leaves no folder and no session',
    async (kind) => {
      const watched = failingWhen(MEMORY, (which, run) => which === kind && run === 0);
      const error = await failureOf(() => trainOn(watched, newRun(`no-${kind}`)));
      expect(error.code).toBe('engine');
      expect(error.message).toMatch(/could not load the graph on "cpu": Failed to allocate/);
      expect(error.hint).toMatch(/smaller/);
      expect(filesBelow(join(folder, `no-${kind}`))).toEqual([]);
      expect(watched.sessions.held).toBe(0);
    },
  );
});

describe('a run that diverges', () => {
  it('names the checkpoint that is kept, and frees what the step made', async () => {
    const request = newRun('diverging');
    // Stopped at its first checkpoint, and resumed with a learning rate beyond all measure.
    await eventsOf(
      runTraining(request, { runtime: onnxruntime, isStopped: () => existsSync(lastCheckpoint('diverging')) }),
    );
    const path = join(folder, 'diverging', 'config.json');
    const config = readFileSync(path, 'utf8').replace('"learningRate": 0.002', '"learningRate": 1e38');
    expect(config).toContain('1e38');
    writeFileSync(path, config);
    const resumed: TrainingRequest = { run: join(folder, 'diverging'), cache: undefined, resume: true };
    const watched = watchRuntime();
    const error = await failureOf(() => trainOn(watched, resumed));
    expect(error.code).toBe('diverged');
    expect(error.message).toContain(`The last checkpoint is kept: ${lastCheckpoint('diverging')}`);
    expect(error.hint).toContain('learning rate');
    expect([watched.sessions.held, watched.tensors.held]).toEqual([0, 0]);
  });
});
