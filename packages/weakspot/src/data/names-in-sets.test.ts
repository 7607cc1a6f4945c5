/** Names of files and of classes that are written in two ways, in tables, folders, split files and annotations. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { IssueList } from './issues.js';
import { readDataset } from './read-dataset.js';
import { applySplitFile } from './split-file.js';
import { failureOf, temporaryFolder } from './testing/files.js';
import { issueTexts, labelled, sampleOf, setWriter } from './testing/sets.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const write = setWriter(folder);

const image = { width: 20, height: 10 };
/** `Größe`, with a decomposed and with a composed `ö`. */
const [apart, composed] = ['Gro\u0308\u00dfe', 'Gr\u00f6\u00dfe'];
const encoded = 'Gr%C3%B6%C3%9Fe';

async function errorsOf(files: Parameters<typeof write>[0]): Promise<string[]> {
  const root = write(files);
  return issueTexts(await failureOf(() => readDataset(root)), root);
}

describe('names of files', () => {
  it.each([
    ['composed on disk, decomposed in the tables', composed, apart],
    ['decomposed on disk, composed in the tables', apart, composed],
    ['composed on disk, URL-encoded in the tables', composed, encoded],
    ['URL-encoded on disk, composed in the tables', encoded, composed],
  ])('%s are found, with their boxes and splits', async (_, disk, written) => {
    const root = write({
      [`images/${disk}/${disk} 1.png`]: image,
      [`images/b.png`]: image,
      'labels.csv': `file,label\n${written}/${written} 1.png,tb\nb.png,normal\n`,
      'boxes.csv': `file,xmin,ymin,xmax,ymax\n${written}/${written} 1.png,1,2,3,4\n`,
    });
    const set = await readDataset(root);
    const name = `${disk}/${disk} 1.png`;
    expect([labelled(set), set.issues]).toEqual([[`${name} tb`, 'b.png normal'], []]);
    expect(sampleOf(set, name).regions).toHaveLength(1);
    const issues = new IssueList();
    writeFileSync(join(root, 's.csv'), `file,split\n${written}/${written} 1.png,test\nb.png,train\n`);
    const split = await applySplitFile(join(root, 's.csv'), undefined, set, issues);
    expect([split.map((sample) => sample.split), issues.list()]).toEqual([['test', 'train'], []]);
  });

  it('that could be of two files are errors', async () => {
    const files = { [`${apart}.png`]: image, [`${composed}.png`]: image, 'b.png': image };
    const labels = (name: string): string => `file,label\n${name}.png,tb\nb.png,normal\n`;
    expect((await errorsOf({ ...files, 'labels.csv': labels(encoded) }))[0]).toBe(
      'labels.csv:2: the file could be "Gro\\u0308ße.png" or "Größe.png", one name in two encodings: remove one of them (column "file")',
    );
    // As it is written, each is found.
    const both = write({ ...files, 'labels.csv': `file,label\n${apart}.png,tb\n${composed}.png,normal\n` });
    expect(labelled(await readDataset(both))).toEqual([`${apart}.png tb`, `${composed}.png normal`]);
    const boxes = `file,xmin,ymin,xmax,ymax\n${encoded}.png,1,2,3,4\n`;
    const twice = {
      ...files,
      'labels.csv': `file,label\n${apart}.png,tb\n${composed}.png,normal\n`,
      'boxes.csv': boxes,
    };
    expect((await errorsOf(twice))[0]).toMatch(
      /^boxes.csv:2: .* one name in two encodings: remove one of them \(column "file"\)$/,
    );
    const issues = new IssueList();
    writeFileSync(join(both, 's.csv'), `file,split\n${encoded}.png,test\n`);
    await applySplitFile(join(both, 's.csv'), undefined, await readDataset(both), issues);
    expect(issues.hasErrors).toBe(true);
  });

  it('are found in annotations, too, and in lists of parts', async () => {
    const box = '<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>5</xmax><ymax>5</ymax></bndbox>';
    const sets: Readonly<Record<string, Parameters<typeof write>[0]>> = {
      coco: {
        'c.json': JSON.stringify({
          images: [
            { id: 1, file_name: `https://host/films/${encoded}%201.png?x=1` },
            { id: 2, file_name: 'b.png' },
          ],
          annotations: [{ image_id: 1, category_id: 1, bbox: [1, 1, 4, 4] }],
          categories: [{ id: 1, name: 'tb' }],
        }),
      },
      via: {
        'v.json': JSON.stringify({
          a: {
            filename: `${apart} 1.png`,
            regions: [
              {
                shape_attributes: { name: 'rect', x: 1, y: 1, width: 4, height: 4 },
                region_attributes: { type: 'tb' },
              },
            ],
          },
          b: { filename: 'b.png', regions: [] },
        }),
      },
      voc: {
        [`Annotations/${apart} 1.xml`]: `<annotation><filename>x</filename><object><name>tb</name>${box}</object></annotation>`,
        'Annotations/b.xml': '<annotation><filename>b.png</filename></annotation>',
        'ImageSets/Main/train.txt': `${encoded}%201\n`,
        'ImageSets/Main/test.txt': 'b\n',
      },
      'boxes-csv': { 't.csv': `filename,class,xmin,ymin,xmax,ymax\n${apart} 1.png,tb,1,1,5,5\nb.png,,,,,\n` },
      masks: { [`masks/${apart} 1.png`]: { width: 20, height: 10 }, 'masks/b.png': { width: 20, height: 10 } },
    };
    for (const [format, files] of Object.entries(sets)) {
      const root = write({ ...files, [`images/${composed} 1.png`]: image, 'images/b.png': image });
      const set = await readDataset(root, { oneClass: true });
      expect([format, set.format, set.samples.length, set.issues]).toEqual([format, format, 2, []]);
      expect(sampleOf(set, `images/${composed} 1.png`).regions).toHaveLength(1);
      if (format === 'voc') expect(sampleOf(set, `images/${composed} 1.png`).split).toBe('train');
    }
  });
});

