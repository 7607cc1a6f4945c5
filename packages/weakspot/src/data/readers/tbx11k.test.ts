import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { boxRegion, regionBounds } from '@weakspot/core';
import { afterAll, describe, expect, it } from 'vitest';
import { readBoxes } from '../boxes.js';
import { IssueList } from '../issues.js';
import { readDataset } from '../read-dataset.js';
import { failureOf, temporaryFolder } from '../testing/files.js';
import { issueTexts, labelled, sampleOf, setWriter } from '../testing/sets.js';

const shared = join(import.meta.dirname, '../../../../../../shared/data');
const { folder, remove } = temporaryFolder();
afterAll(remove);
const write = setWriter(folder);

const image = { width: 512, height: 512 };
const voc = (name: string, objects: string): string =>
  `<annotation>\n<filename>${name}</filename>\n<size>\n<width>2048</width>\n<height>1024</height>\n</size>\n${objects}</annotation>\n`;
const object = (name: string, xmin: number | string, ymin: number, xmax: number, ymax: number): string =>
  `<object><name>${name}</name><bndbox><xmin>${xmin}</xmin><ymin>${ymin}</ymin><xmax>${xmax}</xmax><ymax>${ymax}</ymax></bndbox></object>\n`;
const images = {
  'imgs/health/h0001.png': image,
  'imgs/sick/s0001.png': image,
  'imgs/tb/tb0001.png': image,
  'imgs/tb/tb0002.png': image,
  'imgs/tb/tb0003.png': image,
  'imgs/test/unknown_1.png': image,
  'imgs/extra/da+db/train/p1.png': image,
  'imgs/extra/da+db/test/nx1.jpg': image,
  'imgs/extra/mc+shenzhen/test/MCUCXR_0001_0.png': image,
};
const lists = {
  'lists/TBX11K_train.txt': 'health/h0001.png\ntb/tb0001.png\n',
  'lists/TBX11K_val.txt': 'sick/s0001.png\ntb/tb0002.png\n',
  'lists/TBX11K_trainval.txt': 'health/h0001.png\nsick/s0001.png\ntb/tb0001.png\ntb/tb0002.png\n',
  'lists/all_train.txt': 'health/h0001.png\ntb/tb0001.png\nextra/da+db/train/p1.png\n',
  'lists/all_test.txt': 'test/unknown_1.png\nextra/da+db/test/nx1.jpg\nextra/mc+shenzhen/test/MCUCXR_0001_0.png\n',
};
const annotations = {
  'annotations/xml/tb0001.xml': voc(
    'tb0001',
    object('ActiveTuberculosis', 1024, 512, 1536, 768) + object('ObsoletePulmonaryTuberculosis', 0, 0, 512, 256),
  ),
  'annotations/xml/tb0002.xml': voc('tb0002', object('ObsoletePulmonaryTuberculosis', 0, 0, 1024, 256)),
};

