import { regionBounds } from '@weakspot/core';
import { afterAll, describe, expect, it } from 'vitest';
import { dicomFile, imageValues } from '../../dicom/testing/file.js';
import { readDataset } from '../read-dataset.js';
import { failureOf, temporaryFolder } from '../testing/files.js';
import type { SetFile } from '../testing/sets.js';
import { issueTexts, labelled, setWriter } from '../testing/sets.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const write = setWriter(folder);

const header =
  'patient_id,breast_density,left or right breast,image view,abnormality id,abnormality type,mass shape,mass margins,assessment,pathology,subtlety,image file path,cropped image file path,ROI mask file path';
let uid = 0;
/** A row as published: the last path ends with a line of its own. */
function row(film: string, number: number, pathology: string, series?: readonly [string, string, string]): string {
  const [, kind = '', patient = '', side = '', view = ''] =
    /^(\w+)-(?:Training|Test)_(P_\d+)_(LEFT|RIGHT)_(CC|MLO)$/.exec(film) ?? [];
  const [filmUid, cropUid, maskUid] = series ?? [`1.9.${uid++}`, `1.9.${uid++}`, `1.9.${uid++}`];
  const paths = [
    `${film}/1.2/${filmUid}/000000.dcm`,
    `${film}_${number}/1.2/${cropUid}/000000.dcm`,
    `"${film}_${number}/1.2/${maskUid}/000001.dcm\n"`,
  ];
  return [patient, 3, side, view, number, kind.toLowerCase(), 'OVAL', 'OBSCURED', 4, pathology, 4, ...paths].join(',');
}
const table = (...rows: readonly string[]): string => `${[header, ...rows].join('\n')}\n`;

const [WIDTH, HEIGHT] = [10, 16];
const full = dicomFile(imageValues(WIDTH, HEIGHT, { PixelData: new Uint8Array(2 * WIDTH * HEIGHT) }));
const crop = dicomFile(imageValues(4, 4, { PixelData: new Uint8Array(32) }));
/** 255 in a rectangle. */
function mask(x0: number, y0: number, x1: number, y1: number, [width, height] = [WIDTH, HEIGHT]): Uint8Array {
  const pixels = new Uint8Array(width * height);
  for (let y = y0; y < y1; y++) pixels.fill(255, y * width + x0, y * width + x1);
  return dicomFile(
    imageValues(width, height, { BitsAllocated: [8], BitsStored: [8], HighBit: [7], PixelData: pixels }),
    { representation: 'OB' },
  );
}

const deep = (film: string, kind: string): string => `CBIS-DDSM/${film}/07-20-2016-DDSM-NA-1/1.000000-${kind} images-2`;
const published: Readonly<Record<string, SetFile>> = {
  'mass_case_description_train_set.csv': table(
    row('Mass-Training_P_00001_LEFT_CC', 1, 'MALIGNANT'),
    row('Mass-Training_P_00001_LEFT_CC', 2, 'BENIGN'),
    row('Mass-Training_P_00001_LEFT_MLO', 1, 'BENIGN_WITHOUT_CALLBACK'),
  ),
  'mass_case_description_test_set.csv': table(row('Mass-Test_P_00016_RIGHT_CC', 1, 'MALIGNANT')),
  [`${deep('Mass-Training_P_00001_LEFT_CC', 'full mammogram')}/1-1.dcm`]: full,
  // Mask and crop in one folder, under either name.
  [`${deep('Mass-Training_P_00001_LEFT_CC_1', 'ROI mask')}/1-1.dcm`]: mask(2, 3, 5, 8),
  [`${deep('Mass-Training_P_00001_LEFT_CC_1', 'ROI mask')}/1-2.dcm`]: crop,
  [`${deep('Mass-Training_P_00001_LEFT_CC_2', 'cropped')}/1-1.dcm`]: crop,
  [`${deep('Mass-Training_P_00001_LEFT_CC_2', 'cropped')}/1-2.dcm`]: mask(6, 9, 9, 12),
  [`${deep('Mass-Training_P_00001_LEFT_MLO', 'full mammogram')}/1-1.dcm`]: full,
  [`${deep('Mass-Training_P_00001_LEFT_MLO_1', 'ROI mask')}/1-1.dcm`]: mask(0, 0, 2, 2),
  [`${deep('Mass-Test_P_00016_RIGHT_CC', 'full mammogram')}/1-1.dcm`]: full,
  // Of a film of twice the size.
  [`${deep('Mass-Test_P_00016_RIGHT_CC_1', 'ROI mask')}/1-1.dcm`]: mask(4, 6, 8, 10, [2 * WIDTH, 2 * HEIGHT]),
};
const bounds = (set: Awaited<ReturnType<typeof readDataset>>): number[][][] =>
  set.samples.map(({ regions }) =>
    regions.map((region) => {
      const { x0, y0, x1, y1 } = regionBounds(region);
      return [x0, y0, x1, y1];
    }),
  );

