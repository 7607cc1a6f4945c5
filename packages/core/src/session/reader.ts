import { type InferenceSession, Tensor } from 'onnxruntime-common';
import { type Provider, createGraph, encodeOnnx, float32, lowerings } from '../graph/index.js';
import { dataOf } from './tensor.js';

/** Brings tensors from the GPU to the host. */
export interface Reader {
  read(tensor: Tensor): Promise<Float32Array>;
  release(): Promise<void>;
}

/**
 * A reader for a provider that keeps tensors in GPU buffers: a graph that hands its input on, to an output on the host.
 * (`Tensor.getData()` is for onnxruntime-web: in onnxruntime-node 1.30 it ends the process.)
 */
export async function openReader(
  provider: Provider,
  load: (model: Uint8Array) => Promise<InferenceSession>,
): Promise<Reader> {
  const graph = createGraph();
  graph.output('y', graph.input('x', float32([1])));
  // One graph for tensors of all shapes: to it they are vectors, of free length.
  const session = await load(encodeOnnx(graph, { lowering: lowerings[provider], batchDimension: 'length' }));
  return {
    read: async ({ gpuBuffer, size }) => {
      const x = Tensor.fromGpuBuffer(gpuBuffer, { dataType: 'float32', dims: [size] });
      const { y } = await session.run({ x });
      if (y === undefined) throw new Error('the reader has no output');
      return dataOf(y, 'what was read');
    },
    release: () => session.release(),
  };
}
