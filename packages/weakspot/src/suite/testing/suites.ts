import * as onnxruntime from 'onnxruntime-node';
import type { CompareOptions } from '../../compare/index.js';
import { runTraining } from '../../train/run-training.js';
import { type SuiteEvent, type SuiteRequest, type SuiteSet, compareSuite, resolveSuite } from '../index.js';

/** A suite of two settings and seeds whose runs train in milliseconds: 32x32 inputs of `small`, one thread. */
export function suiteOf(content: object, out: string): SuiteSet[] {
  const tiny = {
    settings: { AvePool: {}, stl: { method: 'STL+AvePool' } },
    split: { train: 0.5, validation: 0.25, test: 0.25, seed: 0 },
    seeds: [0, 1],
    resamples: 60,
    ...content,
  };
  const config = {
    network: { name: 'small', classifier: [4] },
    preprocessing: { width: 32, height: 32 },
    epochs: 2,
    batch: 4,
    optimizer: { learningRate: 0.002 },
    ...(content as { config?: object }).config,
  };
  return resolveSuite({ ...tiny, config }, { source: 'test', threads: 1, folder: out, out });
}

/** All events of a suite, whose runs train in this thread. */
export async function runHere(
  request: Pick<SuiteRequest, 'out' | 'sets'> & Partial<SuiteRequest>,
  options: CompareOptions = {},
  see: (event: SuiteEvent) => void = () => undefined,
): Promise<SuiteEvent[]> {
  const events: SuiteEvent[] = [];
  const train: CompareOptions['train'] = (training, { signal }) =>
    runTraining(training, { runtime: onnxruntime, isStopped: () => signal?.aborted === true });
  for await (const event of compareSuite({ cache: undefined, force: false, ...request }, { train, ...options })) {
    events.push(event);
    see(event);
  }
  return events;
}
