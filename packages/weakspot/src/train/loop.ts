import {
  type OnnxRuntime,
  Random,
  WeakspotError,
  alphaAt,
  rocAuc,
} from '@weakspot/core';
import { augment } from '../data/augment.js';
import { toInput } from '../data/preprocess.js';
import type { Progress } from '../run/checkpoint.js';
import { loadCheckpoint, saveCheckpoint } from '../run/checkpoint.js';
import type { RunConfig } from '../run/config.js';
import { type CheckpointKind, type RunFolder, type RunInfo } from '../run/folder.js';
import { modelOptions } from '../run/model-options.js';
import type { EpochRecord, TrainEvent } from './events.js';
import type { ImageSet } from './image-set.js';
import { appendRecord, truncateRecords } from './metrics-file.js';
import { classWeights, epochOrder, minibatchTargets } from './minibatches.js';
import { learningRateAt } from './schedule.js';
import { type StepResult, Trainer } from './trainer.js';

export interface LoopOptions {
  readonly runtime: OnnxRuntime;
  readonly folder: RunFolder;
  readonly run: RunInfo;
  readonly config: RunConfig;
  readonly training: ImageSet;
  readonly validation: ImageSet;
  /** Continue from the folder's last checkpoint. */
  readonly resume: boolean;
  /** Asked between steps; true saves and ends the loop. */
  readonly isStopped: () => boolean;
}

const start: Progress = { epoch: 0, step: 0, sums: [0, 0, 0, 0], images: 0, best: null };

/** The training loop: epochs of minibatches, validation and checkpoints; what happens is yielded as events. */
export async function* trainLoop(options: LoopOptions): AsyncGenerator<TrainEvent> {
  const { folder, run, config, training, validation, isStopped } = options;
  const { epochs, batch } = config;
  const checkpoint = options.resume ? await loadCheckpoint(folder.checkpoint('last')) : undefined;
  let progress = checkpoint?.progress ?? start;
  const trainer = await Trainer.create(options.runtime, config, modelOptions(config, run.classes.length), checkpoint);
  try {
    const labels = training.samples.map((sample) => sample.label);
    const weights = classWeights(labels, run.classes.length, config.balance);
    const steps = Math.ceil(epochOrder(labels, config.balance, config.seed, 0).length / batch);
    const parameters = trainer.parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    const save = async (kind: CheckpointKind): Promise<TrainEvent> => {
      const path = folder.checkpoint(kind);
      await saveCheckpoint(path, { ...trainer.state(), progress });
      return { type: 'checkpoint', kind, path, epoch: progress.epoch };
    };
    await truncateRecords(folder.metrics, progress.epoch);
    yield { type: 'start', epoch: progress.epoch, epochs, steps, parameters, run: folder.path };

    const pace = startPace();
    while (progress.epoch < epochs) {
      const epoch = progress.epoch;
      const order = epochOrder(labels, config.balance, config.seed, epoch);
      const alpha = trainerAlpha(config, epoch);
      while (progress.step < steps) {
        if (isStopped()) {
          yield await save('last');
          yield { type: 'stopped', epoch, step: progress.step, run: folder.path };
          return;
        }
        const { step } = progress;
        const learningRate = learningRateAt(config, { epoch, step, steps });
        const members = order.slice(step * batch, (step + 1) * batch);
        const images = await trainingImages(training, members, config, epoch);
        const targets = minibatchTargets(members.map((index) => labels[index] ?? 0), batch, weights);
        const result = await trainer.step({ images, targets, alpha, learningRate, index: epoch * steps + step });
        progress = addStep(progress, result, members.length);
        const { imagesPerSecond, secondsLeft } = pace(members.length, (epochs - epoch) * steps - step - 1, batch);
        yield { type: 'step', epoch: epoch + 1, step: step + 1, steps, alpha, learningRate, ...result, imagesPerSecond, secondsLeft };
      }

      const validated = await validate(trainer, validation, run, config);
      const [loss, classifierLoss, localizerLoss, gradientNorm] = progress.sums.map((sum) => sum / progress.images) as [number, number, number, number];
      const record: EpochRecord = {
        epoch: epoch + 1,
        alpha,
        learningRate: learningRateAt(config, { epoch, step: steps - 1, steps }),
        loss,
        classifierLoss: config.method.startsWith('STL+') ? classifierLoss : null,
        localizerLoss,
        gradientNorm,
        validationLoss: validated?.loss ?? null,
        validationAuc: validated?.auc ?? null,
        imagesPerSecond: pace.rate(),
      };
      const isBest = validated !== undefined && isBetter(validated, progress.best);
      progress = { ...start, epoch: epoch + 1, best: isBest ? { epoch: epoch + 1, ...validated } : progress.best };
      // The record goes first: resuming drops a record that is ahead of its checkpoint, but could not make a missing one.
      await appendRecord(folder.metrics, record);
      if (isBest) yield await save('best');
      yield await save('last');
      yield { type: 'epoch', record };
    }
  } finally {
    await trainer.release();
  }
}

