import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { initialise } from '@weakspot/core';
import * as onnxruntime from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failureOf, temporaryFolder } from '../data/testing/files.js';
import { type Checkpoint, loadCheckpoint, weightsOf } from '../run/checkpoint.js';
import type { PartialConfig, RunConfig } from '../run/config.js';
import { readConfig, runFolder } from '../run/folder.js';
import type { TrainEvent } from './events.js';
import { runTraining } from './run-training.js';
import { runHere, tinyConfig, writeImages } from './testing/runs.js';
import { startWarm } from './warm-start.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const films = join(folder, 'films');
const source = join(folder, 'source');
let trained: Checkpoint['parameters'];

beforeAll(async () => {
  await writeImages(films);
  await runHere({ run: source, config: tinyConfig(films), cache: undefined, resume: false, force: false });
  trained = weightsOf(await loadCheckpoint(runFolder(source).checkpoint('last')));
});

const configOf = (changes: PartialConfig): RunConfig => tinyConfig(films, { seed: 31, ...changes });

/** Begins a run and stops it before its first step: its checkpoint is what it starts from. */
async function begin(name: string, changes: PartialConfig): Promise<{ start: Checkpoint; events: TrainEvent[] }> {
  const run = join(folder, name);
  const request = { run, config: configOf(changes), cache: undefined, resume: false, force: true } as const;
  const events: TrainEvent[] = [];
  for await (const event of runTraining(request, { runtime: onnxruntime, isStopped: () => begun(events) }))
    events.push(event);
  return { start: await loadCheckpoint(runFolder(run).checkpoint('last')), events };
}
const begun = (events: readonly TrainEvent[]): boolean => events.some(({ type }) => type === 'start');

const initOf = (events: readonly TrainEvent[]): Extract<TrainEvent, { type: 'init' }> => {
  const found = events.find((event) => event.type === 'init');
  if (found === undefined) throw new Error('no event init');
  return found;
};

