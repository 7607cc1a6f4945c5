import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type Parameter, Random, initialise } from '@weakspot/core';
import { writePhantoms } from '../../data/phantom/index.js';
import type { Split } from '../../data/dataset.js';
import { writeRun } from '../../evaluate/testing/models.js';
import { type RunConfig, mergeConfigs } from '../../run/config.js';
import { readConfig, runFolder, writeConfig, writeSplit } from '../../run/folder.js';
import type { EpochRecord } from '../../train/events.js';

/** Films of 64 x 64, some with lesions, as a data set. */
export async function writeFilms(folder: string, count = 12): Promise<string> {
  await writePhantoms(folder, { count, seed: 3, size: 64 });
  return folder;
}

export interface ReportedRunOptions {
  readonly method?: RunConfig['method'];
  readonly seed?: number;
  /** Films of these numbers, from 1, are the test part; all unless given. */
  readonly test?: readonly number[];
  readonly films: string;
  readonly count?: number;
  readonly settings?: Parameters<typeof mergeConfigs>[0];
}

/** A run that was not trained, with epochs as if it had been: all that a report reads. */
export async function writeReportedRun(path: string, options: ReportedRunOptions): Promise<string> {
  const { method = 'STL+AvePool', seed = 0, films, count = 12, test, settings = {} } = options;
  await writeRun(path, {
    values: (parameter) => drawn(parameter, seed),
    settings: mergeConfigs(
      { data: { path: films }, method, seed, network: { name: 'small', classifier: [8] } },
      settings,
    ),
  });
  const folder = runFolder(path);
  const { run, config } = await readConfig(folder);
  await writeConfig(folder, { ...run, dataset: basename(films), classes: ['normal', 'lesion'] }, config);
  const names = Array.from({ length: count }, (_, i) => `images/phantom-${String(i + 1).padStart(5, '0')}.png`);
  const parts = names.map((name, i): [string, Split] => [
    name,
    test === undefined || test.includes(i + 1) ? 'test' : 'train',
  ]);
  await writeSplit(folder, new Map(parts));
  const records = [1, 2, 3].map((epoch) => epochRecord(epoch, method.startsWith('STL')));
  writeFileSync(folder.metrics, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  return path;
}

/** Runs of different seeds answer differently. */
function drawn(parameter: Parameter, seed: number): Float32Array {
  if (parameter.fanIn > 0) return initialise(parameter, seed);
  const random = new Random(seed, 'bias', parameter.name);
  return Float32Array.from({ length: parameter.shape[0] ?? 0 }, () => 0.3 * random.normal());
}

export function epochRecord(epoch: number, hasClassifier: boolean): EpochRecord {
  return {
    epoch,
    alpha: hasClassifier ? (epoch < 3 ? 0.1 : 0.9) : 1,
    learningRate: 0.01,
    loss: 0.7,
    classifierLoss: hasClassifier ? 0.8 / epoch : null,
    localizerLoss: 0.7 - 0.1 * epoch,
    gradientNorm: 1,
    validationLoss: null,
    validationAuc: null,
    imagesPerSecond: 10,
  };
}
