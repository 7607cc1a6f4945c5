import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { boxRegion } from '@weakspot/core';
import { afterAll, describe, expect, it } from 'vitest';
import { readDataset } from '../read-dataset.js';
import { failureOf, greyPng, temporaryFolder } from '../testing/files.js';
import { issueTexts, labelled, sampleOf, setWriter } from '../testing/sets.js';

const shared = join(import.meta.dirname, '../../../../../../shared/data');
const { folder, remove } = temporaryFolder();
afterAll(remove);
const write = setWriter(folder);

const image = { width: 40, height: 30 };
const published = {
  'CXR_png/CHNCXR_0001_0.png': image,
  'CXR_png/CHNCXR_0327_1.png': image,
  'CXR_png/CHNCXR_0330_1.png': image,
  'ClinicalReadings/CHNCXR_0001_0.txt': 'female24yrs\r\n\r\nnormal',
  'ClinicalReadings/CHNCXR_0327_1.txt': 'female24yrs\nright PTB with fibrous changes',
  'ClinicalReadings/CHNCXR_0330_1.txt': 'male , 17yrs\nbilateral PTB \n ATB',
};
const polygon = { name: 'polygon', all_points_x: [2, 10, 10, 2], all_points_y: [3, 3, 9, 9] };
/** What VIA saves of images: by file name and size in bytes. */
const outlines = (regions: readonly object[]): string =>
  JSON.stringify({
    'CHNCXR_0327_1.png123': { filename: 'CHNCXR_0327_1.png', size: 123, regions, file_attributes: {} },
  });
const cavity = { shape_attributes: polygon, region_attributes: { Cavity: 'good' } };
const points = polygon.all_points_x.map((x, i) => ({ x, y: polygon.all_points_y[i] }));

