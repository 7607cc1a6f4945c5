import { buildCaseOutputs, cases, relativeError } from '../../../graph/testing/cases.js';
import { type HostTensor, createSession } from '../../index.js';
import { type Check, encoded, wholeOnProvider } from './check.js';

/** Every op of the table with its gradients, against PyTorch. */
export const ops = cases.map((entry): Check => {
  return {
    name: `${entry.op}, ${entry.name}: forward and gradients`,
    run: async (runtime, provider) => {
      const { graph, feeds, expected } = buildCaseOutputs(entry);
      const tensors = graph.inputs.map(({ name, type: { shape } }): [string, HostTensor] => {
        return [name, { data: feeds[name] ?? new Float32Array(), shape }];
      });
      const session = await createSession(wholeOnProvider(runtime), encoded(graph, provider), { provider });
      try {
        const outputs = await session.run(Object.fromEntries(tensors));
        const errors = [...expected].map(([name, { data }]) => relativeError(outputs[name]?.data ?? [], data));
        // Math.max gives NaN if any is.
        return Math.max(...errors);
      } finally {
        await session.release();
      }
    },
  };
});
