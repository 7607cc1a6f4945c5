import { type InferenceSession, type InferenceSessionFactory, Tensor } from 'onnxruntime-common';
import * as onnxruntime from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { type Graph, cast, createGraph, encodeOnnx, float32, mul } from '../graph/index.js';
import { rejectionOf } from '../testing/thrown.js';
import { type OnnxRuntime, type Session, createKeepingSession, createSession, hostAsDevice } from './index.js';

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

describe('createKeepingSession', () => {
  it('refuses to keep an output that the graph has not, and holds no session then', async () => {
    const { runtime, held } = counting();
    const options = { keep: ['y', 'z'] };
    const error = await rejectionOf(() => createKeepingSession(runtime, encodeOnnx(product()), options));
    expect(error.code).toBe('engine');
    expect(error.message).toContain('no output "z"');
    expect(held()).toBe(0);
  });

  it('takes a tensor of the host in the guise of one of the device, and gives its own data to read', async () => {
    const placed = hostAsDevice(b);
    await withSession(async (session) => {
      expect([...((await session.run({ a, b: placed }))['y']?.data ?? [])]).toEqual([1, 20, 300, 4, 50, 600]);
    });
    expect((await placed.read()).data).toBe(b.data);
    placed.dispose();
    expect((await rejectionOf(() => placed.read())).message).toContain('disposed');
  });

  it('refuses a device tensor that no session made, naming the input', () =>
    withSession(async (session) => {
      const foreign = { shape: [3], read: () => Promise.resolve(b), dispose: () => undefined };
      const error = await rejectionOf(() => session.run({ a, b: foreign }));
      expect(error.message).toContain('Input "b"');
    }));

  it('keeps nothing of a run whose other outputs cannot be had', async () => {
    const graph = product();
    graph.output('mask', cast(graph.input('x', float32([2])), 'bool'));
    const disposed: string[] = [];
    const session = await createKeepingSession(watchingDisposal(disposed), encodeOnnx(graph), { keep: ['y'] });
    const x = { data: new Float32Array(2), shape: [2] };
    expect((await rejectionOf(() => session.run({ a, b, x }))).message).toContain('output "mask" is not float32');
    expect(disposed).toEqual(['y']);
    await session.release();
    expect(disposed).toEqual(['y']);
  });
});

describe('a provider that fails', () => {
  it.each([
    ['Failed to allocate memory for requested buffer of size 4000000000', /smaller/],
    ['std::bad_alloc', /smaller/],
    ['WebGPU validation failed. [Invalid Buffer (unlabeled)] is invalid due to a previous error.', /smaller/],
    ['The GPU device has been lost.', /no longer responds/],
    ['CUDA failure 700: an illegal memory access was encountered', /no longer responds/],
    ['Something else', /choose the device "cpu"/],
  ])('in the middle, with "%s", says where, what the runtime said, and what helps', async (message, hint) => {
    const runtime = failing({ run: message });
    const session = await createSession(runtime, encodeOnnx(product()), { provider: 'webgpu' });
    const error = await rejectionOf(() => session.run({ a, b }));
    expect(error.code).toBe('engine');
    expect(error.message).toBe(`ONNX Runtime failed to run the graph on "webgpu": ${message}`);
    expect(error.hint).toMatch(hint);
    expect(error.cause).toBeInstanceOf(Error);
    await session.release();
  });

  it.each([
    ['Failed to get a WebGPU adapter: No supported adapters', /no GPU adapter/, /driver/],
    ['Failed to allocate memory for requested buffer of size 4000000000', /Failed to allocate/, /smaller/],
    ['Something else', /Something else/, /choose the device "cpu"/],
  ])('to start, with "%s", says what it means and what helps', async (says, message, hint) => {
    const runtime = failing({ create: says });
    const error = await rejectionOf(() => createSession(runtime, encodeOnnx(product()), { provider: 'webgpu' }));
    expect(error.code).toBe('engine');
    expect(error.message).toContain('could not load the graph on "webgpu"');
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
    expect(error.cause).toMatchObject({ message: says });
  });

  it('to give what it keeps says so, can be asked again, and is released all the same', async () => {
    const runtime = keepingWithoutReading(['The GPU device has been lost.', 'Failed to allocate memory']);
    const session = await createKeepingSession(runtime, encodeOnnx(product()), { keep: ['y'] });
    const { kept } = await session.run({ a, b });
    const read = (): Promise<unknown> => kept['y']?.read() ?? Promise.resolve();
    const [first, second] = [await rejectionOf(read), await rejectionOf(read)];
    expect([first.code, second.code]).toEqual(['engine', 'engine']);
    expect([first.message, second.message]).toEqual([
      expect.stringContaining('device has been lost'),
      expect.stringContaining('Failed to allocate memory'),
    ]);
    await session.release();
    expect((await rejectionOf(read)).message).toContain('disposed');
  });

  it('on the CPU is not told to choose the CPU', async () => {
    const session = await createSession(failing({ run: 'Something else' }), encodeOnnx(product()));
    expect((await rejectionOf(() => session.run({ a, b }))).hint).toBeUndefined();
    await session.release();
  });
});

type Create = (model: Uint8Array, options: InferenceSession.SessionOptions) => Promise<unknown>;
const runtimeOf = (create: Create): OnnxRuntime => ({
  InferenceSession: { create } as unknown as InferenceSessionFactory,
});

/** A session of the CPU, whatever the provider. */
const onCpu = (model: Uint8Array): Promise<InferenceSession> =>
  onnxruntime.InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 4 });

/** The runtime, and the number of sessions that it holds. */
function counting(): { runtime: OnnxRuntime; held: () => number } {
  let sessions = 0;
  const create: Create = async (model) => {
    const session = await onCpu(model);
    sessions++;
    const release = session.release.bind(session);
    return Object.assign(session, { release: () => (sessions--, release()) });
  };
  return { runtime: runtimeOf(create), held: () => sessions };
}

/** The runtime, failing with these messages to load a graph, or to run it. */
function failing(messages: { readonly create?: string; readonly run?: string }): OnnxRuntime {
  return runtimeOf(async (model) => {
    if (messages.create !== undefined) throw new Error(messages.create);
    return Object.assign(await onCpu(model), { run: () => Promise.reject(new Error(messages.run)) });
  });
}

/** The runtime, with results that lie in buffers of a GPU; each try to load the graph that reads them fails. */
function keepingWithoutReading(messages: readonly string[]): OnnxRuntime {
  let loaded = 0;
  return runtimeOf(async (model) => {
    const message = messages[loaded++ - 1];
    if (message !== undefined) throw new Error(message);
    const buffer = {} as Tensor.GpuBufferType;
    const y = Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims: [2, 3], dispose: () => undefined });
    return Object.assign(await onCpu(model), { run: () => Promise.resolve({ y }) });
  });
}

/** The runtime, writing down the names of results that are disposed. */
function watchingDisposal(disposed: string[]): OnnxRuntime {
  return runtimeOf(async (model) => {
    const session = await onCpu(model);
    const run = session.run.bind(session);
    return Object.assign(session, {
      run: async (feeds: InferenceSession.FeedsType) => {
        const results = await run(feeds);
        for (const [name, tensor] of Object.entries(results)) tensor.dispose = () => void disposed.push(name);
        return results;
      },
    });
  });
}
