import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readDataset } from '../data/read-dataset.js';
import { flatPgm, greyPng, temporaryFolder, writeTree } from '../data/testing/files.js';
import { inspectDataset } from '../inspect/index.js';
import { imagesToLookAt } from './looked-at.js';
import { measureSet } from './measure-set.js';
import { propose } from './propose.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

/** 20 images of 40 x 30, from 51 (a fifth of white) to 204, one of them broken. */
async function writeSet(): Promise<string> {
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < 20; i++) {
    // One pixel is another one in each: copies would belong together.
    const pixels = Uint8Array.from({ length: 1200 }, (_, p) => (p === i ? 100 : p % 2 === 0 ? 51 : 204));
    const png = await greyPng(pixels, 40, 30);
    files[`${i % 2 === 0 ? 'clear' : 'tb'}/${i}.png`] = i === 7 ? png.subarray(0, 40) : png;
  }
  return writeTree(join(folder, 'set'), files);
}

describe('measureSet', () => {
  it('looks at the images of a small set, leaves out what is broken, and counts all', async () => {
    const measures = await measureSet(await readDataset(await writeSet()));
    expect(measures).toMatchObject({ name: 'set', images: 20, classes: [10, 10], looked: 19, width: 40, height: 30 });
    expect(measures).toMatchObject({ depths: [8], windowed: false, givenParts: 0, fileTraining: undefined });
    expect(measures?.low).toBeCloseTo(0.2, 9);
    expect(measures?.high).toBeCloseTo(0.8, 9);
  });

  it('counts the training images of a split file', async () => {
    const dataset = await readDataset(await writeSet());
    const rows = dataset.samples.map(({ name }, i) => `${name},${i < 5 ? 'train' : 'test'}`);
    writeTree(folder, { 'split.csv': `file,split\n${rows.join('\n')}\n` });
    expect((await measureSet(dataset, { file: join(folder, 'split.csv') }))?.fileTraining).toBe(5);
  });

  it('sees nothing where no image can be decoded', async () => {
    const root = writeTree(join(folder, 'broken'), { 'normal/1.png': flatPgm(4, 4).subarray(0, 3), 'tb/2.png': 'no' });
    expect(await measureSet(await readDataset(root))).toBeUndefined();
  });

  it('looks at a few of many images, spread over all, and at the same ones every time', () => {
    const samples = Array.from({ length: 1000 }, (_, i) => ({ name: String(i) })) as never[];
    const looked = imagesToLookAt(samples).map(({ name }) => Number(name));
    expect([looked.length, looked[0], looked.at(-1)]).toEqual([24, 0, 958]);
    expect(imagesToLookAt(samples)).toEqual(imagesToLookAt(samples));
    expect(imagesToLookAt(samples.slice(0, 3))).toHaveLength(3);
  });

  it('is what inspect proposes from', async () => {
    const root = await writeSet();
    const measures = await measureSet(await readDataset(root));
    if (measures === undefined) throw new Error('nothing was seen');
    const { data: own, ...settings } = propose(measures).settings;
    for await (const event of inspectDataset(root, { threads: 0 })) {
      if (event.type !== 'done') continue;
      const { data, ...proposed } = event.inspection.set?.config ?? {};
      expect(proposed).toEqual(settings);
      expect(data).toMatchObject(own as object);
    }
  });
});
