import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { EventImage } from '@weakspot/core';
import { toInput } from '../../data/preprocess.js';
import type { Progress } from '../../run/checkpoint.js';
import type { RunConfig } from '../../run/config.js';
import type { RunFolder, RunInfo } from '../../run/folder.js';
import type { TrainEvent } from '../events.js';
import type { ImageSet } from '../image-set.js';
import type { Trainer } from '../trainer.js';
import { type EventFile, openEventFile } from './event-file.js';
import { filterPicture, mapPicture } from './pictures.js';

export interface BoardOptions {
  readonly folder: RunFolder;
  readonly run: Pick<RunInfo, 'classes' | 'positive'>;
  readonly config: RunConfig;
  readonly trainer: Pick<Trainer, 'localize' | 'parameter'>;
  /** Its first images are shown. */
  readonly validation: ImageSet;
  /** Where the run stands when it begins or goes on. */
  readonly progress: Progress;
}

/** Writes what happens in a training for TensorBoard. */
export interface Board {
  /** @throws WeakspotError `io` if the event file cannot be written. */
  readonly show: (event: TrainEvent) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Positive images shown, and as many others. */
const SHOWN = 2;
const PREFIX = 'events.out.tfevents.';

/**
 * Opens an event file in the run's folder, as TensorBoard looks for it: `events.out.tfevents.TIME.PROCESS.NUMBER`. A resumed run
 * gets another one, which tells readers what of the older ones to forget.
 *
 * Scalars are written after every step and every epoch. After every epoch, and before the first, come pictures: the first
 * layer's filters, and of four validation images the film with each class's activation map.
 */
export async function openBoard(options: BoardOptions): Promise<Board> {
  const { folder, progress } = options;
  // Readers take the files in the order of their names.
  const number = (await boardsOf(folder)).length;
  const file = await openEventFile(
    join(folder.path, `${PREFIX}${Math.floor(Date.now() / 1000)}.${process.pid}.${number}`),
  );
  let steps = 0;
  const show = async (event: TrainEvent): Promise<void> => {
    switch (event.type) {
      case 'start': {
        steps = event.steps;
        const done = progress.epoch * steps + progress.step;
        if (done > 0) await file.restart(done + 1);
        else await showPictures(file, 0, options);
        break;
      }
      case 'step':
        await file.write({ step: (event.epoch - 1) * steps + event.step, scalars: stepScalars(event) });
        break;
      case 'epoch': {
        const step = event.record.epoch * steps;
        await file.write({ step, scalars: epochScalars(event.record) });
        await showPictures(file, step, options);
        break;
      }
      // What is prepared and saved is no course of anything.
      case 'data':
      case 'device':
      case 'init':
      case 'prepare':
      case 'checkpoint':
      case 'stopped':
      case 'done':
        break;
    }
  };
  return { show, close: () => file.close() };
}

/** Removes the event files of a run that begins anew. */
export async function removeBoards(folder: RunFolder): Promise<void> {
  for (const name of await boardsOf(folder)) await rm(join(folder.path, name), { force: true });
}

async function boardsOf({ path }: RunFolder): Promise<string[]> {
  const names = await readdir(path).catch(() => []);
  return names.filter((name) => name.startsWith(PREFIX));
}

function stepScalars(event: Extract<TrainEvent, { type: 'step' }>): Record<string, number> {
  const { loss, classifierLoss, localizerLoss, gradientNorm, alpha, learningRate } = event;
  return {
    'step/loss': loss,
    ...(classifierLoss === null ? {} : { 'step/classifier loss': classifierLoss }),
    'step/localizer loss': localizerLoss,
    'step/gradient norm': gradientNorm,
    'schedule/alpha': alpha,
    'schedule/learning rate': learningRate,
  };
}

function epochScalars(record: Extract<TrainEvent, { type: 'epoch' }>['record']): Record<string, number> {
  const { loss, classifierLoss, localizerLoss, validationLoss, validationAuc, imagesPerSecond } = record;
  return {
    'epoch/loss': loss,
    ...(classifierLoss === null ? {} : { 'epoch/classifier loss': classifierLoss }),
    'epoch/localizer loss': localizerLoss,
    ...(validationLoss === null ? {} : { 'validation/loss': validationLoss }),
    ...(validationAuc === null ? {} : { 'validation/AUC': validationAuc }),
    'speed/images per second': imagesPerSecond,
  };
}

async function showPictures(file: EventFile, step: number, options: BoardOptions): Promise<void> {
  const { trainer, validation, run, config } = options;
  const { width, height } = config.preprocessing;
  const images: Record<string, EventImage> = {};
  const filters = await trainer.parameter('conv1.weight');
  if (filters !== undefined) images['first layer/filters'] = await filterPicture(filters);
  const chosen = chooseShown(validation, run.positive);
  const input = new Float32Array(chosen.length * width * height);
  const films = await Promise.all(chosen.map((index) => validation.pixels(index)));
  films.forEach((pixels, row) => toInput(pixels, config.preprocessing, input, row * width * height));
  const found = await trainer.localize(input);
  for (const [row, pixels] of films.entries()) {
    const [localized, sample] = [found[row], validation.samples[chosen[row] ?? 0]];
    if (localized === undefined || sample === undefined) continue;
    images[`maps of ${run.classes[sample.label]}/${sample.name}`] = await mapPicture(
      { pixels, width, height },
      localized,
    );
  }
  await file.write({ step, images });
}

/** The first images of the positive class, and the first others. */
function chooseShown({ samples }: ImageSet, positive: number): number[] {
  const indices = samples.map((_, index) => index);
  const isPositive = (index: number): boolean => samples[index]?.label === positive;
  return [
    ...indices.filter(isPositive).slice(0, SHOWN),
    ...indices.filter((index) => !isPositive(index)).slice(0, SHOWN),
  ];
}