describe('a run with init', () => {
  it('starts from the weights that the other run’s model has, with no momentum, and writes down which', async () => {
    const { start, events } = await begin('same', { init: source });
    expect(start.progress).toMatchObject({ epoch: 0, step: 0 });
    expect([...start.parameters.keys()].toSorted()).toEqual([...trained.keys()].toSorted());
    for (const [name, { data, shape }] of start.parameters) {
      expect([name, shape, data]).toEqual([name, trained.get(name)?.shape, trained.get(name)?.data]);
    }
    for (const { data } of start.momentum.values()) expect(data.every((value) => value === 0)).toBe(true);
    const { taken, drawn, unused, path, sha256 } = initOf(events);
    expect([taken.length, drawn, unused, path]).toEqual([trained.size, [], [], source]);
    const { run, config } = await readConfig(runFolder(join(folder, 'same')));
    expect([run.init, config.init]).toEqual([{ path, sha256, taken, drawn, unused }, source]);
    expect(sha256).toMatch(/^[\da-f]{64}$/);
  });

  it('takes what agrees in name and shape, and draws the rest as a run without it would', async () => {
    const { start, events } = await begin('wider', { init: source, network: { name: 'compact', classifier: [12] } });
    const { taken, drawn, unused } = initOf(events);
    expect(taken).toContain('conv1.weight');
    // The hidden layer is wider, and the layer after it sees more; its bias, one for each class, agrees and is not taken alone.
    const other = drawn.filter((name) => name.endsWith('weight'));
    expect(drawn.length).toBe(4);
    expect(unused).toEqual(drawn.toSorted());
    for (const name of other) {
      const { shape, data } = start.parameters.get(name) as { shape: readonly number[]; data: Float32Array };
      const fanIn = shape[0] as number;
      expect(data).toEqual(initialise({ name, shape, fanIn }, 31));
    }
    for (const name of taken) expect(start.parameters.get(name)?.data).toEqual(trained.get(name)?.data);
  });

  it('starts from a checkpoint file and from an exported model, which has no classifier', async () => {
    const best = runFolder(source).checkpoint('best');
    const fromBest = await begin('from-best', { init: best });
    const { parameters } = await loadCheckpoint(best);
    expect(fromBest.start.parameters.get('conv2.weight')?.data).toEqual(parameters.get('conv2.weight')?.data);

    const model = join(folder, 'elsewhere.onnx');
    cpSync(runFolder(source).model, model);
    const fromModel = await begin('from-model', { init: model });
    const { taken, drawn, unused } = initOf(fromModel.events);
    expect(drawn.length).toBe(4);
    expect(drawn.every((name) => !taken.includes(name))).toBe(true);
    expect(taken).toContain('localizer.weight');
    for (const name of taken) expect(fromModel.start.parameters.get(name)?.data).toEqual(trained.get(name)?.data);
    expect(unused.filter((name) => trained.has(name))).toEqual([]);
  });

  it('resumed equals the run never stopped, bit for bit, though the other model is gone', async () => {
    const gone = join(folder, 'gone');
    cpSync(source, gone, { recursive: true });
    const whole = join(folder, 'whole');
    await runHere({ run: whole, config: configOf({ init: gone }), cache: undefined, resume: false, force: false });
    await begin('halted', { init: gone });
    rmSync(gone, { recursive: true });
    await runHere({ run: join(folder, 'halted'), cache: undefined, resume: true });
    const model = (run: string): Buffer => readFileSync(runFolder(run).model);
    expect(model(join(folder, 'halted')).equals(model(whole))).toBe(true);
    // And other weights make another run.
    const cold = join(folder, 'cold');
    await runHere({ run: cold, config: configOf({}), cache: undefined, resume: false, force: false });
    expect(model(cold).equals(model(whole))).toBe(false);
  });

  it('warns of test and validation images that the other run was trained on', async () => {
    const warned = async (name: string, changes: PartialConfig): Promise<string[]> => {
      const data = (await begin(name, changes)).events.find((event) => event.type === 'data');
      return (data?.issues ?? []).map(({ message }) => message).filter((message) => message.includes('used to train'));
    };
    expect(await warned('another-split', { init: source })).toEqual([
      expect.stringMatching(/^\d+ of the 6 validation images were used to train .*source/),
    ]);
    expect(await warned('own-split', { init: source, data: { split: { file: source } } })).toEqual([]);
  });

  it('refuses what is no model of ours, what is damaged, and what does not agree', async () => {
    const bytes = readFileSync(runFolder(source).model);
    const at = (name: string, content: Uint8Array | string): string => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    const wrong: [string, RegExp][] = [
      [join(folder, 'nowhere'), /There is no run or model/],
      [films, /is not a run/],
      [at('text.onnx', 'no model'), /is not a model exported by Weakspot/],
      [at('cut.onnx', bytes.subarray(0, bytes.length / 2)), /is not a model exported by Weakspot/],
      [at('cut.safetensors', 'x'), /is not a readable checkpoint/],
    ];
    for (const [init, message] of wrong) {
      const error = await failureOf(() => begin('refused', { init }));
      expect([error.code, error.message]).toEqual(['model', expect.stringMatching(message)]);
    }
    const none = await failureOf(() => begin('refused', { init: source, network: { name: 'small', classifier: [9] } }));
    expect(none.message).toMatch(/No layer of .* agrees .* there "conv1/);
  });
});

describe('startWarm', () => {
  it('does not hand out the source’s own arrays', async () => {
    const { run, config } = await readConfig(runFolder(source));
    const { modelOptions } = await import('../run/model-options.js');
    const weights = { path: source, run: undefined, tensors: trained, sha256: '' };
    const { start } = startWarm(modelOptions(config, run), weights, 0);
    const [name = ''] = trained.keys();
    expect(start.parameters.get(name)?.data).not.toBe(trained.get(name)?.data);
  });
});
