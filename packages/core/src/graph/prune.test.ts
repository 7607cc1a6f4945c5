import { describe, expect, it } from 'vitest';
import { runGraph } from '../testing/run-graph.js';
import { type Graph, createGraph, exp, float32, log, mul, neg, prune, relu, scale, sub, verify } from './index.js';

/** y = relu(2x) - exp(x), beside what nobody needs. */
function withIdleNodes(): Graph {
  const graph = createGraph();
  const x = graph.input('x', float32([3]));
  const idle = graph.input('idle', float32([3]));
  graph.constant('unused', new Float32Array(2), [2]);
  const doubled = scale(x, 2);
  log(scale(idle, 5));
  const y = sub(relu(doubled), exp(x));
  neg(y);
  mul(doubled, idle);
  graph.output('y', y);
  return graph;
}

describe('prune', () => {
  it('removes the nodes and constants that no output needs, keeping the order of the rest', () => {
    const graph = withIdleNodes();
    prune(graph);
    expect(graph.nodes.map(({ op }) => op)).toEqual(['mul', 'relu', 'exp', 'sub']);
    expect(graph.constants.map(({ value }) => value.name)).toEqual(['scalar_2']);
    verify(graph);
  });

  it('keeps all inputs: they are the interface', () => {
    const graph = withIdleNodes();
    prune(graph);
    expect(graph.inputs.map(({ name }) => name)).toEqual(['x', 'idle']);
  });

  it('changes nothing the second time', () => {
    const graph = withIdleNodes();
    prune(graph);
    const before = [...graph.nodes];
    prune(graph);
    expect(graph.nodes).toEqual(before);
  });

  it('leaves the results as they were', async () => {
    const feeds = { x: Float32Array.of(-1, 0.5, 2), idle: Float32Array.of(1, 2, 3) };
    const graph = withIdleNodes();
    const before = await runGraph(graph, feeds);
    prune(graph);
    const after = await runGraph(graph, feeds);
    expect(after['y']?.data).toEqual(before['y']?.data);
    const expected = [-1, 0.5, 2].map((x) => Math.max(0, 2 * x) - Math.exp(x));
    expected.forEach((value, i) => expect(after['y']?.data[i]).toBeCloseTo(value, 5));
  });

  it('a graph can be built on afterwards, with scalars that were pruned away', () => {
    const graph = withIdleNodes();
    prune(graph);
    graph.output('z', scale(graph.inputs[1] ?? graph.scalar(0), 5));
    verify(graph);
    expect(graph.constants.map(({ data }) => data[0])).toEqual([2, 5]);
  });
});
