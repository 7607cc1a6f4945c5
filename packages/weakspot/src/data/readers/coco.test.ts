import { boxRegion } from '@weakspot/core';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readDataset } from '../read-dataset.js';
import { failureOf, temporaryFolder } from '../testing/files.js';
import { issueTexts, labelled, sampleOf, setWriter } from '../testing/sets.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const write = setWriter(folder);

const image = { width: 20, height: 10 };
const categories = [
  { id: 1, name: 'mass' },
  { id: 2, name: 'nodule' },
];
const listed = (...names: string[]): object[] =>
  names.map((name, i) => ({ id: i, file_name: name, width: 20, height: 10 }));
const json = (images: object[], annotations: unknown[], of: object[] = categories): string =>
  JSON.stringify({ info: {}, images, annotations, categories: of });
const box = (image_id: number, bbox: number[], category_id = 1): object => ({
  image_id,
  category_id,
  bbox,
  iscrowd: 0,
});

describe('coco', () => {
  it('reads boxes, polygons and masks; listed images without an annotation are negatives', async () => {
    const annotations = [
      box(0, [1, 2, 3, 4]),
      {
        image_id: 0,
        category_id: 2,
        bbox: [0, 0, 9, 9],
        segmentation: [
          [0, 0, 4, 0, 4, 4],
          [9, 0, 9, 9, 5, 9, 5, 1],
        ],
      },
      { image_id: 1, category_id: 1, iscrowd: 1, segmentation: { counts: [11, 2, 187], size: [10, 20] } },
      { image_id: 1, category_id: 1, iscrowd: 1, segmentation: { counts: ';2k5', size: [10, 20] } },
    ];
    const root = write({
      'annotations/all.json': json(listed('a.png', 'b.png', 'c.png'), annotations),
      'images/a.png': image,
      'images/b.png': image,
      'images/c.png': image,
      'images/d.png': image,
    });
    const set = await readDataset(root);
    expect([set.format, set.classes, set.positive]).toEqual(['coco', ['no finding', 'finding'], 1]);
    expect(labelled(set)).toEqual(['images/a.png finding', 'images/b.png finding', 'images/c.png no finding']);
    expect(sampleOf(set, 'images/a.png').regions).toEqual([
      boxRegion(1, 2, 4, 6),
      {
        kind: 'polygon',
        points: [
          { x: 0, y: 0 },
          { x: 4, y: 0 },
          { x: 4, y: 4 },
        ],
      },
      {
        kind: 'polygon',
        points: [
          { x: 9, y: 0 },
          { x: 9, y: 9 },
          { x: 5, y: 9 },
          { x: 5, y: 1 },
        ],
      },
    ]);
    const mask = { kind: 'mask', x0: 1, y0: 1, width: 1, height: 2, pixels: Uint8Array.of(1, 1) };
    expect(sampleOf(set, 'images/b.png').regions).toEqual([mask, mask]);
    expect(issueTexts(set, root)).toEqual(['images/d.png: no annotation names the image: left out']);
  });

  it('reads annotations without a place as labels of their images', async () => {
    const of = [
      { id: 'n', name: 'normal' },
      { id: 't', name: 'tb' },
    ];
    const images = ['a', 'b', 'c', 'd'].map((id) => ({ id, file_name: `${id}.png` }));
    const annotations = [
      { id: 1, image_id: 'a', category_id: 't' },
      { id: 2, image_id: 'b', category_id: 'n', bbox: [], segmentation: [] },
      { id: 3, image_id: 'c', category_id: 't', bbox: null, segmentation: null },
    ];
    const root = write({
      'a.json': json(images, annotations, of),
      ...Object.fromEntries(['a.png', 'b.png', 'c.png', 'd.png'].map((name) => [name, image])),
    });
    const set = await readDataset(root);
    expect(labelled(set)).toEqual(['a.png tb', 'b.png no tb', 'c.png tb']);
    expect(set.samples.every(({ regions }) => regions.length === 0)).toBe(true);
    expect(issueTexts(set, root)).toEqual([
      'a.json: no annotation labels the image: left out (column "images[3]")',
      'd.png: no annotation names the image: left out',
    ]);
    // Where only findings are labelled, an image without a label has none.
    const only = write({
      'a.json': json(images.slice(0, 2), annotations.slice(0, 1), of.slice(1)),
      'a.png': image,
      'b.png': image,
    });
    expect(labelled(await readDataset(only))).toEqual(['a.png tb', 'b.png no tb']);
  });

  it('takes a label beside boxes for its image, and says so; ids may be numbers in one place and text in another', async () => {
    const annotations = [
      { ...box(0, [1, 2, 3, 4]), image_id: '0' },
      { image_id: 1, category_id: '1' },
    ];
    const root = write({
      'a.json': json(listed('a.png', 'b.png', 'c.png'), annotations),
      'a.png': image,
      'b.png': image,
      'c.png': image,
    });
    const set = await readDataset(root, { positive: 'mass' });
    expect(labelled(set)).toEqual(['a.png mass', 'b.png mass', 'c.png no mass']);
    expect(issueTexts(set, root)).toEqual([
      'a.json: 1 of 2 annotations have neither a box nor a segmentation: taken as labels of their images',
    ]);
  });

  it("reads Roboflow's export: a file for each part beside its images, a category above the others", async () => {
    const of = [
      { id: 0, name: 'lesions', supercategory: 'none' },
      { id: 1, name: 'tb', supercategory: 'lesions' },
    ];
    const part = (name: string, boxes: object[]): string =>
      json([{ id: 0, license: 1, file_name: name, height: 10, width: 20, date_captured: '2024-01-01' }], boxes, of);
    const root = write({
      'train/_annotations.coco.json': part('a_png.rf.1.jpg', [box(0, [1, 2, 3, 4])]),
      'train/a_png.rf.1.jpg': image,
      'valid/_annotations.coco.json': part('b_png.rf.2.jpg', []),
      'valid/b_png.rf.2.jpg': image,
      'test/_annotations.coco.json': part('c_png.rf.3.jpg', [box(0, [0, 0, 1, 1])]),
      'test/c_png.rf.3.jpg': image,
      'README.roboflow.txt': 'x',
    });
    const set = await readDataset(root);
    expect([set.format, set.classes, set.issues]).toEqual(['coco', ['no tb', 'tb'], []]);
    expect(
      set.samples.map(({ name, label, split, regions }) => `${name} ${label} ${split} ${regions.length}`).toSorted(),
    ).toEqual([
      'test/c_png.rf.3.jpg 1 test 1',
      'train/a_png.rf.1.jpg 1 train 1',
      'valid/b_png.rf.2.jpg 0 validation 0',
    ]);
  });

  it('takes the only category as the positive class, and the one that is asked for', async () => {
    const files = {
      'x.json': json(listed('a.png', 'b.png'), [box(0, [1, 2, 3, 4])], categories.slice(0, 1)),
      'a.png': image,
      'b.png': image,
    };
    expect((await readDataset(write(files))).classes).toEqual(['no mass', 'mass']);
    const both = {
      ...files,
      'x.json': json(listed('a.png', 'b.png'), [box(0, [1, 2, 3, 4]), box(1, [0, 0, 1, 1], 2)]),
    };
    const set = await readDataset(write(both), { positive: 'nodule' });
    expect([set.classes, labelled(set)]).toEqual([
      ['no nodule', 'nodule'],
      ['a.png no nodule', 'b.png nodule'],
    ]);
    expect(set.samples.map(({ regions }) => regions.length)).toEqual([0, 1]);
    const failure = await failureOf(() => readDataset(write(both), { positive: 'noodle' }));
    expect([failure.code, failure.message]).toEqual(['usage', 'there is no finding "noodle" (did you mean "nodule"?)']);
  });

  it("takes Roboflow's folders as parts, and its placeholder for no category", async () => {
    const of = [
      { id: 0, name: 'lesions', supercategory: 'none' },
      { id: 1, name: 'mass', supercategory: 'lesions' },
    ];
    const part = json(listed('a.png', 'b.png'), [box(0, [1, 2, 3, 4])], of);
    const root = write(
      Object.fromEntries(
        ['train', 'valid', 'test'].flatMap((name) => [
          [`${name}/_annotations.coco.json`, part],
          [`${name}/a.png`, image],
          [`${name}/b.png`, image],
        ]),
      ),
    );
    const set = await readDataset(root);
    expect(set.classes).toEqual(['no mass', 'mass']);
    expect(set.samples.map(({ name, split, label }) => `${name} ${split} ${label}`).toSorted()).toEqual([
      'test/a.png test 1',
      'test/b.png test 0',
      'train/a.png train 1',
      'train/b.png train 0',
      'valid/a.png validation 1',
      'valid/b.png validation 0',
    ]);
  });

  it('scales to an image of another size, and finds images elsewhere', async () => {
    const root = write({
      'x.json': json(
        [
          { id: 0, file_name: 'C:\\export\\a.jpg', width: 40, height: 40 },
          { id: 1, file_name: 'b.jpg' },
        ],
        [box(0, [4, 4, 8, 8])],
      ),
    });
    const elsewhere = write({ 'deep/a.png': image, 'deep/b.png': image });
    const set = await readDataset(root, { images: elsewhere });
    expect(sampleOf(set, 'deep/a.png').regions).toEqual([boxRegion(2, 1, 6, 3)]);
  });

  it('names what is wrong with its path, and reads the rest', async () => {
    const annotations = [
      box(0, [1, 2, 0, 4]),
      box(9, [1, 2, 3, 4]),
      box(0, [1, 2, 3, 4], 7),
      { image_id: 0, category_id: 1, bbox: [1, 2, 'x', 4] },
      { image_id: 0, category_id: 1, segmentation: [[1, 2, 3]] },
      { image_id: 0, category_id: 1, segmentation: [Array.from({ length: 30_000 }, (_, i) => i % 9)] },
      { image_id: 0, category_id: 1, segmentation: { counts: [1], size: [10, 20] } },
      7,
    ];
    const root = write({
      'x.json': json([...listed('a.png', 'b.png'), { id: 0, file_name: 'c.png' }], annotations),
      'a.png': image,
      'b.png': image,
    });
    const failure = await failureOf(() => readDataset(root));
    expect(issueTexts(failure, root).map((text) => text.replace('x.json: ', ''))).toEqual([
      'id 0 is also that of images[0] (column "images[2].id")',
      'the box is 0 wide and 4 high (column "annotations[0].bbox")',
      'there is no image 9 (column "annotations[1].image_id")',
      'there is no category 7 (column "annotations[2].category_id")',
      'Invalid input: expected number, received string (column "annotations[3].bbox[2]")',
      'a polygon has 3 numbers; it needs two for each of three points (column "annotations[4].segmentation[0]")',
      'a polygon has 15000 points; 10000 are read (column "annotations[5].segmentation[0]")',
      'the runs are 1 pixels long, the mask has 200 (column "annotations[6].segmentation")',
      'Invalid input: expected object, received number (column "annotations[7]")',
    ]);
  });

  it('lists no more than a hundred of the same, and reads no huge file', async () => {
    const many = write({
      'x.json': json(
        listed('a.png'),
        Array.from({ length: 500 }, () => ({})),
      ),
      'a.png': image,
    });
    const { issues } = await failureOf(() => readDataset(many, { format: 'coco' }));
    expect(issues.filter(({ file }) => file === join(many, 'x.json'))).toHaveLength(101);
    const huge = write({ 'x.json': '{"images": [{"file_name": "a.png"}]', 'a.png': image });
    truncateSync(join(huge, 'x.json'), 200 * 2 ** 20);
    expect(issueTexts(await failureOf(() => readDataset(huge)), huge)).toEqual([
      'x.json: larger than 134217728 bytes, the largest COCO file that is read: write a file for each part',
    ]);
  });

  it('says so where an image is in two parts, or where none is there', async () => {
    const part = json(listed('a.png', 'b.png'), [box(0, [1, 2, 3, 4])]);
    const both = write({ 'instances_train.json': part, 'instances_val.json': part, 'a.png': image, 'b.png': image });
    expect(issueTexts(await failureOf(() => readDataset(both)), both)).toContain(
      'instances_val.json: image "a.png" is in validation here and in train elsewhere (column "images[0]")',
    );
    const none = write({ 'instances_train.json': part });
    expect((await failureOf(() => readDataset(none))).message).toContain(
      'none of its 2 annotated images is here, such as a.png; give the image folder with --images',
    );
  });

  it('leaves other JSON files and class folders alone', async () => {
    const root = write({ 'notes.json': '{"images": 3}', 'tb/a.png': image, 'normal/b.png': image });
    expect((await readDataset(root)).format).toBe('class-folders');
  });

  it("reads labels of images in lists of their own and in the images' own items, and refuses what is no category", async () => {
    const files = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [`${name}.png`, image]));
    const content = (last: unknown): string =>
      JSON.stringify({
        images: [
          { id: 0, file_name: 'a.png', tags: [] },
          { id: 1, file_name: 'b.png', label: 'mass' },
          { id: 2, file_name: 'c.png', category_ids: [1] },
          { id: 3, file_name: 'd.png', labels: [{ name: 'mass' }], license: 1, flickr_url: '' },
          { id: 4, file_name: 'e.png' },
        ],
        annotations: [],
        image_labels: [last],
        categories: categories.slice(0, 1),
      });
    const root = write({ 'x.json': content({ image_id: 4, category_id: 1 }), ...files });
    expect(labelled(await readDataset(root))).toEqual([
      'a.png no mass',
      'b.png mass',
      'c.png mass',
      'd.png mass',
      'e.png mass',
    ]);
    const odd = write({ 'x.json': content({ image_id: 4, tag: 'mass' }), ...files });
    expect(issueTexts(await failureOf(() => readDataset(odd)), odd)).toEqual([
      'x.json: its items are of images, and have no category_id (column "image_labels")',
    ]);
    const wrong = write({
      'x.json': content({ image_id: 4, category_id: 1 }).replace('"label":"mass"', '"label":"cyst"'),
      ...files,
    });
    expect(issueTexts(await failureOf(() => readDataset(wrong)), wrong)).toEqual([
      'x.json: "cyst" is not one of the categories (column "images[1].label")',
    ]);
  });

  it('refuses an image without an annotation of which another field names a category', async () => {
    const files = { 'a.png': image, 'b.png': image };
    const content = (fields: object): string =>
      JSON.stringify({
        images: [
          { id: 0, file_name: 'a.png' },
          { id: 1, file_name: 'b.png', ...fields },
        ],
        annotations: [{ id: 1, image_id: 0, category_id: 1 }],
        categories: categories.slice(0, 1),
      });
    const said = 'the image has no annotation, and this names the category "mass"';
    for (const attributes of [{ mass: true }, { mass: 'yes' }, { kind: ['mass'] }, { more: [{ shows: ' mass ' }] }]) {
      const root = write({ 'x.json': content({ attributes }), ...files });
      expect(issueTexts(await failureOf(() => readDataset(root)), root)).toEqual([
        `x.json: ${said}: make it an annotation without a box, or call the field "labels" (column "images[1].attributes")`,
      ]);
    }
    for (const fields of [{ attributes: { mass: false, kind: 'none' } }, { flickr_url: 'mass' }, { extra: null }]) {
      const root = write({ 'x.json': content(fields), ...files });
      expect(labelled(await readDataset(root))).toEqual(['a.png mass', 'b.png no mass']);
    }
  });
});
