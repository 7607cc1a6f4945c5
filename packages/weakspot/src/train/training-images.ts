import { Random } from '@weakspot/core';
import { augment } from '../data/augment.js';
import { toInput } from '../data/preprocess.js';
import type { RunConfig } from '../run/config.js';
import type { ImageSet } from './image-set.js';

/** A minibatch's place in a run. */
export interface MinibatchPlace {
  /** From 0. */
  readonly epoch: number;
  /** Images of the epoch before this minibatch. */
  readonly first: number;
}

/**
 * Augmented network input of the given training images [batch, 1, height, width]; places left over are zeros.
 * The augmentation depends on the seed, the epoch, the image's name and its place in the epoch, which tells the draws
 * apart where balancing takes an image twice.
 */
export async function trainingImages(
  set: ImageSet,
  members: readonly number[],
  { preprocessing, augmentation, batch, seed }: RunConfig,
  { epoch, first }: MinibatchPlace,
): Promise<Float32Array> {
  const { width, height } = preprocessing;
  const plain = new Float32Array(width * height);
  const images = new Float32Array(batch * width * height);
  const pixels = await Promise.all(members.map((index) => set.pixels(index)));
  for (const [row, index] of members.entries()) {
    toInput(pixels[row] as Uint16Array, preprocessing, plain, 0);
    const random = new Random(seed, 'augment', epoch, set.samples[index]?.name ?? '', first + row);
    augment(plain, 0, width, height, augmentation, random, images, row * width * height);
  }
  return images;
}
