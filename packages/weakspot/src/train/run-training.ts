import { access } from 'node:fs/promises';
import {
  type DataIssue,
  type IntensityMoments,
  type OnnxRuntime,
  type ResolveDeviceOptions,
  WeakspotError,
  startOnDevice,
} from '@weakspot/core';
import { type ImageCache, openImageCache } from '../data/cache.js';
import type { Sample, Split } from '../data/dataset.js';
import { divideDataset } from '../data/divide.js';
import { besideEngine } from '../data/threads/threads.js';
import { deviceName } from '../device/name.js';
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from '../run/checkpoint.js';
import type { RunConfig } from '../run/config.js';
import {
  type RunFolder,
  type RunInfo,
  readConfig,
  readSplit,
  runFolder,
  writeConfig,
  writeSplit,
} from '../run/folder.js';
import { type DataPlace, movedTo } from '../run/data-place.js';
import { encodeModel } from '../run/model-file.js';
import { modelOptions } from '../run/model-options.js';
import { openDataset } from '../run/open-dataset.js';
import { type TrainedWeights, readWeights } from '../run/weights.js';
import { writeFileWhole } from '../run/write.js';
import { VERSION } from '../version.js';
import { type Board, openBoard, removeBoards } from './board/board.js';
import { checkClaim, removeLeftovers, removeResults } from './claim-folder.js';
import { checkData, recordData } from './data-check.js';
import type { TrainEvent } from './events.js';
import { withCheckpoint } from './ended.js';
import { type PreparedSet, prepareImages } from './image-set.js';
import { beginning, trainLoop } from './loop.js';
import { readRecords } from './metrics-file.js';
import { checkMultiLabel, checkTrainingPart } from './minibatches.js';
import { withAbsolutePaths, withPositive } from './run-data.js';
import { Trainer } from './trainer.js';
import { startWarm, trainedOnBefore } from './warm-start.js';

/** A run to begin, or one to go on with. */
export type TrainingRequest = {
  /** The run's folder. */
  readonly run: string;
  /** Folder of the cache of prepared images; undefined: none. */
  readonly cache: string | undefined;
  /** Bytes that the cache may hold; 20 GiB unless given. */
  readonly cacheLimit?: number;
  /** Write TensorBoard event files into the run's folder. */
  readonly tensorboard?: boolean;
} & (
  | {
      readonly resume: false;
      readonly config: RunConfig;
      /** Start anew in a folder that holds a run. */
      readonly force: boolean;
    }
  | {
      readonly resume: true;
      /** Where the data are, if not where they were when the run began; kept with the run. */
      readonly data?: DataPlace;
      /** Go on though the data are others than the run was trained on; kept with the run. */
      readonly acceptChanges?: boolean;
    }
);

export interface TrainingEnvironment {
  readonly runtime: OnnxRuntime;
  readonly isStopped: () => boolean;
  /** How the device `auto` inspects a provider; in this process unless given. */
  readonly inspect?: ResolveDeviceOptions['inspect'];
}

