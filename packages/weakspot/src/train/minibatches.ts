import { Random, WeakspotError, mapParts } from '@weakspot/core';
import type { RunConfig } from '../run/config.js';
import type { RunInfo } from '../run/folder.js';

/**
 * The images that an epoch visits, in their order: indices into `labels`; every `batch` of them are a minibatch, of which
 * the last may be smaller. A function of the seed and the epoch alone.
 *
 * Under `none` and `weight` every image comes once, shuffled. Under `sample`, images of smaller classes come again (each as
 * often as any other of its class, the remainder drawn) until every class is as frequent as the largest. Under `batch`, see
 * `balancedOrder`.
 */
export function epochOrder(
  labels: readonly number[],
  { balance, batch, seed }: Pick<RunConfig, 'balance' | 'batch' | 'seed'>,
  epoch: number,
): number[] {
  const random = new Random(seed, 'shuffle', epoch);
  const all = labels.map((_, index) => index);
  if (balance === 'none' || balance === 'weight') return random.shuffle(all);
  const classes = membersOf(labels);
  if (balance === 'batch')
    return balancedOrder(classes, Math.max(Math.floor(all.length / batch), 1) * batch, seed, epoch);
  const largest = Math.max(...classes.map(({ members }) => members.length));
  const order = classes.flatMap(({ members }) => {
    const rounds = Math.floor(largest / members.length);
    const rest = random.shuffle([...members]).slice(0, largest - rounds * members.length);
    return [...Array.from({ length: rounds }, () => members).flat(), ...rest];
  });
  return random.shuffle(order);
}

interface ClassMembers {
  readonly label: number;
  /** Indices of its images. */
  readonly members: readonly number[];
}

/** The classes that have images, by their labels. */
function membersOf(labels: readonly number[]): ClassMembers[] {
  const all = labels.map((_, index) => index);
  return [...new Set(labels)]
    .toSorted((a, b) => a - b)
    .map((label) => ({ label, members: all.filter((index) => labels[index] === label) }));
}

/**
 * `length` places of an epoch, which the classes take in turn, on from where the epoch before ended: so many places in a row
 * hold equally many images of each class, or one more. Each class goes through its images in one order after another,
 * across epochs: order r of class c is that of the stream (seed, 'balance', c, r).
 */
function balancedOrder(classes: readonly ClassMembers[], length: number, seed: number, epoch: number): number[] {
  const orders = classes.map(() => ({ round: -1, members: [] as number[] }));
  return Array.from({ length }, (_, place) => {
    const turn = epoch * length + place;
    const which = turn % classes.length;
    const { label, members } = classes[which] as ClassMembers;
    const visit = Math.floor(turn / classes.length);
    const round = Math.floor(visit / members.length);
    if (orders[which]?.round !== round) {
      orders[which] = { round, members: new Random(seed, 'balance', label, round).shuffle([...members]) };
    }
    return orders[which].members[visit % members.length] as number;
  });
}

/** Loss weight per class under `weight`: inverse frequency, with mean 1 over the training images; otherwise 1. */
export function classWeights(labels: readonly number[], classes: number, balance: RunConfig['balance']): number[] {
  const counts = Array.from({ length: classes }, (_, label) => labels.filter((other) => other === label).length);
  const present = counts.filter((count) => count > 0).length;
  return counts.map((count) => (balance === 'weight' && count > 0 ? labels.length / (present * count) : 1));
}

/**
 * Targets of one minibatch [batch, classes]: one-hot times the class weight. The last minibatch of an epoch may have
 * fewer images than places: the places left over get zeros, which add nothing to the loss, and the others are scaled up
 * so that the loss stays the mean over the images there are.
 */
export function minibatchTargets(labels: readonly number[], batch: number, weights: readonly number[]): Float32Array {
  const classes = weights.length;
  const targets = new Float32Array(batch * classes);
  labels.forEach((label, row) => {
    targets[row * classes + label] = ((weights[label] ?? 1) * batch) / labels.length;
  });
  return targets;
}

/**
 * Signed targets of one minibatch of a multi-label set [batch, classes]: 1 where the image has the class, else -1; zeros
 * and the scale as in `minibatchTargets`.
 */
export function multiLabelTargets(
  labels: readonly (readonly number[])[],
  batch: number,
  classes: number,
): Float32Array {
  const targets = new Float32Array(batch * classes);
  const weight = batch / labels.length;
  labels.forEach((present, row) => {
    targets.fill(-weight, row * classes, (row + 1) * classes);
    for (const label of present) targets[row * classes + label] = weight;
  });
  return targets;
}

/**
 * Checks the settings that suppose one class an image, of which one is negative.
 * @throws WeakspotError `config` naming the first that a multi-label set has no use for.
 */
export function checkMultiLabel(
  {
    balance,
    localizer,
  }: Pick<RunConfig, 'balance'> & { readonly localizer: Pick<RunConfig['localizer'], 'penalty' | 'map'> },
  { multiLabel }: Pick<RunInfo, 'multiLabel'>,
): void {
  if (multiLabel !== true) return;
  const { penalty, map } = localizer;
  const { base } = mapParts(map);
  const [wrong] = [
    ...(balance === 'none' ? [] : ['balance: must be none']),
    ...(penalty === 0 ? [] : ['localizer.penalty: must be 0']),
    ...(base === 'positive' || base === 'layercam'
      ? []
      : ['localizer.map: must be positive or layercam, by itself or with +flips']),
  ];
  if (wrong === undefined) return;
  throw new WeakspotError('config', `${wrong} for a data set whose images may have several labels.`, {
    hint: 'Each class is predicted on its own: there is no negative class, and an image has no single class.',
  });
}

/** A dropout mask [batch, width]: each element 0 with probability `dropout`, else 1 / (1 - dropout). */
export function dropoutMask(batch: number, width: number, dropout: number, random: Random): Float32Array {
  const mask = new Float32Array(batch * width);
  const kept = 1 / (1 - dropout);
  for (let i = 0; i < mask.length; i++) mask[i] = random.uniform() < dropout ? 0 : kept;
  return mask;
}

/**
 * Checks that the training part fills a minibatch.
 * @throws WeakspotError `data` saying how many images there are.
 */
export function checkTrainingPart(images: number, { batch }: Pick<RunConfig, 'batch'>): void {
  if (images >= batch) return;
  if (images === 0) {
    throw new WeakspotError('data', 'The training part has no images.', {
      hint: 'Check the split: the "split" column of labels.csv, or the fractions of data.split.',
    });
  }
  const count = images === 1 ? '1 image' : `${images} images`;
  throw new WeakspotError('data', `The training part has ${count}, fewer than one minibatch of ${batch}.`, {
    hint: `Use a minibatch of ${images} or fewer (batch), or more images.`,
  });
}
