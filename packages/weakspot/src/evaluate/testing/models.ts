import { type Box, type Parameter, Random, buildObjective, createGraph, initialise, wholeInput } from '@weakspot/core';
import { saveCheckpoint } from '../../run/checkpoint.js';
import { type PartialConfig, mergeConfigs, resolveConfig } from '../../run/config.js';
import { type RunInfo, runFolder, writeConfig, writeSplit } from '../../run/folder.js';
import { type ModelInfo, encodeModel } from '../../run/model-file.js';
import { modelOptions } from '../../run/model-options.js';
import { writeFileWhole } from '../../run/write.js';
import type { LocalizerModel, Prediction } from '../model.js';

export interface UntrainedRun {
  readonly settings?: PartialConfig;
  /** What the run's folder says of it beside the usual. */
  readonly info?: Partial<RunInfo>;
  /** A parameter's values; He initialisation, with biases drawn too, unless given. */
  readonly values?: (parameter: Parameter) => Float32Array;
}

/** Leaves a run's folder with its model.onnx as training would, without training: classes clear and lesion, each with a map, 64x64. */
export async function writeRun(
  path: string,
  { settings = {}, info: changes = {}, values = drawn }: UntrainedRun = {},
): Promise<string> {
  const tiny = {
    data: { path },
    method: 'STL+AvePool',
    network: { name: 'compact', classifier: [8] },
    localizer: { evidence: 'classes', map: 'positive' },
    preprocessing: { width: 64, height: 64, clahe: null },
    epochs: 3,
  };
  const config = resolveConfig(mergeConfigs(tiny, settings), { source: 'test', threads: 1 });
  const run: RunInfo = {
    format: 1,
    weakspot: '0',
    dataset: 'made',
    classes: ['clear', 'lesion'],
    positive: 1,
    ...changes,
  };
  // The classifier's too, as training leaves them.
  const options = { ...modelOptions(config, run), batch: 1 };
  const { parameters: learned, statistics } = buildObjective(createGraph(), options);
  const parameters = [...learned, ...statistics].map(({ parameter }) => parameter);
  const checkpoint = {
    parameters: new Map(parameters.map((one) => [one.name, { shape: one.shape, data: values(one) }])),
    momentum: new Map(),
    squares: new Map(),
    average: new Map(),
    progress: { epoch: 3, step: 0, sums: [0, 0, 0, 0], images: 0, best: null },
  };
  const folder = runFolder(path);
  await writeConfig(folder, run, config);
  await writeSplit(folder, new Map());
  await saveCheckpoint(folder.checkpoint('last'), checkpoint);
  await writeFileWhole(folder.model, encodeModel(run, config, checkpoint));
  return path;
}

/** Biases too, and large ones, around what they begin with: a bias lost on the way would show. Scales and variances are above 0. */
export function drawn(parameter: Parameter): Float32Array {
  if (parameter.fanIn > 0) return initialise(parameter, 1);
  const random = new Random(1, 'bias', parameter.name);
  const { shape, start } = parameter;
  const value = (): number => (start === undefined ? 0.3 * random.normal() : start * Math.exp(0.3 * random.normal()));
  return Float32Array.from({ length: shape[0] ?? 0 }, value);
}

/**
 * Weights that hand the first channel on: each convolution copies the pixel at its kernel's centre, so that what is left
 * are the strides and the poolings; the positive class's map is the first channel, the negative class's its opposite.
 */
export function passOn({ name, shape }: Parameter): Float32Array {
  const [, inputs = 1, height = 1, width = 1] = shape;
  const values = new Float32Array(shape.reduce((product, side) => product * side, 1));
  if (shape.length !== 4) return values;
  const middle = Math.floor(height / 2) * width + Math.floor(width / 2);
  values[middle] = name === 'localizer.weight' ? -1 : 1;
  if (name === 'localizer.weight') values[inputs * height * width + middle] = 1;
  return values;
}

const info: ModelInfo = {
  format: 1,
  weakspot: '0',
  method: 'STL+AvePool',
  network: 'compact',
  dataset: 'made',
  classes: ['clear', 'lesion'],
  positive: 1,
  map: 'positive',
  stride: 32,
  cells: { centre: 16, stride: 32 },
  preprocessing: {
    width: 64,
    height: 64,
    intensity: { range: 'full-scale' },
    crop: 'none',
    fit: 'stretch',
    clahe: null,
    normalization: { kind: 'fixed', mean: 0, std: 1 },
    antialias: true,
  },
  epochs: 1,
};

/** A model that gives these answers in turn, whatever it is shown, and over again from the first. */
export function fakeModel(answers: readonly Prediction[], changes: Partial<ModelInfo> = {}): LocalizerModel {
  let next = 0;
  return {
    info: { ...info, ...changes },
    device: { provider: 'cpu', notes: [] },
    predict: (images) => Promise.resolve(images.map(() => answers[next++ % answers.length] as Prediction)),
    release: () => Promise.resolve(),
  };
}

/** An answer with the given probability of the second class; the map's cells tile the input unless said. */
export function answer(
  probability: number,
  width: number,
  height: number,
  values: ArrayLike<number>,
  extent: Box = wholeInput,
): Prediction {
  const map = { values: Float32Array.from(values), width, height, extent };
  return { probabilities: [1 - probability, probability], map };
}

/** All that a generator yields. */
export async function listOf<T>(events: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const event of events) found.push(event);
  return found;
}
