import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { divideDataset } from './divide.js';
import { readDataset } from './read-dataset.js';
import { failureOf, temporaryFolder } from './testing/files.js';
import { issueTexts, setWriter } from './testing/sets.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const write = setWriter(folder);
const film = { width: 20, height: 10 };

describe('names in a label table', () => {
  it('may lack the ending, or have another one, and it is said', async () => {
    const root = write({
      'labels.csv': 'file,label\na,tb\nb.dcm,normal\nc.png,tb\n',
      'boxes.csv': 'file,xmin,ymin,xmax,ymax\na,1,1,4,5\nc.tif,1,1,4,5\n',
      'images/a.png': film,
      // No copies of each other.
      'images/b.jpg': { width: 21, height: 10 },
      'images/c.png': { width: 22, height: 10 },
      'images/a.txt': 'no image',
    });
    const set = await readDataset(root);
    expect(set.samples.map(({ name, path, regions }) => [name, path, regions.length])).toEqual([
      ['a.png', join(root, 'images/a.png'), 1],
      ['b.jpg', join(root, 'images/b.jpg'), 0],
      ['c.png', join(root, 'images/c.png'), 1],
    ]);
    expect(issueTexts(set, root)[0]).toBe(
      'labels.csv: 2 of 3 files are there only under another name or ending, such as "a.png" for "a": taken (column "file")',
    );
    const split = write({ 'split.csv': 'file,split\na,train\nb,test\nc.png,train\n' });
    const division = await divideDataset(set, { file: join(split, 'split.csv'), validation: 0 }, 0);
    expect([...division.split]).toEqual([
      ['a.png', 'train'],
      ['b.jpg', 'test'],
      ['c.png', 'train'],
    ]);
  });

  it('all without an ending are found in the folder of images, and with its own root', async () => {
    const files = { 'images/a.png': film, 'images/b.png': film };
    const root = write({ 'labels.csv': 'file,label\na,tb\nb,normal\n', ...files });
    expect((await readDataset(root)).samples.map(({ name }) => name)).toEqual(['a.png', 'b.png']);
    const table = write({ 'l.csv': 'file,label\na,tb\nb,normal\n' });
    const given = await readDataset(join(table, 'l.csv'), { images: join(root, 'images') });
    expect(given.samples.map(({ name }) => name)).toEqual(['a.png', 'b.png']);
  });

  it('that fit several files are errors', async () => {
    const root = write({
      'labels.csv': 'file,label\na,tb\nb.png,normal\n',
      'a.png': film,
      'a.jpg': film,
      'b.png': film,
    });
    expect(issueTexts(await failureOf(() => readDataset(root)), root)[0]).toBe(
      'labels.csv:2: the file could be "a.jpg" or "a.png", write its whole name (column "file")',
    );
  });

  it('do not take a mask, or a file of another folder, for the image', async () => {
    const root = write({
      'labels.csv': 'file,label\nx/a.png,tb\nx/b.png,normal\nc.png,tb\nx/d.png,tb\n',
      'x/b.png': film,
      'x/d.png': film,
      'y/a.png': film,
      'masks/c.png': film,
    });
    const set = await readDataset(root, { format: 'table' });
    expect(set.samples.map(({ name }) => name)).toEqual(['x/b.png', 'x/d.png']);
  });
});
