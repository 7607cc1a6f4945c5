/** The network `field` in training and inference, with AdamW and moving averages, against PyTorch. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sizeOf } from '../graph/index.js';
import { type FieldOptions, type Parameter, createNetwork } from '../network/index.js';
import { deterministicUniform, euclideanNorm, signProjections } from '../testing/deterministic.js';
import { runGraph } from '../testing/run-graph.js';
import {
  type TrainingStepOptions,
  buildAccumulatedStep,
  buildInference,
  buildTrainingStep,
  inferenceNames,
  parseMethod,
  stepNames,
} from './index.js';

interface Summary {
  readonly norm: number;
  readonly projections: number[];
}

interface Entry {
  readonly normalization: FieldOptions['normalization'];
  readonly steps: Readonly<Record<'loss' | 'classifierLoss' | 'localizerLoss' | 'gradientNorm', number>>[];
  readonly state: Readonly<Record<string, Summary>>;
  readonly inference: { readonly maps: number[]; readonly logits: number[] };
}

// Made by scripts/reference/field.py with PyTorch in float64; this file is compiled to dist/stl/.
const { entries } = JSON.parse(readFileSync(new URL('../../src/stl/testing/field.json', import.meta.url), 'utf8')) as {
  entries: Entry[];
};

const [height, width, batch, classes] = [20, 24, 4, 2];
const rates = [0.002, 0.001, 0.0005];

function optionsOf(normalization: FieldOptions['normalization']): TrainingStepOptions {
  return {
    method: parseMethod('STL+TopK'),
    network: createNetwork('field', { normalization, width: 1 / 3, classifier: [16], dropout: 0 }),
    classes,
    reference: 0,
    sharpness: 1,
    topShare: 0.1,
    width,
    height,
    batch,
    optimizer: 'adamw',
    momentum: 0.9,
    weightDecay: 0.05,
    clipNorm: 0.5,
    averageDecay: 0.99,
  };
}

/** As field.py starts: hashes, of a size that suits the parameter. */
function startOf({ name, shape, fanIn, start = 0, statistic }: Parameter, stream: number): Float32Array {
  if (statistic === true) return new Float32Array(sizeOf(shape)).fill(start);
  const scale = fanIn === 0 ? (start === 1 ? 0.2 : 0.1) : name.startsWith('localizer') ? 0.05 : Math.sqrt(6 / fanIn);
  return deterministicUniform(sizeOf(shape), stream, 1).map((value) => start + scale * value);
}

type Feeds = Record<string, Float32Array>;

function startFeeds(
  { parameters, state }: Pick<ReturnType<typeof buildTrainingStep>, 'parameters' | 'state'>,
  entry: Entry,
): Feeds {
  const streams = streamsOf(entry);
  const values = new Map(parameters.map((one) => [one.name, startOf(one, streams.get(one.name) ?? 0)]));
  return Object.fromEntries(
    state.map(({ name, parameter, role }) => {
      const value = values.get(parameter.name) ?? new Float32Array();
      return [name, role === 'value' || role === 'average' ? value : new Float32Array(value.length)];
    }),
  );
}

function streamsOf({ state }: Entry): Map<string, number> {
  return new Map(
    Object.keys(state)
      .filter((name) => !name.includes('/'))
      .map((name, index) => [name, index + 1]),
  );
}

function fed(step: number, from: number, to: number): Feeds {
  const size = height * width;
  return {
    [stepNames.images]: deterministicUniform(batch * size, 1001 + step, 1.5).subarray(from * size, to * size),
    [stepNames.targets]: Float32Array.from({ length: (to - from) * classes }, (_, i) =>
      i % classes === (from + Math.floor(i / classes)) % classes ? 1 : 0,
    ),
    [stepNames.alpha]: Float32Array.of(0.3),
    [stepNames.learningRate]: Float32Array.of(rates[step] ?? 0),
    [stepNames.step]: Float32Array.of(step + 1),
  };
}

/** Checks a state against PyTorch's, in float32 against float64: to a ten-thousandth of each tensor's size. */
function expectState(found: Feeds, entry: Entry): void {
  const streams = streamsOf(entry);
  for (const [name, { norm, projections }] of Object.entries(entry.state)) {
    const values = found[name] ?? new Float32Array();
    const theirs = projections;
    const ours = signProjections(values, streams.get(name.split('/')[0] ?? '') ?? 0);
    const error = euclideanNorm(theirs.map((value, k) => (ours[k] ?? Number.NaN) - value)) / Math.sqrt(8);
    expect(Math.abs(euclideanNorm(values) - norm) / norm, name).toBeLessThan(1e-4);
    expect(error / norm, name).toBeLessThan(1e-4);
  }
}

