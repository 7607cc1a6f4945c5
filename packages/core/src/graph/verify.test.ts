import { describe, expect, it } from 'vitest';
import { thrownBy } from '../testing/thrown.js';
import { type Graph, type Node, type Value, createGraph, float32, maxPool2d, mul, relu, verify } from './index.js';

/** y = pool(relu(x) * 2), a graph that verifies. */
function soundGraph(): Graph {
  const graph = createGraph();
  const x = graph.input('x', float32([1, 1, 4, 4]));
  const y = maxPool2d(mul(relu(x), graph.scalar(2)), {
    kernel: [2, 2],
    strides: [2, 2],
    pads: [0, 0, 0, 0],
    ceil: false,
  });
  graph.output('y', y);
  return graph;
}

/** Replaces node `index` by an altered copy whose outputs know it as their node. */
function alter(graph: Graph, index: number, change: (node: Node) => Partial<Node>): void {
  const node = graph.nodes[index] as Node;
  const altered: { -readonly [K in keyof Node]: Node[K] } = { ...node, ...change(node) };
  altered.outputs = altered.outputs.map((output) => ({ ...output, node: altered }));
  graph.nodes[index] = altered;
}

function refusal(damage: (graph: Graph) => void): string {
  const graph = soundGraph();
  verify(graph);
  damage(graph);
  const error = thrownBy(() => verify(graph));
  expect(error.code).toBe('graph');
  return error.message;
}

describe('verify', () => {
  it('a node that reads a tensor before it is computed', () => {
    expect(refusal((graph) => graph.nodes.push(...graph.nodes.splice(0, 2)))).toBe(
      'Op "maxPool2d" at node "maxPool2d" reads "mul:y" before it is computed.',
    );
  });

  it('a node that reads a removed constant', () => {
    expect(refusal((graph) => graph.constants.pop())).toBe(
      'Op "mul" at node "mul" reads "scalar_2" before it is computed.',
    );
  });

  it('an output of another shape or element type than the shape rule says', () => {
    for (const type of [float32([1, 1, 4, 5]), { dataType: 'bool', shape: [1, 1, 4, 4] } as const]) {
      const damage = (graph: Graph): void =>
        alter(graph, 0, ({ outputs }) => ({ outputs: outputs.map((output) => ({ ...output, type })) }));
      expect(refusal(damage)).toMatch(
        /^Op "relu" at node "relu": output 0 is .*; its shape rule says float32\[1, 1, 4, 4\]\.$/,
      );
    }
  });

  it('inputs that the shape rule refuses', () => {
    const message = refusal((graph) => alter(graph, 0, ({ inputs }) => ({ inputs: [...inputs, ...inputs] })));
    expect(message).toContain('Op "relu" at node "relu" (x: float32[1, 1, 4, 4], x: float32[1, 1, 4, 4])');
    expect(message).toContain('takes 1 inputs, not 2');
  });

  it('a node with too few outputs', () => {
    const message = refusal((graph) => alter(graph, 2, ({ outputs }) => ({ outputs: outputs.slice(0, 1) })));
    expect(message).toBe('Op "maxPool2d" at node "maxPool2d" has 1 outputs; its shape rule says 2.');
  });

  it('an output that belongs to another node', () => {
    const message = refusal((graph) => {
      const node = graph.nodes[0] as Node;
      graph.nodes[0] = { ...node };
    });
    expect(message).toMatch(/^Op "relu" at node "relu": output 0/);
  });

  it('two tensors of one name', () => {
    expect(refusal((graph) => graph.inputs.push({ ...(graph.inputs[0] as Value) }))).toBe('Two tensors are named "x".');
  });

  it('two nodes of one name', () => {
    expect(refusal((graph) => alter(graph, 1, () => ({ name: 'relu' })))).toBe('The name of node "relu" is taken.');
  });

  it('an output named like a tensor', () => {
    const message = refusal((graph) => graph.outputs.push({ name: 'x', value: graph.inputs[0] as Value }));
    expect(message).toBe('The name of output "x" is taken.');
  });

  it('an output that no node computes', () => {
    expect(refusal((graph) => graph.nodes.pop())).toBe(
      'Output "y" is "maxPool2d:y", which no node of the graph computes.',
    );
  });

  it('extents that are not whole numbers of at least 1', () => {
    for (const extent of [0, -1, 1.5, Number.NaN]) {
      const graph = createGraph();
      graph.input('x', float32([2, extent]));
      const error = thrownBy(() => verify(graph));
      expect(error.message).toBe(`Tensor "x" has the impossible type float32[2, ${extent}].`);
    }
  });
});
