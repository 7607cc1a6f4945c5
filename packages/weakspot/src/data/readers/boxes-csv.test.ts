import { boxRegion } from '@weakspot/core';
import { afterAll, describe, expect, it } from 'vitest';
import { readDataset } from '../read-dataset.js';
import { failureOf, temporaryFolder } from '../testing/files.js';
import { issueTexts, labelled, sampleOf, setWriter } from '../testing/sets.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const write = setWriter(folder);

const image = { width: 20, height: 10 };
const images = { 'images/a.png': image, 'images/b.png': image, 'images/c.png': image };

describe('boxes-csv', () => {
  it('reads a row per box; rows without edges are negatives, images without a row are left out', async () => {
    const table = [
      'filename,width,height,class,xmin,ymin,xmax,ymax',
      'a.png,20,10,mass,1,2,4,6',
      'a.png,20,10,mass,0,0,20,10',
      'b.png,20,10,,,,,',
    ].join('\n');
    const root = write({ 'annotations.csv': table, ...images });
    const set = await readDataset(root);
    expect([set.format, set.classes]).toEqual(['boxes-csv', ['no mass', 'mass']]);
    expect(labelled(set)).toEqual(['images/a.png mass', 'images/b.png no mass']);
    expect(sampleOf(set, 'images/a.png').regions).toEqual([boxRegion(1, 2, 4, 6), boxRegion(0, 0, 20, 10)]);
    expect(issueTexts(set, root)).toEqual(['images/c.png: no annotation names the image: left out']);
  });

  it('knows other names of columns, patients, parts and the size that the boxes are in', async () => {
    const table = [
      'sep=;',
      'Image_Path;Finding;X_Min;Y-Min;x max;YMAX;Image Width;Image Height;Patient ID;Split',
      'old\\a.jpg;mass;2,5;4;8;8;40;20;p1;train',
      'b.jpg;No finding;;;;;40;20;p2;val',
      'c.jpg;nodule;;;;;;;p3;test',
    ].join('\r\n');
    const set = await readDataset(write({ 'x.csv': table, ...images }));
    expect(set.samples.map(({ name, label, patient, split }) => [name, set.classes[label], patient, split])).toEqual([
      ['images/a.png', 'finding', 'p1', 'train'],
      ['images/b.png', 'no finding', 'p2', 'validation'],
      ['images/c.png', 'finding', 'p3', 'test'],
    ]);
    expect(sampleOf(set, 'images/a.png').regions).toEqual([boxRegion(1.25, 2, 4, 4)]);
  });

  it('names file and line of what is wrong', async () => {
    const table =
      'file,label,xmin,ymin,xmax,ymax\na.png,mass,4,2,4,6\nb.png,mass,1,,4,6\nc.png,,,,,\nd.png,mass,1,2,3,4\n';
    const root = write({ 'x.csv': table, ...images });
    expect(issueTexts(await failureOf(() => readDataset(root)), root)).toEqual([
      'x.csv:2: the box from (4, 2) to (4, 6) has no area (column "xmax")',
      'x.csv:3: the field is empty (column "ymin")',
      'x.csv:5: image "d.png" is missing: left out',
    ]);
  });

  it('leaves the box table of class folders, and other tables, alone', async () => {
    const boxes = 'file,xmin,ymin,xmax,ymax\ntb/a.png,1,2,4,6\n';
    const root = write({
      'boxes.csv': boxes,
      'notes.csv': '"file","label\n',
      'tb/a.png': image,
      'normal/b.png': image,
    });
    expect((await readDataset(root)).format).toBe('class-folders');
    const table = write({
      'my.csv': 'file,label\nimages/a.png,tb\nimages/b.png,normal\n',
      'my-boxes.csv': boxes.replace('tb/', 'images/'),
      ...images,
    });
    expect((await readDataset(`${table}/my.csv`)).format).toBe('table');
  });

  it('refuses a column that may hold the class under a name that is not known', async () => {
    const table = 'filename,xmin,ymin,xmax,ymax,lesion_kind\na.png,1,2,3,4,mass\nb.png,,,,,mass\n';
    const root = write({ 'x.csv': table, 'a.png': image, 'b.png': image });
    expect(issueTexts(await failureOf(() => readDataset(root)), root)).toEqual([
      'x.csv:1: there is no column "label", and "lesion_kind" may hold the class: rename it to "label" if so, or to something else if not (column "lesion_kind")',
    ]);
  });
});
