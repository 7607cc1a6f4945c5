import { createHash } from 'node:crypto';
import { Random, createNetwork, parseMethod } from '@weakspot/core';
import * as onnxruntime from 'onnxruntime-node';
import { afterEach, describe, expect, it } from 'vitest';
import { failureOf } from '../data/testing/files.js';
import type { PartialConfig, RunConfig } from '../run/config.js';
import { modelOptions } from '../run/model-options.js';
import { encodeSafetensors } from '../run/safetensors.js';
import { minibatchTargets } from './minibatches.js';
import { tinyConfig } from './testing/runs.js';
import { watchRuntime } from './testing/watched-runtime.js';
import { type StepInput, Trainer } from './trainer.js';

const PIXELS = 64 * 64;
const twoClasses = { classes: ['clear', 'lesion'], positive: 1 };
const trainers: Trainer[] = [];
afterEach(async () => {
  for (const trainer of trainers.splice(0)) await trainer.release();
});

/** Plain SGD: no momentum, no decay, no clipping, no dropout. */
const plain = { network: { classifier: [8], dropout: 0 }, optimizer: { momentum: 0, weightDecay: 0, clipNorm: null } };

async function trainerOf(
  changes: PartialConfig = plain,
  start?: Parameters<typeof Trainer.create>[3],
): Promise<Trainer> {
  const config: RunConfig = tinyConfig('unused', changes);
  const trainer = await Trainer.create(onnxruntime, config, modelOptions(config, twoClasses), start);
  trainers.push(trainer);
  return trainer;
}

/** Noise; image i of class 1 has a bright square at a random place. */
function image(i: number, label: number): Float32Array {
  const random = new Random(5, i);
  const pixels = Float32Array.from({ length: PIXELS }, () => 0.3 * random.normal());
  const [left, top] = [random.integer(44), random.integer(44)];
  for (let p = 0; p < (label === 1 ? 400 : 0); p++) pixels[(top + Math.floor(p / 20)) * 64 + left + (p % 20)] = 3;
  return pixels;
}

function stepOf(members: readonly number[], index = 0, learningRate = 0.01, alpha = 0.5): StepInput {
  const labels = members.map((i) => i % 2);
  const images = new Float32Array(4 * PIXELS);
  members.forEach((i, row) => images.set(image(i, i % 2), row * PIXELS));
  return { images, targets: minibatchTargets(labels, 4, [1, 1]), alpha, learningRate, index };
}

/** Weights and momentum as one checkpoint's bytes, for comparing to the last bit: the runner's own comparison is slow. */
async function bitsOf(trainer: Trainer): Promise<string> {
  const { parameters, momentum } = await trainer.state();
  const hash = createHash('sha256');
  for (const tensors of [parameters, momentum]) hash.update(encodeSafetensors({ tensors, metadata: {} }));
  return hash.digest('hex');
}

type Values = Map<string, Float32Array>;
const valuesOf = async (trainer: Trainer): Promise<Values> =>
  new Map([...(await trainer.state()).parameters].map(([name, { data }]) => [name, data.slice()]));
const difference = (after: Values, before: Values): Values =>
  new Map(
    [...after].map(([name, data]) => [name, data.map((value, i) => value - (before.get(name)?.[i] ?? Number.NaN))]),
  );
const normOf = (values: Values): number =>
  Math.sqrt([...values.values()].reduce((sum, data) => data.reduce((a, b) => a + b * b, sum), 0));
/** Change of all weights by one first step. */
async function changeBy(
  changes: PartialConfig,
  learningRate: number,
): Promise<{ before: Values; change: Values; gradientNorm: number }> {
  const trainer = await trainerOf(changes);
  const before = await valuesOf(trainer);
  const { gradientNorm } = await trainer.step(stepOf([0, 1, 2, 3], 0, learningRate));
  return { before, change: difference(await valuesOf(trainer), before), gradientNorm };
}

