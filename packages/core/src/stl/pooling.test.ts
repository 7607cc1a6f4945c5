import { describe, expect, it } from 'vitest';
import { createGraph, differentiate, float32, reduceSum, sizeOf } from '../graph/index.js';
import type { Parameter } from '../network/index.js';
import { deterministicUniform } from '../testing/deterministic.js';
import { runGraph } from '../testing/run-graph.js';
import { thrownBy } from '../testing/thrown.js';
import { type GlobalPooling, buildActivationMaps, globalPool } from './index.js';

function noParameter({ name }: Parameter): never {
  throw new Error(`the pooling asked for ${name}`);
}

/** Pools one map of four activations; also dLogit/dActivation. */
async function pool(activations: readonly number[], pooling: GlobalPooling, sharpness = 10, topShare = 0.5) {
  const graph = createGraph();
  const maps = graph.input('maps', float32([1, 1, 2, 2]));
  const { logits: logit } = globalPool(pooling, { maps, features: maps, parameter: noParameter, sharpness, topShare });
  expect(logit.type.shape).toEqual([1, 1]);
  const [gradient] = differentiate(graph, reduceSum(logit, [0, 1]), [maps]);
  graph.output('logit', logit);
  graph.output('gradient', gradient ?? maps);
  const results = await runGraph(graph, { maps: Float32Array.from(activations) });
  return { logit: results['logit']?.data[0] ?? Number.NaN, gradient: [...(results['gradient']?.data ?? [])] };
}

