import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { readDataset } from '../read-dataset.js';
import { failureOf, greyPng, temporaryFolder } from '../testing/files.js';
import { issueTexts, labelled, sampleOf, setWriter } from '../testing/sets.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const write = setWriter(folder);

const image = { width: 8, height: 4 };
const at = (...places: number[]): Promise<Buffer> =>
  greyPng(
    Uint8Array.from({ length: 32 }, (_, i) => (places.includes(i) ? 255 : 0)),
    8,
    4,
  );
const region = (x0: number, y0: number, width: number, height: number): object => ({
  kind: 'mask',
  x0,
  y0,
  width,
  height,
  pixels: new Uint8Array(width * height).fill(1),
});

describe('masks', () => {
  it('makes a lesion of each connected part, and a negative of an empty mask', async () => {
    const root = write({
      'images/a.png': image,
      'images/b.png': image,
      'images/c.png': { width: 16, height: 8 },
      'images/d.png': image,
      'masks/a.png': await at(0, 1, 9, 31),
      'masks/b_mask.png': await at(),
      'masks/c_MASK.png': await at(8),
    });
    const set = await readDataset(root);
    expect([set.format, set.classes]).toEqual(['masks', ['no finding', 'finding']]);
    expect(labelled(set)).toEqual(['images/a.png finding', 'images/b.png no finding', 'images/c.png finding']);
    expect(sampleOf(set, 'images/a.png').regions).toEqual([
      { ...region(0, 0, 2, 2), pixels: Uint8Array.of(1, 1, 0, 1) },
      region(7, 3, 1, 1),
    ]);
    expect(sampleOf(set, 'images/c.png').regions).toEqual([region(0, 2, 2, 2)]);
    expect(issueTexts(set, root)).toEqual(['images/d.png: no annotation names the image: left out']);
  });

  it('finds masks beside their images, several of one, and in parts', async () => {
    const beside = write({
      'benign/benign (1).png': image,
      'benign/benign (1)_mask.png': await at(0),
      'benign/benign (1)_mask_1.png': await at(31),
      'normal/normal (1).png': image,
      'normal/normal (1)_mask.png': await at(),
    });
    const set = await readDataset(beside);
    expect(labelled(set)).toEqual(['benign/benign (1).png finding', 'normal/normal (1).png no finding']);
    expect(sampleOf(set, 'benign/benign (1).png').regions).toEqual([region(0, 0, 1, 1), region(7, 3, 1, 1)]);
    const parts = write({
      'train/images/a.png': image,
      'train/masks/a.png': await at(0),
      'test/images/a.png': image,
      'test/masks/a.png': await at(),
      'image/val/b.png': image,
      'mask/val/b.png': await at(),
    });
    const { samples } = await readDataset(parts);
    expect(samples.map(({ name, split, label }) => `${name} ${split} ${label}`).toSorted()).toEqual([
      'image/val/b.png validation 0',
      'test/images/a.png test 0',
      'train/images/a.png train 1',
    ]);
  });

  it('does not take traces of compression for lesions, and leaves out images whose mask is damaged', async () => {
    const raw = { raw: { width: 64, height: 64, channels: 1 as const } };
    const blob = Uint8Array.from({ length: 64 * 64 }, (_, i) =>
      i % 64 > 19 && i % 64 < 33 && i >= 20 * 64 && i < 33 * 64 ? 255 : 0,
    );
    const jpeg = await sharp(blob, raw).jpeg({ quality: 40 }).toBuffer();
    const root = write({
      'images/a.png': { width: 64, height: 64 },
      'images/b.png': image,
      'images/c.png': image,
      'masks/a.jpg': new Uint8Array(jpeg),
      'masks/b.png': (await at(1)).subarray(0, 40),
      'masks/c.png': await at(),
    });
    const set = await readDataset(root);
    expect(labelled(set)).toEqual(['images/a.png finding', 'images/c.png no finding']);
    expect(set.samples[0]?.regions).toHaveLength(1);
    expect(issueTexts(set, root)[0]).toMatch(/^masks\/b\.png: the mask cannot be read, so its image is left out: /);
  });

  it('leaves class folders without masks alone', async () => {
    const root = write({ 'mask/a.png': image, 'normal/b.png': image });
    expect((await readDataset(root)).format).toBe('class-folders');
    expect((await failureOf(() => readDataset(root, { format: 'masks' }))).message).toContain(
      'none of its 1 annotated images is here',
    );
  });

  it('takes what is painted in one colour on a transparent ground', async () => {
    const painted = async (grey: number, ...places: number[]): Promise<Buffer> => {
      const bytes = Uint8Array.from({ length: 32 * 4 }, (_, i) =>
        i % 4 < 3 ? grey : places.includes(i >> 2) ? 255 : 0,
      );
      return sharp(bytes, { raw: { width: 8, height: 4, channels: 4 } })
        .png()
        .toBuffer();
    };
    const root = write({
      ...Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [`images/${name}.png`, image])),
      'masks/a.png': await painted(0, 9, 10),
      'masks/b.png': await painted(255, 9, 10),
      'masks/c.png': await painted(0),
      'masks/d.png': await painted(0, ...Array.from({ length: 32 }, (_, i) => i)),
    });
    const set = await readDataset(root);
    expect(labelled(set).map((text) => text.slice(7))).toEqual([
      'a.png finding',
      'b.png finding',
      'c.png no finding',
      'd.png no finding',
    ]);
    for (const name of ['a', 'b']) expect(sampleOf(set, `images/${name}.png`).regions).toEqual([region(1, 1, 2, 1)]);
  });
});
