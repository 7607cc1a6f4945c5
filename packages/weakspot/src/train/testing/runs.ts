import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '@weakspot/core';
import * as onnxruntime from 'onnxruntime-node';
import { greyPng } from '../../data/testing/files.js';
import { type PartialConfig, type RunConfig, mergeConfigs, resolveConfig } from '../../run/config.js';
import type { TrainEvent } from '../events.js';
import { type TrainingRequest, runTraining } from '../run-training.js';

/** A configuration that trains in milliseconds: 64x64 inputs, a classifier 8 wide, minibatches of 4, one thread. */
export function tinyConfig(path: string, changes: PartialConfig = {}): RunConfig {
  const tiny = {
    data: { path, positive: 'lesion', split: { train: 0.75, validation: 0.25, test: 0 } },
    network: { name: 'compact', classifier: [8] },
    preprocessing: { width: 64, height: 64 },
    augmentation: { shift: 2, flip: true },
    epochs: 3,
    batch: 4,
    optimizer: { learningRate: 0.002, averageFrom: 0 },
    seed: 7,
  };
  return resolveConfig(mergeConfigs(tiny, changes), { source: 'test', threads: 1 });
}

/** A data set with a folder per class: noisy 40x40 images, the positive ones with a bright square. Returns the folder. */
export async function writeImages(folder: string, perClass = 12): Promise<string> {
  for (const label of ['clear', 'lesion']) {
    mkdirSync(join(folder, label), { recursive: true });
    for (let i = 0; i < perClass; i++) {
      const random = new Random(1, label, i);
      const pixels = Uint8Array.from({ length: 1600 }, () => 60 + random.integer(40));
      const [left, top] = [2 + random.integer(26), 2 + random.integer(26)];
      for (let p = 0; p < (label === 'lesion' ? 100 : 0); p++)
        pixels[(top + Math.floor(p / 10)) * 40 + left + (p % 10)] = 240;
      writeFileSync(join(folder, label, `${i}.png`), await greyPng(pixels, 40, 40));
    }
  }
  return folder;
}

/** A run in this thread: for what does not concern the thread, whose start takes most of such a run's time. */
export async function runHere(request: TrainingRequest): Promise<TrainEvent[]> {
  return eventsOf(runTraining(request, { runtime: onnxruntime, isStopped: () => false }));
}

/** All events of a run. */
export async function eventsOf(events: AsyncIterable<TrainEvent>): Promise<TrainEvent[]> {
  const found: TrainEvent[] = [];
  for await (const event of events) found.push(event);
  return found;
}

/** All files below a folder, sorted; none where it is not there. */
export function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
}
