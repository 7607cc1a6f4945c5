import { type InferenceSession, type InferenceSessionFactory, Tensor } from 'onnxruntime-common';
import { WeakspotError, messageOf } from '../errors.js';
import { type Provider, type Shape, sizeOf } from '../graph/index.js';

/** The part of ONNX Runtime that a session needs: `onnxruntime-node` and `onnxruntime-web` both have it. */
export interface OnnxRuntime {
  readonly InferenceSession: InferenceSessionFactory;
}

export interface SessionOptions {
  readonly provider?: Provider;
  /** Threads of one op on CPU; ONNX Runtime's choice unless given. */
  readonly threads?: number;
}

/** A float32 tensor on the host: row-major data and its shape. */
export interface HostTensor {
  readonly data: Float32Array;
  readonly shape: Shape;
}

/** A loaded ONNX graph that runs float32 tensors. */
export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Runs the graph. Input data are read in place, so they must not change until the promise settles.
   * @throws WeakspotError `engine` naming an input that is missing or has another size, or what the runtime said.
   */
  run(feeds: Readonly<Record<string, HostTensor>>): Promise<Record<string, HostTensor>>;
  /** Frees what the runtime holds; the session cannot run any more. */
  release(): Promise<void>;
}

/**
 * Loads an ONNX model.
 * @throws WeakspotError `engine` if the runtime refuses the model or the provider.
 */
export async function createSession(
  runtime: OnnxRuntime,
  model: Uint8Array,
  options: SessionOptions = {},
): Promise<Session> {
  const provider = options.provider ?? 'cpu';
  let session: InferenceSession;
  try {
    session = await runtime.InferenceSession.create(model, {
      executionProviders: [provider],
      graphOptimizationLevel: 'all',
      // Warnings of the runtime concern its own choices; errors are thrown.
      logSeverityLevel: 3,
      ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
    });
  } catch (error) {
    throw new WeakspotError('engine', `ONNX Runtime could not load the graph on "${provider}": ${messageOf(error)}`, {
      cause: error,
    });
  }
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    run: (feeds) => runSession(session, feeds),
    release: () => session.release(),
  };
}

async function runSession(
  session: InferenceSession,
  feeds: Readonly<Record<string, HostTensor>>,
): Promise<Record<string, HostTensor>> {
  const tensors: Record<string, Tensor> = {};
  for (const name of session.inputNames) {
    const feed = feeds[name];
    if (feed === undefined) throw new WeakspotError('engine', `The graph's input "${name}" was not fed.`);
    if (feed.data.length !== sizeOf(feed.shape)) {
      throw new WeakspotError(
        'engine',
        `Input "${name}" has ${feed.data.length} values for the shape [${feed.shape.join(', ')}].`,
      );
    }
    tensors[name] = new Tensor('float32', feed.data, feed.shape);
  }
  try {
    const results = await session.run(tensors);
    const outputs: Record<string, HostTensor> = {};
    for (const name of session.outputNames) {
      const tensor = results[name];
      if (!(tensor?.data instanceof Float32Array)) throw new Error(`output "${name}" is not float32`);
      outputs[name] = { data: tensor.data, shape: tensor.dims };
    }
    return outputs;
  } catch (error) {
    throw new WeakspotError('engine', `ONNX Runtime failed to run the graph: ${messageOf(error)}`, { cause: error });
  }
}