describe.each(entries)('field with normalization $normalization against PyTorch in float64', (entry) => {
  const options = optionsOf(entry.normalization);

  it('has its losses, and after three steps its weights, moments, running statistics and moving averages', async () => {
    const step = buildTrainingStep(options);
    let state = startFeeds(step, entry);
    expect(new Set(Object.keys(state))).toEqual(new Set(Object.keys(entry.state)));
    for (const [index, expected] of entry.steps.entries()) {
      const results = await runGraph(step.graph, { ...state, ...fed(index, 0, batch) });
      for (const [name, value] of Object.entries(expected)) {
        expect(
          Math.abs((results[name]?.data[0] ?? Number.NaN) / value - 1),
          `${name} of step ${index + 1}`,
        ).toBeLessThan(1e-4);
      }
      state = Object.fromEntries(
        Object.keys(state).map((name) => [name, results[stepNames.next(name)]?.data ?? new Float32Array()]),
      );
    }
    expectState(state, entry);

    // What was trained, in inference: by the running statistics.
    const { graph, parameters } = buildInference({ ...options, batch });
    const weights = Object.fromEntries(parameters.map(({ name }) => [name, state[name] ?? new Float32Array()]));
    const images = { [inferenceNames.images]: fed(2, 0, batch)[stepNames.images] ?? new Float32Array() };
    const results = await runGraph(graph, { ...weights, ...images });
    for (const [name, expected] of [
      [inferenceNames.activationMaps, entry.inference.maps],
      [inferenceNames.logits, entry.inference.logits],
    ] as const) {
      const found = results[name]?.data ?? new Float32Array();
      const error = euclideanNorm(expected.map((value, i) => (found[i] ?? Number.NaN) - value));
      expect(error / euclideanNorm(expected), name).toBeLessThan(1e-4);
    }
  });

  if (entry.normalization === 'batch') return;

  it('has the same in parts whose gradients add up', async () => {
    const { gradients, learned, update, state: moved } = buildAccumulatedStep({ ...options, batch: batch / 2 });
    let state = startFeeds({ parameters: gradients.parameters, state: moved }, entry);
    for (const index of rates.keys()) {
      let sums: Feeds = Object.fromEntries(learned.map(({ name, shape }) => [name, new Float32Array(sizeOf(shape))]));
      for (const first of [0, batch / 2]) {
        const part = fed(index, first, first + batch / 2);
        const targets = part[stepNames.targets]?.map((value) => value / 2) ?? new Float32Array();
        const added = Object.fromEntries(Object.entries(sums).map(([name, sum]) => [stepNames.gradient(name), sum]));
        const results = await runGraph(gradients.graph, { ...state, ...part, [stepNames.targets]: targets, ...added });
        sums = Object.fromEntries(
          Object.keys(sums).map((name) => [
            name,
            results[stepNames.next(stepNames.gradient(name))]?.data ?? new Float32Array(),
          ]),
        );
      }
      const summed = Object.fromEntries(Object.entries(sums).map(([name, sum]) => [stepNames.gradient(name), sum]));
      const results = await runGraph(update, { ...state, ...fed(index, 0, batch), ...summed });
      state = Object.fromEntries(
        Object.keys(state).map((name) => [name, results[stepNames.next(name)]?.data ?? new Float32Array()]),
      );
    }
    expectState(state, entry);
  });
});

it('with batch normalization keeps running statistics of each part', async () => {
  const entry = entries.find(({ normalization }) => normalization === 'batch') as Entry;
  const { gradients, state } = buildAccumulatedStep({ ...optionsOf('batch'), batch: batch / 2 });
  expect(gradients.state.map(({ name }) => name)).toEqual(
    [1, 2, 3, 4, 5, 6].flatMap((layer) => [`conv${layer}.mean`, `conv${layer}.variance`]),
  );
  // What the update moves has the statistics' averages, not the statistics.
  const names = state.map(({ name }) => name);
  expect(names).toContain('conv1.mean/average');
  expect(names).not.toContain('conv1.mean');
  expect(new Set([...names, ...gradients.state.map(({ name }) => name)])).toEqual(new Set(Object.keys(entry.state)));
});
