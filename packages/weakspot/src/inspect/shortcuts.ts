import { rocAuc } from '@weakspot/core';
import { hasClass } from '../data/classes.js';
import type { Dataset } from '../data/dataset.js';
import { foldSamples } from '../data/split.js';
import type { CheckedImage } from './features.js';
import { categories, features } from './features.js';
import { fitLogistic } from './logistic.js';

/** From this AUC on a shortcut is warned of. */
export const SHORTCUT_AUC = 0.7;
const FOLDS = 5;
/** Standard errors above one half that an AUC must be to be more than chance: some twenty features are looked at. */
const BEYOND_CHANCE = 3;

/** How well something that isn't a lesion tells the positive class from the others. */
export interface Shortcut {
  /** A feature's name, or `all together`. */
  readonly name: string;
  /** 0..1; of a feature alone without its direction, so 0.5 or more. */
  readonly auc: number;
  /** Whether it is above 0.7 and more than chance would give with so few patients. */
  readonly warns: boolean;
}

export interface ShortcutCheck {
  /** The class that was told from all others. */
  readonly className: string;
  /** A logistic regression on all numbers (not the categories), tested on patients that it was not fitted on. */
  readonly together: Shortcut;
  /** Each feature alone, the most telling first; what is the same for all images is left out. */
  readonly alone: readonly Shortcut[];
  /** Patients, or images whose patient is not known, with and without the class. */
  readonly groups: { readonly positive: number; readonly negative: number };
}

/**
 * How well trivial features tell one class from the others. Undefined where that class, or all the others together, have
 * fewer than two patients.
 */
export function checkShortcuts(
  images: readonly CheckedImage[],
  { classes }: Pick<Dataset, 'classes'>,
  label: number,
  seed: number,
): ShortcutCheck | undefined {
  const positive = images.map(({ sample }) => hasClass(sample, label));
  const groupOf = ({ sample: { patient, name } }: CheckedImage): string =>
    patient === undefined ? `image ${name}` : `patient ${patient}`;
  const groups = images.map(groupOf);
  const groupsWith = (wanted: boolean): number => new Set(groups.filter((_, i) => positive[i] === wanted)).size;
  const counts = { positive: groupsWith(true), negative: groupsWith(false) };
  const folds = Math.min(FOLDS, counts.positive, counts.negative);
  if (folds < 2) return undefined;

  const limit = 0.5 + BEYOND_CHANCE * chanceError(counts);
  const shortcut = (name: string, auc: number): Shortcut => ({ name, auc, warns: auc > Math.max(SHORTCUT_AUC, limit) });
  const fold = foldSamples(
    images.map(({ sample }) => sample),
    folds,
    seed,
  );
  const rows = images.map(({ measures }) => features.map(({ of }) => of(measures)));
  const together = crossValidated(fold, folds, positive, (training) => {
    const score = fitLogistic(
      training.map((i) => rows[i] as number[]),
      training.map((i) => positive[i] as boolean),
    );
    return (i) => score(rows[i] as number[]);
  });

  const numbers = features.flatMap(({ name }, f) => {
    const values = rows.map((row) => row[f] as number);
    if (values.every((value) => value === values[0])) return [];
    const auc = rocAuc(values, positive) ?? 0.5;
    return [shortcut(name, Math.max(auc, 1 - auc))];
  });
  const named = categories(classes).flatMap(({ name, of }) => {
    const values = images.map(({ sample }) => of(sample));
    if (new Set(values).size < 2) return [];
    const auc = crossValidated(fold, folds, positive, (training) => rateByValue(values, positive, training));
    return [shortcut(name, Math.max(auc, 0.5))];
  });
  return {
    className: classes[label] ?? '',
    together: shortcut('all together', together),
    alone: [...numbers, ...named].toSorted((a, b) => b.auc - a.auc),
    groups: counts,
  };
}

/**
 * The mean over the folds of the AUC on the fold, with scores fitted on the others. A fold that lacks a class, as may be
 * where patients have images of both, is left out; one half where all are.
 */
function crossValidated(
  fold: readonly number[],
  folds: number,
  positive: readonly boolean[],
  fit: (training: readonly number[]) => (item: number) => number,
): number {
  const all = fold.map((_, i) => i);
  const aucs = Array.from({ length: folds }, (_, k) => {
    const training = all.filter((i) => fold[i] !== k);
    const held = all.filter((i) => fold[i] === k);
    const score = fit(training);
    return rocAuc(
      held.map(score),
      held.map((i) => positive[i] as boolean),
    );
  }).filter((auc) => auc !== undefined);
  return aucs.length === 0 ? 0.5 : aucs.reduce((sum, auc) => sum + auc, 0) / aucs.length;
}

/** Scores by the share of positives among training items of the same value, drawn towards the whole share where they are few. */
function rateByValue(
  values: readonly string[],
  positive: readonly boolean[],
  training: readonly number[],
): (item: number) => number {
  const counts = new Map<string, { all: number; positive: number }>();
  let total = 0;
  for (const i of training) {
    const count = counts.get(values[i] as string) ?? { all: 0, positive: 0 };
    count.all++;
    if (positive[i] === true) {
      count.positive++;
      total++;
    }
    counts.set(values[i] as string, count);
  }
  const share = total / training.length;
  return (i) => {
    const count = counts.get(values[i] as string) ?? { all: 0, positive: 0 };
    return (count.positive + share) / (count.all + 1);
  };
}

/** Standard error of the AUC of scores that mean nothing (Hanley and McNeil, Radiology 1982, at an AUC of one half). */
function chanceError({ positive, negative }: { readonly positive: number; readonly negative: number }): number {
  return Math.sqrt((positive + negative + 1) / (12 * positive * negative));
}
