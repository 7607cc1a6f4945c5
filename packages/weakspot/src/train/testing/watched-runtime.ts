import { type OnnxRuntime, inferenceNames, stepNames } from '@weakspot/core';
import type { InferenceSession, InferenceSessionFactory, Tensor } from 'onnxruntime-common';
import * as onnxruntime from 'onnxruntime-node';

/** What a session is for, told by its outputs. */
export type SessionKind = 'training' | 'inference' | 'other';

function kindOf({ outputNames }: InferenceSession): SessionKind {
  if (outputNames.some((name) => name.startsWith(stepNames.loss))) return 'training';
  return outputNames.includes(inferenceNames.probabilities) ? 'inference' : 'other';
}

export interface Watched {
  readonly runtime: OnnxRuntime;
  /** Made so far, and of those not yet released. */
  readonly sessions: { made: number; held: number };
  /** Tensors kept from a step for the next one: made so far, of those not yet disposed, and the most of those at once. */
  readonly tensors: { made: number; held: number; most: number };
}

/**
 * ONNX Runtime, counting what it is asked to hold.
 * @param before called before a session is loaded (run 0), and before each of its runs (from 1): what it throws, the
 * runtime throws.
 */
export function watchRuntime(before: (kind: SessionKind, run: number) => void = () => undefined): Watched {
  const sessions = { made: 0, held: 0 };
  const tensors = { made: 0, held: 0, most: 0 };
  const watchDisposal = (tensor: Tensor): void => {
    const dispose = tensor.dispose.bind(tensor);
    tensors.made++;
    tensors.most = Math.max(tensors.most, ++tensors.held);
    tensor.dispose = () => {
      tensors.held--;
      dispose();
    };
  };
  const create = async (model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession> => {
    const session = await onnxruntime.InferenceSession.create(model, options);
    const kind = kindOf(session);
    try {
      before(kind, 0);
    } catch (error) {
      await session.release();
      throw error;
    }
    sessions.made++;
    sessions.held++;
    let runs = 0;
    const [run, release] = [session.run.bind(session), session.release.bind(session)];
    return Object.assign(session, {
      run: async (feeds: InferenceSession.FeedsType) => {
        before(kind, ++runs);
        const results = await run(feeds);
        for (const [name, tensor] of Object.entries(results)) {
          if (name.includes(stepNames.next(''))) watchDisposal(tensor);
        }
        return results;
      },
      release: () => {
        sessions.held--;
        return release();
      },
    });
  };
  return { runtime: { InferenceSession: { create } as InferenceSessionFactory }, sessions, tensors };
}