describe('a step of training', () => {
  it('lowers the loss of a separable problem to a small part', async () => {
    const trainer = await trainerOf({ network: { classifier: [8], dropout: 0 } });
    const losses: number[] = [];
    for (let index = 0; index < 40; index++) {
      const members = [0, 1, 2, 3].map((i) => (4 * index + i) % 16);
      losses.push((await trainer.step(stepOf(members, index, 0.01))).loss);
    }
    const mean = (values: number[]): number => values.reduce((a, b) => a + b) / values.length;
    expect(mean(losses.slice(0, 4))).toBeGreaterThan(0.5);
    expect(mean(losses.slice(-4))).toBeLessThan(0.2);
    // Six images, one minibatch and a half: those of class 1 are told from the others, none is seen in training.
    const unseen = [100, 101, 102, 103, 104, 105];
    const probabilities = await trainer.probabilities(Float32Array.from(unseen.flatMap((i) => [...image(i, i % 2)])));
    expect(probabilities).toHaveLength(12);
    unseen.forEach((i, row) => expect(probabilities[2 * row + (i % 2)]).toBeGreaterThan(0.5));
    // What stands beside an image in a minibatch changes nothing about it.
    const alone = await trainer.probabilities(image(105, 1));
    expect([...alone]).toEqual([...probabilities.subarray(10)]);
  });

  it('without momentum, decay and clipping is w - learningRate * g, g of the norm that is reported', async () => {
    const small = await changeBy(plain, 0.01);
    const large = await changeBy(plain, 0.04);
    expect(small.gradientNorm).toBeGreaterThan(0.1);
    expect(normOf(small.change) / (0.01 * small.gradientNorm)).toBeCloseTo(1, 3);
    // The same g, whatever the learning rate: four times the change, in every value.
    const scaled = new Map([...small.change].map(([name, data]) => [name, data.map((value) => 4 * value)]));
    expect(normOf(difference(large.change, scaled)) / normOf(large.change)).toBeLessThan(1e-3);
  });

  it('goes down the slope: the loss falls by about learningRate * |g|^2', async () => {
    const trainer = await trainerOf();
    const rate = 1e-4;
    const first = await trainer.step(stepOf([0, 1, 2, 3], 0, rate));
    const second = await trainer.step(stepOf([0, 1, 2, 3], 1, rate));
    expect((first.loss - second.loss) / (rate * first.gradientNorm ** 2)).toBeGreaterThan(0.8);
    expect((first.loss - second.loss) / (rate * first.gradientNorm ** 2)).toBeLessThan(1.2);
  });

  it('with momentum adds 0.9 of the last change', async () => {
    const optimizer = { ...plain.optimizer, momentum: 0.9 };
    const trainer = await trainerOf({ ...plain, optimizer });
    const start = await valuesOf(trainer);
    await trainer.step(stepOf([0, 1, 2, 3], 0, 0.01));
    const middle = await valuesOf(trainer);
    // At learning rate 0 nothing but the momentum moves the weights.
    await trainer.step(stepOf([0, 1, 2, 3], 1, 0));
    const first = difference(middle, start);
    const second = difference(await valuesOf(trainer), middle);
    expect(normOf(second) / normOf(first)).toBeCloseTo(0.9, 4);
    const expected = new Map([...first].map(([name, data]) => [name, data.map((value) => 0.9 * value)]));
    expect(normOf(difference(second, expected)) / normOf(first)).toBeLessThan(1e-3);
  });

  it('clips: the change has the norm learningRate * clipNorm and the direction of g', async () => {
    const free = await changeBy(plain, 0.05);
    const clipNorm = free.gradientNorm / 10;
    const clipped = await changeBy({ ...plain, optimizer: { ...plain.optimizer, clipNorm } }, 0.5);
    expect(clipped.gradientNorm).toBeCloseTo(free.gradientNorm, 4);
    expect(normOf(clipped.change) / (0.5 * clipNorm)).toBeCloseTo(1, 3);
    expect(normOf(difference(clipped.change, free.change)) / normOf(free.change)).toBeLessThan(1e-3);
  });

  it('a limit above the norm changes nothing', async () => {
    const free = await changeBy(plain, 0.05);
    const limited = await changeBy({ ...plain, optimizer: { ...plain.optimizer, clipNorm: 1e6 } }, 0.05);
    expect(normOf(difference(limited.change, free.change)) / normOf(free.change)).toBeLessThan(1e-5);
  });

  it('weight decay takes learningRate * weightDecay * w off the weights, and nothing off the biases', async () => {
    const [rate, weightDecay] = [0.1, 0.5];
    // After one step the biases are not zero any more.
    const start = await trainerOf();
    await start.step(stepOf([0, 1, 2, 3], 0, 0.05));
    const state = await start.state();
    const changes: Values[] = [];
    for (const decay of [0, weightDecay]) {
      const trainer = await trainerOf({ ...plain, optimizer: { ...plain.optimizer, weightDecay: decay } }, state);
      await trainer.step(stepOf([0, 1, 2, 3], 1, rate));
      changes.push(await valuesOf(trainer));
    }
    const decayed = difference(changes[1] as Values, changes[0] as Values);
    for (const [name, data] of decayed) {
      const before = state.parameters.get(name)?.data ?? new Float32Array();
      if (name.endsWith('.bias')) {
        expect(normOf(new Map([[name, before]])), name).toBeGreaterThan(0);
        expect(normOf(new Map([[name, data]])), name).toBe(0);
      } else {
        const expected = before.map((value) => -rate * weightDecay * value);
        expect(
          normOf(difference(new Map([[name, data]]), new Map([[name, expected]]))) /
            normOf(new Map([[name, expected]])),
          name,
        ).toBeLessThan(1e-3);
      }
    }
  });

  it('of a partial minibatch is the mean over the images there are', async () => {
    const partial = await trainerOf();
    const full = await trainerOf();
    const [a, b] = [await partial.step(stepOf([0, 1])), await full.step(stepOf([0, 1, 0, 1]))];
    expect(a.loss).toBeCloseTo(b.loss, 5);
    expect(a.gradientNorm / b.gradientNorm).toBeCloseTo(1, 4);
    const start = await valuesOf(await trainerOf());
    const change = difference(await valuesOf(full), start);
    expect(normOf(difference(await valuesOf(partial), await valuesOf(full))) / normOf(change)).toBeLessThan(1e-3);
  });

  it('is the same to the last bit alone and among others in one call', async () => {
    const [alone, together] = [await trainerOf({}), await trainerOf({})];
    const inputs = [stepOf([0, 1, 2, 3], 0), stepOf([4, 5, 6, 7], 1), stepOf([8, 9], 2)];
    const single = [];
    for (const input of inputs) single.push(await alone.step(input));
    expect(await together.steps(inputs)).toEqual(single);
    expect(await bitsOf(together)).toBe(await bitsOf(alone));
    expect(await together.steps([])).toEqual([]);
  });

  it('is the same in parts whose gradients add up', async () => {
    const changes = { network: { classifier: [8], dropout: 0.5 }, optimizer: { clipNorm: 0.5 } };
    const [whole, parts] = [await trainerOf(changes), await trainerOf({ ...changes, accumulate: 2 })];
    const before = await valuesOf(whole);
    // The last minibatch is a partial one.
    for (const input of [stepOf([0, 1, 2, 3], 0), stepOf([4, 5, 6], 1)]) {
      const [a, b] = [await whole.step(input), await parts.step(input)];
      for (const key of ['loss', 'classifierLoss', 'localizerLoss', 'gradientNorm'] as const) {
        expect((b[key] ?? 0) / (a[key] ?? Number.NaN), key).toBeCloseTo(1, 4);
      }
    }
    const change = difference(await valuesOf(whole), before);
    expect(normOf(difference(await valuesOf(parts), await valuesOf(whole))) / normOf(change)).toBeLessThan(1e-4);
    const images = stepOf([0, 1, 2, 3]).images;
    const [a, b] = [await whole.probabilities(images), await parts.probabilities(images)];
    b.forEach((value, index) => expect(value).toBeCloseTo(a[index] ?? Number.NaN, 4));
  });

  it('that diverges among others leaves the weights as they were before the call', async () => {
    const trainer = await trainerOf({});
    const before = await bitsOf(trainer);
    const inputs = [stepOf([0, 1, 2, 3], 0), stepOf([0, 1, 2, 3], 1, Infinity), stepOf([0, 1, 2, 3], 2)];
    const error = await failureOf(() => trainer.steps(inputs));
    expect(error.code).toBe('diverged');
    expect(await bitsOf(trainer)).toBe(before);
    expect((await trainer.step(stepOf([0, 1, 2, 3], 0))).loss).toBeGreaterThan(0);
  });

  it('weighs the two losses by alpha', async () => {
    const trainer = await trainerOf();
    const { loss, classifierLoss, localizerLoss } = await trainer.step(stepOf([0, 1, 2, 3], 0, 0.01, 0.2));
    expect(loss).toBeCloseTo(0.8 * (classifierLoss ?? Number.NaN) + 0.2 * localizerLoss, 5);
    expect(classifierLoss).not.toBeCloseTo(localizerLoss, 3);
  });

  it('of a method without classifier has the localizer alone', async () => {
    const trainer = await trainerOf({ ...plain, method: 'AvePool' });
    const { loss, classifierLoss, localizerLoss } = await trainer.step(stepOf([0, 1, 2, 3]));
    expect(classifierLoss).toBeNull();
    expect(loss).toBe(localizerLoss);
    expect(trainer.parameters.some(({ name }) => name.startsWith('classifier'))).toBe(false);
  });

  it('draws its dropout by seed and index: equal steps are equal, another index is another', async () => {
    const losses: number[] = [];
    for (const index of [3, 3, 4]) losses.push((await (await trainerOf({})).step(stepOf([0, 1, 2, 3], index))).loss);
    expect(losses[1]).toBe(losses[0]);
    expect(losses[2]).not.toBe(losses[0]);
  });
});

