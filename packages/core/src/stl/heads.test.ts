import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGraph, differentiate, float32, flatten } from '../graph/index.js';
import { buildClassifier, createNetwork } from '../network/index.js';
import { deterministicUniform } from '../testing/deterministic.js';
import { runGraph } from '../testing/run-graph.js';
import { binaryCrossEntropy, buildActivationMaps, crossEntropy, evidencePenalty, globalPool } from './index.js';

/** Features of one image [1, 2, 1, 3] through `buildActivationMaps`. */
async function mapsOf(classes: number, reference: number | undefined, weight: readonly number[], bias: number[]) {
  const graph = createGraph();
  const features = graph.input('features', float32([1, 2, 1, 3]));
  const values: Record<string, readonly number[]> = { 'localizer.weight': weight, 'localizer.bias': bias };
  const shapes: Record<string, readonly number[]> = {};
  const maps = buildActivationMaps(
    features,
    classes,
    ({ name, shape }) => {
      shapes[name] = shape;
      return graph.constant(name, Float32Array.from(values[name] ?? []), shape);
    },
    reference,
  );
  graph.output('maps', maps);
  const results = await runGraph(graph, { features: Float32Array.of(1, 2, 3, 10, 20, 30) });
  return { shapes, maps: [...(results['maps']?.data ?? [])], shape: results['maps']?.shape };
}

describe('buildActivationMaps', () => {
  it('is a map per class', async () => {
    const { maps, shape } = await mapsOf(2, undefined, [1, 0, 0, 1], [0, 0.5]);
    expect(shape).toEqual([1, 2, 1, 3]);
    expect(maps).toEqual([1, 2, 3, 10.5, 20.5, 30.5]);
  });

  it('has no weights for the reference class, whose map is 0 in its place among the others', async () => {
    const two = await mapsOf(2, 0, [1, 1], [0.5]);
    expect(two.shapes).toEqual({ 'localizer.weight': [1, 2, 1, 1], 'localizer.bias': [1] });
    expect(two.maps).toEqual([0, 0, 0, 11.5, 22.5, 33.5]);
    expect((await mapsOf(2, 1, [1, 1], [0.5])).maps).toEqual([11.5, 22.5, 33.5, 0, 0, 0]);
    const middle = await mapsOf(3, 1, [1, 0, 0, 1], [0, 0.5]);
    expect(middle.maps).toEqual([1, 2, 3, 0, 0, 0, 10.5, 20.5, 30.5]);
  });
});

describe('evidencePenalty', () => {
  it("is the mean square of the other classes' maps over the minibatch, each image with its weight", async () => {
    const graph = createGraph();
    const maps = graph.input('maps', float32([2, 3, 1, 2]));
    const penalty = evidencePenalty(maps, graph.input('targets', float32([2, 3])), 1);
    graph.output('penalty', penalty);
    graph.output('gradient', differentiate(graph, penalty, [maps])[0] ?? maps);
    const values = [1, 2, 50, 60, 3, 4, -5, 6, 70, 80, -7, 8];
    // The first image counts twice, the second once.
    const targets = Float32Array.of(0, 2, 0, 1, 0, 0);
    const results = await runGraph(graph, { maps: Float32Array.from(values), targets });
    const [first, second] = [1 + 4 + 9 + 16, 25 + 36 + 49 + 64];
    expect(results['penalty']?.data[0]).toBeCloseTo((2 * first + second) / (2 * 2 * 2), 4);
    const others = [1, 2, 0, 0, 3, 4, -5, 6, 0, 0, -7, 8];
    const gradient = others.map((value, i) => ((i < 6 ? 2 : 1) * 2 * value) / 8);
    expect([...(results['gradient']?.data ?? [])]).toEqual(gradient);
  });
});

