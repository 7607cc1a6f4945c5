import { rocAuc } from '@weakspot/core';
import { toInput } from '../data/preprocess.js';
import type { RunConfig } from '../run/config.js';
import type { RunInfo } from '../run/folder.js';
import type { ImageSet } from './image-set.js';
import { divergence } from './state.js';
import type { Trainer } from './trainer.js';

export interface Validation {
  /** Area under the ROC curve of the positive class; null with one class only. */
  readonly auc: number | null;
  /** The localizer's mean cross-entropy. */
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
  run: Pick<RunInfo, 'classes' | 'positive'>,
  { preprocessing, batch }: Pick<RunConfig, 'preprocessing' | 'batch'>,
): Promise<Validation | undefined> {
  const count = set.samples.length;
  if (count === 0) return undefined;
  const size = preprocessing.width * preprocessing.height;
  const scores: number[] = [];
  let loss = 0;
  for (let first = 0; first < count; first += batch) {
    const members = set.samples.slice(first, first + batch);
    const images = new Float32Array(members.length * size);
    const pixels = await Promise.all(members.map((_, row) => set.pixels(first + row)));
    for (const [row, one] of pixels.entries()) toInput(one, preprocessing, images, row * size);
    const probabilities = await trainer.probabilities(images);
    members.forEach(({ label }, row) => {
      const at = (index: number): number => probabilities[row * run.classes.length + index] ?? Number.NaN;
      scores.push(at(run.positive));
      loss -= Math.log(Math.max(at(label), SMALLEST));
    });
  }
  if (!Number.isFinite(loss)) {
    throw divergence('The probabilities of the validation part are not finite.');
  }
  const auc = rocAuc(
    scores,
    set.samples.map((sample) => sample.label === run.positive),
  );
  return { auc: auc ?? null, loss: loss / count };
}

/** Higher AUC, then lower loss. */
export function isBetter(found: Validation, best: Validation | null): boolean {
  if (best === null) return true;
  if (found.auc !== null && best.auc !== null && found.auc !== best.auc) return found.auc > best.auc;
  return found.loss < best.loss;
}
