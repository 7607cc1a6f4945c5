import * as onnxruntime from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { type Graph, cast, createGraph, encodeOnnx, float32, mul } from '../graph/index.js';
import { rejectionOf } from '../testing/thrown.js';
import { type Session, createSession } from './index.js';

/** y = a * b with a [2, 3] and b [3]. */
function product(): Graph {
  const graph = createGraph();
  graph.output('y', mul(graph.input('a', float32([2, 3])), graph.input('b', float32([3]))));
  return graph;
}

const a = { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] };
const b = { data: Float32Array.of(1, 10, 100), shape: [3] };

async function withSession(act: (session: Session) => Promise<void>, graph = product()): Promise<void> {
  const session = await createSession(onnxruntime, encodeOnnx(graph), { threads: 1 });
  try {
    await act(session);
  } finally {
    await session.release();
  }
}

describe('a session', () => {
  it('tells its inputs and outputs, and runs with named tensors', () =>
    withSession(async (session) => {
      expect(session.inputNames).toEqual(['a', 'b']);
      expect(session.outputNames).toEqual(['y']);
      const { y } = await session.run({ a, b });
      expect(y?.shape).toEqual([2, 3]);
      expect([...(y?.data ?? [])]).toEqual([1, 20, 300, 4, 50, 600]);
    }));

  it('gives every run tensors of its own', () =>
    withSession(async (session) => {
      const first = await session.run({ a, b });
      await session.run({ a: { ...a, data: new Float32Array(6) }, b });
      expect(first['y']?.data[5]).toBe(600);
    }));

  it('an input that is not fed is named', () =>
    withSession(async (session) => {
      const error = await rejectionOf(() => session.run({ a }));
      expect(error.code).toBe('engine');
      expect(error.message).toContain('input "b" was not fed');
    }));

  it('data that do not fill their shape are named with both sizes', () =>
    withSession(async (session) => {
      const error = await rejectionOf(() => session.run({ a, b: { data: new Float32Array(2), shape: [3] } }));
      expect(error.code).toBe('engine');
      expect(error.message).toContain('"b" has 2 values for the shape [3]');
    }));

  it('a shape that is not the declared one is refused with the name and what was expected, and a good run follows', () =>
    withSession(async (session) => {
      const error = await rejectionOf(() => session.run({ a: { ...a, shape: [3, 2] }, b }));
      expect(error.code).toBe('engine');
      expect(error.message).toMatch(/invalid dimensions for input: a/);
      expect(error.cause).toBeInstanceOf(Error);
      expect((await session.run({ a, b }))['y']?.data[0]).toBe(1);
    }));

  it('an output that is not float32 is named', () => {
    const graph = createGraph();
    graph.output('mask', cast(graph.input('x', float32([2])), 'bool'));
    return withSession(async (session) => {
      const error = await rejectionOf(() => session.run({ x: { data: new Float32Array(2), shape: [2] } }));
      expect(error.code).toBe('engine');
      expect(error.message).toContain('output "mask" is not float32');
    }, graph);
  });

  it('does not run any more once released', async () => {
    const session = await createSession(onnxruntime, encodeOnnx(product()), { threads: 1 });
    await session.run({ a, b });
    await session.release();
    expect((await rejectionOf(() => session.run({ a, b }))).code).toBe('engine');
  });
});

describe('createSession', () => {
  it('refuses bytes that are no model, saying where it tried', async () => {
    const error = await rejectionOf(() => createSession(onnxruntime, new TextEncoder().encode('not a model')));
    expect(error.code).toBe('engine');
    expect(error.message).toMatch(/could not load the graph on "cpu"/);
    expect(error.cause).toBeInstanceOf(Error);
  });

  it.skipIf(process.platform === 'darwin')('refuses a provider that this platform lacks, naming it', async () => {
    const error = await rejectionOf(() => createSession(onnxruntime, encodeOnnx(product()), { provider: 'coreml' }));
    expect(error.code).toBe('engine');
    expect(error.message).toContain('"coreml"');
  });
});
