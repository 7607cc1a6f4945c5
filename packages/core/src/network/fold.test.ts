import { describe, expect, it } from 'vitest';
import { createGraph, float32, sizeOf } from '../graph/index.js';
import { deterministicUniform } from '../testing/deterministic.js';
import { runGraph } from '../testing/run-graph.js';
import { type Network, type Parameter, buildTrunk, createNetwork, foldBatchNormalization } from './index.js';

const [height, width] = [18, 23];

function graphOf(network: Network) {
  const graph = createGraph();
  const parameters: Parameter[] = [];
  const images = graph.input('images', float32([2, 1, height, width]));
  const features = buildTrunk(images, network, (parameter) => {
    parameters.push(parameter);
    return graph.input(parameter.name, float32(parameter.shape));
  });
  graph.output('features', features);
  return { graph, parameters };
}

describe('foldBatchNormalization', () => {
  const network = createNetwork('field', { width: 1 / 3 });
  const { graph, parameters } = graphOf(network);
  const tensors = new Map(
    parameters.map(({ name, shape }, index) => {
      const values = deterministicUniform(sizeOf(shape), index, 0.5);
      // Variances, and scales, are above 0; far from 1, so that a factor lost would show.
      const positive = name.endsWith('variance') || name.endsWith('scale');
      return [name, { shape, data: positive ? values.map((value) => 0.7 + value) : values }] as const;
    }),
  );

  it('gives a network without normalization that computes the same', async () => {
    const folded = foldBatchNormalization(network, tensors);
    expect(folded.network.trunk.every((layer) => !('normalization' in layer))).toBe(true);
    const plain = graphOf(folded.network);
    expect(plain.parameters.map(({ name }) => name).toSorted()).toEqual([...folded.tensors.keys()].toSorted());
    const images = { images: deterministicUniform(2 * height * width, 77, 2) };
    const feeds = (from: ReadonlyMap<string, { data: Float32Array }>) =>
      Object.fromEntries([...from].map(([name, { data }]) => [name, data]));
    const before = (await runGraph(graph, { ...feeds(tensors), ...images }))['features']?.data ?? new Float32Array();
    const after = (await runGraph(plain.graph, { ...feeds(folded.tensors), ...images }))['features']?.data;
    const largest = before.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largest).toBeGreaterThan(0.1);
    before.forEach((value, i) => expect(Math.abs((after?.[i] ?? Number.NaN) - value) / largest).toBeLessThan(1e-5));
  });

  it('leaves what is missing missing, and a network without batch normalization as it is', () => {
    const fewer = new Map([...tensors].filter(([name]) => name !== 'conv3.mean'));
    const names = [...foldBatchNormalization(network, fewer).tensors.keys()];
    expect(names.filter((name) => name.startsWith('conv3'))).toEqual([]);
    expect(names).toContain('conv2.bias');
    const compact = createNetwork('compact');
    const same = foldBatchNormalization(compact, tensors);
    expect(same.network).toEqual(compact);
    expect(same.tensors).toEqual(tensors);
  });
});
