import { describe, expect, it } from 'vitest';
import { runGraph } from '../../testing/run-graph.js';
import { thrownBy } from '../../testing/thrown.js';
import {
  type Graph,
  type Lowering,
  ONNX_OPSET,
  cast,
  createGraph,
  decodeOnnx,
  differentiate,
  encodeOnnx,
  exp,
  float32,
  lowerings,
  maxPool2d,
  providers,
  reduceSum,
  relu,
  scale,
} from '../index.js';

/** y = 3 relu(x); z = y > 0 as bool. */
function smallGraph(): Graph {
  const graph = createGraph();
  const x = graph.input('x', float32([2, 3]));
  const y = scale(relu(x), 3);
  graph.output('y', y);
  graph.output('z', cast(y, 'bool'));
  return graph;
}

/** dL/dx of a pooling with the given strides, L = sum(pool(x)). */
function pooledGradient(strides: readonly [number, number]): Graph {
  const graph = createGraph();
  const x = graph.input('x', float32([1, 1, 6, 6]));
  const loss = reduceSum(maxPool2d(x, { kernel: [3, 3], strides, pads: [0, 0, 0, 0], ceil: true }), [0, 1, 2, 3]);
  const [gradient] = differentiate(graph, loss, [x]);
  graph.output('gradient', gradient ?? x);
  return graph;
}

describe('encodeOnnx', () => {
  it('declares inputs and outputs with their types, the opset, and the metadata', () => {
    const model = decodeOnnx(encodeOnnx(smallGraph(), { metadata: { task: 'tuberculosis', Größe: '2×3' } }));
    expect(model.opsetImport.map(({ domain, version }) => [domain, version])).toEqual([['', BigInt(ONNX_OPSET)]]);
    expect(model.producerName).toBe('weakspot');
    expect(model.metadataProps.map(({ key, value }) => [key, value])).toEqual([
      ['task', 'tuberculosis'],
      ['Größe', '2×3'],
    ]);
    const declared = [...(model.graph?.input ?? []), ...(model.graph?.output ?? [])].map(({ name, type }) => {
      const tensor = type?.value.case === 'tensorType' ? type.value.value : undefined;
      return [name, tensor?.elemType, tensor?.shape?.dim.map((dim) => dim.value.value)];
    });
    expect(declared).toEqual([
      ['x', 1, [2n, 3n]],
      ['y', 1, [2n, 3n]],
      ['z', 9, [2n, 3n]],
    ]);
  });

  it('keeps constants as little-endian raw data', () => {
    const model = decodeOnnx(encodeOnnx(smallGraph()));
    const [three] = model.graph?.initializer ?? [];
    expect(three?.name).toBe('scalar_3');
    // 3 is 0x40400000.
    expect([...(three?.rawData ?? [])]).toEqual([0, 0, 0x40, 0x40]);
    expect(three?.dims).toEqual([]);
  });

  it('makes the first axis of inputs and outputs a named dimension where asked', () => {
    const model = decodeOnnx(encodeOnnx(smallGraph(), { batchDimension: 'batch' }));
    for (const { type } of [...(model.graph?.input ?? []), ...(model.graph?.output ?? [])]) {
      const tensor = type?.value.case === 'tensorType' ? type.value.value : undefined;
      expect(tensor?.shape?.dim.map((dim) => dim.value.value)).toEqual(['batch', 3n]);
    }
  });

  it('writes neither nodes nor constants that no output needs', () => {
    const graph = smallGraph();
    exp(scale(graph.inputs[0] ?? graph.scalar(0), 17));
    const model = decodeOnnx(encodeOnnx(graph));
    expect(model.graph?.node.map(({ opType }) => opType)).toEqual(['Relu', 'Mul', 'Cast', 'Identity', 'Identity']);
    expect(model.graph?.initializer.map(({ name }) => name)).toEqual(['scalar_3']);
  });

  it("drops MaxPool's Indices where nobody reads them, and keeps them where the gradient does", () => {
    const graph = pooledGradient([2, 2]);
    const poolOutputs = (lowering: Lowering): (number | undefined)[] =>
      (decodeOnnx(encodeOnnx(graph, { lowering })).graph?.node ?? [])
        .filter(({ opType }) => opType === 'MaxPool')
        .map(({ output }) => output.length);
    expect(poolOutputs(lowerings.webgpu)).toEqual([1]);
    // The forward pooling's value is not an output here; Indices is the second of its two outputs.
    expect(poolOutputs(lowerings.cpu)).toEqual([2]);
  });

  it('encodes equal graphs as equal bytes', () => {
    expect(encodeOnnx(smallGraph())).toEqual(encodeOnnx(smallGraph()));
  });

  it('refuses a graph that does not verify', () => {
    const graph = smallGraph();
    graph.nodes.reverse();
    expect(thrownBy(() => encodeOnnx(graph)).code).toBe('graph');
  });

  it('a form that a lowering does not have is refused, naming op and node', () => {
    const error = thrownBy(() => encodeOnnx(pooledGradient([1, 2]), { lowering: lowerings.webgpu }));
    expect(error.code).toBe('graph');
    expect(error.message).toContain('Op "maxPool2dGradient" at node "maxPool2d/gradient/maxPool2dGradient"');
    expect(error.message).toContain('equal strides');
  });
});

describe('lowerings', () => {
  it('every provider has one, and all give the same result on CPU', async () => {
    expect(Object.keys(lowerings)).toEqual([...providers]);
    // Distinct values in scrambled order: 0, 7, 14 ... modulo 37.
    const x = Float32Array.from({ length: 36 }, (_, i) => (i * 7) % 37);
    // Brute force: each window, clipped at the border, gives 1 to its largest element.
    const expected = new Float32Array(36);
    for (const top of [0, 2, 4]) {
      for (const left of [0, 2, 4]) {
        let best = top * 6 + left;
        for (let row = top; row < Math.min(top + 3, 6); row++) {
          for (let column = left; column < Math.min(left + 3, 6); column++) {
            if ((x[row * 6 + column] ?? 0) > (x[best] ?? 0)) best = row * 6 + column;
          }
        }
        expected[best] = (expected[best] ?? 0) + 1;
      }
    }
    for (const provider of providers) {
      const results = await runGraph(pooledGradient([2, 2]), { x }, lowerings[provider]);
      expect(results['gradient']?.data, provider).toEqual(expected);
    }
  });
});

describe('decodeOnnx', () => {
  it('anything but a model throws `model`', () => {
    const whole = encodeOnnx(smallGraph());
    const garbage = [
      new Uint8Array(),
      new Uint8Array(100).fill(0xff),
      new TextEncoder().encode('<!doctype html><title>404</title>'),
      whole.slice(0, whole.length - 20),
    ];
    for (const bytes of garbage) {
      const error = thrownBy(() => decodeOnnx(bytes));
      expect(error.code).toBe('model');
      expect(error.message).toMatch(/^Not an ONNX model: /);
    }
  });
});
