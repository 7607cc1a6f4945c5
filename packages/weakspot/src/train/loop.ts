import { alphaAt, sizeOf } from '@weakspot/core';
import { type Checkpoint, type Progress, saveCheckpoint } from '../run/checkpoint.js';
import type { RunConfig } from '../run/config.js';
import type { CheckpointKind, RunFolder, RunInfo } from '../run/folder.js';
import { averageWith } from './average.js';
import { withCheckpoint } from './ended.js';
import type { EpochRecord, TrainEvent } from './events.js';
import type { ImageSet } from './image-set.js';
import { appendRecord, truncateRecords } from './metrics-file.js';
import { classWeights, epochOrder, minibatchTargets, multiLabelTargets } from './minibatches.js';
import { startCalls, startPace } from './pace.js';
import { learningRateAt } from './schedule.js';
import type { StepInput, StepResult, Trainer } from './trainer.js';
import { trainingImages } from './training-images.js';
import { type Validation, isBetter, validate } from './validate.js';

export interface LoopOptions {
  readonly trainer: Trainer;
  /** Where the trainer's weights stand. */
  readonly progress: Progress;
  readonly folder: RunFolder;
  readonly run: RunInfo;
  readonly config: RunConfig;
  readonly training: ImageSet;
  readonly validation: ImageSet;
  /** Means of the weights over epochs so far; empty at the start. */
  readonly average: Checkpoint['average'];
  /** Asked between calls of the engine, about a second; true saves and ends the loop. */
  readonly isStopped: () => boolean;
}

/** The progress of a run that has not begun. */
export const beginning: Progress = { epoch: 0, step: 0, sums: [0, 0, 0, 0], images: 0, best: null };

/**
 * The training loop: epochs of minibatches, validation and checkpoints; what happens is yielded as events.
 * @throws WeakspotError `diverged` or `engine`, naming the checkpoint that is kept.
 */
export async function* trainLoop(options: LoopOptions): AsyncGenerator<TrainEvent> {
  try {
    yield* trainEpochs(options);
  } catch (error) {
    throw await withCheckpoint(error, options.folder);
  }
}

async function* trainEpochs(options: LoopOptions): AsyncGenerator<TrainEvent> {
  const { trainer, folder, run, config, training, validation, isStopped } = options;
  const { epochs, batch } = config;
  const { averageFrom } = config.optimizer;
  let { progress, average } = options;
  const labels = training.samples.map((sample) => sample.label);
  const weights = classWeights(labels, run.classes.length, config.balance);
  const targetsOf = (members: readonly number[]): Float32Array =>
    run.multiLabel === true
      ? multiLabelTargets(
          members.map((index) => training.samples[index]?.labels ?? []),
          batch,
          run.classes.length,
        )
      : minibatchTargets(
          members.map((index) => labels[index] as number),
          batch,
          weights,
        );
  const steps = Math.ceil(epochOrder(labels, config, 0).length / batch);
  const learned = trainer.parameters.filter(({ statistic }) => statistic !== true);
  const parameters = learned.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const save = async (kind: CheckpointKind): Promise<TrainEvent> => {
    const path = folder.checkpoint(kind);
    const state = await trainer.state();
    // What is best was measured with a moving average, and without a mean over epochs.
    const averaged = kind === 'last' && averageFrom !== null ? { average } : {};
    await saveCheckpoint(path, { ...state, ...averaged, progress });
    return { type: 'checkpoint', kind, path, epoch: progress.epoch };
  };
  await truncateRecords(folder.metrics, progress.epoch);
  yield { type: 'start', epoch: progress.epoch, epochs, steps, parameters, run: folder.path };

  const pace = startPace();
  const calls = startCalls(trainer.repeats, trainer.stateBytes);
  while (progress.epoch < epochs) {
    const epoch = progress.epoch;
    const order = epochOrder(labels, config, epoch);
    const alpha = localizerShare(config, epoch);
    while (progress.step < steps) {
      if (isStopped()) {
        yield await save('last');
        yield { type: 'stopped', epoch, step: progress.step, run: folder.path };
        return;
      }
      const first = progress.step;
      const members = minibatches(order, batch).slice(first, first + calls.steps);
      const inputs: StepInput[] = [];
      for (const [offset, minibatch] of members.entries()) {
        const step = first + offset;
        const images = await trainingImages(training, minibatch, config, { epoch, first: step * batch });
        const targets = targetsOf(minibatch);
        const learningRate = learningRateAt(config, { epoch, step, steps });
        inputs.push({ images, targets, alpha, learningRate, index: epoch * steps + step });
      }
      const results = await calls.time(inputs.length, () => trainer.steps(inputs));
      pace.count(members.reduce((sum, minibatch) => sum + minibatch.length, 0));
      const { imagesPerSecond } = pace;
      for (const [offset, result] of results.entries()) {
        progress = addStep(progress, result, members[offset]?.length ?? 0);
        const { step } = progress;
        const imagesLeft = (epochs - epoch) * order.length - Math.min(step * batch, order.length);
        const speed = { imagesPerSecond, secondsLeft: imagesLeft / imagesPerSecond };
        const learningRate = inputs[offset]?.learningRate ?? Number.NaN;
        yield { type: 'step', epoch: epoch + 1, step, steps, alpha, learningRate, ...result, ...speed };
      }
    }

    const validated = await validate(trainer, validation, run, config);
    const learningRate = learningRateAt(config, { epoch, step: steps - 1, steps });
    const speed = { imagesPerSecond: pace.imagesPerSecond };
    const record = {
      epoch: epoch + 1,
      alpha,
      learningRate,
      ...means(progress, config),
      ...scores(validated),
      ...speed,
    };
    const isBest = validated !== undefined && isBetter(validated, progress.best);
    const best = isBest ? { epoch: epoch + 1, ...validated } : progress.best;
    progress = { ...beginning, epoch: epoch + 1, best };
    if (averageFrom !== null && epoch >= averageFrom)
      average = averageWith(average, (await trainer.state()).parameters, epoch - averageFrom);
    // The record goes first: resuming drops a record that is ahead of its checkpoint, but could not make a missing one.
    await appendRecord(folder.metrics, record);
    if (isBest) yield await save('best');
    yield await save('last');
    yield { type: 'epoch', record };
  }
}

/** An epoch's order cut into minibatches; the last may be smaller. */
function minibatches(order: readonly number[], batch: number): number[][] {
  const count = Math.ceil(order.length / batch);
  return Array.from({ length: count }, (_, step) => order.slice(step * batch, (step + 1) * batch));
}

function hasClassifier({ method }: RunConfig): boolean {
  return method.startsWith('STL+');
}

/** alpha of an epoch; without a classifier the localizer's share of the loss is the whole. */
function localizerShare(config: RunConfig, epoch: number): number {
  return hasClassifier(config) ? alphaAt(config.alpha, epoch) : 1;
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

type Means = Pick<EpochRecord, 'loss' | 'classifierLoss' | 'localizerLoss' | 'gradientNorm'>;

/** Means over the images of an epoch, in the order that `addStep` sums them. */
function means({ sums, images }: Progress, config: RunConfig): Means {
  const mean = (index: number): number => (sums[index] ?? 0) / images;
  return {
    loss: mean(0),
    classifierLoss: hasClassifier(config) ? mean(1) : null,
    localizerLoss: mean(2),
    gradientNorm: mean(3),
  };
}

function scores(found: Validation | undefined): Pick<EpochRecord, 'validationLoss' | 'validationAuc'> {
  return { validationLoss: found?.loss ?? null, validationAuc: found?.auc ?? null };
}
