import {
  type HostTensor,
  Random,
  buildInference,
  createSession,
  encodeOnnx,
  inferenceNames,
  initialise,
} from '@weakspot/core';
import * as onnxruntime from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../data/testing/files.js';
import { VERSION } from '../version.js';
import type { Checkpoint } from './checkpoint.js';
import { resolveConfig } from './config.js';
import type { RunInfo } from './folder.js';
import { encodeModel, readModelInfo } from './model-file.js';
import { modelOptions } from './model-options.js';

const [width, height] = [96, 64];
const config = resolveConfig(
  {
    data: { path: 'x' },
    network: { name: 'compact' },
    preprocessing: { width, height },
    method: 'STL+LSE',
    sharpness: 4,
    localizer: { map: 'positive' },
  },
  { source: 'test', threads: 1 },
);
const run: RunInfo = { format: 1, weakspot: '0.0.1', dataset: 'lungs', classes: ['clear', 'tb'], positive: 1 };
const options = modelOptions(config, run);
const { graph, parameters } = buildInference({ ...options, batch: 3 });
const checkpoint: Checkpoint = {
  // A run's checkpoint has the classifier's tensors too; the model has no use for them.
  parameters: new Map([
    ['classifier1.weight', { shape: [1], data: Float32Array.of(1) }],
    ...parameters.map((p): [string, HostTensor] => [p.name, { shape: p.shape, data: initialise(p, 3) }]),
  ]),
  momentum: new Map(),
  squares: new Map(),
  average: new Map(),
  progress: { epoch: 12, step: 0, sums: [], images: 0, best: null },
};

describe('encodeModel', () => {
  it('answers as the checkpoint does, for any number of images', async () => {
    const random = new Random(1, 'images');
    const data = Float32Array.from({ length: 3 * width * height }, () => random.normal());
    const images = { data, shape: [3, 1, height, width] };
    const model = await createSession(onnxruntime, encodeModel(run, config, checkpoint), { threads: 1 });
    const reference = await createSession(onnxruntime, encodeOnnx(graph), { threads: 1 });
    expect(model.inputNames).toEqual(['images']);
    expect(model.outputNames).toEqual(['probabilities', 'activation_maps', 'logits']);
    const found = await model.run({ [inferenceNames.images]: images });
    const feeds = { ...Object.fromEntries(checkpoint.parameters), [inferenceNames.images]: images };
    const expected = await reference.run(feeds);
    for (const name of [inferenceNames.probabilities, inferenceNames.activationMaps, inferenceNames.logits]) {
      expect(found[name]?.shape).toEqual(expected[name]?.shape);
      expected[name]?.data.forEach((value, i) => expect(found[name]?.data[i]).toBeCloseTo(value, 4));
    }
    const alone = await model.run({
      [inferenceNames.images]: { data: data.slice(0, width * height), shape: [1, 1, height, width] },
    });
    expect(alone[inferenceNames.probabilities]?.data[0]).toBeCloseTo(
      found[inferenceNames.probabilities]?.data[0] ?? Number.NaN,
      5,
    );
    await model.release();
    await reference.release();
  });

  it('holds LayerCAM where the configuration reads it, for any number of images, with the same probabilities', async () => {
    const reads: typeof config = { ...config, localizer: { ...config.localizer, map: 'layercam' } };
    // The stride is the network's, and so the tolerance; where the maps' cells lie is another thing.
    const says = { layercam: { centre: 7.5, stride: 8 }, positive: { centre: 15.5, stride: 32 } };
    const [own, other] = [undefined, 'positive' as const].map((map) =>
      readModelInfo(encodeModel(run, reads, checkpoint, map), 'model.onnx'),
    );
    expect(own).toMatchObject({ map: 'layercam', stride: 32, cells: says.layercam });
    expect(other).toMatchObject({ map: 'positive', stride: 32, cells: says.positive });
    const random = new Random(1, 'images');
    const data = Float32Array.from({ length: 2 * width * height }, () => random.normal());
    const images = { [inferenceNames.images]: { data, shape: [2, 1, height, width] } };
    const [found, plain] = await Promise.all(
      [reads, config].map(async (one) => {
        const model = await createSession(onnxruntime, encodeModel(run, one, checkpoint), { threads: 1 });
        const outputs = await model.run(images);
        await model.release();
        return outputs;
      }),
    );
    expect(found?.[inferenceNames.activationMaps]?.shape).toEqual([2, 2, height / 8, width / 8]);
    plain?.[inferenceNames.probabilities]?.data.forEach((value, i) => {
      expect(found?.[inferenceNames.probabilities]?.data[i]).toBeCloseTo(value, 5);
    });
  });

  it('says in its metadata what it is', () => {
    expect(readModelInfo(encodeModel(run, config, checkpoint), 'model.onnx')).toEqual({
      format: 1,
      weakspot: VERSION,
      method: 'STL+LSE',
      network: 'compact',
      dataset: 'lungs',
      classes: ['clear', 'tb'],
      positive: 1,
      map: 'positive',
      reference: 0,
      stride: 32,
      cells: { centre: 15.5, stride: 32 },
      preprocessing: config.preprocessing,
      epochs: 12,
    });
  });

  it('has the averages of the weights where the checkpoint has them', () => {
    const { parameters: average } = checkpoint;
    const last = new Map([...average].map(([name, { shape, data }]) => [name, { shape, data: data.map(() => 1) }]));
    const averaged = encodeModel(run, config, { ...checkpoint, parameters: last, average });
    expect(Buffer.from(averaged).equals(encodeModel(run, config, checkpoint))).toBe(true);
  });

  it('is the same, to the last bit, each time', () => {
    const [a, b] = [encodeModel(run, config, checkpoint), encodeModel(run, config, checkpoint)];
    expect(Buffer.from(a).equals(b)).toBe(true);
  });

  it('refuses a checkpoint of another network, naming the tensor', async () => {
    const without = new Map([...checkpoint.parameters].filter(([name]) => name !== 'conv3.weight'));
    const error = await failureOf(() => encodeModel(run, config, { ...checkpoint, parameters: without }));
    expect(error.code).toBe('model');
    expect(error.message).toContain('conv3.weight');
  });
});

