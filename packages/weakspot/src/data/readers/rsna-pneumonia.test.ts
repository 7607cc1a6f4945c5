import { boxRegion } from '@weakspot/core';
import { afterAll, describe, expect, it } from 'vitest';
import { readDataset } from '../read-dataset.js';
import { failureOf, temporaryFolder } from '../testing/files.js';
import { issueTexts, sampleOf, setWriter } from '../testing/sets.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const write = setWriter(folder);

const image = { width: 512, height: 512 };
const [normal, other, sick] = [
  '0004cfab-14fd-4e49-80ba-63a80b6bddd6',
  '003d8fa0-6bf1-40ed-b54c-ac657f8495c5',
  '00436515-870c-4b36-a041-de91049b9ab4',
];
const labels = [
  'patientId,x,y,width,height,Target',
  `${normal},,,,,0`,
  `${other},,,,,0`,
  `${sick},264.0,152.0,213.0,379.0,1`,
  `${sick},562.0,152.0,256.0,453.0,1`,
  '',
].join('\n');
const classes = [
  'patientId,class',
  `${normal},Normal`,
  `${other},No Lung Opacity / Not Normal`,
  `${sick},Lung Opacity`,
  `${sick},Lung Opacity`,
  '',
].join('\n');
const published = {
  'stage_2_train_labels.csv': labels,
  'stage_2_detailed_class_info.csv': classes,
  [`stage_2_train_images/${normal}.dcm`]: image,
  [`stage_2_train_images/${other}.dcm`]: image,
  [`stage_2_train_images/${sick}.dcm`]: image,
  'stage_2_test_images/0000a175-0e68-4ca4-b1af-167204a7e0bc.dcm': image,
};

describe('rsna-pneumonia', () => {
  it('reads targets and several boxes of an image, in pixels of 1024 x 1024', async () => {
    const set = await readDataset(write(published));
    expect([set.format, set.classes, set.positive, set.issues]).toEqual([
      'rsna-pneumonia',
      ['no pneumonia', 'pneumonia'],
      1,
      [],
    ]);
    expect(set.samples.map(({ label, patient }) => [label, patient])).toEqual([
      [0, normal],
      [0, other],
      [1, sick],
    ]);
    expect(sampleOf(set, `stage_2_train_images/${sick}.dcm`).regions).toEqual([
      boxRegion(132, 76, 238.5, 265.5),
      boxRegion(281, 76, 409, 302.5),
    ]);
  });

  it('takes patients from the mapping to NIH ChestX-ray14', async () => {
    const mapping = [normal, other, sick].map((id, i) => ({
      subset_img_id: id,
      img_id: `0000000${i === 0 ? 1 : 2}_00${i}.png`,
      orig_labels: [],
    }));
    const name = 'pneumonia-challenge-dataset-mappings_2018.json';
    const set = await readDataset(write({ ...published, [name]: JSON.stringify(mapping) }));
    expect(set.samples.map(({ patient }) => patient)).toEqual(['00000001', '00000002', '00000002']);
    const root = write({ ...published, [name]: '[{"subset_img_id": 7}]' });
    expect(issueTexts(await failureOf(() => readDataset(root)), root)[0]).toMatch(
      /^pneumonia-challenge.*: .*expected string.* \(column "0.subset_img_id"\)$/,
    );
  });

  it('names file, line and column of what is wrong', async () => {
    const wrong = `${labels}${sick},,,,,0\n${normal},1,2,3,4,yes\n${sick},1,2,,4,1\n`;
    const root = write({
      ...published,
      'stage_2_train_labels.csv': wrong,
      'stage_2_detailed_class_info.csv': classes.replace(
        `${other},No Lung Opacity / Not Normal`,
        `${other},Lung Opacity`,
      ),
    });
    expect(issueTexts(await failureOf(() => readDataset(root)), root)).toEqual([
      `stage_2_train_labels.csv:6: image ${sick} has another target in line 4 (column "target")`,
      'stage_2_train_labels.csv:7: "yes" is not a target: it must be 0 or 1 (column "target")',
      'stage_2_train_labels.csv:8: the field is empty (column "width")',
      `stage_2_detailed_class_info.csv:3: image ${other} is "Lung Opacity" here and has target 0 in line 3 of the labels (column "class")`,
    ]);
  });
});
