import { join } from 'node:path';
import { boxRegion } from '@weakspot/core';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { readDataset } from '../read-dataset.js';
import { failureOf, temporaryFolder, writeTree } from '../testing/files.js';
import { issueTexts, labelled, sampleOf, setWriter } from '../testing/sets.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const write = setWriter(folder);

const image = { width: 20, height: 10 };
const shape = (shape_type: string, points: readonly (readonly [number, number])[], label = 'mass'): object => ({
  label,
  points,
  group_id: null,
  shape_type,
  flags: {},
});
const json = (imagePath: string, shapes: readonly object[], flags: object = {}): string =>
  JSON.stringify({ version: '5.4.1', flags, shapes, imagePath, imageData: null, imageHeight: 10, imageWidth: 20 });

describe('labelme', () => {
  it('reads shapes as regions, flags as labels of whole images, and an image without any as a negative', async () => {
    const root = write({
      ...Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [`films/${name}.png`, image])),
      'films/a.json': json('a.png', [
        shape('rectangle', [
          [8, 9],
          [2, 3],
        ]),
        shape('circle', [
          [5, 5],
          [8, 9],
        ]),
        shape('polygon', [
          [0, 0],
          [4, 0],
          [4, 4],
        ]),
      ]),
      'films/b.json': json('..\\old\\b.jpg', [shape('point', [[1, 1]])]),
      'films/c.json': json('c.png', [], { mass: true, blurred: false }),
      'films/d.json': json('d.png', [], { normal: true, mass: false }),
      'films/e.json': json('e.png', []),
    });
    const set = await readDataset(root);
    expect([set.format, set.classes]).toEqual(['labelme', ['no mass', 'mass']]);
    expect(labelled(set).map((text) => text.slice(6))).toEqual([
      'a.png mass',
      'b.png mass',
      'c.png mass',
      'd.png no mass',
      'e.png no mass',
    ]);
    expect(sampleOf(set, 'films/a.png').regions).toEqual([
      boxRegion(2, 3, 8, 9),
      { kind: 'circle', x: 5, y: 5, radius: 5 },
      {
        kind: 'polygon',
        points: [
          { x: 0, y: 0 },
          { x: 4, y: 0 },
          { x: 4, y: 4 },
        ],
      },
    ]);
    expect(issueTexts(set, root)).toEqual([
      'films/b.json: "films/b.png" has a shape of type "point", which gives no region: it has no region (column "shapes[0]")',
      'films/f.png: no annotation names the image: left out',
    ]);
  });

  it('says where a file is wrong', async () => {
    const root = write({
      'a.png': image,
      'b.png': image,
      'a.json': json('a.png', [shape('rectangle', [], '')]),
      'b.json': json('b.png', []),
    });
    expect(issueTexts(await failureOf(() => readDataset(root)), root)[0]).toMatch(
      /^a\.json: .*\(column "shapes\.0\.label"\)$/,
    );
  });

  it('takes shapes for those of the image as shown, unless its size is that of the stored one', async () => {
    const blank = sharp(Buffer.alloc(200), { raw: { width: 20, height: 10, channels: 1 } });
    // Stored 20 x 10, shown turned clockwise as 10 x 20.
    const turned = await blank.withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const of = (name: string, imageWidth: number, imageHeight: number, shapes: readonly object[]): string =>
      JSON.stringify({ flags: {}, shapes, imagePath: name, imageHeight, imageWidth });
    const corners = [
      [1, 2],
      [4, 6],
    ] as const;
    const root = writeTree(join(folder, 'turned'), {
      'a.json': of('a.jpg', 10, 20, [shape('rectangle', corners)]),
      'b.json': of('b.jpg', 20, 10, [shape('rectangle', corners)]),
      'c.json': of('c.jpg', 10, 20, []),
      'a.jpg': turned,
      'b.jpg': turned,
      'c.jpg': turned,
    });
    const set = await readDataset(root);
    expect(sampleOf(set, 'a.jpg').regions).toEqual([boxRegion(1, 2, 4, 6)]);
    // A point (x, y) of the stored image is shown at (10 - y, x).
    expect(sampleOf(set, 'b.jpg').regions).toEqual([boxRegion(4, 1, 8, 4)]);
  });
});
