import { boxRegion } from '@weakspot/core';
import { afterAll, describe, expect, it } from 'vitest';
import { readDataset } from '../read-dataset.js';
import { failureOf, temporaryFolder } from '../testing/files.js';
import { issueTexts, setWriter } from '../testing/sets.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const write = setWriter(folder);

const id = (digit: number): string => String(digit).repeat(32);
const [study, other] = [id(8), id(9)];
const breasts = [
  'study_id,series_id,image_id,laterality,view_position,height,width,breast_birads,breast_density,split',
  `${study},s1,${id(1)},L,CC,200,100,BI-RADS 4,DENSITY C,training`,
  `${study},s1,${id(2)},R,MLO,200,100,BI-RADS 3,DENSITY C,training`,
  `${study},s1,${id(3)},R,CC,200,100,BI-RADS 1,DENSITY C,training`,
  `${other},s2,${id(4)},L,CC,200,100,BI-RADS 5,DENSITY B,test`,
  '',
].join('\n');
const header =
  'image_id,study_id,series_id,laterality,view_position,height,width,breast_birads,breast_density,finding_categories,finding_birads,xmin,ymin,xmax,ymax,split';
const finding = (image: number, categories: string, birads: string, box: string): string =>
  `${id(image)},${study},s1,L,CC,200,100,BI-RADS 4,DENSITY C,"${categories}",${birads},${box},training`;
const findings = [
  header,
  finding(1, "['Mass', 'Suspicious Calcification']", 'BI-RADS 4', '10.5,20,30,40.25'),
  finding(1, "['Mass']", 'BI-RADS 3', '50,60,70,80'),
  finding(1, "['Skin Thickening']", '', '1,2,3,4'),
  finding(2, "['Asymmetry']", 'BI-RADS 3', '5,6,7,8'),
  finding(3, "['No Finding']", '', ',,,'),
  finding(4, "['Mass']", 'BI-RADS 5', '0,0,10,20'),
  '',
].join('\n');
const image = { width: 100, height: 200 };
const published = {
  'breast-level_annotations.csv': breasts,
  'finding_annotations.csv': findings,
  'metadata.csv': "SOP Instance UID,Patient's Age\n1.2,050Y\n",
  [`images/${study}/${id(1)}.dicom`]: image,
  [`images/${study}/${id(2)}.dicom`]: image,
  [`images/${study}/${id(3)}.dicom`]: image,
  // Written anew in half the size.
  [`images/${other}/${id(4)}.png`]: { width: 50, height: 100 },
};

describe('vindr-mammo', () => {
  it('takes BI-RADS 4 and above of the breast, its suspicious findings, examinations and the division', async () => {
    const set = await readDataset(write(published));
    expect([set.format, set.classes, set.positive, set.issues]).toEqual([
      'vindr-mammo',
      ['not suspicious', 'suspicious'],
      1,
      [],
    ]);
    expect(set.samples.map(({ label, patient, view, split }) => [label, patient, view, split])).toEqual([
      [1, study, 'L-CC', 'train'],
      [0, study, 'R-MLO', 'train'],
      [0, study, 'R-CC', 'train'],
      [1, other, 'L-CC', 'test'],
    ]);
    // Not the mass of BI-RADS 3; skin thickening has no assessment of its own.
    expect(set.samples.map(({ regions }) => regions)).toEqual([
      [boxRegion(10.5, 20, 30, 40.25), boxRegion(1, 2, 3, 4)],
      [],
      [],
      [boxRegion(0, 0, 5, 10)],
    ]);
  });

  it('learns a finding, or any', async () => {
    const mass = await readDataset(write(published), { positive: 'Mass' });
    expect([mass.classes, mass.samples.map(({ label, regions }) => [label, regions.length])]).toEqual([
      ['no Mass', 'Mass'],
      [
        [1, 2],
        [0, 0],
        [0, 0],
        [1, 1],
      ],
    ]);
    const any = await readDataset(write(published), { positive: 'finding' });
    expect([any.classes, any.samples.map(({ label }) => label)]).toEqual([
      ['No Finding', 'finding'],
      [1, 1, 0, 1],
    ]);
    const error = await failureOf(async () => readDataset(write(published), { positive: 'Masses' }));
    expect(error.hint).toContain('Asymmetry, Mass, Skin Thickening, Suspicious Calcification, suspicious');
  });

  it('names file, line and column of what is wrong', async () => {
    const root = write({
      ...published,
      'breast-level_annotations.csv': `${breasts}${[
        `${other},s2,${id(5)},L,CC,200,100,BIRADS,DENSITY B,test`,
        `${other},s2,${id(5)},L,CC,200,100,BI-RADS 2,DENSITY B,both`,
        `${other},s2,${id(4)},L,CC,200,100,BI-RADS 2,DENSITY B,test`,
        `${other},s2,${id(6)},R,CC,200,100,BI-RADS 2,DENSITY B,test`,
      ].join('\n')}\n`,
      'finding_annotations.csv': `${findings}${finding(1, "['Mass']", 'BI-RADS 4', '10,20,5,40')}\n${finding(1, "['Mass']", 'BI-RADS 4', '10,x,15,40')}\n`,
      'images/odd.png': image,
    });
    expect(issueTexts(await failureOf(() => readDataset(root)), root)).toEqual([
      'breast-level_annotations.csv:6: "BIRADS" is not a BI-RADS category (column "breast_birads")',
      'breast-level_annotations.csv:7: "both" is not a part of this set: it may be training or test (column "split")',
      `breast-level_annotations.csv:8: image ${id(4)} has a row already, in line 5 (column "image_id")`,
      'finding_annotations.csv:8: the box from (10, 20) to (5, 40) has no area (column "xmax")',
      'finding_annotations.csv:9: "x" is not a number (column "ymin")',
      'images/odd.png: its name does not belong to this set: left out',
      `breast-level_annotations.csv:9: image ${id(6)} is missing: left out`,
    ]);
  });
});
