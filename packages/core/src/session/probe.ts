import { Tensor } from 'onnxruntime-common';
import { messageOf } from '../errors.js';
import { type Provider, add, createGraph, encodeOnnx, float32, lowerings } from '../graph/index.js';
import type { OnnxRuntime } from './session.js';
import { type Explanation, explainFailure, notInBuild } from './unavailable.js';

/** Whether a provider can be used, and if not why. */
export interface ProbeResult {
  readonly provider: Provider;
  readonly available: boolean;
  /** Why it is not available, in a few words. */
  readonly reason?: string;
  /** What could be done about that: one sentence. */
  readonly hint?: string;
}

/** A result of a provider that cannot be used. */
export function unavailable(provider: Provider, { reason, hint }: Explanation): ProbeResult {
  return { provider, available: false, reason, ...(hint === undefined ? {} : { hint }) };
}

/** Whether the runtime has the provider in its build; true where it cannot tell. */
export function isInBuild(runtime: OnnxRuntime, provider: Provider): boolean {
  return runtime.listSupportedBackends?.().some(({ name }) => name === provider) ?? true;
}

/**
 * Tries a provider: adds two numbers on it. What the runtime throws becomes the reason; nothing is thrown. The runtime's
 * own complaints about a missing driver or library may appear on standard error.
 */
export async function probeProvider(runtime: OnnxRuntime, provider: Provider): Promise<ProbeResult> {
  try {
    if (!isInBuild(runtime, provider)) return unavailable(provider, notInBuild(provider));
    const sum = await addOn(runtime, provider);
    return sum === 3
      ? { provider, available: true }
      : unavailable(provider, { reason: `it says that 1 + 2 is ${sum}` });
  } catch (error) {
    return unavailable(provider, explainFailure(provider, messageOf(error)));
  }
}

async function addOn(runtime: OnnxRuntime, provider: Provider): Promise<number> {
  const graph = createGraph();
  graph.output('sum', add(graph.input('a', float32([1])), graph.input('b', float32([1]))));
  const session = await runtime.InferenceSession.create(encodeOnnx(graph, { lowering: lowerings[provider] }), {
    executionProviders: [provider],
    logSeverityLevel: 4,
    // Else a provider that takes no op at all would be found available: the CPU runs whatever it leaves.
    ...(provider === 'cpu' ? {} : { extra: { session: { disable_cpu_ep_fallback: '1' } } }),
  });
  try {
    const [a, b] = [1, 2].map((value) => new Tensor('float32', Float32Array.of(value), [1]));
    return Number((await session.run({ a: a as Tensor, b: b as Tensor }))['sum']?.data[0]);
  } finally {
    await session.release();
  }
}
