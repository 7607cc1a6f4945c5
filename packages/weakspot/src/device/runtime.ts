import { type OnnxRuntime, WeakspotError, messageOf } from '@weakspot/core';

/**
 * ONNX Runtime for Node, `onnxruntime-node`, which comes with this package. It is loaded when it is first needed: a program
 * that hands in a runtime of its own, or that only reads data sets, does not load it.
 * @throws WeakspotError `engine` if it cannot be loaded.
 */
export async function bundledRuntime(): Promise<OnnxRuntime> {
  return import('onnxruntime-node').catch((error: unknown) => {
    throw new WeakspotError('engine', `onnxruntime-node cannot be loaded: ${messageOf(error)}`, {
      hint: '"weakspot doctor" shows what is missing; "npm ci" reinstalls everything.',
      cause: error,
    });
  });
}