describe('names of classes that differ in case or blanks only', () => {
  it('are errors in tables, with the lines of both', async () => {
    const files = { 'a.png': image, 'b.png': image, 'c.png': image };
    const table = (last: string): string => `file,label\na.png,Normal\nb.png,tb\nc.png,${last}\n`;
    expect(await errorsOf({ ...files, 'labels.csv': table('normal') })).toEqual([
      'labels.csv:4: the class "normal" differs from "Normal" in line 2 only in case: spell both the same way (column "label")',
    ]);
    expect(await errorsOf({ ...files, 'labels.csv': table('"Nor\u00a0mal"') })).toEqual([
      'labels.csv:4: the class "Nor\\u00a0mal" differs from "Normal" in line 2 only in blanks: spell both the same way (column "label")',
    ]);
    const boxes = 'file,xmin,ymin,xmax,ymax,label\nb.png,1,2,3,4,TB\n';
    expect(await errorsOf({ ...files, 'labels.csv': table('Normal'), 'boxes.csv': boxes })).toEqual([
      'boxes.csv:2: the class "TB" differs from "tb" in line 3 of labels.csv only in case: spell both the same way (column "label")',
    ]);
    expect(await errorsOf({ ...files, 'labels.csv': 'file,label\na.png,Mass|TB\nb.png,tb\nc.png,normal\n' })).toEqual([
      'labels.csv:3: the class "tb" differs from "TB" in line 2 only in case: spell both the same way (column "label")',
    ]);
  });

  it('are errors in folders and annotations, with the places of both', async () => {
    expect(await errorsOf({ 'Normal/a.png': image, 'normal/b.png': image, 'tb/c.png': image })).toEqual([
      'normal: the class "normal" differs from "Normal" of Normal only in case: spell both the same way',
    ]);
    const coco = (name: string): string =>
      JSON.stringify({
        images: [{ id: 1, file_name: 'a.png' }],
        annotations: [{ image_id: 1, category_id: 1, bbox: [1, 1, 4, 4] }],
        categories: [{ id: 1, name }],
      });
    const [first] = await errorsOf({
      'train/c.json': coco('Mass'),
      'train/a.png': image,
      'val/d.json': coco('mass'),
      'val/a.png': image,
    });
    expect(first).toBe(
      'val/d.json: the class "mass" differs from "Mass" in categories[0].name of c.json only in case: spell both the same way (column "categories[0].name")',
    );
  });

  it('but not in how a letter is composed: those are one class, also of a trained run', async () => {
    const root = write({ [`${composed}/a.png`]: image, [`${apart}/b.png`]: image, 'normal/c.png': image });
    expect((await readDataset(root)).classes).toEqual(['normal', composed]);
    const trained = await readDataset(root, { classes: ['normal', apart], positive: composed });
    expect([trained.classes, trained.samples.map(({ label }) => label)]).toEqual([
      ['normal', apart],
      [1, 1, 0],
    ]);
  });
});
