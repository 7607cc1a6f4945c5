import type { InferenceSession, InferenceSessionFactory } from 'onnxruntime-common';
import { type Graph, type Provider, encodeOnnx, lowerings } from '../../../graph/index.js';
import type { OnnxRuntime } from '../../index.js';

/** Something that every provider must do. */
export interface Check {
  readonly name: string;
  /** The largest relative error; throws where something other than a number is wrong. */
  readonly run: (runtime: OnnxRuntime, provider: Provider) => Promise<number>;
}

/**
 * Relative errors that rounding explains. WebGPU allows exp, log and division a few units in the last place; CUDA
 * multiplies matrices with 10 bits (TF32), and CoreML may with half precision.
 */
export const tolerances: { readonly [P in Provider]: number } = {
  cpu: 2e-6,
  webgpu: 1e-5,
  dml: 1e-5,
  cuda: 5e-3,
  coreml: 5e-3,
};

export function encoded(graph: Graph, provider: Provider): Uint8Array {
  return encodeOnnx(graph, { lowering: lowerings[provider] });
}

/** The runtime, refusing graphs of which a node would be left to the CPU: by itself it does that silently. */
export function wholeOnProvider(runtime: OnnxRuntime): OnnxRuntime {
  const create = (model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession> => {
    const isCpu = options.executionProviders?.[0] === 'cpu';
    const extra = isCpu ? {} : { extra: { session: { disable_cpu_ep_fallback: '1' } } };
    return runtime.InferenceSession.create(model, { ...options, ...extra, logSeverityLevel: 4 });
  };
  return { InferenceSession: { create } as InferenceSessionFactory };
}