describe('divergence', () => {
  it.each([Infinity, Number.NaN])(
    'an input of %s is told and leaves weights and momentum as they were',
    async (value) => {
      const trainer = await trainerOf({});
      await trainer.step(stepOf([0, 1, 2, 3]));
      const before = await bitsOf(trainer);
      const input = stepOf([0, 1, 2, 3], 1);
      input.images[100] = value;
      const error = await failureOf(() => trainer.step(input));
      expect(error.code).toBe('diverged');
      expect(error.hint).toContain('learning rate');
      expect(await bitsOf(trainer)).toBe(before);
      expect((await trainer.step(stepOf([0, 1, 2, 3], 1))).loss).toBeGreaterThan(0);
    },
  );

  it('a learning rate of 1e30 is told within two steps', async () => {
    const trainer = await trainerOf();
    const error = await failureOf(async () => {
      for (const index of [0, 1]) await trainer.step(stepOf([0, 1, 2, 3], index, 1e30));
    });
    expect(error.code).toBe('diverged');
  });

  it('weights that are not finite are never given to a checkpoint', async () => {
    const trainer = await trainerOf();
    await trainer.step(stepOf([0, 1, 2, 3], 0, 3e38 * 10));
    expect((await failureOf(() => trainer.state())).code).toBe('diverged');
  });
});