/** A whole run: data, preparation, the loop, and the exported model. Blocks its thread while a step runs. */
export async function* runTraining(
  request: TrainingRequest,
  { runtime, isStopped, inspect }: TrainingEnvironment,
): AsyncGenerator<TrainEvent> {
  const folder = runFolder(request.run);
  const stored = request.resume ? await readConfig(folder) : undefined;
  if (!request.resume) await checkClaim(folder, request.force);
  const asked = await askedConfig(request, stored?.config);
  let checkpoint = request.resume ? await lastCheckpoint(folder) : undefined;

  const dataset = await openDataset(stored === undefined ? asked : withPositive(asked, stored.run), stored?.run);
  let run: RunInfo = stored?.run ?? {
    format: 1,
    weakspot: VERSION,
    dataset: dataset.name,
    classes: [...dataset.classes],
    positive: dataset.positive,
    ...(dataset.multiLabel === true ? { multiLabel: true } : {}),
  };
  checkMultiLabel(asked, run);
  const progress = checkpoint?.progress;
  const { split, issues } =
    progress === undefined
      ? await divideDataset(dataset, asked.data.split, asked.seed, { isStopped })
      : { split: await readSplit(folder), issues: [] };
  const checked = request.resume
    ? await checkData(request, { folder, dataset, split, checkpoint, isStopped })
    : undefined;
  const part = (name: Split): Sample[] => dataset.samples.filter((sample) => split.get(sample.name) === name);
  const [training, validation] = [part('train'), part('validation')];
  checkTrainingPart(training.length, asked);
  const options = modelOptions(asked, run);
  const weights = asked.init === undefined || checkpoint !== undefined ? undefined : await sourceOf(asked.init, run);
  const seen = weights === undefined ? [] : await trainedOnBefore(weights, asked, dataset.samples, split);
  yield {
    type: 'data',
    dataset: run.dataset,
    classes: run.classes,
    positive: run.classes[run.positive] ?? '',
    ...(run.multiLabel === true ? { multiLabel: true } : {}),
    images: { train: training.length, validation: validation.length, test: part('test').length },
    format: dataset.format,
    otherFormats: dataset.otherFormats,
    issues: [...dataset.issues, ...issues, ...(checked?.issues ?? []), ...seen],
  };

  // Before anything is decoded or written: what the engine or the network refuses leaves no half-made run behind.
  const { threads } = asked;
  const warm = weights === undefined ? undefined : startWarm(options, weights, asked.seed);
  if (warm !== undefined) yield { type: 'init', ...warm.info };
  const { started: trainer, device } = await startOnDevice(
    runtime,
    asked.device,
    { threads, ...(inspect === undefined ? {} : { inspect }) },
    (provider) => Trainer.create(runtime, asked, options, checkpoint ?? warm?.start, { provider }),
  );
  // What `auto` took is kept with the run, as the number of threads is: resumed, it goes on with the same.
  let config: RunConfig = { ...asked, device: device.provider };
  const name = deviceName(device.provider, threads);
  const before = run.devices?.at(-1);
  const isNew = before?.provider !== device.provider || before.name !== name;
  const here = { provider: device.provider, name, epoch: progress?.epoch ?? 0 };
  run = {
    ...run,
    ...(warm === undefined ? {} : { init: warm.info }),
    devices: progress === undefined ? [here] : [...(run.devices ?? []), ...(isNew ? [here] : [])],
  };
  const average = checkpoint?.average ?? new Map<string, never>();
  // The trainer has replaced its tensors after a step: do not keep them in memory for the whole run.
  checkpoint = undefined;
  const cache = openImageCache({
    directory: request.cache,
    preprocessing: config.preprocessing,
    limit: request.cacheLimit,
    threads: besideEngine(threads),
  });
  let finished = true;
  let board: Board | undefined;
  try {
    yield { type: 'device', ...device, name };
    const sets = yield* prepare(training, validation, config, cache, isStopped);
    checkTrainingPart(sets.training.samples.length, config);
    config = withSetMoments(config, sets.training.intensity);
    await removeLeftovers(folder);
    if (progress === undefined) {
      await removeResults(folder);
      await removeBoards(folder);
      await writeConfig(folder, run, config);
      await writeSplit(folder, split);
      // Resumed before its first epoch ends, it does not need the other model again, which may be gone then.
      if (warm !== undefined)
        await saveCheckpoint(folder.checkpoint('last'), { ...(await trainer.state()), progress: beginning });
    } else if (isNew || (request.resume && request.data !== undefined)) {
      await writeConfig(folder, run, config);
    }
    const known = new Map([...sets.training.contents, ...sets.validation.contents]);
    await recordData(checked, { folder, dataset, split, isStopped, cache: request.cache, known });
    const loop = { ...sets, trainer, progress: progress ?? beginning, average, folder, run, config, isStopped };
    if (request.tensorboard === true) board = await openBoard(loop);
    for await (const event of trainLoop(loop)) {
      finished = event.type !== 'stopped';
      await board?.show(event);
      yield event;
    }
  } finally {
    await board?.close();
    await cache.close();
    await trainer.release();
  }
  if (!finished) return;
  const model = encodeModel(run, config, await loadCheckpoint(folder.checkpoint('last')));
  await writeFileWhole(folder.model, model).catch(async (error: unknown) => {
    throw await withCheckpoint(error, folder);
  });
  yield { type: 'done', run: folder.path, model: folder.model, epochs: config.epochs };
}

/** The normalization of the training set is completed with its numbers, which the run keeps; those that are given stay. */
function withSetMoments(config: RunConfig, moments: IntensityMoments | undefined): RunConfig {
  const { normalization } = config.preprocessing;
  if (normalization.kind !== 'set' || normalization.mean !== undefined) return config;
  return { ...config, preprocessing: { ...config.preprocessing, normalization: { kind: 'set', ...moments } } };
}

/** A run's own configuration, with its data where they are now. */
async function askedConfig(request: TrainingRequest, stored: RunConfig | undefined): Promise<RunConfig> {
  if (!request.resume) return withAbsolutePaths(request.config);
  const config = stored as RunConfig;
  return request.data === undefined ? config : movedTo(config, request.data);
}

/**
 * The weights to start from.
 * @throws WeakspotError `model` as `readWeights`, or if they are others than those that the run began with.
 */
async function sourceOf(init: string, run: RunInfo): Promise<TrainedWeights> {
  const weights = await readWeights(init);
  if (run.init === undefined || run.init.sha256 === weights.sha256) return weights;
  throw new WeakspotError(
    'model',
    `The weights of ${init} have changed since this run began, and no checkpoint was saved since.`,
    {
      hint: 'Start the run over with --force.',
    },
  );
}

/**
 * The checkpoint to go on from; undefined for a run that was stopped before it saved one, which begins again. Where more
 * than what the first epoch leaves is there, its absence is an error: beginning again would cost it. The first epoch's best
 * checkpoint is saved before its last one, and stands alone where the disk was full then.
 */
async function lastCheckpoint(folder: RunFolder): Promise<Checkpoint | undefined> {
  const { checkpoint, model, metrics } = folder;
  const [last, best, exported] = await Promise.all([checkpoint('last'), checkpoint('best'), model].map(isThere));
  if (last !== true && exported !== true && (best !== true || (await readRecords(metrics)).length <= 1))
    return undefined;
  return loadCheckpoint(checkpoint('last'));
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function* prepare(
  training: readonly Sample[],
  validation: readonly Sample[],
  config: RunConfig,
  cache: ImageCache,
  isStopped: () => boolean,
): AsyncGenerator<TrainEvent, { training: PreparedSet; validation: PreparedSet }> {
  const total = training.length + validation.length;
  let done = 0;
  const prepareAll = async function* (samples: readonly Sample[]): AsyncGenerator<TrainEvent, PreparedSet> {
    const options = { width: config.preprocessing.width, strict: config.data.strict, isStopped };
    const preparation = prepareImages(samples, cache, options);
    for (;;) {
      const next = await preparation.next();
      if (next.done === true) return next.value;
      const issues: DataIssue[] = next.value === undefined ? [] : [next.value];
      yield { type: 'prepare', done: ++done, total, decoded: cache.statistics.decoded, issues };
    }
  };
  return { training: yield* prepareAll(training), validation: yield* prepareAll(validation) };
}
