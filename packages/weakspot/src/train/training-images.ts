import { Random, normalizesBatches } from '@weakspot/core';
import { augment } from '../data/augment.js';
import { toInput } from '../data/preprocess.js';
import type { RunConfig } from '../run/config.js';
import { networkOf } from '../run/model-options.js';
import type { ImageSet } from './image-set.js';

/** A minibatch's place in a run. */
export interface MinibatchPlace {
  /** From 0. */
  readonly epoch: number;
  /** Images of the epoch before this minibatch. */
  readonly first: number;
}

/**
 * Augmented network input of the given training images [batch, 1, height, width]. Places left over are zeros; for a network that normalises by
 * the minibatch they are the first images again, so that it is normalised by images (their targets are 0: they add nothing to the loss).
 * The augmentation depends on the seed, the epoch, the image's name and its place in the epoch, which tells the draws
 * apart where balancing takes an image twice.
 */
export async function trainingImages(
  set: ImageSet,
  members: readonly number[],
  config: RunConfig,
  { epoch, first }: MinibatchPlace,
): Promise<Float32Array> {
  const { preprocessing, augmentation, batch, seed } = config;
  const { width, height } = preprocessing;
  const size = width * height;
  const plain = new Float32Array(size);
  const images = new Float32Array(batch * size);
  const pixels = await Promise.all(members.map((index) => set.pixels(index)));
  for (const [row, index] of members.entries()) {
    toInput(pixels[row] as Uint16Array, preprocessing, plain, 0);
    const random = new Random(seed, 'augment', epoch, set.samples[index]?.name ?? '', first + row);
    augment(plain, 0, width, height, augmentation, random, images, row * size);
  }
  if (normalizesBatches(networkOf(config))) {
    for (let row = members.length; row < batch; row++)
      images.copyWithin(row * size, (row - members.length) * size, (row - members.length + 1) * size);
  }
  return images;
}
