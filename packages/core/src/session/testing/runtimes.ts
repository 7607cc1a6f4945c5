import type { InferenceSession, InferenceSessionFactory } from 'onnxruntime-common';
import * as onnxruntime from 'onnxruntime-node';
import type { Provider } from '../../graph/index.js';
import type { OnnxRuntime } from '../session.js';

/** How a pretended provider behaves; what it computes is computed by the CPU. */
export interface Pretence {
  /** What loading a graph fails with. */
  readonly fails?: string;
  /** Graphs of more nodes than the probe's fail too. */
  readonly failsLarge?: string;
  /** What all its outputs are multiplied by. */
  readonly factor?: number;
  /** What a run adds to the clock. */
  readonly milliseconds?: number;
}

export interface PretendedRuntime extends OnnxRuntime {
  /** A clock that only runs move. */
  readonly now: () => number;
  /** Providers on which a graph was loaded, or should have been, in order. */
  readonly asked: readonly string[];
  /** Sessions made and not yet released. */
  readonly held: () => number;
}

/** Bytes of a model up to which it is the probe's. */
const SMALL = 300;

/** ONNX Runtime with pretended providers; without `lists` it cannot tell which ones it has. */
export function pretendRuntime(pretences: { readonly [P in Provider]?: Pretence }, lists = true): PretendedRuntime {
  let [time, sessions] = [0, 0];
  const asked: string[] = [];
  const create = async (model: Uint8Array, options: InferenceSession.SessionOptions): Promise<object> => {
    const provider = options.executionProviders?.[0] as Provider;
    asked.push(provider);
    const pretence = pretences[provider];
    if (pretence === undefined) throw new Error(`no available backend found. ERR: [${provider}] backend not found.`);
    const failure = pretence.fails ?? (model.length > SMALL ? pretence.failsLarge : undefined);
    if (failure !== undefined) throw new Error(failure);
    const session = await onnxruntime.InferenceSession.create(model, { intraOpNumThreads: 1 });
    sessions++;
    return {
      inputNames: session.inputNames,
      outputNames: session.outputNames,
      run: async (feeds: InferenceSession.FeedsType) => {
        time += pretence.milliseconds ?? 0;
        const results = await session.run(feeds);
        for (const { data } of Object.values(results))
          (data as Float32Array).forEach((value, index, all) => (all[index] = value * (pretence.factor ?? 1)));
        return results;
      },
      release: () => {
        sessions--;
        return session.release();
      },
    };
  };
  return {
    InferenceSession: { create } as unknown as InferenceSessionFactory,
    ...(lists ? { listSupportedBackends: () => Object.keys(pretences).map((name) => ({ name })) } : {}),
    now: () => time,
    asked,
    held: () => sessions,
  };
}
