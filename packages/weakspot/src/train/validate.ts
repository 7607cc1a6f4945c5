import { rocAuc } from '@weakspot/core';
import { hasClass } from '../data/classes.js';
import { toInput } from '../data/preprocess.js';
import type { RunConfig } from '../run/config.js';
import type { RunInfo } from '../run/folder.js';
import type { ImageSet } from './image-set.js';
import { divergence } from './state.js';
import type { Trainer } from './trainer.js';

export interface Validation {
  /** Area under the ROC curve of the positive class, of a multi-label set the mean over its classes; null with one class only. */
  readonly auc: number | null;
  /** The localizer's mean cross-entropy; of a multi-label set summed over the classes. */
  readonly loss: number;
}

/** Smallest normal float32: softmax can round to 0, whose logarithm would be infinite. */
const SMALLEST = 2 ** -126;

/**
 * How well the localizer does on the validation part; undefined if it is empty.
 * @throws WeakspotError `diverged` if a probability is not a number.
 */
export async function validate(
  trainer: Pick<Trainer, 'probabilities'>,
  set: ImageSet,
  run: Pick<RunInfo, 'classes' | 'positive' | 'multiLabel'>,
  { preprocessing, batch }: Pick<RunConfig, 'preprocessing' | 'batch'>,
): Promise<Validation | undefined> {
  const count = set.samples.length;
  if (count === 0) return undefined;
  const size = preprocessing.width * preprocessing.height;
  // A class by itself in each column: of a multi-label set all of them, else the positive one.
  const told = run.multiLabel === true ? [...run.classes.keys()] : [run.positive];
  const scores: number[][] = told.map(() => []);
  let loss = 0;
  for (let first = 0; first < count; first += batch) {
    const members = set.samples.slice(first, first + batch);
    const images = new Float32Array(members.length * size);
    const pixels = await Promise.all(members.map((_, row) => set.pixels(first + row)));
    for (const [row, one] of pixels.entries()) toInput(one, preprocessing, images, row * size);
    const probabilities = await trainer.probabilities(images);
    members.forEach((sample, row) => {
      const at = (index: number): number => probabilities[row * run.classes.length + index] ?? Number.NaN;
      told.forEach((index, column) => scores[column]?.push(at(index)));
      if (run.multiLabel !== true) loss -= logarithm(at(sample.label));
      else for (const index of told) loss -= logarithm(hasClass(sample, index) ? at(index) : 1 - at(index));
    });
  }
  if (!Number.isFinite(loss)) {
    throw divergence('The probabilities of the validation part are not finite.');
  }
  const aucs = told.flatMap((index, column) => {
    const auc = rocAuc(
      scores[column] ?? [],
      set.samples.map((sample) => hasClass(sample, index)),
    );
    return auc ?? [];
  });
  const auc = aucs.length === 0 ? null : aucs.reduce((sum, value) => sum + value, 0) / aucs.length;
  return { auc, loss: loss / count };
}

function logarithm(probability: number): number {
  return Math.log(Math.max(probability, SMALLEST));
}

/** Higher AUC, then lower loss. */
export function isBetter(found: Validation, best: Validation | null): boolean {
  if (best === null) return true;
  if (found.auc !== null && best.auc !== null && found.auc !== best.auc) return found.auc > best.auc;
  return found.loss < best.loss;
}
