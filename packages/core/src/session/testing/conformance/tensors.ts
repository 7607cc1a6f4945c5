import assert from 'node:assert/strict';
import type { InferenceSession, InferenceSessionFactory } from 'onnxruntime-common';
import { type Graph, type Provider, createGraph, float32, mul } from '../../../graph/index.js';
import {
  type DeviceTensor,
  type HostTensor,
  type KeepingSession,
  type OnnxRuntime,
  createKeepingSession,
  createSession,
} from '../../index.js';
import { type Check, encoded } from './check.js';

/** y = x * factor, and the factor as it is. */
function scaling(shape: readonly number[]): Graph {
  const graph = createGraph();
  const factor = graph.input('factor', float32([]));
  graph.output('y', mul(graph.input('x', float32(shape)), factor));
  graph.output('factorAgain', factor);
  return graph;
}

const two: HostTensor = { data: Float32Array.of(2), shape: [] };

/** The values 1 to n. */
function counting(shape: readonly number[]): HostTensor {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return { data: Float32Array.from({ length: size }, (_, i) => i + 1), shape };
}

/** A session that doubles and keeps, and its first result for the values 1 to n: 2 to 2n. */
async function doubled(
  runtime: OnnxRuntime,
  provider: Provider,
  shape: readonly number[],
): Promise<{ session: KeepingSession; y: DeviceTensor }> {
  const session = await createKeepingSession(runtime, encoded(scaling(shape), provider), { provider, keep: ['y'] });
  const { outputs, kept } = await session.run({ x: counting(shape), factor: two });
  assert.deepEqual(Object.keys(kept), ['y']);
  assert.deepEqual([...(outputs['factorAgain']?.data ?? [])], [2]);
  return { session, y: kept['y'] as DeviceTensor };
}

/** The runtime, writing down where the tensors lie that an input is fed. */
function watchFeeds({ InferenceSession: original }: OnnxRuntime, input: string, locations: string[]): OnnxRuntime {
  const create = async (model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession> => {
    const session = await original.create(model, options);
    const run = session.run.bind(session);
    return Object.assign(session, {
      run: (feeds: InferenceSession.FeedsType) => {
        locations.push(feeds[input]?.location ?? 'none');
        return run(feeds);
      },
    });
  };
  return { InferenceSession: { create } as InferenceSessionFactory };
}

const values = (tensor: HostTensor | undefined): number[] => [...(tensor?.data ?? [])];

export const tensors: readonly Check[] = [
  {
    name: 'kept outputs of any shape are read as they are',
    run: async (runtime, provider) => {
      for (const shape of [[], [5], [2, 3, 4], [1, 1, 1, 7]]) {
        const { session, y } = await doubled(runtime, provider, shape);
        const read = await y.read();
        assert.deepEqual([y.shape, read.shape], [shape, shape]);
        assert.deepEqual(
          values(read),
          values(counting(shape)).map((value) => 2 * value),
        );
        await session.release();
      }
      return 0;
    },
  },
  {
    name: 'kept outputs are fed to the next run, and stay what they were',
    run: async (runtime, provider) => {
      const fed: string[] = [];
      const { session, y: first } = await doubled(watchFeeds(runtime, 'x', fed), provider, [3]);
      let y = first;
      for (let i = 0; i < 4; i++) y = (await session.run({ x: y, factor: two })).kept['y'] as DeviceTensor;
      assert.deepEqual(values(await y.read()), [32, 64, 96]);
      assert.deepEqual(values(await first.read()), [2, 4, 6]);
      // The first time it came from the host, then from where it was kept.
      const kept = provider === 'webgpu' ? 'gpu-buffer' : 'cpu';
      assert.deepEqual(fed.slice(0, 5), ['cpu', kept, kept, kept, kept]);
      await session.release();
      return 0;
    },
  },
  {
    name: 'another session of the provider reads what one kept',
    run: async (runtime, provider) => {
      const { session, y } = await doubled(runtime, provider, [2, 2]);
      const other = await createSession(runtime, encoded(scaling([2, 2]), provider), { provider });
      assert.deepEqual(values((await other.run({ x: y, factor: two }))['y']), [4, 8, 12, 16]);
      await other.release();
      await session.release();
      return 0;
    },
  },
  {
    name: 'a disposed tensor is refused, and so are those of a released session; what others hold stays',
    run: async (runtime, provider) => {
      const { session, y } = await doubled(runtime, provider, [3]);
      const again = (await session.run({ x: y, factor: two })).kept['y'] as DeviceTensor;
      y.dispose();
      y.dispose();
      await assert.rejects(y.read(), /disposed/);
      await assert.rejects(session.run({ x: y, factor: two }), /disposed/);
      assert.deepEqual(values(await again.read()), [4, 8, 12]);
      const beside = await doubled(runtime, provider, [3]);
      await session.release();
      await session.release();
      await assert.rejects(again.read(), /disposed/);
      assert.deepEqual(values(await beside.y.read()), [2, 4, 6]);
      await beside.session.release();
      return 0;
    },
  },
  {
    name: 'what is kept on a GPU is refused by a session on the CPU, which would take its address for its own',
    run: async (runtime, provider) => {
      const { session, y } = await doubled(runtime, provider, [3]);
      const other = await createSession(runtime, encoded(scaling([3]), 'cpu'));
      const run = other.run({ x: y, factor: two });
      if (provider === 'webgpu') await assert.rejects(run, /"webgpu" cannot be fed to a graph on "cpu"/);
      else assert.deepEqual(values((await run)['y']), [4, 8, 12]);
      await other.release();
      await session.release();
      return 0;
    },
  },
  {
    name: 'a failed run leaves what was kept as it was',
    run: async (runtime, provider) => {
      const { session, y } = await doubled(runtime, provider, [3]);
      await assert.rejects(session.run({ x: counting([4]), factor: two }), /failed to run/);
      const { kept } = await session.run({ x: y, factor: two });
      assert.deepEqual(values(await kept['y']?.read()), [4, 8, 12]);
      await session.release();
      return 0;
    },
  },
];