describe('shenzhen', () => {
  it('takes labels from the names, one patient an image', async () => {
    const set = await readDataset(write(published));
    expect([set.format, set.classes, set.positive, set.issues]).toEqual([
      'shenzhen',
      ['normal', 'tuberculosis'],
      1,
      [],
    ]);
    expect(set.samples.map(({ name, label, patient, split }) => [name, label, patient, split])).toEqual([
      ['CXR_png/CHNCXR_0001_0.png', 0, 'CHNCXR_0001_0', undefined],
      ['CXR_png/CHNCXR_0327_1.png', 1, 'CHNCXR_0327_1', undefined],
      ['CXR_png/CHNCXR_0330_1.png', 1, 'CHNCXR_0330_1', undefined],
    ]);
  });

  it('reads the outlines of abnormalities, each once although they are published twice', async () => {
    const json = outlines([cavity]);
    const set = await readDataset(
      write({
        ...published,
        'Annotations/Annotations_json/Annotations_AllinOne_json.json': json,
        'Annotations/Annotations_json/SeparateFiles/CHNCXR_0327_1.json': json,
        'Annotations/masks/CHNCXR_0327_1_Cavity_1.png': 'not read beside the outlines',
        'Annotations-2/masks/CHNCXR_0330_1_Cavity_1.png': 'not read beside Annotations',
        'mask/CHNCXR_0001_0_mask.png': 'the lungs',
      }),
    );
    expect(set.issues).toEqual([]);
    expect(set.samples.map(({ regions }) => regions)).toEqual([[], [{ kind: 'polygon', points }], []]);
  });

  it('reads one file an image as well, and masks where there are no outlines', async () => {
    const single = 'Annotations/Annotations_json/SeparateFiles/CHNCXR_0327_1.json';
    const set = await readDataset(write({ ...published, [single]: outlines([cavity]) }));
    expect(sampleOf(set, 'CXR_png/CHNCXR_0327_1.png').regions).toEqual([{ kind: 'polygon', points }]);

    const pixels = new Uint8Array(40 * 30);
    for (const at of [12 * 40 + 5, 12 * 40 + 6, 13 * 40 + 6]) pixels[at] = 255;
    const root = write({
      ...published,
      'Annotations-2/masks/CHNCXR_0330_1_Small_Infiltrate_(non-linear)_1.png': await greyPng(pixels, 40, 30),
      'Annotations-2/masks/CHNCXR_0330_1_Cavity_2.png': await greyPng(new Uint8Array(40 * 30), 40, 30),
      'Annotations-2/masks/CHNCXR_0327_1_Cavity_1.png': 'no image',
      'Annotations-2/masks/CHNCXR_0400_1_Cavity_1.png': 'of an image that is not there',
    });
    const masked = await readDataset(root);
    expect(sampleOf(masked, 'CXR_png/CHNCXR_0330_1.png').regions).toEqual([
      { kind: 'mask', x0: 5, y0: 12, width: 2, height: 2, pixels: Uint8Array.of(1, 1, 0, 1) },
    ]);
    const texts = issueTexts(masked, root);
    expect(texts).toHaveLength(2);
    expect(texts).toContain('Annotations-2/masks/CHNCXR_0330_1_Cavity_2.png: no pixel of the mask is set: left out');
    expect(texts.join()).toContain('CHNCXR_0327_1_Cavity_1.png: not an image');
  });

  it('takes the consensus boxes, in pixels of 1024 x 1024, where there is nothing better', async () => {
    const roi = 'patientId,x_dis,y_dis,width_dis,height_dis,Labels\nCHNCXR_0330_1.png,256,512,512,256,TB\n';
    const set = await readDataset(write({ ...published, 'shenzhen_consensus_roi.csv': roi }));
    expect(sampleOf(set, 'CXR_png/CHNCXR_0330_1.png').regions).toEqual([boxRegion(10, 15, 30, 22.5)]);
  });

  it('finds the images in --images and reports readings without one, and such that contradict the name', async () => {
    const root = write({
      'ClinicalReadings/CHNCXR_0001_0.txt': 'male 45yrs\nbilateral PTB',
      'ClinicalReadings/CHNCXR_0002_0.txt': 'male 63yrs\nnormal',
      'ClinicalReadings/CHNCXR_0327_1.txt': 'male 30yrs\nnormal',
    });
    const images = write({ 'CHNCXR_0001_0.png': image, 'CHNCXR_0327_1.png': image, 'MCUCXR_0001_0.png': image });
    const set = await readDataset(root, { images });
    expect(labelled(set)).toEqual(['CHNCXR_0001_0.png normal', 'CHNCXR_0327_1.png tuberculosis']);
    expect(issueTexts(set, root).map((text) => text.replaceAll(`${images}/`, ''))).toEqual([
      'MCUCXR_0001_0.png: its name does not belong to this set: left out',
      'ClinicalReadings/CHNCXR_0001_0.txt: by its name the image is normal, by its reading it is not',
      'ClinicalReadings/CHNCXR_0002_0.txt: image CHNCXR_0002_0 is missing',
      'ClinicalReadings/CHNCXR_0327_1.txt: by its name the image is tuberculosis, by its reading it is normal',
    ]);
  });

  it('is not taken for a folder in which its images are some of many', async () => {
    const set = await readDataset(write({ 'tb/CHNCXR_0327_1.png': image, 'tb/a.png': image, 'normal/b.png': image }));
    expect([set.format, set.samples.length]).toEqual(['class-folders', 3]);
  });

  it('says where a table or an outline is wrong', async () => {
    const roi = 'patientId,x_dis,y_dis,width_dis,height_dis\nCHNCXR_0330_1.png,256,-,512,256\nx.png,1,1,1,1\n';
    const tables = write({ ...published, 'shenzhen_consensus_roi.csv': roi });
    expect(issueTexts(await failureOf(() => readDataset(tables)), tables)).toEqual([
      'shenzhen_consensus_roi.csv:2: "-" is not a number (column "y_dis")',
      'shenzhen_consensus_roi.csv:3: "x.png" is not an image of this set (column "patientid")',
    ]);
    const json = write({ ...published, 'Annotations/a.json': '{"images": []}' });
    expect(issueTexts(await failureOf(() => readDataset(json)), json)).toEqual([
      'Annotations/a.json: not annotations of the VGG Image Annotator (VIA)',
    ]);
  });

  it.skipIf(!existsSync(shared))('reads files of that name (needs shared/data)', async () => {
    const root = join(shared, 'samples/naming-montgomery-shenzhen-jsrt');
    const set = await readDataset(root, { format: 'shenzhen' });
    expect(labelled(set)).toEqual(['CHNCXR_0053_0.png normal', 'CHNCXR_0327_1.png tuberculosis']);
  });
});
