import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OnnxRuntime, Provider, ProviderReport } from '@weakspot/core';
import * as onnxruntime from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runtimeWith } from '../device/testing/runtimes.js';
import { failureOf, temporaryFolder } from '../data/testing/files.js';
import { readConfig, runFolder } from '../run/folder.js';
import type { TrainEvent } from './events.js';
import { type TrainingRequest, runTraining } from './run-training.js';
import { eventsOf, filesBelow, tinyConfig, writeImages } from './testing/runs.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const images = join(folder, 'images');
beforeAll(() => writeImages(images));

const newRun = (name: string, device: string): TrainingRequest => ({
  run: join(folder, name),
  cache: undefined,
  resume: false,
  config: tinyConfig(images, { device, epochs: 1 }),
  force: false,
});
/** WebGPU is fast, by its report; the others are not there. */
const inspect = async (provider: Provider): Promise<ProviderReport> =>
  provider === 'webgpu'
    ? { provider, available: true, check: { error: 0, speed: 9 } }
    : { provider, available: false, reason: 'not there' };
const trainOn = (runtime: OnnxRuntime, request: TrainingRequest): Promise<TrainEvent[]> =>
  eventsOf(runTraining(request, { runtime, isStopped: () => false, inspect }));
const deviceOf = (events: readonly TrainEvent[]) => events.find((event) => event.type === 'device');
const modelOf = (name: string): Buffer => readFileSync(join(folder, name, 'model.onnx'));

describe('the device of a run', () => {
  it('is the one that is named', async () => {
    const runtime = runtimeWith({ webgpu: 'works' });
    const events = await trainOn(runtime, newRun('named', 'webgpu'));
    expect(deviceOf(events)).toEqual({
      type: 'device',
      provider: 'webgpu',
      notes: [],
      name: 'the adapter that WebGPU prefers',
    });
    // The step and inference; the device is tried by `inspect`, which is a process of its own.
    expect(runtime.loaded).toEqual(['webgpu', 'webgpu']);
  });

  it('is kept with the run where auto took it, so that a resumed run goes on with it', async () => {
    const runtime = runtimeWith({ cuda: 'fails', webgpu: 'works' });
    const events = await trainOn(runtime, newRun('automatic', 'auto'));
    expect(deviceOf(events)).toEqual({
      type: 'device',
      provider: 'webgpu',
      notes: ['cuda is not used: not there'],
      name: 'the adapter that WebGPU prefers',
    });
    expect(runtime.loaded).toEqual(['webgpu', 'webgpu']);
    const run = join(folder, 'automatic');
    expect((await readConfig(runFolder(run))).config.device).toBe('webgpu');
    // Also where another would be taken now.
    const resumed = await trainOn(runtimeWith({ webgpu: 'works', dml: 'works' }), {
      run,
      cache: undefined,
      resume: true,
    });
    expect(deviceOf(resumed)).toMatchObject({ provider: 'webgpu' });
  });

  it('is the CPU where what auto took does not load the training step, to the same bits', async () => {
    const events = await trainOn(runtimeWith({ webgpu: 'fails' }), newRun('fallen', 'auto'));
    const device = deviceOf(events);
    expect(device).toMatchObject({
      provider: 'cpu',
      notes: [expect.stringMatching(/^webgpu is not used: .*too large/)],
    });
    expect((await readConfig(runFolder(join(folder, 'fallen')))).config.device).toBe('cpu');
    await trainOn(onnxruntime, newRun('plain', 'cpu'));
    expect(modelOf('fallen').equals(modelOf('plain'))).toBe(true);
  });

  it('that cannot be used is an error that leaves no folder behind', async () => {
    const error = await failureOf(() => trainOn(runtimeWith({}), newRun('refused', 'dml')));
    expect([error.code, error.message]).toEqual(['engine', expect.stringContaining('The device "dml" cannot be used')]);
    expect(filesBelow(join(folder, 'refused'))).toEqual([]);
  });

  it('can be changed in config.json, where a run is to go on elsewhere', async () => {
    await trainOn(runtimeWith({ webgpu: 'works' }), newRun('moved', 'webgpu'));
    const run = join(folder, 'moved');
    const resume = (): Promise<TrainEvent[]> => trainOn(runtimeWith({}), { run, cache: undefined, resume: true });
    expect(await failureOf(resume)).toMatchObject({ code: 'engine' });
    const path = join(run, 'config.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"device": "webgpu"', '"device": "cpu"'));
    expect(deviceOf(await resume())).toMatchObject({ provider: 'cpu' });
  });
});
