import { WeakspotError } from '@weakspot/core';
import { kindOf } from '../data/files.js';
import type { Dataset } from '../data/dataset.js';
import { readDataset } from '../data/read-dataset.js';
import type { RunConfig } from './config.js';
import type { RunInfo } from './folder.js';

/** Reads the data set that a run's configuration names; `run` fixes the classes and whether an image may have several. */
export async function openDataset(
  { data }: RunConfig,
  run?: Pick<RunInfo, 'classes' | 'multiLabel'>,
): Promise<Dataset> {
  if (run !== undefined && (await kindOf(data.path)) === undefined) {
    throw new WeakspotError('data', `There is no file or folder ${data.path}, where the data of the run used to be.`, {
      hint: 'If they were moved, say where they are: train --resume --data PATH, evaluate or report --data PATH --part test.',
    });
  }
  return readDataset(data.path, {
    strict: data.strict,
    ...(data.format === undefined ? {} : { format: data.format }),
    ...(data.images === undefined ? {} : { images: data.images }),
    ...(data.boxes === undefined ? {} : { boxes: data.boxes }),
    ...(data.positive === undefined ? {} : { positive: data.positive }),
    ...(data.multiLabel === undefined ? {} : { multiLabel: data.multiLabel }),
    ...(run === undefined ? {} : { classes: run.classes, multiLabel: run.multiLabel === true }),
  });
}