describe('cbis-ddsm', () => {
  it('reads the tables, the official division and the masks, told from crops', async () => {
    const set = await readDataset(write(published));
    expect([set.format, set.classes, set.positive, set.issues]).toEqual([
      'cbis-ddsm',
      ['not malignant', 'malignant'],
      1,
      [],
    ]);
    // In the order of the tables' names.
    expect(set.samples.map(({ label, patient, view, split }) => [label, patient, view, split])).toEqual([
      [1, 'P_00016', 'R-CC', 'test'],
      [1, 'P_00001', 'L-CC', 'train'],
      [0, 'P_00001', 'L-MLO', 'train'],
    ]);
    // The benign mass beside the malignant one is no ground truth.
    expect(bounds(set)).toEqual([[[2, 3, 4, 5]], [[2, 3, 5, 8]], []]);
    const benign = await readDataset(write(published), { positive: 'benign' });
    expect(bounds(benign)).toEqual([[], [[6, 9, 9, 12]], [[0, 0, 2, 2]]]);
  });

  it('makes one image of a film that is there twice, and leaves women of the test part out of training', async () => {
    const calc = 'Calc-Test_P_00016_RIGHT_CC';
    const divided = 'Calc-Training_P_00016_LEFT_CC';
    const root = write({
      ...published,
      'calc_case_description_test_set.csv': table(row(calc, 1, 'BENIGN')),
      'calc_case_description_train_set.csv': table(row(divided, 1, 'BENIGN')),
      [`${deep(calc, 'full mammogram')}/1-1.dcm`]: full,
      [`${deep(`${calc}_1`, 'ROI mask')}/1-1.dcm`]: mask(1, 1, 3, 3),
      [`${deep(divided, 'full mammogram')}/1-1.dcm`]: full,
    });
    const set = await readDataset(root, { positive: 'calcification' });
    expect(set.samples.map(({ patient, view, label, split }) => [patient, view, label, split])).toEqual([
      ['P_00016', 'R-CC', 1, 'test'],
      ['P_00001', 'L-CC', 0, 'train'],
      ['P_00001', 'L-MLO', 0, 'train'],
    ]);
    expect(issueTexts(set, root)).toEqual([
      'calc_case_description_train_set.csv:2: patient P_00016 is in the test part of another table: left out of training',
    ]);
    expect(bounds(set)[0]).toEqual([[1, 1, 3, 3]]);
  });

  it('finds files by their series, as in copies of the set', async () => {
    const film = 'Mass-Test_P_00099_LEFT_CC';
    const other = 'Mass-Test_P_00100_LEFT_CC';
    const root = write({
      'csv/mass_case_description_test_set.csv': table(
        row(film, 1, 'MALIGNANT', ['1.3.1', '1.3.2', '1.3.3']),
        row(other, 1, 'BENIGN', ['1.3.4', '1.3.5', '1.3.6']),
      ),
      'jpeg/1.3.1/1-249.dcm': full,
      'jpeg/1.3.2/1-10.dcm': crop,
      'jpeg/1.3.3/1-11.dcm': mask(1, 2, 3, 4),
      'jpeg/1.3.4/1-12.dcm': full,
    });
    const set = await readDataset(root);
    expect([labelled(set), bounds(set), set.issues]).toEqual([
      ['jpeg/1.3.1/1-249.dcm malignant', 'jpeg/1.3.4/1-12.dcm not malignant'],
      [[[1, 2, 3, 4]], []],
      [],
    ]);
  });

  it('names file, line and column of what is wrong', async () => {
    const train = 'mass_case_description_train_set.csv';
    const first = row('Mass-Training_P_00001_LEFT_CC', 1, 'MALIGNANT');
    const errors = write({
      ...published,
      [train]: table(
        first,
        first.replace('MALIGNANT', 'ODD'),
        first.replace('LEFT', 'BOTH'),
        first.replace(',CC,', ',LAT,'),
      ),
    });
    expect(issueTexts(await failureOf(() => readDataset(errors)), errors).slice(0, 3)).toEqual([
      // The third path takes a line of its own.
      `${train}:4: "ODD" is not one of this set (column "pathology")`,
      `${train}:6: "BOTH" is not one of this set (column "left or right breast")`,
      `${train}:8: "LAT" is not one of this set (column "image view")`,
    ]);
    const warnings = write({
      ...published,
      [train]: table(
        first,
        row('Mass-Training_P_00001_LEFT_CC', 2, 'MALIGNANT'),
        row('Mass-Training_P_00007_LEFT_CC', 1, 'BENIGN'),
        row('Mass-Training_P_00001_LEFT_MLO', 1, 'BENIGN'),
      ),
      [`${deep('Mass-Training_P_00001_LEFT_CC_1', 'ROI mask')}/1-1.dcm`]: mask(2, 3, 2, 3),
      [`${deep('Mass-Training_P_00001_LEFT_CC_2', 'cropped')}/1-2.dcm`]: crop,
      'odd.png': { width: 4, height: 4 },
    });
    const texts = issueTexts(await readDataset(warnings), warnings);
    expect(texts.toSorted()).toEqual([
      `${deep('Mass-Training_P_00001_LEFT_CC_1', 'ROI mask')}/1-1.dcm: no pixel of the mask is set: left out`,
      `${train}:4: the mask of this abnormality is missing`,
      `${train}:6: image P_00007_LEFT_CC is missing: left out`,
      'odd.png: its name does not belong to this set: left out',
    ]);
  });
});
