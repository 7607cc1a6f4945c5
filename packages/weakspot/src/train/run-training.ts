import { access, rm } from 'node:fs/promises';
import { type DataIssue, type OnnxRuntime, WeakspotError } from '@weakspot/core';
import { openImageCache } from '../data/cache.js';
import type { Dataset, Sample, Split } from '../data/dataset.js';
import { readDataset } from '../data/read-dataset.js';
import { splitSamples } from '../data/split.js';
import { loadCheckpoint } from '../run/checkpoint.js';
import type { RunConfig } from '../run/config.js';
import { type RunFolder, type RunInfo, isOccupied, readConfig, readSplit, runFolder, writeConfig, writeSplit } from '../run/folder.js';
import { encodeModel } from '../run/model-file.js';
import { writeFileWhole } from '../run/write.js';
import { VERSION } from '../version.js';
import type { TrainEvent } from './events.js';
import { type ImageSet, prepareImages } from './image-set.js';
import { checkTrainingPart, trainLoop } from './loop.js';

/** A run to begin, or one to go on with. */
export type TrainingRequest = {
  /** The run's folder. */
  readonly run: string;
  /** Folder of the cache of prepared images; undefined: none. */
  readonly cache: string | undefined;
} & (
  | {
      readonly resume: false;
      readonly config: RunConfig;
      /** Start anew in a folder that holds a run. */
      readonly force: boolean;
    }
  | { readonly resume: true }
);

export interface TrainingEnvironment {
  readonly runtime: OnnxRuntime;
  readonly isStopped: () => boolean;
}

/** A whole run: data, preparation, the loop, and the exported model. Blocks its thread while a step runs. */
export async function* runTraining(request: TrainingRequest, { runtime, isStopped }: TrainingEnvironment): AsyncGenerator<TrainEvent> {
  const folder = runFolder(request.run);
  const stored = request.resume ? await readConfig(folder) : undefined;
  if (!request.resume) await claimFolder(folder, request.force);
  const config = request.resume ? (stored as { config: RunConfig }).config : request.config;

  const dataset = await openDataset(config, stored?.run.classes);
  const run: RunInfo = stored?.run ?? {
    format: 1,
    weakspot: VERSION,
    dataset: dataset.name,
    classes: [...dataset.classes],
    positive: dataset.positive,
  };
  const split = request.resume ? await readSplit(folder) : divide(dataset.samples, config);
  const part = (name: Split): Sample[] => dataset.samples.filter((sample) => split.get(sample.name) === name);
  const [training, validation] = [part('train'), part('validation')];
  checkTrainingPart(training.length, config);
  yield {
    type: 'data',
    dataset: run.dataset,
    classes: run.classes,
    positive: run.classes[run.positive] ?? '',
    images: { train: training.length, validation: validation.length, test: part('test').length },
    issues: dataset.issues,
  };

  const sets = yield* prepare(training, validation, config, request.cache, isStopped);
  checkTrainingPart(sets.training.samples.length, config);
  if (!request.resume) {
    await writeSplit(folder, split);
    await writeConfig(folder, run, config);
  }
  let finished = true;
  for await (const event of trainLoop({ runtime, folder, run, config, ...sets, resume: request.resume, isStopped })) {
    finished = event.type !== 'stopped';
    yield event;
  }
  if (!finished) return;
  await writeFileWhole(folder.model, encodeModel(run, config, await loadCheckpoint(folder.checkpoint('last'))));
  yield { type: 'done', run: folder.path, model: folder.model, epochs: config.epochs };
}

/** Reads the data set that a run's configuration names; `classes` fixes their order. */
export async function openDataset({ data }: RunConfig, classes?: readonly string[]): Promise<Dataset> {
  return readDataset(data.path, {
    strict: data.strict,
    ...(data.images === undefined ? {} : { images: data.images }),
    ...(data.boxes === undefined ? {} : { boxes: data.boxes }),
    ...(data.positive === undefined ? {} : { positive: data.positive }),
    ...(classes === undefined ? {} : { classes }),
  });
}

function divide(samples: readonly Sample[], { data, seed }: RunConfig): ReadonlyMap<string, Split> {
  const parts = splitSamples(samples, data.split, seed);
  return new Map(samples.map((sample, index) => [sample.name, parts[index] as Split]));
}

/** An occupied folder is used only when forced and only if it holds a run, whose results are then removed. */
async function claimFolder(folder: RunFolder, force: boolean): Promise<void> {
  if (!(await isOccupied(folder.path))) return;
  const isRun = await access(folder.config).then(
    () => true,
    () => false,
  );
  if (!force || !isRun) {
    throw new WeakspotError('exists', `${folder.path} exists and is not empty.`, {
      hint: isRun ? 'Go on with that run with --resume, start it anew with --force, or choose another folder.' : 'It holds no run: choose another folder.',
    });
  }
  for (const path of [folder.config, folder.split, folder.metrics, folder.model, folder.checkpoint('last'), folder.checkpoint('best')]) {
    await rm(path, { force: true });
  }
}

async function* prepare(
  training: readonly Sample[],
  validation: readonly Sample[],
  config: RunConfig,
  directory: string | undefined,
  isStopped: () => boolean,
): AsyncGenerator<TrainEvent, { training: ImageSet; validation: ImageSet }> {
  const cache = openImageCache({ directory, preprocessing: config.preprocessing });
  const total = training.length + validation.length;
  let done = 0;
  const prepareAll = async function* (samples: readonly Sample[]): AsyncGenerator<TrainEvent, ImageSet> {
    const preparation = prepareImages(samples, cache, { strict: config.data.strict, isStopped });
    for (;;) {
      const next = await preparation.next();
      if (next.done === true) return next.value;
      const issues: DataIssue[] = next.value === undefined ? [] : [next.value];
      yield { type: 'prepare', done: ++done, total, decoded: cache.statistics.decoded, issues };
    }
  };
  return { training: yield* prepareAll(training), validation: yield* prepareAll(validation) };
}
