import { describe, expect, it } from 'vitest';
import type { ImageSet } from './image-set.js';
import { tinyConfig } from './testing/runs.js';
import { trainingImages } from './training-images.js';

const changes = {
  preprocessing: { width: 2, height: 1, normalization: { kind: 'fixed', mean: 0, std: 1 } },
  batch: 3,
};
const plain = { shift: 0, rotation: 0, scale: 0, flip: false, brightness: 0, contrast: 0 };
const set: ImageSet = {
  samples: ['a', 'b'].map((name) => ({
    name,
    path: name,
    label: 0,
    patient: undefined,
    split: undefined,
    regions: [],
  })),
  pixels: (index) => Promise.resolve(Uint16Array.of(65535 * index, 65535)),
};
const start = { epoch: 0, first: 0 };

describe('trainingImages', () => {
  it('writes the images one after the other and leaves the places left over zero', async () => {
    const config = tinyConfig('unused', { ...changes, augmentation: plain });
    expect([...(await trainingImages(set, [1, 0], config, start))]).toEqual([1, 1, 0, 1, 0, 0]);
  });

  it('fills the places left over with the first images where the network normalises by the minibatch', async () => {
    const network = { name: 'field', classifier: [8] };
    const given = { ...changes, batch: 5, network, augmentation: plain };
    const config = tinyConfig('unused', given);
    expect([...(await trainingImages(set, [1, 0], config, start))]).toEqual([1, 1, 0, 1, 1, 1, 0, 1, 1, 1]);
    const group = tinyConfig('unused', { ...given, network: { ...network, normalization: 'group' } });
    expect([...(await trainingImages(set, [1, 0], group, start))]).toEqual([1, 1, 0, 1, 0, 0, 0, 0, 0, 0]);
  });

  it('augments by epoch, image and place in the epoch, and the same way again', async () => {
    const config = tinyConfig('unused', { ...changes, augmentation: { ...plain, brightness: 1 } });
    const valueOf = async (index: number, place: typeof start): Promise<number> =>
      (await trainingImages(set, [index], config, place))[1] as number;
    const places = [start, { epoch: 1, first: 0 }, { epoch: 0, first: 3 }];
    const values = [await valueOf(1, start), ...(await Promise.all(places.map((place) => valueOf(0, place))))];
    expect(new Set(values).size).toBe(4);
    expect(await valueOf(0, start)).toBe(values[1]);
  });

  it('an image twice in a minibatch is augmented in two ways', async () => {
    const config = tinyConfig('unused', { ...changes, augmentation: { ...plain, brightness: 1 } });
    const images = await trainingImages(set, [1, 1], config, start);
    expect(images[0]).not.toBe(images[2]);
  });
});