describe('what a trainer holds', () => {
  it('is one state between steps and two during one, also after one that diverged; released, nothing', async () => {
    const { runtime, sessions, tensors } = watchRuntime();
    const config = tinyConfig('unused');
    const trainer = await Trainer.create(runtime, config, modelOptions(config, twoClasses), undefined);
    // Weights and momentum of every parameter.
    const state = 2 * trainer.parameters.length;
    for (const index of [0, 1, 2, 3]) {
      await trainer.step(stepOf([0, 1, 2, 3], index));
      expect(tensors.held).toBe(state);
    }
    const input = stepOf([0, 1, 2, 3], 4);
    input.images[0] = Number.NaN;
    await failureOf(() => trainer.step(input));
    expect(tensors).toEqual({ made: 5 * state, held: state, most: 2 * state });
    await trainer.release();
    expect([sessions.held, tensors.held]).toEqual([0, 0]);
    await failureOf(() => trainer.state());
  });
});

describe('Trainer.create', () => {
  it('starts from the seed: the same weights again, others with another seed', async () => {
    const trained = [await trainerOf(), await trainerOf(), await trainerOf({ ...plain, seed: 8 })];
    const [a, b, c] = await Promise.all(trained.map(bitsOf));
    expect(b).toBe(a);
    expect(c).not.toBe(a);
  });

  it('goes on from a checkpoint as if never stopped, to the last bit', async () => {
    const whole = await trainerOf({});
    await whole.step(stepOf([0, 1, 2, 3], 0));
    const resumed = await trainerOf({}, await whole.state());
    for (const trainer of [whole, resumed]) await trainer.step(stepOf([4, 5, 6, 7], 1));
    expect(await bitsOf(resumed)).toBe(await bitsOf(whole));
  });

  it('refuses a checkpoint of another network, naming tensor and shapes', async () => {
    const { parameters, momentum } = await (await trainerOf()).state();
    const wider = await failureOf(() =>
      trainerOf({ ...plain, network: { classifier: [9], dropout: 0 } }, { parameters, momentum }),
    );
    expect(wider.code).toBe('model');
    expect(wider.message).toMatch(/"classifier1\.weight" is \[\d+, 8\], the network's \[\d+, 9\]/);
    const without = new Map([...momentum].filter(([name]) => name !== 'conv1.bias'));
    const missing = await failureOf(() => trainerOf(plain, { parameters, momentum: without }));
    expect(missing.message).toContain('"conv1.bias/momentum" is missing');
  });

  it('refuses an input too small for the network', async () => {
    const config = tinyConfig('unused', { preprocessing: { width: 10, height: 10 }, network: { name: 'alexnet6' } });
    const options = {
      ...modelOptions(config, twoClasses),
      method: parseMethod('AvePool'),
      network: createNetwork('alexnet6'),
    };
    expect((await failureOf(() => Trainer.create(onnxruntime, config, options, undefined))).code).toBe('usage');
  });
});