describe('globalPool', () => {
  const activations = [-1, 0.5, 2, 0.1];

  it('max and average are the maximum and the mean', async () => {
    expect((await pool(activations, 'max')).logit).toBe(2);
    expect((await pool(activations, 'average')).logit).toBeCloseTo(0.4, 6);
  });

  it('LSE is log(mean(exp(r x))) / r, and its gradient is the softmax of r x', async () => {
    for (const r of [0.5, 3, 10]) {
      const { logit, gradient } = await pool(activations, 'lse', r);
      const powers = activations.map((x) => Math.exp(r * x));
      const sum = powers.reduce((a, b) => a + b, 0);
      expect(logit).toBeCloseTo(Math.log(sum / 4) / r, 5);
      powers.forEach((power, i) => expect(gradient[i]).toBeCloseTo(power / sum, 5));
    }
  });

  it('LSE tends to the average for small r and to the maximum for large r', async () => {
    expect((await pool(activations, 'lse', 0.005)).logit).toBeCloseTo(0.4, 2);
    expect((await pool(activations, 'lse', 1000)).logit).toBeCloseTo(2, 2);
  });

  it('LSE does not overflow: activations of 10,000 give finite logits and gradients', async () => {
    const { logit, gradient } = await pool([1e4, -1e4, 9999, 0], 'lse', 10);
    // exp(10 * 9999) is exp(-10) times the largest term.
    expect(logit).toBeCloseTo(1e4 - Math.log(4) / 10, 2);
    expect(gradient[0]).toBeCloseTo(1, 3);
    expect(gradient[1]).toBe(0);
    expect((await pool([-1e4, -1e4, -1e4, -1e4], 'lse', 10)).logit).toBeCloseTo(-1e4, 2);
  });

  it('LSE refuses a sharpness that is not positive; the other poolings ignore it', () => {
    const maps = createGraph().input('maps', float32([1, 1, 2, 2]));
    for (const sharpness of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const input = { maps, features: maps, parameter: noParameter, sharpness, topShare: 0.5 };
      const error = thrownBy(() => globalPool('lse', input));
      expect(error.code).toBe('usage');
      expect(error.message).toContain(String(sharpness));
      expect(thrownBy(() => globalPool('learnedLse', input)).message).toContain(String(sharpness));
      expect(globalPool('average', input).logits.type.shape).toEqual([1, 1]);
    }
  });

  it('top-k is the mean of the k largest, and at least of one', async () => {
    expect((await pool(activations, 'topK', 10, 0.5)).logit).toBeCloseTo((2 + 0.5) / 2, 6);
    expect((await pool(activations, 'topK', 10, 0.5)).gradient).toEqual([0, 0.5, 0.5, 0]);
    expect((await pool(activations, 'topK', 10, 0.01)).logit).toBe(2);
    expect((await pool(activations, 'topK', 10, 1)).logit).toBeCloseTo(0.4, 6);
    // Of three equal ones of which one still counts, each has a third.
    const tied = await pool([1, 1, 3, 1], 'topK', 10, 0.5);
    expect(tied.logit).toBe(2);
    tied.gradient.forEach((value, i) => expect(value).toBeCloseTo(i === 2 ? 1 / 2 : 1 / 6, 6));
    const maps = createGraph().input('maps', float32([1, 1, 2, 2]));
    for (const topShare of [0, 1.1, Number.NaN]) {
      const input = { maps, features: maps, parameter: noParameter, sharpness: 10, topShare };
      expect(thrownBy(() => globalPool('topK', input)).code).toBe('usage');
    }
  });

  it('PCAM weights cells by their probability', async () => {
    const { logit } = await pool(activations, 'pcam');
    const p = activations.map((x) => 1 / (1 + Math.exp(-x)));
    const total = p.reduce((a, b) => a + b, 0);
    expect(logit).toBeCloseTo(
      activations.reduce((sum, x, i) => sum + (x * (p[i] ?? 0)) / total, 0),
      5,
    );
  });

  it('PCAM is finite for activations of any size', async () => {
    const low = await pool([-400, -300, -300, -500], 'pcam');
    expect(low.logit).toBeCloseTo(-300, 3);
    for (const { logit, gradient } of [low, await pool([1e4, -1e4, 0, 5], 'pcam')]) {
      expect([logit, ...gradient].every(Number.isFinite)).toBe(true);
    }
  });

  it('learned LSE is LSE at first, and its r stays positive', async () => {
    const learned = async (rho: number) => {
      const graph = createGraph();
      const maps = graph.input('maps', float32([1, 1, 2, 2]));
      const parameter = ({ name, shape }: Parameter) => graph.constant(name, Float32Array.of(rho), shape);
      const input = { maps, features: maps, parameter, sharpness: 3, topShare: 1 };
      graph.output('logit', globalPool('learnedLse', input).logits);
      return (await runGraph(graph, { maps: Float32Array.from(activations) }))['logit']?.data[0];
    };
    for (const rho of [0, -2, 1]) {
      expect(await learned(rho)).toBeCloseTo((await pool(activations, 'lse', 3 * Math.exp(rho))).logit, 5);
    }
  });

  it('attention returns maps whose mean is the logit, and attends to cells by their features', async () => {
    for (const pooling of ['attention', 'gatedAttention'] as const) {
      const graph = createGraph();
      const features = graph.input('features', float32([2, 3, 2, 2]));
      let stream = 7;
      const parameter = ({ name, shape }: Parameter) =>
        graph.constant(name, deterministicUniform(sizeOf(shape), ++stream, 1), shape);
      const maps = buildActivationMaps(features, 2, parameter);
      const pooled = globalPool(pooling, { maps, features, parameter, sharpness: 10, topShare: 1 });
      graph.output('logits', pooled.logits);
      graph.output('shares', pooled.maps);
      graph.output('maps', maps);
      const { logits, shares, maps: plain } = await runGraph(graph, { features: deterministicUniform(24, 1, 2) });
      expect(shares?.shape).toEqual([2, 2, 2, 2]);
      for (const row of [0, 1, 2, 3]) {
        const own = [...(shares?.data.slice(4 * row, 4 * row + 4) ?? [])];
        expect(own.reduce((a, b) => a + b, 0) / 4).toBeCloseTo(logits?.data[row] ?? Number.NaN, 5);
        // One attention for both classes: the shares over the activations are the same, and sum to the number of cells.
        const attention = own.map((value, i) => value / (plain?.data[4 * row + i] ?? 0));
        expect(attention.reduce((a, b) => a + b, 0)).toBeCloseTo(4, 3);
        const other = row % 2 === 0 ? row + 1 : row - 1;
        attention.forEach((value, i) => {
          expect(value).toBeCloseTo((shares?.data[4 * other + i] ?? 0) / (plain?.data[4 * other + i] ?? 0), 3);
        });
        expect(new Set(attention.map((value) => value.toFixed(3))).size).toBeGreaterThan(1);
      }
    }
  });
});
