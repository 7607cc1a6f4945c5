import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { boxRegion } from '@weakspot/core';
import { afterAll, describe, expect, it } from 'vitest';
import { readDataset } from '../read-dataset.js';
import { failureOf, temporaryFolder } from '../testing/files.js';
import { sampleOf, setWriter } from '../testing/sets.js';

const shared = join(import.meta.dirname, '../../../../../../shared/data');
const { folder, remove } = temporaryFolder();
afterAll(remove);
const write = setWriter(folder);

const image = { width: 64, height: 64 };
const reading = (text: string): string => `Patient's Sex: F\r\nPatient's Age: 049Y\r\n${text}\r\n`;
const published = {
  'MontgomerySet/CXR_png/MCUCXR_0001_0.png': image,
  'MontgomerySet/CXR_png/MCUCXR_0162_1.png': image,
  'MontgomerySet/CXR_png/MCUCXR_0166_1.png': image,
  'MontgomerySet/CXR_png/MCUCXR_0170_1.png': image,
  // Named exactly as the images.
  'MontgomerySet/ManualMask/leftMask/MCUCXR_0001_0.png': image,
  'MontgomerySet/ManualMask/rightMask/MCUCXR_0162_1.png': image,
  'MontgomerySet/ClinicalReadings/MCUCXR_0001_0.txt': reading('normal'),
  'MontgomerySet/ClinicalReadings/MCUCXR_0162_1.txt': reading('cavitary nodular infiltrate in RUL; active TB'),
  'MontgomerySet/ClinicalReadings/MCUCXR_0166_1.txt': reading('NO REPORT (same pt as MCUCXR_0162_1)'),
  'MontgomerySet/ClinicalReadings/MCUCXR_0170_1.txt': reading('improved (same pt as MCUCXR_0166_1)'),
};

describe('montgomery', () => {
  it('takes labels from the names and patients from what readings say, and no lung for a lesion', async () => {
    const set = await readDataset(write(published));
    expect([set.format, set.classes, set.positive, set.issues]).toEqual([
      'montgomery',
      ['normal', 'tuberculosis'],
      1,
      [],
    ]);
    expect(set.samples.map(({ label, patient, view, regions }) => [label, patient, view, regions])).toEqual([
      [0, 'MCUCXR_0001_0', 'PA', []],
      [1, 'MCUCXR_0162_1', 'PA', []],
      [1, 'MCUCXR_0162_1', 'PA', []],
      [1, 'MCUCXR_0162_1', 'PA', []],
    ]);
  });

  it('reads the consensus boxes', async () => {
    const roi = 'patientId,x_dis,y_dis,width_dis,height_dis,Labels\nMCUCXR_0162_1,64,128,256,512,TB\n';
    const set = await readDataset(write({ ...published, 'MontgomerySet/montgomery_consensus_roi.csv': roi }));
    expect(sampleOf(set, 'MontgomerySet/CXR_png/MCUCXR_0162_1.png').regions).toEqual([boxRegion(4, 8, 20, 40)]);
  });

  it.skipIf(!existsSync(shared))('reads files of that name (needs shared/data)', async () => {
    const root = join(shared, 'samples/naming-montgomery-shenzhen-jsrt');
    // Both are normal, which is not enough to learn from.
    const error = await failureOf(() => readDataset(root, { format: 'montgomery' }));
    expect(error.message).toContain('all labels are "normal"');
    const set = await readDataset(root, { format: 'montgomery', classes: ['normal', 'tuberculosis'] });
    expect(set.samples.map(({ name }) => name)).toEqual(['MCUCXR_0001_0.png', 'MCUCXR_0005_0.png']);
  });
});
