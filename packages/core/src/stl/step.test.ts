import * as onnxruntime from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { type Lowering, createGraph, differentiate, float32, lowerings, sizeOf } from '../graph/index.js';
import { type Network, type Parameter, createNetwork } from '../network/index.js';
import { chooseLowering } from '../session/index.js';
import { deterministicUniform, euclideanNorm } from '../testing/deterministic.js';
import { runGraph } from '../testing/run-graph.js';
import {
  type ModelOptions,
  buildAccumulatedStep,
  buildInference,
  buildObjective,
  buildTrainingStep,
  inferenceNames,
  parseMethod,
  stepNames,
} from './index.js';

/** One small convolution and pooling, so that a step takes no time. */
const tiny: Network = {
  name: 'compact',
  trunk: [
    { kind: 'conv', name: 'conv1', channels: 4, kernel: 3, stride: 1, pad: [1, 1] },
    { kind: 'pool', name: 'pool1', kernel: 3, stride: 2, pad: [0, 0], ceil: true },
  ],
  classifier: [5],
  dropout: 0.5,
};
const model: ModelOptions = {
  method: parseMethod('STL+AvePool'),
  network: tiny,
  classes: 2,
  sharpness: 10,
  width: 8,
  height: 8,
};
const LEARNING_RATE = 0.1;
const ALPHA = 0.3;

/** Every input of a step by name, the momentum included. */
function feedsFor(
  options: ModelOptions,
  batch: number,
  parameters: readonly Parameter[],
): Record<string, Float32Array> {
  const feeds: Record<string, Float32Array> = {
    [stepNames.images]: deterministicUniform(batch * options.width * options.height, 1, 1),
    [stepNames.targets]: Float32Array.from({ length: batch * 2 }, (_, i) => (i % 2 === Math.floor(i / 2) % 2 ? 1 : 0)),
    [stepNames.alpha]: Float32Array.of(ALPHA),
    [stepNames.learningRate]: Float32Array.of(LEARNING_RATE),
  };
  options.network.classifier.forEach((width, i) => {
    const mask = deterministicUniform(batch * width, 30 + i, 1).map((value) => (value > 0 ? 2 : 0));
    feeds[`classifier${i + 1}/dropout`] = mask;
  });
  parameters.forEach(({ name, shape, fanIn }, i) => {
    feeds[name] = deterministicUniform(sizeOf(shape), 100 + i, fanIn === 0 ? 0.1 : Math.sqrt(6 / fanIn));
    feeds[stepNames.momentum(name)] = deterministicUniform(sizeOf(shape), 200 + i, 0.05);
  });
  return feeds;
}

const settings = { batch: 3, momentum: 0.9, weightDecay: 0, clipNorm: undefined };

/** Gradients and losses from the objective alone, without the step's update. */
async function gradientsOf(options: ModelOptions) {
  const graph = createGraph();
  const { loss, parameters } = buildObjective(graph, { ...options, batch: settings.batch });
  graph.output(stepNames.loss, loss);
  const sources = parameters.map(({ value }) => value);
  differentiate(graph, loss, sources).forEach((gradient, i) => {
    graph.output(`gradient/${parameters[i]?.parameter.name}`, gradient ?? loss);
  });
  const feeds = feedsFor(
    options,
    settings.batch,
    parameters.map(({ parameter }) => parameter),
  );
  const results = await runGraph(graph, feeds);
  return { feeds, results, gradient: (name: string) => results[`gradient/${name}`]?.data ?? new Float32Array() };
}

async function runStep(options: ModelOptions, change: Partial<Parameters<typeof buildTrainingStep>[0]> = {}) {
  const { graph, parameters } = buildTrainingStep({ ...options, ...settings, ...change });
  const results = await runGraph(graph, feedsFor(options, settings.batch, parameters));
  return { parameters, at: (name: string) => results[name]?.data ?? new Float32Array() };
}

function expectClose(found: Float32Array, expected: readonly number[] | Float32Array, tolerance = 1e-6): void {
  expect(found).toHaveLength(expected.length);
  const scale = euclideanNorm(expected);
  expect(scale).toBeGreaterThan(0);
  expect(euclideanNorm(found.map((value, i) => value - (expected[i] ?? Number.NaN)))).toBeLessThan(tolerance * scale);
}

