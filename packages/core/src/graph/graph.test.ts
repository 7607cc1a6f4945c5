import { describe, expect, it } from 'vitest';
import { thrownBy } from '../testing/thrown.js';
import { add, conv2d, createGraph, float32, gemm, maxPool2d, mul, relu, scale, verify } from './index.js';

describe('names', () => {
  it('nodes are named after scope and op, numbered from the second on, and outputs after their node', () => {
    const graph = createGraph();
    const x = graph.input('x', float32([2]));
    const y = graph.scope('outer', () => graph.scope('inner', () => relu(relu(x))));
    const z = graph.scope('outer', () => relu(y));
    const w = relu(z);
    expect(graph.nodes.map((node) => node.name)).toEqual([
      'outer/inner/relu',
      'outer/inner/relu_2',
      'outer/relu',
      'relu',
    ]);
    expect(w.name).toBe('relu:y');
  });

  it('a scope ends when its builder throws', () => {
    const graph = createGraph();
    const x = graph.input('x', float32([2]));
    const build = (): never =>
      graph.scope('broken', () => {
        throw new RangeError('stop');
      });
    expect(build).toThrow(RangeError);
    expect(relu(x).node?.name).toBe('relu');
  });

  it('every tensor, node and output of a graph has a name of its own', () => {
    const graph = createGraph();
    let x = graph.input('add', float32([2]));
    for (let i = 0; i < 5; i++) x = add(x, graph.scalar(i));
    const [pooled] = graph.apply('maxPool2d', [graph.input('image', float32([1, 1, 4, 4]))], {
      kernel: [2, 2],
      strides: [2, 2],
      pads: [0, 0, 0, 0],
      ceil: false,
    });
    graph.output('result', x);
    expect(pooled?.node?.outputs.map(({ name }) => name)).toEqual(['maxPool2d:y', 'maxPool2d:y1']);
    const names = [
      ...graph.inputs,
      ...graph.constants.map(({ value }) => value),
      ...graph.nodes,
      ...graph.nodes.flatMap((node) => node.outputs),
      ...graph.outputs,
    ].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('a taken name is refused, for inputs, constants and outputs alike', () => {
    const graph = createGraph();
    const x = graph.input('x', float32([2]));
    graph.output('y', relu(x));
    for (const act of [
      () => graph.input('x', float32([3])),
      () => graph.input('relu', float32([3])),
      () => graph.constant('relu:y', new Float32Array(2), [2]),
      () => graph.output('x', x),
      () => graph.input('y', float32([2])),
    ]) {
      const error = thrownBy(act);
      expect(error.code).toBe('graph');
      expect(error.message).toMatch(/named "(x|relu|relu:y|y)" already/);
    }
    expect(thrownBy(() => graph.output('y', x)).message).toContain('output "y" already');
  });
});

describe('constants', () => {
  it('equal scalars are one constant', () => {
    const graph = createGraph();
    expect(graph.scalar(0.1)).toBe(graph.scalar(0.1));
    expect(graph.scalar(0)).not.toBe(graph.scalar(-0));
    expect(graph.constants.map(({ data }) => data[0])).toEqual([Math.fround(0.1), 0, -0]);
  });

  it('data that do not fill the shape are refused', () => {
    const error = thrownBy(() => createGraph().constant('weights', new Float32Array(5), [2, 3]));
    expect(error.code).toBe('graph');
    expect(error.message).toContain('"weights" has 5 values for the shape [2, 3]');
  });
});

describe('values of another graph', () => {
  it('are refused as an input of a node and as an output', () => {
    const [graph, other] = [createGraph(), createGraph()];
    const x = graph.input('x', float32([2]));
    const foreign = other.input('foreign', float32([2]));
    const error = thrownBy(() => graph.scope('sum', () => add(x, foreign)));
    expect(error.code).toBe('graph');
    expect(error.message).toBe('Node "sum/add": input "foreign" belongs to another graph.');
    expect(thrownBy(() => graph.output('y', foreign)).message).toBe('Output "y" belongs to another graph.');
    expect(graph.nodes).toEqual([]);
  });
});

describe('refused inputs', () => {
  it('the message names op, node, the inputs with their types, and what does not fit', () => {
    const graph = createGraph();
    const a = graph.input('a', float32([2, 3]));
    const b = graph.input('b', float32([2, 4]));
    const error = thrownBy(() => graph.scope('head', () => add(a, b)));
    expect(error.code).toBe('graph');
    expect(error.message).toBe(
      'Op "add" at node "head/add" (a: float32[2, 3], b: float32[2, 4]): shapes [2, 3] and [2, 4] do not broadcast',
    );
  });

  it('leave the graph as it was', () => {
    const graph = createGraph();
    const a = graph.input('a', float32([2, 3]));
    expect(thrownBy(() => gemm(a, a)).message).toContain('inner extents differ: 3 and 2');
    expect(graph.nodes).toEqual([]);
    expect(gemm(a, a, { transB: true }).node?.name).toBe('gemm');
    verify(graph);
  });

  it('geometry that gives no possible extent is refused where it stands', () => {
    const graph = createGraph();
    const x = graph.input('x', float32([1, 1, 8, 8]));
    const weight = graph.input('w', float32([1, 1, 3, 3]));
    const bias = graph.input('b', float32([1]));
    const convolve = (): unknown => conv2d(x, weight, bias, { strides: [0, 1], pads: [0, 0, 0, 0] });
    const pool = (): unknown => maxPool2d(x, { kernel: [3, 3], strides: [0, 0], pads: [0, 0, 0, 0], ceil: true });
    for (const [op, act] of [
      ['conv2d', convolve],
      ['maxPool2d', pool],
    ] as const) {
      const { message } = thrownBy(act);
      expect(message).toContain(`Op "${op}" at node "${op}"`);
      expect(message).toContain('impossible type');
    }
  });
});

describe('scale', () => {
  it('multiplies by a shared scalar constant', () => {
    const graph = createGraph();
    const x = graph.input('x', float32([2]));
    const y = scale(scale(x, 3), 3);
    expect(y.type).toEqual(float32([2]));
    expect(graph.constants).toHaveLength(1);
    expect(graph.nodes.map(({ op }) => op)).toEqual(['mul', 'mul']);
    expect(mul(x, graph.scalar(3)).node?.inputs[1]).toBe(graph.constants[0]?.value);
  });
});
