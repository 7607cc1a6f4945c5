import type { InferenceSession, InferenceSessionFactory } from 'onnxruntime-common';
import { WeakspotError } from '../errors.js';
import type { Provider } from '../graph/index.js';
import { loadFailure } from './failure.js';
import { openReader } from './reader.js';
import { RuntimeSession } from './runtime-session.js';
import type { DeviceTensor, HostTensor } from './tensor.js';

export type { DeviceTensor, HostTensor } from './tensor.js';

/** The part of ONNX Runtime that a session needs: `onnxruntime-node` and `onnxruntime-web` both have it. */
export interface OnnxRuntime {
  readonly InferenceSession: InferenceSessionFactory;
  /** The providers in its build, whatever the machine has; where it cannot tell, each has to be tried. */
  readonly listSupportedBackends?: () => readonly { readonly name: string }[];
}

export interface SessionOptions {
  readonly provider?: Provider;
  /** Threads of one op on CPU; ONNX Runtime's choice unless given. */
  readonly threads?: number;
  /** Plan a run's memory as one block (the default); without, large graphs take less of it. */
  readonly memoryPattern?: boolean;
}

export interface KeepingSessionOptions extends SessionOptions {
  /** Names of the outputs that stay on the device. */
  readonly keep: readonly string[];
}

/** Tensors by the names of a graph's inputs. Those of the host are read in place: they must not change during the run. */
export type Feeds = Readonly<Record<string, HostTensor | DeviceTensor>>;

interface LoadedGraph {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Frees what the runtime holds, kept tensors too; the session cannot run any more. Releasing again does nothing. */
  release(): Promise<void>;
}

/** A loaded ONNX graph that runs float32 tensors. */
export interface Session extends LoadedGraph {
  /**
   * Runs the graph; all outputs come to the host.
   * @throws WeakspotError `engine` naming an input that is missing or has another size, or what the runtime said.
   */
  run(feeds: Feeds): Promise<Record<string, HostTensor>>;
}

/** Outputs of a run: those that came to the host, and those that stayed on the device. */
export interface KeepingRun {
  readonly outputs: Readonly<Record<string, HostTensor>>;
  /** To be disposed when they are no longer needed; each run makes others. */
  readonly kept: Readonly<Record<string, DeviceTensor>>;
}

/** A session some of whose outputs stay on the device, to be fed to a later run without a copy to the host. */
export interface KeepingSession extends LoadedGraph {
  /** Runs the graph. @throws WeakspotError as `Session.run` does. */
  run(feeds: Feeds): Promise<KeepingRun>;
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
  const session = await createKeepingSession(runtime, model, { ...options, keep: [] });
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    run: async (feeds) => (await session.run(feeds)).outputs,
    release: () => session.release(),
  };
}

/**
 * Loads an ONNX model some of whose outputs are kept. On WebGPU they stay in buffers of the GPU; onnxruntime-node has no
 * such thing for the other providers, whose kept outputs come to the host and are fed from there.
 * @throws WeakspotError `engine` if the runtime refuses the model or the provider, or the model has no such output.
 */
export async function createKeepingSession(
  runtime: OnnxRuntime,
  model: Uint8Array,
  { provider = 'cpu', threads, memoryPattern = true, keep }: KeepingSessionOptions,
): Promise<KeepingSession> {
  const load = async (bytes: Uint8Array, kept: readonly string[]): Promise<InferenceSession> => {
    const locations = Object.fromEntries(kept.map((name) => [name, 'gpu-buffer' as const]));
    try {
      return await runtime.InferenceSession.create(bytes, {
        executionProviders: [provider],
        graphOptimizationLevel: 'all',
        enableMemPattern: memoryPattern,
        // Warnings of the runtime concern its own choices; errors are thrown.
        logSeverityLevel: 3,
        ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
        ...(provider === 'webgpu' && kept.length > 0 ? { preferredOutputLocation: locations } : {}),
      });
    } catch (error) {
      throw loadFailure(provider, error);
    }
  };
  const session = await load(model, keep);
  const missing = keep.find((name) => !session.outputNames.includes(name));
  if (missing !== undefined) {
    await session.release();
    throw new WeakspotError('engine', `The graph has no output "${missing}" to keep.`);
  }
  return new RuntimeSession(session, provider, new Set(keep), () => openReader(provider, (bytes) => load(bytes, [])));
}