describe('the objective', () => {
  it('is (1 - alpha) classifier loss + alpha localizer loss', async () => {
    const { results } = await gradientsOf(model);
    const [loss, classifier, localizer] = [stepNames.loss, stepNames.classifierLoss, stepNames.localizerLoss].map(
      (name) => results[name]?.data[0] ?? Number.NaN,
    );
    expect(classifier).not.toBeCloseTo(localizer ?? 0, 2);
    expect(loss).toBeCloseTo((1 - ALPHA) * (classifier ?? 0) + ALPHA * (localizer ?? 0), 5);
  });

  it('without a classifier is the localizer loss, and needs neither alpha nor classifier parameters', async () => {
    const { graph, parameters } = buildTrainingStep({ ...model, ...settings, method: parseMethod('AvePool') });
    const feeds = feedsFor(model, settings.batch, parameters);
    expect(graph.inputs.map(({ name }) => name)).not.toContain(stepNames.alpha);
    expect(parameters.map(({ name }) => name)).toEqual([
      'conv1.weight',
      'conv1.bias',
      'localizer.weight',
      'localizer.bias',
    ]);
    const results = await runGraph(graph, feeds);
    expect(results[stepNames.loss]?.data).toEqual(results[stepNames.localizerLoss]?.data);
  });
});

describe('cures for evidence in the wrong map', () => {
  it('a single logit is the softmax of [0, a]: its loss and step are those of two maps of which one stays 0', async () => {
    const single = { ...model, reference: 0 };
    const found = await gradientsOf(single);
    expect(found.gradient('localizer.weight')).toHaveLength(4);
    // The same weights as the second class's, the first class's being 0.
    const graph = createGraph();
    const { loss, parameters } = buildObjective(graph, { ...model, batch: settings.batch });
    const sources = parameters.map(({ value }) => value);
    differentiate(graph, loss, sources).forEach((gradient, i) => {
      graph.output(`gradient/${parameters[i]?.parameter.name}`, gradient ?? loss);
    });
    const feeds = { ...found.feeds };
    for (const name of ['localizer.weight', 'localizer.bias']) {
      const own = found.feeds[name] ?? new Float32Array();
      feeds[name] = Float32Array.from([...own.map(() => 0), ...own]);
    }
    const results = await runGraph(graph, feeds);
    expect(found.results[stepNames.localizerLoss]?.data).toEqual(results[stepNames.localizerLoss]?.data);
    for (const { parameter } of parameters) {
      const whole = results[`gradient/${parameter.name}`]?.data ?? new Float32Array();
      const own = found.gradient(parameter.name);
      expectClose(own, whole.slice(whole.length - own.length));
    }
  });

  it("the penalty adds to the localizer's share of the loss, not to the losses that are put out", async () => {
    const weight = 0.7;
    const plain = await gradientsOf(model);
    const { results } = await gradientsOf({ ...model, penalty: { positive: 1, weight } });
    for (const name of [stepNames.classifierLoss, stepNames.localizerLoss]) {
      expect(results[name]?.data).toEqual(plain.results[name]?.data);
    }
    const inference = buildInference({ ...model, batch: settings.batch });
    const maps = (await runGraph(inference.graph, plain.feeds))[inferenceNames.activationMaps];
    const [count = 0, , height = 0, width = 0] = maps?.shape ?? [];
    const cells = height * width;
    const squares = (maps?.data ?? new Float32Array()).map((value, i) =>
      Math.floor(i / cells) % 2 === 0 ? value ** 2 : 0,
    );
    const penalty = squares.reduce((sum, square) => sum + square, 0) / (count * cells);
    const added = (results[stepNames.loss]?.data[0] ?? 0) - (plain.results[stepNames.loss]?.data[0] ?? 0);
    expect(added).toBeCloseTo(ALPHA * weight * penalty, 5);
  });

  it("terms of the maps' cells add to the localizer's share of the loss, each with its weight, and 0 is none", async () => {
    const plain = await gradientsOf(model);
    const lossOf = async (changes: Partial<ModelOptions>) => {
      const { results } = await gradientsOf({ ...model, ...changes });
      for (const name of [stepNames.classifierLoss, stepNames.localizerLoss]) {
        expect(results[name]?.data).toEqual(plain.results[name]?.data);
      }
      return results[stepNames.loss]?.data[0] ?? Number.NaN;
    };
    const inference = buildInference({ ...model, batch: settings.batch });
    const maps = (await runGraph(inference.graph, plain.feeds))[inferenceNames.activationMaps];
    const [count = 0, , height = 0, width = 0] = maps?.shape ?? [];
    const cells = height * width;
    const at = (n: number, k: number, i: number): number => maps?.data[(2 * n + k) * cells + i] ?? Number.NaN;
    const target = (n: number, k: number): number => plain.feeds[stepNames.targets]?.[2 * n + k] ?? Number.NaN;
    const softplus = (z: number): number => Math.log1p(Math.exp(z));
    const [images, places] = [count, cells].map((length) => [...Array.from({ length }).keys()]) as [number[], number[]];
    const sumOf = (weight: (n: number) => number, values: (z: number[]) => number[]): number =>
      images.reduce((sum, n) => {
        const found = values(places.map((i) => at(n, 1, i) - at(n, 0, i)));
        return sum + (weight(n) * found.reduce((all, one) => all + one, 0)) / found.length;
      }, 0) / count;
    const absent = sumOf(
      (n) => target(n, 0),
      (z) => z.map(softplus),
    );
    const background = sumOf(
      (n) => target(n, 1),
      (z) =>
        z
          .toSorted((a, b) => a - b)
          .slice(0, Math.round(cells / 4))
          .map(softplus),
    );
    const loss = plain.results[stepNames.loss]?.data[0] ?? Number.NaN;
    const off = { positive: 1, absent: 0, background: 0, size: 0, variation: 0 };
    expect(await lossOf({ mapTerms: off })).toBe(loss);
    expect(buildTrainingStep({ ...model, ...settings, mapTerms: off }).graph.nodes).toHaveLength(
      buildTrainingStep({ ...model, ...settings }).graph.nodes.length,
    );
    const terms = { ...off, absent: 0.7, background: 1.5, backgroundShare: 0.25 };
    expect((await lossOf({ mapTerms: terms })) - loss).toBeCloseTo(ALPHA * (0.7 * absent + 1.5 * background), 5);
    expect(Math.min(absent, background)).toBeGreaterThan(0.05);
  });
});