describe('tbx11k', () => {
  it('reads tuberculosis against all else, official parts, and boxes in pixels of the original images', async () => {
    const set = await readDataset(write({ ...images, ...lists, ...annotations }));
    expect([set.format, set.classes, set.positive, set.issues]).toEqual([
      'tbx11k',
      ['no tuberculosis', 'tuberculosis'],
      1,
      [],
    ]);
    expect(set.samples.map(({ name, label, split }) => [name.slice('imgs/'.length), label, split])).toEqual([
      ['extra/da+db/test/nx1.jpg', 0, 'test'],
      ['extra/da+db/train/p1.png', 1, 'train'],
      ['extra/mc+shenzhen/test/MCUCXR_0001_0.png', 0, 'test'],
      ['health/h0001.png', 0, 'train'],
      ['sick/s0001.png', 0, 'validation'],
      ['tb/tb0001.png', 1, 'train'],
      ['tb/tb0002.png', 1, 'validation'],
      ['tb/tb0003.png', 1, undefined],
    ]);
    expect(sampleOf(set, 'imgs/tb/tb0001.png').regions).toEqual([
      boxRegion(256, 256, 384, 384),
      boxRegion(0, 0, 128, 128),
    ]);
  });

  it('learns one kind of tuberculosis, leaving out images whose kind is not known', async () => {
    const { 'imgs/extra/da+db/train/p1.png': _, ...rest } = images;
    const root = write({ ...rest, ...lists, ...annotations });
    const set = await readDataset(root, { positive: 'ActiveTuberculosis' });
    expect(labelled(set).filter((text) => !text.includes(' no '))).toEqual(['imgs/tb/tb0001.png ActiveTuberculosis']);
    expect(set.samples.map(({ regions }) => regions.length)).toEqual([0, 0, 0, 0, 1, 0]);
    expect(issueTexts(set, root)).toEqual([
      'imgs/tb/tb0003.png: it has tuberculosis but no box: it is not known whether it is ActiveTuberculosis: left out',
    ]);
    const sick = await readDataset(root, { positive: 'sick' });
    expect(labelled(sick).filter((text) => !text.includes(' no '))).toEqual(['imgs/sick/s0001.png sick']);
    const finding = await readDataset(root, { positive: 'finding' });
    expect(finding.classes).toEqual(['healthy', 'finding']);
    expect((await failureOf(() => readDataset(root, { positive: 'cavity' }))).code).toBe('usage');
  });

  it('reads COCO, in pixels of the published images, where there is no VOC', async () => {
    const box = { id: 1, image_id: 1, category_id: 1, bbox: [10, 20, 30, 40], area: 1200, iscrowd: 0 };
    const json = (...boxes: readonly object[]): string =>
      JSON.stringify({
        images: [{ id: 1, file_name: 'tb/tb0001.png', width: 512, height: 512 }],
        annotations: boxes,
        categories: [{ id: 1, name: 'ActiveTuberculosis' }],
      });
    const files = {
      ...images,
      'annotations/json/TBX11K_train.json': json(box),
      'annotations/json/all_train.json': json(box),
    };
    const set = await readDataset(write(files));
    expect(sampleOf(set, 'imgs/tb/tb0001.png').regions).toEqual([boxRegion(10, 20, 40, 60)]);
    const wrong = [{ ...box, image_id: 7 }, { ...box, category_id: 7 }, { ...box, bbox: [1, 2, 0, 4] }, box];
    const root = write({ ...images, 'annotations/json/TBX11K_train.json': json(...wrong) });
    expect(issueTexts(await failureOf(() => readDataset(root)), root)).toEqual([
      'annotations/json/TBX11K_train.json: there is no image 7 (column "annotations[0].image_id")',
      'annotations/json/TBX11K_train.json: there is no category 7 (column "annotations[1].category_id")',
      'annotations/json/TBX11K_train.json: the box is 0 wide and 4 high (column "annotations[2].bbox")',
    ]);
  });

  it('is recognised by its folders alone, and finds images in --images', async () => {
    expect((await readDataset(write(images))).format).toBe('tbx11k');
    const { 'imgs/tb/tb0001.png': tb, 'imgs/health/h0001.png': healthy } = images;
    const elsewhere = write({ 'imgs/tb/tb0001.png': tb, 'imgs/health/h0001.png': healthy });
    const set = await readDataset(write({ ...lists, ...annotations }), { images: elsewhere });
    expect(labelled(set)).toEqual(['imgs/health/h0001.png no tuberculosis', 'imgs/tb/tb0001.png tuberculosis']);
    expect(set.samples.map(({ regions, split }) => [regions.length, split])).toEqual([
      [0, undefined],
      [2, undefined],
    ]);
  });

  it('names the file of an annotation that is wrong', async () => {
    const root = write({
      ...images,
      'annotations/xml/tb0001.xml': voc('tb0001', object('ActiveTuberculosis', 'x', 1, 2, 3)),
      'annotations/xml/tb0002.xml': '<annotation><object>',
      'annotations/xml/tb0003.xml': voc('tb0003', object('ActiveTuberculosis', 5, 1, 2, 3)),
      'annotations/xml/tb0004.xml': `<annotation>${object('ActiveTuberculosis', 1, 1, 2, 3)}</annotation>`,
      'lists/all_train.txt': 'tb/tb0001.png\n',
      'lists/all_val.txt': 'tb/tb0002.png\ntb/tb0001.png\n',
    });
    const texts = issueTexts(await failureOf(() => readDataset(root)), root);
    expect(texts.map((text) => text.replace(/: .*?( \(column .*)?$/, '$1'))).toEqual(
      expect.arrayContaining([
        'annotations/xml/tb0001.xml:7 (column "bndbox")',
        'annotations/xml/tb0002.xml:1',
        'annotations/xml/tb0003.xml:7 (column "bndbox")',
        'annotations/xml/tb0004.xml:1 (column "size")',
        'lists/all_val.txt:2',
      ]),
    );
    expect(texts).toHaveLength(5);
  });

  it.skipIf(!existsSync(shared))('reads 400 published images with their annotations (needs shared/data)', async () => {
    const root = join(shared, 'tbx11k');
    const set = await readDataset(root, { positive: 'ActiveTuberculosis' });
    // As images.csv counts them: 312 active, 18 both, 69 obsolete, one without a box.
    expect([0, 1].map((label) => set.samples.filter((sample) => sample.label === label).length)).toEqual([69, 330]);
    expect(set.issues.map(({ file }) => file)).toEqual([join(root, 'images/tb1199.png')]);

    // The other boxes there are rounded to hundredths of a pixel of these images.
    const both = await readDataset(root, { classes: ['no tuberculosis', 'tuberculosis'] });
    expect(both.samples).toHaveLength(400);
    const boxes = await readBoxes(join(root, 'boxes_512.csv'), root, new IssueList());
    for (const { name, regions } of both.samples) {
      const expected = boxes.filter((box) => `images/${box.name}` === name).map(({ region }) => regionBounds(region));
      expect(regions).toHaveLength(expected.length);
      regions.forEach((region, i) => {
        for (const edge of ['x0', 'y0', 'x1', 'y1'] as const) {
          expect(Math.abs(regionBounds(region)[edge] - (expected[i]?.[edge] ?? Number.NaN))).toBeLessThanOrEqual(
            0.0051,
          );
        }
      });
    }
  });
});
