import * as onnxruntime from 'onnxruntime-node';
import { runTraining } from '../../train/run-training.js';
import { type CompareEvent, type CompareRequest, type CompareOptions, compare } from '../index.js';
import { type ComparisonSettings, type PartialComparison, resolveComparison } from '../settings.js';

/** Settings whose runs train in milliseconds: 32x32 inputs of `small`, a classifier 4 wide, minibatches of 4, one thread. */
export function tinyComparison(path: string, changes: PartialComparison = {}): ComparisonSettings {
  const tiny: PartialComparison = {
    data: { path, positive: 'lesion', split: { train: 0.5, validation: 0.25, test: 0.25 } },
    network: { name: 'small', classifier: [4] },
    preprocessing: { width: 32, height: 32 },
    epochs: 2,
    batch: 4,
    optimizer: { learningRate: 0.002 },
    compare: { methods: ['AvePool', 'STL+AvePool'], seeds: [0, 1], resamples: 60 },
  };
  return resolveComparison({ ...tiny, ...changes }, { source: 'test', threads: 1 });
}

export function requestFor(out: string, settings: ComparisonSettings, force = false): CompareRequest {
  return { out, cache: undefined, settings, force };
}

/** A comparison whose runs train in this thread, whose start takes most of such a run's time. */
export function comparing(request: CompareRequest, options: CompareOptions = {}): AsyncGenerator<CompareEvent> {
  return compare(request, {
    train: (training, { signal }) =>
      runTraining(training, { runtime: onnxruntime, isStopped: () => signal?.aborted === true }),
    ...options,
  });
}

/** All events of a comparison. */
export async function compareHere(request: CompareRequest, options: CompareOptions = {}): Promise<CompareEvent[]> {
  const events: CompareEvent[] = [];
  for await (const event of comparing(request, options)) events.push(event);
  return events;
}
