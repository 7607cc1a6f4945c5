import * as onnxruntime from 'onnxruntime-node';
import { type Graph, type Lowering, encodeOnnx } from '../graph/index.js';
import { type HostTensor, createSession } from '../session/index.js';

/** Runs a graph once on ONNX Runtime's CPU provider. */
export async function runGraph(
  graph: Graph,
  feeds: Readonly<Record<string, Float32Array>>,
  lowering?: Lowering,
): Promise<Record<string, HostTensor>> {
  const session = await createSession(onnxruntime, encodeOnnx(graph, lowering === undefined ? {} : { lowering }));
  try {
    const tensors: Record<string, HostTensor> = {};
    for (const input of graph.inputs) {
      const data = feeds[input.name];
      if (data !== undefined) tensors[input.name] = { data, shape: input.type.shape };
    }
    return await session.run(tensors);
  } finally {
    await session.release();
  }
}