describe('one step', () => {
  it("is SGD with momentum: v' = 0.9 v - rate g, w' = w + v', for every parameter", async () => {
    const { feeds, gradient } = await gradientsOf(model);
    const { parameters, at } = await runStep(model);
    expect(parameters).toHaveLength(8);
    for (const { name } of parameters) {
      const g = gradient(name);
      const velocity = [...g].map((value, i) => 0.9 * (feeds[`${name}/momentum`]?.[i] ?? 0) - LEARNING_RATE * value);
      expectClose(at(`${name}/momentum/next`), velocity);
      expectClose(
        at(`${name}/next`),
        velocity.map((value, i) => (feeds[name]?.[i] ?? 0) + value),
      );
    }
  });

  it('reports the Euclidean norm of all gradients together', async () => {
    const { gradient } = await gradientsOf(model);
    const { parameters, at } = await runStep(model);
    const norm = Math.hypot(...parameters.map(({ name }) => euclideanNorm(gradient(name))));
    expect(at(stepNames.gradientNorm)[0]).toBeCloseTo(norm, 5);
  });

  it('clipping scales all gradients down to the norm, and leaves smaller ones alone', async () => {
    const { feeds, gradient } = await gradientsOf(model);
    const free = await runStep(model);
    const norm = free.at(stepNames.gradientNorm)[0] ?? Number.NaN;
    const clipped = await runStep(model, { clipNorm: norm / 4 });
    const loose = await runStep(model, { clipNorm: norm * 4 });
    for (const { name } of free.parameters) {
      const velocity = [...gradient(name)].map(
        (value, i) => 0.9 * (feeds[`${name}/momentum`]?.[i] ?? 0) - (LEARNING_RATE * value) / 4,
      );
      expectClose(clipped.at(`${name}/momentum/next`), velocity, 1e-5);
      expectClose(loose.at(`${name}/next`), free.at(`${name}/next`));
    }
    // The norm that is reported is the one before clipping.
    expect(clipped.at(stepNames.gradientNorm)[0]).toBeCloseTo(norm, 5);
  });

  it('weight decay pulls weights by rate x decay x w and leaves biases alone', async () => {
    const plain = await runStep(model);
    const decayed = await runStep(model, { weightDecay: 0.2 });
    const { feeds } = await gradientsOf(model);
    for (const { name, fanIn } of plain.parameters) {
      const expected = [...plain.at(`${name}/next`)].map(
        (value, i) => value - (fanIn === 0 ? 0 : LEARNING_RATE * 0.2 * (feeds[name]?.[i] ?? 0)),
      );
      expectClose(decayed.at(`${name}/next`), expected);
    }
  });

  it('with a gradient of zero moves nothing, clipped or not', async () => {
    for (const clipNorm of [undefined, 5]) {
      const { graph, parameters } = buildTrainingStep({ ...model, ...settings, clipNorm });
      const feeds = feedsFor(model, settings.batch, parameters);
      feeds[stepNames.targets]?.fill(0);
      for (const { name } of parameters) feeds[stepNames.momentum(name)]?.fill(0);
      const results = await runGraph(graph, feeds);
      expect(results[stepNames.gradientNorm]?.data[0]).toBe(0);
      for (const { name } of parameters) expect(results[stepNames.next(name)]?.data).toEqual(feeds[name]);
    }
  });

  it.each([
    ['STL+AvePool', {}],
    ['MaxPool', {}],
    ['STL+AvePool', { penalty: { positive: 1, weight: 0.5 } }],
    ['STL+MaxPool', { reference: 0 }],
    ['STL+AvePool', { mapTerms: { positive: 1, absent: 1, background: 0.5, size: 2, variation: 0.3 } }],
  ] as const)('is the same in two parts whose gradients add up (%s, %j)', async (name, cure) => {
    const options: ModelOptions = { ...model, ...cure, method: parseMethod(name) };
    const rules = { momentum: 0.9, weightDecay: 0.01, clipNorm: 0.05 };
    const whole = buildTrainingStep({ ...options, ...rules, batch: 6 });
    const { gradients, update } = buildAccumulatedStep({ ...options, ...rules, batch: 3 });
    const feeds = feedsFor(options, 6, whole.parameters);
    const expected = await runGraph(whole.graph, feeds);
    const part = (input: string, index: number): Float32Array => {
      const values = feeds[input] as Float32Array;
      return values.slice((index * values.length) / 2, ((index + 1) * values.length) / 2);
    };
    const sums = new Map<string, Float32Array>();
    for (const { name: p, shape } of whole.parameters) sums.set(p, new Float32Array(sizeOf(shape)));
    let loss = 0;
    for (const index of [0, 1]) {
      const some: Record<string, Float32Array> = { ...feeds, [stepNames.images]: part(stepNames.images, index) };
      some[stepNames.targets] = part(stepNames.targets, index).map((value) => value / 2);
      for (const { name: mask } of gradients.dropout) some[mask] = part(mask, index);
      for (const [p, sum] of sums) some[stepNames.gradient(p)] = sum;
      const results = await runGraph(gradients.graph, some);
      loss += results[stepNames.loss]?.data[0] ?? Number.NaN;
      for (const p of sums.keys()) sums.set(p, results[stepNames.next(stepNames.gradient(p))]?.data as Float32Array);
    }
    expect(loss).toBeCloseTo(expected[stepNames.loss]?.data[0] ?? Number.NaN, 6);
    const added = Object.fromEntries([...sums].map(([p, sum]) => [stepNames.gradient(p), sum]));
    const found = await runGraph(update, { ...feeds, ...added });
    for (const output of Object.keys(found)) {
      expectClose(found[output]?.data ?? new Float32Array(), expected[output]?.data ?? [], 1e-5);
    }
    expect(Object.keys(found)).toContain(stepNames.gradientNorm);
  });

  it('is the same step in every lowering (compact at 128x96)', async () => {
    const options: ModelOptions = { ...model, network: createNetwork('compact'), width: 128, height: 96 };
    const { graph, parameters } = buildTrainingStep({ ...options, ...settings, weightDecay: 5e-4, clipNorm: 5 });
    const feeds = feedsFor(options, settings.batch, parameters);
    const forms: Lowering[] = [lowerings.cpu, lowerings.webgpu, await chooseLowering(onnxruntime, 'cpu')];
    expect(forms.map(({ maxPool2dGradient }) => maxPool2dGradient)).toEqual(['scatter', 'taps', 'scatter']);
    const [first, ...others] = await Promise.all(forms.map((form) => runGraph(graph, feeds, form)));
    for (const { name, value } of graph.outputs) {
      expect(value.type).toEqual(float32(first?.[name]?.shape ?? []));
      for (const other of others) {
        expectClose(other[name]?.data ?? new Float32Array(), first?.[name]?.data ?? new Float32Array(), 1e-5);
      }
    }
  });
});
