import * as onnxruntime from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { decodeOnnx, encodeOnnx, sizeOf } from '../graph/index.js';
import { createNetwork } from '../network/index.js';
import { createSession } from '../session/index.js';
import { deterministicUniform } from '../testing/deterministic.js';
import { runGraph } from '../testing/run-graph.js';
import { type MethodName, buildInference, inferenceNames, parseMethod } from './index.js';

/** An exported model: weights inside, the batch axis free. */
function exportedModel(name: 'alexnet6' | 'compact', method: MethodName, height: number, width: number): Uint8Array {
  let stream = 0;
  const { graph } = buildInference(
    { method: parseMethod(method), network: createNetwork(name), classes: 2, sharpness: 10, width, height },
    (inside, parameter) => {
      const scale = parameter.fanIn === 0 ? 0.1 : Math.sqrt(6 / parameter.fanIn);
      const data = deterministicUniform(sizeOf(parameter.shape), ++stream, scale);
      return inside.constant(parameter.name, data, parameter.shape);
    },
  );
  return encodeOnnx(graph, { batchDimension: 'batch' });
}

describe('the inference graph', () => {
  it('has no classifier: trunk and localizer only, whatever the method', () => {
    for (const method of ['AvePool', 'STL+AvePool'] as const) {
      const options = { classes: 2, sharpness: 10, width: 128, height: 96 };
      const { graph, parameters } = buildInference({
        ...options,
        method: parseMethod(method),
        network: createNetwork('compact'),
        batch: 3,
      });
      expect(parameters).toHaveLength(14);
      expect(parameters.some(({ name }) => name.startsWith('classifier'))).toBe(false);
      expect(graph.outputs.map(({ name, value }) => [name, value.type.shape])).toEqual([
        [inferenceNames.probabilities, [3, 2]],
        [inferenceNames.activationMaps, [3, 2, 3, 4]],
        [inferenceNames.logits, [3, 2]],
      ]);
    }
  });

  it('of a multi-label model has probabilities that are sigmoids of the logits, each by itself', async () => {
    const options = { classes: 3, sharpness: 10, width: 128, height: 96, multiLabel: true, batch: 2 };
    const { graph, parameters } = buildInference({
      ...options,
      method: parseMethod('AvePool'),
      network: createNetwork('compact'),
    });
    const feeds: Record<string, Float32Array> = { [inferenceNames.images]: deterministicUniform(2 * 96 * 128, 1, 2) };
    parameters.forEach(({ name, shape, fanIn }, i) => {
      feeds[name] = deterministicUniform(sizeOf(shape), i + 2, fanIn === 0 ? 0.1 : Math.sqrt(6 / fanIn));
    });
    const results = await runGraph(graph, feeds);
    const probabilities = [...(results[inferenceNames.probabilities]?.data ?? [])];
    expect(probabilities).toHaveLength(6);
    results[inferenceNames.logits]?.data.forEach((logit, i) => {
      expect(probabilities[i]).toBeCloseTo(1 / (1 + Math.exp(-logit)), 5);
    });
  });

  it('exported, takes only images, and reads no Indices of its poolings', () => {
    const model = decodeOnnx(exportedModel('compact', 'STL+LSE', 96, 128));
    expect(model.graph?.input.map(({ name }) => name)).toEqual([inferenceNames.images]);
    const pools = model.graph?.node.filter(({ opType }) => opType === 'MaxPool') ?? [];
    expect(pools.map(({ output }) => output.length)).toEqual([1, 1, 1]);
  });

  for (const [name, method, height, width] of [
    ['alexnet6', 'STL+LSE', 55, 67],
    ['compact', 'STL+AvePool', 96, 128],
    ['compact', 'MaxPool', 96, 128],
  ] as const) {
    it(`${name} with ${method} at ${width}x${height}: three images at once give what each gives alone`, async () => {
      const session = await createSession(onnxruntime, exportedModel(name, method, height, width));
      try {
        const images = [1, 2, 3].map((stream) => deterministicUniform(height * width, stream, 2));
        const together = Float32Array.from(images.flatMap((image) => [...image]));
        const all = await session.run({ [inferenceNames.images]: { data: together, shape: [3, 1, height, width] } });
        for (const [i, data] of images.entries()) {
          const alone = await session.run({ [inferenceNames.images]: { data, shape: [1, 1, height, width] } });
          for (const output of [inferenceNames.probabilities, inferenceNames.activationMaps]) {
            const [one, three] = [alone[output], all[output]];
            expect([one?.shape[0], three?.shape[0]]).toEqual([1, 3]);
            expect(three?.shape.slice(1)).toEqual(one?.shape.slice(1));
            const size = one?.data.length ?? 0;
            const worst = (one?.data ?? new Float32Array()).reduce(
              (most, value, k) => Math.max(most, Math.abs(value - (three?.data[i * size + k] ?? Number.NaN))),
              0,
            );
            expect(worst).toBeLessThan(1e-5);
          }
          const [negative = 0, positive = 0] = alone[inferenceNames.probabilities]?.data ?? [];
          expect(negative + positive).toBeCloseTo(1, 5);
        }
        // Images that differ give other maps, so the agreement means something.
        const maps = all[inferenceNames.activationMaps]?.data ?? new Float32Array();
        expect(maps.slice(0, maps.length / 3)).not.toEqual(maps.slice(maps.length / 3, (2 * maps.length) / 3));
      } finally {
        await session.release();
      }
    });
  }
});
