import { boxRegion } from '@weakspot/core';
import { afterAll, describe, expect, it } from 'vitest';
import { readDataset } from '../read-dataset.js';
import { failureOf, temporaryFolder } from '../testing/files.js';
import { issueTexts, labelled, sampleOf, setWriter } from '../testing/sets.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const write = setWriter(folder);

const image = { width: 64, height: 64 };
// The header as published: names with commas, and a comma at the end.
const header =
  'Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y],';
const entries = [
  header,
  '00000001_000.png,Cardiomegaly,0,1,058Y,M,PA,2682,2749,0.143,0.143,',
  '00000001_001.png,Cardiomegaly|Emphysema,1,1,058Y,M,AP,2894,2729,0.143,0.143,',
  '00000002_000.png,No Finding,0,2,081Y,M,PA,2500,2048,0.171,0.171,',
  '00000003_000.png,Infiltration,0,3,060Y,F,PA,2500,2048,0.171,0.171,',
  '',
].join('\n');
const boxes = [
  'Image Index,Finding Label,Bbox [x,y,w,h],,,',
  '00000001_001.png,Cardiomegaly,512,256,128,64,,,',
  '00000003_000.png,Infiltrate,0,0,1024,512,,,',
  '00000009_000.png,Mass,0,0,9,9,,,',
  '',
].join('\n');
const published = {
  'Data_Entry_2017.csv': entries,
  'BBox_List_2017.csv': boxes,
  'train_val_list.txt': '00000001_000.png\n00000001_001.png\n00000003_000.png\n',
  'test_list.txt': '00000002_000.png\n',
  'images_001/images/00000001_000.png': image,
  'images_001/images/00000001_001.png': image,
  'images_001/images/00000002_000.png': image,
  'images_012/images/00000003_000.png': image,
};

describe('nih-chestxray14', () => {
  it('gives all findings of an image where several are asked for', async () => {
    const set = await readDataset(write(published), { multiLabel: true });
    expect([set.multiLabel, set.classes, set.issues]).toEqual([
      true,
      ['Cardiomegaly', 'Emphysema', 'Infiltration'],
      [],
    ]);
    expect(set.samples.map(({ labels }) => labels)).toEqual([[0], [0, 1], [], [2]]);
    expect(set.samples.map(({ regionLabels }) => regionLabels)).toEqual([[], [0], [], [2]]);
  });

  it('reads any finding against none, with patients, views, official parts and boxes of all findings', async () => {
    const set = await readDataset(write(published));
    expect([set.format, set.classes, set.positive, set.issues]).toEqual([
      'nih-chestxray14',
      ['No Finding', 'finding'],
      1,
      [],
    ]);
    expect(labelled(set)).toEqual([
      'images_001/images/00000001_000.png finding',
      'images_001/images/00000001_001.png finding',
      'images_001/images/00000002_000.png No Finding',
      'images_012/images/00000003_000.png finding',
    ]);
    expect(set.samples.map(({ patient, split, view }) => [patient, split, view])).toEqual([
      ['1', 'train', 'PA'],
      ['1', 'train', 'AP'],
      ['2', 'test', 'PA'],
      ['3', 'train', 'PA'],
    ]);
    // Boxes are in pixels of 1024 x 1024; these images are reduced to a sixteenth.
    expect(set.samples.map(({ regions }) => regions)).toEqual([
      [],
      [boxRegion(32, 16, 40, 20)],
      [],
      [boxRegion(0, 0, 64, 32)],
    ]);
  });

  it('learns the finding asked for against all images without it, and keeps no box of another', async () => {
    const root = write(published);
    const set = await readDataset(root, { positive: 'Infiltration' });
    expect([set.classes, set.positive]).toEqual([['no Infiltration', 'Infiltration'], 1]);
    expect(set.samples.map(({ label, regions }) => [label, regions.length])).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
      [1, 1],
    ]);
    const again = await readDataset(root, { positive: 'finding', classes: ['No Finding', 'finding'] });
    expect(again.samples.map(({ label }) => label)).toEqual([1, 1, 0, 1]);
  });

  it('refuses a finding that the set does not have', async () => {
    const error = await failureOf(() => readDataset(write(published), { positive: 'infiltration' }));
    expect([error.code, error.message]).toEqual([
      'usage',
      'there is no finding "infiltration" (did you mean "Infiltration"?)',
    ]);
  });

  it('takes images from --images, named relative to it, and reports those that are missing or in no table', async () => {
    const { 'Data_Entry_2017.csv': table, 'BBox_List_2017.csv': list } = published;
    const root = write({ 'Data_Entry_2017_v2020.csv': table, 'BBox_List_2017.csv': list });
    const images = write({
      'a/00000001_001.png': image,
      'a/00000002_000.png': image,
      'a/00000004_000.png': image,
      'b/00000002_000.png': image,
      'b/x.png': image,
    });
    const set = await readDataset(root, { images });
    expect(labelled(set)).toEqual(['a/00000001_001.png finding', 'a/00000002_000.png No Finding']);
    expect(sampleOf(set, 'a/00000001_001.png').regions).toHaveLength(1);
    expect(issueTexts(set, root).map((text) => text.replaceAll(`${images}/`, ''))).toEqual([
      'b/00000002_000.png: this is image 00000002_000 again, after "a/00000002_000.png": left out',
      'b/x.png: its name does not belong to this set: left out',
      'Data_Entry_2017_v2020.csv:2: image 00000001_000 is missing: left out',
      'Data_Entry_2017_v2020.csv:5: image 00000003_000 is missing: left out',
      'a/00000004_000.png: the image has no label (it is in no table): left out',
    ]);
  });

  it('draws its own test set where only images of the training part are there', async () => {
    const { 'images_001/images/00000002_000.png': _, ...rest } = published;
    const negative = entries.replace('00000003_000.png,Infiltration', '00000003_000.png,No Finding');
    const set = await readDataset(write({ ...rest, 'Data_Entry_2017.csv': negative }));
    expect(set.samples.map(({ split }) => split)).toEqual([undefined, undefined, undefined]);
  });

  it('names file, line and column of what is wrong', async () => {
    const root = write({
      ...published,
      'Data_Entry_2017.csv': entries + '00000001_000.png,Mass,0,1,,,,,,,,\n',
      'BBox_List_2017.csv': boxes + '00000001_001.png,Cardiomegaly,1,2,x,4,,,\n00000001_001.png,Mass,1,2,3,0,,,\n',
      'test_list.txt': '00000002_000.png\n00000001_000.png\n',
    });
    expect(issueTexts(await failureOf(() => readDataset(root)), root)).toEqual([
      'test_list.txt:2: 00000001_000 is also in the list of the other part',
      'BBox_List_2017.csv:5: "x" is not a number (column "w")',
      'BBox_List_2017.csv:6: the box is 3 wide and 0 high (column "h]")',
      'Data_Entry_2017.csv:6: 00000001_000 is listed again, after line 2: ignored',
    ]);
    const empty = write({ 'Data_Entry_2017.csv': entries });
    expect((await failureOf(() => readDataset(empty))).message).toContain('none of its 4 labelled images is here');
  });
});
