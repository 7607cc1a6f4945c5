import { regionBounds } from '@weakspot/core';
import { afterAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../dataset.js';
import { readDataset } from '../read-dataset.js';
import { failureOf, temporaryFolder } from '../testing/files.js';
import { issueTexts, labelled, sampleOf, setWriter } from '../testing/sets.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const write = setWriter(folder);

const image = { width: 200, height: 100 };
const parts = ({ samples }: Dataset): string[] => samples.map(({ name, split }) => `${name} ${split}`).toSorted();

describe('yolo', () => {
  it('reads boxes and polygons as parts of the size, and empty and missing label files as negatives', async () => {
    const root = write({
      'data.yaml':
        'path: ../somewhere\ntrain: images/train\nval: images/val\ntest:\nnc: 2\nnames:\n  0: mass\n  1: nodule\n',
      'images/train/a.png': image,
      'images/train/b.png': image,
      'images/val/a.png': image,
      'images/val/c.png': image,
      'labels/train/a.txt': '0 0.5 0.5 0.25 0.5\n1 0.1 0.2 0.3 0.2 0.3 0.4\n\n',
      'labels/train/b.txt': '',
      'labels/val/a.txt': '1 0.500001 0.5 0.999999 1\r\n',
    });
    const set = await readDataset(root);
    expect([set.format, set.classes]).toEqual(['yolo', ['no finding', 'finding']]);
    expect(labelled(set)).toEqual([
      'images/train/a.png finding',
      'images/train/b.png no finding',
      'images/val/a.png finding',
      'images/val/c.png no finding',
    ]);
    expect(parts(set)).toEqual([
      'images/train/a.png train',
      'images/train/b.png train',
      'images/val/a.png validation',
      'images/val/c.png validation',
    ]);
    const [box, polygon] = sampleOf(set, 'images/train/a.png').regions;
    expect(box).toEqual({ kind: 'box', x0: 75, y0: 25, x1: 125, y1: 75 });
    expect(polygon?.kind).toBe('polygon');
    expect(regionBounds(polygon!)).toEqual({ x0: 20, y0: 20, x1: 60, y1: 40 });
    // Six digits reach the edge without a warning that the box is clipped.
    expect(issueTexts(set, root)).toEqual([
      'images/val/c.png: it has no label file: taken as an image without any object',
    ]);
    const nodules = await readDataset(root, { positive: 'nodule' });
    expect(nodules.samples.map(({ regions }) => regions.length)).toEqual([1, 0, 1, 0]);
  });

  it("reads Roboflow's layout, lists of images, and labels beside their images", async () => {
    const roboflow = write({
      'data.yaml': "train: ../train/images\nval: ../valid/images\nnc: 1\nnames: ['mass']\n",
      'train/images/a.png': image,
      'train/labels/a.txt': '0 0.5 0.5 0.1 0.1',
      'valid/images/b.png': image,
      'valid/labels/b.txt': '',
    });
    expect(parts(await readDataset(roboflow))).toEqual(['train/images/a.png train', 'valid/images/b.png validation']);
    const darknet = write({
      'obj.names': 'mass\n',
      'train.txt': 'data/obj/a.png\n',
      'a.png': image,
      'a.txt': '0 0.5 0.5 0.1 0.1',
      'b.png': image,
      'b.txt': '',
    });
    expect(labelled(await readDataset(darknet))).toEqual(['a.png mass', 'b.png no mass']);
    const lists = write({
      'data.yaml': 'train: lists/train.txt\ntest: lists/test.txt\nnames: [mass]\n',
      'lists/train.txt': './images/a.png\n',
      'lists/test.txt': './images/b.png\n',
      'images/a.png': image,
      'images/b.png': image,
      'labels/a.txt': '0 0.5 0.5 0.1 0.1',
      'labels/b.txt': '',
    });
    expect(parts(await readDataset(lists))).toEqual(['images/a.png train', 'images/b.png test']);
  });

  it('numbers classes without names, and takes the box before key points', async () => {
    const files = { 'a.png': image, 'b.png': image, 'b.txt': '' };
    expect((await readDataset(write({ ...files, 'a.txt': '3 0.5 0.5 0.1 0.1\n' }))).classes).toEqual([
      'no class 3',
      'class 3',
    ]);
    const pose = write({
      ...files,
      'data.yaml': 'kpt_shape: [1, 3]\ntrain: .\nnames: [mass]\n',
      'a.txt': '0 0.5 0.5 0.25 0.5 0.4 0.4 2\n',
    });
    expect(sampleOf(await readDataset(pose), 'a.png').regions).toEqual([
      { kind: 'box', x0: 75, y0: 25, x1: 125, y1: 75 },
    ]);
  });

  it('names file and line of what is wrong', async () => {
    const lines = [
      '0 0.5 0.5 0.1 0.1',
      '7 0.5 0.5 0.1 0.1',
      '0 100 50 20 10',
      '0 0.5 0.5 0 0.1',
      '0 0.5 0.5 0.1 0.1 0.98',
      '0 0.5 0.5 0.1 1e',
      `0 ${'0.5 '.repeat(30_000)}`,
    ];
    const root = write({
      'data.yaml': 'train: .\nnames: [mass]\n',
      'images/a.png': image,
      'images/b.png': image,
      'labels/a.txt': lines.join('\n'),
      'labels/b.txt': '',
      'labels/zz.txt': '0 0.5 0.5 0.1 0.1',
    });
    expect(issueTexts(await failureOf(() => readDataset(root, { format: 'yolo' })), root)).toEqual([
      'labels/a.txt:2: 7 is not one of the classes',
      "labels/a.txt:3: 100 is not a fraction of the image's size: it must be from 0 to 1",
      'labels/a.txt:4: the box is 0 wide and 0.1 high',
      'labels/a.txt:5: there are 5 numbers after the class; a box has 4, a polygon 6 or more (two for each point): predictions have a confidence, ground truth does not',
      'labels/a.txt:6: one of its values is not a number',
      'labels/a.txt:7: a polygon has 15000 points; 10000 are read',
      'labels/zz.txt: image "zz" is missing: left out',
    ]);
    const bomb = `a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [${'*c, '.repeat(50)}]\ntrain: .\nnames: [mass]\n`;
    const yaml = write({ 'data.yaml': bomb, 'a.png': image, 'a.txt': lines[0] as string });
    expect(issueTexts(await failureOf(() => readDataset(yaml)), yaml)[0]).toMatch(
      /^data\.yaml: not YAML: Excessive alias count/,
    );
  });

  it('is recognised though a label file is damaged, and names its line', async () => {
    for (const line of ['0 nan 0.5 0.1 0.1', '0 0.5 0.5', 'mass', '0 0,5 0,5 0,1 0,1']) {
      const files = { 'images/a.png': image, 'images/b.png': image, 'images/c.png': image, 'images/d.png': image };
      const labels = { 'labels/a.txt': line, 'labels/b.txt': '0 0.5 0.5 0.1 0.1', 'labels/c.txt': '' };
      for (const own of [{ 'data.yaml': 'train: .\nnames: [mass]\n' }, { 'labels/d.txt': '0 0.5 0.5 0.2 0.1' }]) {
        const root = write({ ...files, ...labels, ...own });
        expect(issueTexts(await failureOf(() => readDataset(root)), root)[0]).toMatch(/^labels\/a\.txt:1: /);
      }
    }
  });

  it('leaves class folders with notes alone', async () => {
    const root = write({
      'tb/a.png': image,
      'tb/a.txt': 'left upper lobe\n',
      'tb/b.txt': '3 of 7\n',
      'normal/b.png': image,
      'readme.txt': '1 2 3 4 5',
    });
    expect((await readDataset(root)).format).toBe('class-folders');
  });
});

describe('names of label files', () => {
  const box = '0 0.5 0.5 0.1 0.1';

  it('are matched URL-decoded and in composed Unicode', async () => {
    const root = write({
      'data.yaml': "train: ../train/images\nnames: ['mass']\n",
      'train/images/R\u00f6ntgen 1.png': image,
      'train/images/Ro\u0308ntgen 2.png': image,
      'train/images/R\u00f6ntgen 3.png': image,
      'train/images/100%25.png': image,
      'train/images/100%.png': image,
      'train/labels/R%C3%B6ntgen%201.txt': box,
      'train/labels/R\u00f6ntgen 2.txt': box,
      'train/labels/R\u00f6ntgen 3.txt': '',
      'train/labels/100%25.txt': box,
    });
    const set = await readDataset(root);
    expect(labelled(set).toSorted()).toEqual([
      'train/images/100%.png no mass',
      'train/images/100%25.png mass',
      'train/images/Ro\u0308ntgen 2.png mass',
      'train/images/R\u00f6ntgen 1.png mass',
      'train/images/R\u00f6ntgen 3.png no mass',
    ]);
    expect(sampleOf(set, 'train/images/Ro\u0308ntgen 2.png').regions).toHaveLength(1);
  });

  it('that are of no image are errors where an image without a file would be a negative', async () => {
    const files = { 'images/a.png': image, 'images/b.png': image, 'images/c.png': image, 'labels/b.txt': '' };
    const whole = { ...files, 'labels/a.txt': box, 'labels/x.txt': box };
    const root = write(whole);
    expect(issueTexts(await failureOf(() => readDataset(root)), root)[0]).toBe(
      'labels/x.txt: the label file belongs to no image, and 1 of the images have no label file, such as "images/c.png", which would be taken as images without any object: correct the names, or remove the file',
    );
    // A part of the images is a part of the set.
    expect(labelled(await readDataset(write({ ...whole, 'labels/c.txt': '' })))).toEqual([
      'images/a.png class 0',
      'images/b.png no class 0',
      'images/c.png no class 0',
    ]);
    const mixed = write({ ...files, 'labels/a.txt': box, 'labels/c.xml': '<a/>' });
    expect(issueTexts(await failureOf(() => readDataset(mixed)), mixed)[0]).toBe(
      'images/c.png: it has no YOLO label file but labels/c.xml: write all annotations in one format, or name the format with --format',
    );
  });

  it('that could be of two images of one name are errors', async () => {
    const root = write({
      'images/R\u00f6ntgen.png': image,
      'images/Ro\u0308ntgen.png': image,
      'images/b.png': image,
      'labels/R%C3%B6ntgen.txt': box,
      'labels/b.txt': '',
    });
    const first = issueTexts(await failureOf(() => readDataset(root)), root)[0];
    expect(first).toBe(
      'labels/R%C3%B6ntgen.txt: image "R%C3%B6ntgen" could be "images/Ro\\u0308ntgen.png" or "images/R\u00f6ntgen.png", one name in two encodings: remove one of the files',
    );
  });

  it('names of classes that differ in case only are errors', async () => {
    const names = write({
      'data.yaml': 'names: [Mass, mass]\nnc: 2\n',
      'a.png': image,
      'a.txt': box,
      'b.png': image,
      'b.txt': '',
    });
    expect(issueTexts(await failureOf(() => readDataset(names)), names)).toEqual([
      'data.yaml: the class "mass" differs from "Mass" in names only in case: spell both the same way (column "names")',
    ]);
  });

  it('with a class alone are labels of their images', async () => {
    const root = write({
      'data.yaml': "train: ../train/images\nnames: ['mass', 'normal']\n",
      ...Object.fromEntries(['a', 'b', 'c'].map((name) => [`train/images/${name}.png`, image])),
      'train/labels/a.txt': '0\n',
      'train/labels/b.txt': '1\n',
      'train/labels/c.txt': `${box}\n`,
    });
    const set = await readDataset(root);
    expect(labelled(set)).toEqual(['train/images/a.png mass', 'train/images/b.png no mass', 'train/images/c.png mass']);
    expect(set.samples.map(({ regions }) => regions.length)).toEqual([0, 0, 1]);
  });
});