describe('readModelInfo', () => {
  it('takes the cells from the network and the map of a file that does not say where they lie', () => {
    const cellsOf = (network: string, map: string) => {
      const stored = encodeModel(run, config, checkpoint);
      const { cells, ...older } = readModelInfo(stored, 'model.onnx');
      expect(cells).toBeDefined();
      const weakspot = JSON.stringify({ ...older, network, map });
      return readModelInfo(encodeOnnx(graph, { metadata: { weakspot } }), 'old.onnx').cells;
    };
    expect(cellsOf('compact', 'positive')).toEqual({ centre: 15.5, stride: 32 });
    expect(cellsOf('compact', 'layercam')).toEqual({ centre: 7.5, stride: 8 });
    expect(cellsOf('small', 'difference')).toEqual({ centre: 4.5, stride: 8 });
    expect(cellsOf('small', 'layercam')).toEqual({ centre: 0.5, stride: 4 });
    expect(cellsOf('alexnet6', 'negative')).toEqual({ centre: 33.5, stride: 32 });
    expect(cellsOf('alexnet6', 'layercam')).toEqual({ centre: 9.5, stride: 8 });
  });

  it.each([
    ['bytes that are no model', Uint8Array.of(1, 2, 3, 250)],
    ['an empty file', new Uint8Array()],
    ['a model of another program', encodeOnnx(graph)],
    ['a model with other metadata', encodeOnnx(graph, { metadata: { weakspot: '{"format": 2}' } })],
  ])('refuses %s, naming the file', async (_, bytes) => {
    const error = await failureOf(() => readModelInfo(bytes, 'other.onnx'));
    expect(error.code).toBe('model');
    expect(error.message).toContain('other.onnx');
    expect(error.hint).toBeDefined();
  });
});
