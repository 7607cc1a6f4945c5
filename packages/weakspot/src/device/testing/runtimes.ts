import type { OnnxRuntime, Provider } from '@weakspot/core';
import type { InferenceSession, InferenceSessionFactory } from 'onnxruntime-common';
import * as onnxruntime from 'onnxruntime-node';

export interface PretendedRuntime extends OnnxRuntime {
  /** Providers on which a graph was loaded, in order. */
  readonly loaded: readonly string[];
}

/**
 * ONNX Runtime with pretended providers beside the CPU, which computes for them: one that `works`, or one that `fails` to
 * load any graph larger than a probe's.
 */
export function runtimeWith(pretended: { readonly [P in Provider]?: 'works' | 'fails' }): PretendedRuntime {
  const behaviours: Readonly<Record<string, 'works' | 'fails'>> = { cpu: 'works', ...pretended };
  const loaded: string[] = [];
  const create = async (model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession> => {
    const provider = options.executionProviders?.[0] as Provider;
    if (behaviours[provider] === undefined) throw new Error(`[${provider}] backend not found.`);
    if (behaviours[provider] === 'fails' && model.length > 1000) throw new Error('the graph is too large');
    const { extra: _, preferredOutputLocation: __, ...others } = options;
    const session = await onnxruntime.InferenceSession.create(model, { ...others, executionProviders: ['cpu'] });
    loaded.push(provider);
    return session;
  };
  return {
    InferenceSession: { create } as unknown as InferenceSessionFactory,
    listSupportedBackends: () => Object.keys(behaviours).map((name) => ({ name })),
    loaded,
  };
}
