import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readDataset } from '../read-dataset.js';
import { failureOf, temporaryFolder } from '../testing/files.js';
import { issueTexts, labelled, setWriter } from '../testing/sets.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const write = setWriter(folder);
const film = { width: 20, height: 10 };

describe('a table with a column for each class', () => {
  it('is read as Roboflow writes it: one for each part, names with blanks before them', async () => {
    const root = write({
      'train/_classes.csv': 'filename, normal, tb\na_png.rf.01.jpg, 1, 0\nb_png.rf.02.jpg, 0, 1\n',
      'valid/_classes.csv': 'filename, normal, tb\nc_png.rf.03.jpg, 0, 1\n',
      'test/_classes.csv': 'filename, normal, tb\nd_png.rf.04.jpg, 1, 0\n',
      'train/a_png.rf.01.jpg': film,
      'train/b_png.rf.02.jpg': film,
      'valid/c_png.rf.03.jpg': film,
      'test/d_png.rf.04.jpg': film,
    });
    const set = await readDataset(root);
    expect([set.format, set.classes, set.positive, set.multiLabel]).toEqual([
      'one-hot',
      ['normal', 'tb'],
      1,
      undefined,
    ]);
    expect(set.samples.map(({ name, label, split }) => [name, label, split])).toEqual([
      ['test/d_png.rf.04.jpg', 0, 'test'],
      ['train/a_png.rf.01.jpg', 0, 'train'],
      ['train/b_png.rf.02.jpg', 1, 'train'],
      ['valid/c_png.rf.03.jpg', 1, 'validation'],
    ]);
    expect(set.issues).toEqual([]);
  });

  it('is refused where the tables of the parts name other classes, and an image without a row is left out', async () => {
    const films = { 'train/a.jpg': film, 'train/b.jpg': film, 'test/c.jpg': film };
    const tables = (test: string): Record<string, string> => ({
      'train/_classes.csv': 'filename, normal, tb\na.jpg, 1, 0\nb.jpg, 0, 1\n',
      'test/_classes.csv': test,
    });
    const cased = write({ ...films, ...tables('filename, normal, TB\nc.jpg, 0, 1\n') });
    expect(issueTexts(await failureOf(() => readDataset(cased, { positive: 'tb' })), cased)[0]).toMatch(
      /the class "tb" differs from "TB" in line 1 of _classes\.csv only in case: spell both the same way|the class "TB" differs from "tb"/,
    );
    const fewer = write({ ...films, ...tables('filename, tb\nc.jpg, 0\n') });
    expect(issueTexts(await failureOf(() => readDataset(fewer, { positive: 'tb' })), fewer)[0]).toBe(
      'train/_classes.csv:1: its classes are normal, tb, those of test/_classes.csv tb: give both the same columns',
    );
    const turned = write({ ...films, ...tables('filename, tb, normal\nc.jpg, 0, 1\n'), 'train/d.jpg': film });
    const set = await readDataset(turned);
    expect(labelled(set)).toEqual(['test/c.jpg normal', 'train/a.jpg normal', 'train/b.jpg tb']);
    expect(issueTexts(set, turned)).toEqual([
      'train/d.jpg: the image has no label (it is not in _classes.csv): left out',
    ]);
  });

  it('is multi-label where a row has several ones: none of them is an image without a class', async () => {
    const root = write({
      'train/_classes.csv': 'filename, mass, nodule\na.jpg, 1, 1\nb.jpg, 0, 1\nc.jpg, 0, 0\n',
      'train/a.jpg': film,
      'train/b.jpg': film,
      'train/c.jpg': film,
    });
    const set = await readDataset(root);
    expect([set.multiLabel, set.classes]).toEqual([true, ['mass', 'nodule']]);
    expect(set.samples.map(({ name, labels, split }) => [name, labels, split])).toEqual([
      ['train/a.jpg', [0, 1], undefined],
      ['train/b.jpg', [1], undefined],
      ['train/c.jpg', [], undefined],
    ]);
    expect(issueTexts(set, root)).toEqual([
      'train/_classes.csv: 1 of 3 rows have no 1 in any of the columns mass, nodule: taken as "none"',
    ]);
  });

  it('is read under any name, with other columns, names without endings and boxes beside it', async () => {
    // As of the ISIC challenges; the boxes and the patient are ours.
    const root = write({
      'ISIC_2019_Training_GroundTruth.csv':
        'image,MEL,NV,sex,age_approx,patient_id\nISIC_01,1.0,0.0,1,45,p1\nISIC_02,0.0,1.0,0,50,p2\n',
      'boxes.csv': 'file,xmin,ymin,xmax,ymax\nISIC_01,1,1,4,5\n',
      'input/ISIC_01.jpg': film,
      'input/ISIC_02.jpg': film,
    });
    const set = await readDataset(root);
    expect(labelled(set)).toEqual(['input/ISIC_01.jpg MEL', 'input/ISIC_02.jpg NV']);
    expect(set.samples.map(({ patient, regions }) => [patient, regions.length])).toEqual([
      ['p1', 1],
      ['p2', 0],
    ]);
    expect(issueTexts(set, root)).toEqual([
      'ISIC_2019_Training_GroundTruth.csv: 2 of 2 files are there only under another name or ending, such as "input/ISIC_01.jpg" for "ISIC_01": taken (column "file")',
      'boxes.csv:2: "ISIC_01" is taken to mean "input/ISIC_01.jpg" (column "file")',
    ]);
  });

  it('may be the labels.csv, or named itself, and have one class', async () => {
    const root = write({
      'labels.csv': 'file;Malignant;split\na.png;1;train\nb.png;0;test\n',
      'a.png': film,
      'b.png': film,
    });
    for (const path of [root, join(root, 'labels.csv')]) {
      const set = await readDataset(path);
      expect([set.format, set.classes, set.positive]).toEqual(['table', ['no Malignant', 'Malignant'], 1]);
      expect(set.samples.map(({ label, split }) => [label, split])).toEqual([
        [1, 'train'],
        [0, 'test'],
      ]);
    }
  });

  it('says where a cell is neither 0 nor 1, empty, or says two things at once', async () => {
    const rows = Array.from({ length: 20 }, (_, i) => `${i}.png,${i % 2},${1 - (i % 2)}\n`).join('');
    const root = write({ 'labels.csv': `file,normal,tb\n${rows}x.png,2,0\ny.png,,1\nz.png,1,1\n`, 'x.png': film });
    const error = await failureOf(() => readDataset(root));
    expect(issueTexts(error, root).slice(0, 3)).toEqual([
      'labels.csv:23: the field is empty (column "normal")',
      'labels.csv:22: "2" is neither 0 nor 1 (column "normal")',
      'labels.csv:24: it is "normal" and "tb" at once',
    ]);
  });

  it('takes no table of other numbers for one', async () => {
    const root = write({ 'labels.csv': 'file,score\na.png,0.5\nb.png,0.25\n', 'a.png': film, 'b.png': film });
    expect((await failureOf(() => readDataset(root))).message).toContain('there is no column "label"');
  });
});
