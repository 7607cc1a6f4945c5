import { describe, expect, it } from 'vitest';
import { runGraph } from '../testing/run-graph.js';
import { thrownBy } from '../testing/thrown.js';
import {
  type Graph,
  type Value,
  cast,
  conv2d,
  createGraph,
  differentiate,
  exp,
  float32,
  greater,
  maxPool2d,
  mul,
  reduceMax,
  reduceSum,
  relu,
  scale,
  stopGradient,
  sub,
  verify,
} from './index.js';

const everyAxis = (x: Value): number[] => x.type.shape.map((_, axis) => axis);
const total = (x: Value): Value => reduceSum(x, everyAxis(x));

/** Runs the gradients of `loss` on the fed tensors. */
async function gradientsOf(
  graph: Graph,
  loss: Value,
  sources: readonly Value[],
  feeds: Record<string, Float32Array>,
): Promise<number[][]> {
  differentiate(graph, loss, sources).forEach((gradient, i) => graph.output(`gradient${i}`, gradient as Value));
  const results = await runGraph(graph, feeds);
  return sources.map((_, i) => [...(results[`gradient${i}`]?.data ?? [])]);
}

describe('differentiate', () => {
  it('refuses a loss that is not a float32 scalar, naming it and its type', () => {
    const graph = createGraph();
    const x = graph.input('x', float32([2]));
    for (const [loss, type] of [
      [relu(x), 'float32[2]'],
      [cast(total(x), 'bool'), 'bool[]'],
    ] as const) {
      const error = thrownBy(() => differentiate(graph, loss, [x]));
      expect(error.code).toBe('graph');
      expect(error.message).toBe(`The loss "${loss.name}" must be a float32 scalar; it is ${type}.`);
    }
  });

  it('a source that the loss does not depend on has no gradient, and no node is added for it', () => {
    const graph = createGraph();
    const x = graph.input('x', float32([2]));
    const other = graph.input('other', float32([2]));
    const loss = total(exp(x));
    relu(other);
    const before = graph.nodes.length;
    expect(differentiate(graph, loss, [other])).toEqual([undefined]);
    expect(graph.nodes).toHaveLength(before);
    expect(differentiate(graph, loss, [x, other]).map((gradient) => gradient?.type)).toEqual([float32([2]), undefined]);
  });

  it('computes only the gradients that lead to a source', () => {
    const graph = createGraph();
    const x = graph.input('x', float32([1, 2, 5, 5]));
    const weight = graph.input('w', float32([3, 2, 3, 3]));
    const bias = graph.input('b', float32([3]));
    const loss = total(conv2d(x, weight, bias, { strides: [1, 1], pads: [0, 0, 0, 0] }));
    const forward = graph.nodes.length;
    differentiate(graph, loss, [weight]);
    const added = graph.nodes.slice(forward).map(({ op }) => op);
    expect(added).toContain('conv2dWeightGradient');
    expect(added).not.toContain('conv2dInputGradient');
  });

  it('the gradient of the loss with respect to itself is 1', async () => {
    const graph = createGraph();
    const loss = total(graph.input('x', float32([2])));
    expect(await gradientsOf(graph, loss, [loss], { x: Float32Array.of(3, 4) })).toEqual([[1]]);
  });

  it('a tensor read several times gets the sum of what its readers send back', async () => {
    // L = sum(x * x * x - 2 x), dL/dx = 3 x^2 - 2
    const graph = createGraph();
    const x = graph.input('x', float32([3]));
    const loss = total(sub(mul(mul(x, x), x), scale(x, 2)));
    expect(await gradientsOf(graph, loss, [x], { x: Float32Array.of(-1, 0, 2) })).toEqual([[1, -2, 10]]);
  });

  it('nothing flows through stopGradient, while other ways stay open', async () => {
    // L = sum(stop(x) * x), dL/dx = x
    const graph = createGraph();
    const x = graph.input('x', float32([3]));
    const loss = total(mul(stopGradient(x), x));
    expect(await gradientsOf(graph, loss, [x], { x: Float32Array.of(-1, 4, 2) })).toEqual([[-1, 4, 2]]);
    const blocked = createGraph();
    const y = blocked.input('y', float32([3]));
    expect(differentiate(blocked, total(exp(stopGradient(y))), [y])).toEqual([undefined]);
  });

  it('a stopGradient before an op without a gradient rule makes it a constant', () => {
    const graph = createGraph();
    const dy = graph.input('dy', float32([1, 1, 3, 3]));
    const weight = graph.input('w', float32([1, 1, 3, 3]));
    const attributes = { strides: [1, 1], pads: [0, 0, 0, 0], inputShape: [1, 1, 5, 5] } as const;
    const [dx] = graph.apply('conv2dInputGradient', [stopGradient(dy), weight], attributes);
    expect(differentiate(graph, total(exp(dx as Value)), [dy])).toEqual([undefined]);
    const [open] = graph.apply('conv2dInputGradient', [dy, weight], attributes);
    expect(thrownBy(() => differentiate(graph, total(exp(open as Value)), [dy])).code).toBe('graph');
  });

  it('a comparison cast to float is constant: no gradient, and no error', () => {
    const graph = createGraph();
    const x = graph.input('x', float32([3]));
    expect(differentiate(graph, total(cast(greater(x, graph.scalar(0)), 'float32')), [x])).toEqual([undefined]);
  });

  it('equal maxima of reduceMax share the gradient, equal maxima of a window give it to the first', async () => {
    const graph = createGraph();
    const x = graph.input('x', float32([1, 1, 2, 2]));
    const loss = total(reduceMax(x, [2, 3]));
    expect(await gradientsOf(graph, loss, [x], { x: Float32Array.of(3, 3, 1, 3) })).toEqual([
      [1, 1, 0, 1].map((part) => Math.fround(part / 3)),
    ]);
    const pooled = createGraph();
    const y = pooled.input('x', float32([1, 1, 2, 2]));
    const pooledLoss = total(maxPool2d(y, { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], ceil: false }));
    expect(await gradientsOf(pooled, pooledLoss, [y], { x: Float32Array.of(1, 3, 3, 3) })).toEqual([[0, 1, 0, 0]]);
  });

  it('an op without a gradient rule throws, naming op and node, and says what to do', () => {
    const graph = createGraph();
    const x = graph.input('x', float32([1, 1, 5, 5]));
    const weight = graph.input('w', float32([1, 1, 3, 3]));
    const bias = graph.input('b', float32([1]));
    const geometry = { strides: [1, 1], pads: [0, 0, 0, 0] } as const;
    const loss = total(graph.scope('conv1', () => mul(conv2d(x, weight, bias, geometry), graph.scalar(2))));
    const [gradient] = differentiate(graph, loss, [x]);
    const second = total(mul(gradient as Value, gradient as Value));
    const error = thrownBy(() => differentiate(graph, second, [weight]));
    expect(error.code).toBe('graph');
    expect(error.message).toBe(
      'Op "conv2dInputGradient" at node "conv1/conv2d/gradient/conv2dInputGradient" has no gradient rule.',
    );
    expect(error.hint).toContain('stopGradient');
  });

  it('names the nodes of a gradient after the node they belong to, and leaves a graph that verifies', () => {
    const graph = createGraph();
    const x = graph.input('x', float32([2, 3]));
    const loss = graph.scope('head', () => total(exp(x)));
    const forward = graph.nodes.length;
    differentiate(graph, loss, [x]);
    const names = graph.nodes.slice(forward).map(({ name }) => name);
    expect(names).not.toEqual([]);
    for (const name of names) expect(name).toMatch(/^head\/(exp|reduceSum)\/gradient\//);
    verify(graph);
  });

  it('can be asked twice in one graph: for the gradient of a gradient too', async () => {
    // L = sum(exp(2x)): dL/dx = 2 exp(2x), and the sum of that has the gradient 4 exp(2x).
    const graph = createGraph();
    const x = graph.input('x', float32([2]));
    const [first] = differentiate(graph, total(exp(scale(x, 2))), [x]);
    const [second] = await gradientsOf(graph, total(first as Value), [x], { x: Float32Array.of(0, 0.5) });
    expect(second?.[0]).toBeCloseTo(4, 5);
    expect(second?.[1]).toBeCloseTo(4 * Math.E, 4);
  });
});
