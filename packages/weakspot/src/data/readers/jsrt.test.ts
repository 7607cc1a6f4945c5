import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readDataset } from '../read-dataset.js';
import { failureOf, temporaryFolder } from '../testing/files.js';
import { issueTexts, labelled, setWriter } from '../testing/sets.js';

const shared = join(import.meta.dirname, '../../../../../../shared/data');
const { folder, remove } = temporaryFolder();
afterAll(remove);
const write = setWriter(folder);

const image = { width: 2048, height: 2048 };
const nodules = [
  'JPCLN001.IMG\t5\t15\t53\tmale\t1634\t692\tmalignant\tl.upper lobe\tlung cancer\t',
  // Without a line end between them, as in some copies.
  'JPCLN002.IMG\t5\t30\t?\tfemale\t1614\t1090\tbenign\tl.upper lobe(S5)\tpulmonary hematomaJPCLN003.IMG\t5\t30\t63\tfemale\t1303\t447\tmalignant\tl.upper lobe(S1+2)\tlung cancer',
  '',
].join('\r\n');
const published = {
  'Nodule154images/JPCLN001.png': image,
  'Nodule154images/JPCLN003.png': { width: 1024, height: 1024 },
  'NonNodule93images/JPCNN001.png': image,
  'Clinical_Information/CLNDAT_EN.txt': nodules,
  'scr/fold1/masks/left lung/JPCLN001.gif': image,
};

describe('jsrt', () => {
  it('takes labels from the names and circles from the clinical table', async () => {
    const set = await readDataset(write(published));
    expect([set.format, set.classes, set.positive, set.issues]).toEqual(['jsrt', ['no nodule', 'nodule'], 1, []]);
    const radius = (millimetres: number): number => millimetres / 2 / 0.175;
    expect(set.samples.map(({ label, regions }) => [label, regions])).toEqual([
      [1, [{ kind: 'circle', x: 1634, y: 692, radius: radius(15) }]],
      // In an image of half the size.
      [1, [{ kind: 'circle', x: 651.5, y: 223.5, radius: radius(30) / 2 }]],
      [0, []],
    ]);
  });

  it('says that raw images are to be converted', async () => {
    const root = write({ 'JPCLN001.IMG': 'x', 'JPCNN001.IMG': 'x', 'CLNDAT_EN.txt': nodules });
    const error = await failureOf(() => readDataset(root));
    expect(error.message).toContain('there are raw .IMG files only');
  });

  it('names the line of a nodule without a place', async () => {
    const root = write({
      ...published,
      'Clinical_Information/CLNDAT_EN.txt': `${nodules}JPCLN004.IMG\t5\tx\t53\tmale\n`,
    });
    expect(issueTexts(await failureOf(() => readDataset(root)), root)).toEqual([
      'Clinical_Information/CLNDAT_EN.txt:3: the nodule of JPCLN004 has no diameter, x and y where they should be',
    ]);
  });

  it.skipIf(!existsSync(shared))('reads files of that name (needs shared/data)', async () => {
    const root = join(shared, 'samples/naming-montgomery-shenzhen-jsrt');
    const set = await readDataset(root, { format: 'jsrt', classes: ['no nodule', 'nodule'] });
    expect(labelled(set)).toEqual(['JPCLN001.png nodule', 'JPCLN002.png nodule']);
  });
});
