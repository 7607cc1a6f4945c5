import * as onnxruntime from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { type HostTensor, createSession } from '../../session/index.js';
import { thrownBy } from '../../testing/thrown.js';
import {
  type Graph,
  add,
  createGraph,
  encodeOnnx,
  encodeRepeated,
  float32,
  mul,
  repeatNames,
  scale,
} from '../index.js';

/** w' = 0.9 w + x * rate, and x * w beside it. */
function walk(): Graph {
  const graph = createGraph();
  const [w, x] = [graph.input('w', float32([3])), graph.input('x', float32([3]))];
  const rate = graph.input('rate', float32([]));
  graph.output('w/next', add(scale(w, 0.9), mul(x, rate)));
  graph.output('product', mul(x, w));
  return graph;
}

const tensor = (values: number[], shape: number[]): HostTensor => ({ data: Float32Array.from(values), shape });

async function run(model: Uint8Array, feeds: Record<string, HostTensor>): Promise<Record<string, HostTensor>> {
  const session = await createSession(onnxruntime, model);
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

describe('encodeRepeated', () => {
  const { count, all, first, last } = repeatNames;

  it.each([1, 4])('gives what the graph gives run %i times, bit for bit', async (times) => {
    const graph = walk();
    const xs = Array.from({ length: times * 3 }, (_, i) => Math.sin(i + 1));
    const rates = Array.from({ length: times }, (_, i) => 0.1 + i / 7);
    const once = encodeOnnx(graph);
    let w = tensor([1, -2, 3], [3]);
    const products: number[] = [];
    for (let i = 0; i < times; i++) {
      const feeds = { w, x: tensor(xs.slice(3 * i, 3 * i + 3), [3]), rate: tensor([rates[i] as number], []) };
      const results = await run(once, feeds);
      products.push(...(results['product'] as HostTensor).data);
      w = results['w/next'] as HostTensor;
    }
    const repeated = await run(encodeRepeated(graph, { state: { w: 'w/next' } }), {
      [count]: tensor([times], []),
      [first('w')]: tensor([1, -2, 3], [3]),
      [all('x')]: tensor(xs, [times, 3]),
      [all('rate')]: tensor(rates, [times]),
    });
    expect(repeated[last('w/next')]).toEqual(w);
    expect(repeated[all('product')]).toEqual({ data: Float32Array.from(products), shape: [times, 3] });
  });

  it('leaves shared inputs as they are', async () => {
    const repeated = await run(encodeRepeated(walk(), { state: { w: 'w/next' }, shared: ['x', 'rate'] }), {
      [count]: tensor([3], []),
      [first('w')]: tensor([1, 0, 0], [3]),
      x: tensor([0, 2, 4], [3]),
      rate: tensor([0.5], []),
    });
    // 0.9 (0.9 (0.9 w + y) + y) + y with y = x / 2: 0.729 w + 2.71 y
    expect(Array.from(repeated[last('w/next')]?.data ?? [])).toEqual(
      [0.729, 2.71, 5.42].map((v) => expect.closeTo(v, 5)),
    );
    expect(repeated[all('product')]?.shape).toEqual([3, 3]);
  });

  it.each([
    ['an input that is not there', { v: 'w/next' }],
    ['an output that is not there', { w: 'w/last' }],
    ['a state of another shape', { rate: 'w/next' }],
  ])('refuses %s', (_, state) => {
    const error = thrownBy(() => encodeRepeated(walk(), { state }));
    expect(error.code).toBe('graph');
    expect(error.message).toContain(Object.values(state)[0]);
  });
});