/** Without a classifier the localizer's share of the loss is the whole. */
function trainerAlpha({ method, alpha }: RunConfig, epoch: number): number {
  return method.startsWith('STL+') ? alphaAt(alpha, epoch) : 1;
}

/** Augmented network input of the given training images [batch, 1, height, width]; places left over are zeros. */
async function trainingImages(set: ImageSet, members: readonly number[], config: RunConfig, epoch: number): Promise<Float32Array> {
  const { preprocessing, augmentation, batch, seed } = config;
  const { width, height } = preprocessing;
  const plain = new Float32Array(width * height);
  const images = new Float32Array(batch * width * height);
  for (const [row, index] of members.entries()) {
    toInput(await set.pixels(index), preprocessing, plain, 0);
    const sample = set.samples[index];
    // Under `sample` balance an image may come twice in an epoch: its place in the order tells the draws apart.
    const random = new Random(seed, 'augment', epoch, sample?.name ?? '', row);
    augment(plain, 0, width, height, augmentation, random, images, row * width * height);
  }
  return images;
}

function addStep(progress: Progress, result: StepResult, images: number): Progress {
  const values = [result.loss, result.classifierLoss ?? 0, result.localizerLoss, result.gradientNorm];
  return {
    ...progress,
    step: progress.step + 1,
    sums: values.map((value, index) => (progress.sums[index] ?? 0) + value * images),
    images: progress.images + images,
  };
}

/** The localizer's mean cross-entropy and AUC on the validation part; undefined if it is empty. */
async function validate(trainer: Trainer, set: ImageSet, run: RunInfo, { preprocessing, batch }: RunConfig): Promise<{ auc: number | null; loss: number } | undefined> {
  const count = set.samples.length;
  if (count === 0) return undefined;
  const size = preprocessing.width * preprocessing.height;
  const scores: number[] = [];
  let loss = 0;
  for (let first = 0; first < count; first += batch) {
    const members = set.samples.slice(first, first + batch);
    const images = new Float32Array(members.length * size);
    for (const row of members.keys()) toInput(await set.pixels(first + row), preprocessing, images, row * size);
    const probabilities = await trainer.probabilities(images);
    members.forEach(({ label }, row) => {
      const at = (index: number): number => probabilities[row * run.classes.length + index] ?? Number.NaN;
      scores.push(at(run.positive));
      // float32 softmax can round to 0; its smallest normal number keeps the logarithm finite.
      loss -= Math.log(Math.max(at(label), 1.2e-38));
    });
  }
  const auc = rocAuc(scores, set.samples.map((sample) => sample.label === run.positive));
  return { auc: auc ?? null, loss: loss / count };
}

/** Higher AUC, then lower loss. */
function isBetter(found: { auc: number | null; loss: number }, best: Progress['best']): boolean {
  if (best === null) return true;
  if (found.auc !== null && best.auc !== null && found.auc !== best.auc) return found.auc > best.auc;
  return found.loss < best.loss;
}

interface Pace {
  (images: number, stepsLeft: number, batch: number): { imagesPerSecond: number; secondsLeft: number };
  /** Images per second, smoothed over about the last twenty steps. */
  rate(): number;
}

function startPace(): Pace {
  let last = performance.now();
  let smoothed: number | undefined;
  const pace: Pace = (images, stepsLeft, batch) => {
    const now = performance.now();
    const rate = images / Math.max((now - last) / 1000, 1e-6);
    last = now;
    smoothed = smoothed === undefined ? rate : 0.95 * smoothed + 0.05 * rate;
    return { imagesPerSecond: smoothed, secondsLeft: (stepsLeft * batch) / smoothed };
  };
  pace.rate = () => smoothed ?? 0;
  return pace;
}

/** Checks that a minibatch can be filled. */
export function checkTrainingPart(images: number, config: RunConfig): void {
  if (images >= config.batch) return;
  throw new WeakspotError('data', `The training part has ${images} images, fewer than one minibatch of ${config.batch}.`, {
    hint: `Use --batch ${Math.max(1, images)} or fewer, or more images.`,
  });
}
