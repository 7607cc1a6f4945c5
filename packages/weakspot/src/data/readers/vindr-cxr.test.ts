import { boxRegion } from '@weakspot/core';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readDataset } from '../read-dataset.js';
import { failureOf, temporaryFolder } from '../testing/files.js';
import { issueTexts, sampleOf, setWriter } from '../testing/sets.js';
import { vindrCxr } from './vindr-cxr.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const write = setWriter(folder);

const image = { width: 100, height: 100 };
const id = (digit: number): string => String(digit).repeat(32);
const labels = [
  'image_id,rad_id,Aortic enlargement,Nodule/Mass,Other diseases,No finding',
  // Two of three see a nodule.
  `${id(1)},R1,0,1,0,0`,
  `${id(1)},R2,1,1,0,0`,
  `${id(1)},R3,0,0,0,1`,
  // One of three does.
  `${id(2)},R1,0,1,0,0`,
  `${id(2)},R2,0,0,0,1`,
  `${id(2)},R3,0,0,0,1`,
  // Two see something, each something else.
  `${id(3)},R1,0,1,0,0`,
  `${id(3)},R2,1,0,0,0`,
  `${id(3)},R3,0,0,0,1`,
  '',
].join('\n');
const marks = [
  'image_id,rad_id,class_name,x_min,y_min,x_max,y_max',
  `${id(1)},R1,Nodule/Mass,10,20,30,40`,
  `${id(1)},R2,Nodule/Mass,12,20,32,40`,
  `${id(1)},R2,Aortic enlargement,50,50,60,60`,
  `${id(1)},R3,No finding,,,,`,
  `${id(2)},R1,Nodule/Mass,1,1,5,5`,
  `${id(3)},R1,Nodule/Mass,2,2,6,6`,
  '',
].join('\n');
const published = {
  'annotations/image_labels_train.csv': labels,
  'annotations/annotations_train.csv': marks,
  'annotations/image_labels_test.csv': `image_id,Aortic enlargement,Nodule/Mass,Other disease,No finding\n${id(4)},0,0,1,0\n`,
  'annotations/annotations_test.csv': 'image_id,class_name,x_min,y_min,x_max,y_max\n',
  [`train/${id(1)}.dicom`]: image,
  [`train/${id(2)}.dicom`]: image,
  [`train/${id(3)}.dicom`]: image,
  [`test/${id(4)}.dicom`]: image,
};

describe('vindr-cxr', () => {
  it('takes what most readers say, and as finding what most say is not nothing', async () => {
    const set = await readDataset(write(published));
    expect([set.format, set.classes, set.positive, set.issues]).toEqual([
      'vindr-cxr',
      ['No finding', 'finding'],
      1,
      [],
    ]);
    const rows = [1, 2, 3].map((digit) => sampleOf(set, `train/${id(digit)}.dicom`));
    expect(rows.map(({ label, split, view, regions }) => [label, split, view, regions.length])).toEqual([
      [1, 'train', 'PA', 3],
      [0, 'train', 'PA', 0],
      [1, 'train', 'PA', 1],
    ]);
    expect(sampleOf(set, `test/${id(4)}.dicom`)).toMatchObject({ label: 1, split: 'test', patient: undefined });
  });

  it('keeps each box of the finding asked for, of images that have it', async () => {
    const set = await readDataset(write(published), { positive: 'Nodule/Mass' });
    expect([set.classes, set.issues]).toEqual([['no Nodule/Mass', 'Nodule/Mass'], []]);
    expect(sampleOf(set, `train/${id(1)}.dicom`)).toMatchObject({
      label: 1,
      regions: [boxRegion(10, 20, 30, 40), boxRegion(12, 20, 32, 40)],
    });
    expect(set.samples.filter(({ label }) => label === 1)).toHaveLength(1);
    expect(set.samples.flatMap(({ regions }) => regions)).toHaveLength(2);
    // One disease under two names, as the tables have it.
    const other = await readDataset(write(published), { positive: 'Other disease' });
    expect(other.samples.filter(({ label }) => label === 1).map(({ name }) => name)).toEqual([`test/${id(4)}.dicom`]);
  });

  it('follows the majority, whatever the number of readers', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }), async (votes) => {
        const rows = votes.map((vote, i) => `${id(1)},R${i},${vote ? '1,0' : '0,1'}`);
        const table = ['image_id,rad_id,Aortic enlargement,No finding', ...rows, `${id(2)},R1,1,0`, `${id(3)},R1,0,1`];
        const root = write({
          'image_labels_train.csv': table.join('\n'),
          [`${id(1)}.png`]: image,
          [`${id(2)}.png`]: image,
          [`${id(3)}.png`]: image,
        });
        const set = await readDataset(root, { positive: 'Aortic enlargement' });
        const count = votes.filter(Boolean).length;
        expect(sampleOf(set, `${id(1)}.png`).label).toBe(2 * count > votes.length ? 1 : 0);
      }),
      { numRuns: 20 },
    );
  });

  it('is not taken for another set with tables of the same names', async () => {
    const files = (findings: string): string =>
      write({ 'image_labels_train.csv': `image_id,rad_id,${findings}\n`, [`train/${id(1)}.dicom`]: image });
    const recognised = async (root: string): Promise<boolean> =>
      vindrCxr.recognises({ root, files: ['image_labels_train.csv', `train/${id(1)}.dicom`], start: undefined });
    expect(await recognised(files('No finding,Bronchitis'))).toBe(false);
    expect(await recognised(files('Aortic enlargement,No finding'))).toBe(true);
  });

  it('names file, line and column of what is wrong', async () => {
    const root = write({
      ...published,
      'annotations/image_labels_train.csv': `${labels}${id(3)},R3,0,0,0,1\n${id(3)},R4,0,2,0,1\n`,
      'annotations/annotations_train.csv': `${marks}${id(1)},R1,Nodule/Mass,10,20,5,40\n${id(1)},R1,Nodule/Mass,10,,5,40\n`,
    });
    expect(issueTexts(await failureOf(() => readDataset(root)), root)).toEqual([
      'annotations/image_labels_train.csv:12: "2" is neither 0 nor 1 (column "Nodule/Mass")',
      'annotations/annotations_train.csv:8: the box from (10, 20) to (5, 40) has no area (column "x_max")',
      'annotations/annotations_train.csv:9: the field is empty (column "y_min")',
      `annotations/image_labels_train.csv:11: image ${id(3)} has a row of the same reader in line 10: this one is ignored`,
    ]);
  });
});