describe('crossEntropy', () => {
  async function lossOf(logits: readonly number[], targets: readonly number[], classes: number): Promise<number> {
    const graph = createGraph();
    const shape = [logits.length / classes, classes];
    graph.output('loss', crossEntropy(graph.input('logits', float32(shape)), graph.input('targets', float32(shape))));
    const feeds = { logits: Float32Array.from(logits), targets: Float32Array.from(targets) };
    return (await runGraph(graph, feeds))['loss']?.data[0] ?? Number.NaN;
  }

  it('is -sum(t log softmax) averaged over the minibatch', async () => {
    // Row 1: softmax (1/4, 3/4), class 1; row 2: softmax (1/2, 1/2), class 0.
    const loss = await lossOf([0, Math.log(3), 5, 5], [0, 1, 1, 0], 2);
    expect(loss).toBeCloseTo((Math.log(4 / 3) + Math.log(2)) / 2, 6);
  });

  it('rows of zeros add nothing, but count in the average; a weight of 3 counts three times', async () => {
    expect(await lossOf([0, Math.log(3), 70, -5], [0, 1, 0, 0], 2)).toBeCloseTo(Math.log(4 / 3) / 2, 6);
    expect(await lossOf([0, Math.log(3)], [0, 3], 2)).toBeCloseTo(3 * Math.log(4 / 3), 6);
  });

  it('is finite for logits of any size', async () => {
    expect(await lossOf([1e4, -1e4], [0, 1], 2)).toBeCloseTo(2e4, 0);
    expect(Math.abs(await lossOf([1e4, -1e4], [1, 0], 2))).toBe(0);
  });

  it('equals a direct evaluation for random logits of three classes', async () => {
    const logits = fc.array(
      fc.integer({ min: -40, max: 40 }).map((i) => i / 8),
      { minLength: 6, maxLength: 6 },
    );
    const property = fc.asyncProperty(logits, fc.nat({ max: 2 }), fc.nat({ max: 2 }), async (values, first, second) => {
      const rows = [values.slice(0, 3), values.slice(3)];
      const expected = rows.reduce((sum, row, i) => {
        const share = Math.exp(row[i === 0 ? first : second] ?? 0) / row.reduce((total, x) => total + Math.exp(x), 0);
        return sum - Math.log(share) / 2;
      }, 0);
      const targets = [first, second].flatMap((label) => [0, 1, 2].map((k) => (k === label ? 1 : 0)));
      expect(await lossOf(values, targets, 3)).toBeCloseTo(expected, 5);
    });
    await fc.assert(property, { seed: 1, numRuns: 15 });
  });
});

describe('binaryCrossEntropy', () => {
  async function lossOf(logits: readonly number[], targets: readonly number[], classes: number) {
    const graph = createGraph();
    const shape = [logits.length / classes, classes];
    const x = graph.input('logits', float32(shape));
    const loss = binaryCrossEntropy(x, graph.input('targets', float32(shape)));
    graph.output('loss', loss);
    graph.output('gradient', differentiate(graph, loss, [x])[0] ?? x);
    const feeds = { logits: Float32Array.from(logits), targets: Float32Array.from(targets) };
    const results = await runGraph(graph, feeds);
    return { loss: results['loss']?.data[0] ?? Number.NaN, gradient: [...(results['gradient']?.data ?? [])] };
  }

  it('is -log p of each class that is there and -log(1 - p) of each other, summed, averaged over the minibatch', async () => {
    // Probabilities 3/4 (there), 1/2 (not); 1/4 (not), 1/2 (there).
    const { loss, gradient } = await lossOf([Math.log(3), 0, -Math.log(3), 0], [1, -1, -1, 1], 2);
    expect(loss).toBeCloseTo((Math.log(4 / 3) + Math.log(2) + Math.log(4 / 3) + Math.log(2)) / 2, 6);
    // (p - t) / N, at a logit of exactly 0 too.
    [3 / 4 - 1, 1 / 2, 1 / 4, 1 / 2 - 1].forEach((value, i) => expect(gradient[i]).toBeCloseTo(value / 2, 6));
  });

  it('a target of 0 adds nothing, one of 3 counts three times, and logits of any size are finite', async () => {
    expect(await lossOf([5, Math.log(3)], [0, -3], 2)).toMatchObject({ loss: expect.closeTo(3 * Math.log(4), 5) });
    const large = await lossOf([1e4, -1e4, 1e4, -1e4], [1, -1, -1, 1], 2);
    expect(large.loss).toBeCloseTo(1e4, 0);
    expect(large.gradient).toEqual([0, 0, 0.5, -0.5]);
  });
});

describe('the two heads', () => {
  it('are different functions: moving the features about changes the classifier, not the average-pooled localizer', async () => {
    const [channels, cells] = [6, 12];
    const graph = createGraph();
    const features = graph.input('features', float32([1, channels, 3, 4]));
    let stream = 0;
    const parameter = ({ name, shape }: { name: string; shape: readonly number[] }) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return graph.constant(name, deterministicUniform(size, ++stream, 0.5), shape);
    };
    const network = createNetwork('compact', { classifier: [16] });
    const maps = buildActivationMaps(features, 2, parameter);
    graph.output('localizer', globalPool('average', { maps, features, parameter, sharpness: 10, topShare: 1 }).logits);
    graph.output(
      'classifier',
      buildClassifier(flatten(features), network, 2, parameter, () => undefined),
    );
    const data = deterministicUniform(channels * cells, 90, 1).map(Math.abs);
    // The same permutation of the cells in every channel.
    const moved = data.map((_, i) => data[Math.floor(i / cells) * cells + (((i % cells) * 5 + 3) % cells)] ?? 0);
    const before = await runGraph(graph, { features: data });
    const after = await runGraph(graph, { features: moved });
    for (const k of [0, 1]) {
      const [x, y] = [before['localizer']?.data[k] ?? 0, after['localizer']?.data[k] ?? 0];
      expect(Math.abs(x - y)).toBeLessThan(1e-6);
      const [p, q] = [before['classifier']?.data[k] ?? 0, after['classifier']?.data[k] ?? 0];
      expect(Math.abs(p - q)).toBeGreaterThan(1e-2);
    }
  });
});
