import { boxRegion, regionBounds } from '@weakspot/core';
import { afterAll, describe, expect, it } from 'vitest';
import { readDataset } from '../read-dataset.js';
import { failureOf, temporaryFolder } from '../testing/files.js';
import { issueTexts, labelled, sampleOf, setWriter } from '../testing/sets.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const write = setWriter(folder);

const image = { width: 20, height: 10 };
const object = (name: string, ...[xmin, ymin, xmax, ymax]: (number | string)[]): string =>
  `<object>\n<name>${name}</name><bndbox><xmin>${xmin}</xmin><ymin>${ymin}</ymin><xmax>${xmax}</xmax><ymax>${ymax}</ymax></bndbox></object>\n`;
const xml = (filename: string, objects = '', more = ''): string =>
  `<annotation>\n<filename>${filename}</filename>${more}<size><width>20</width><height>10</height><depth>1</depth></size>\n${objects}</annotation>\n`;

describe('voc', () => {
  it('reads annotations beside the images of their names, parts from ImageSets, and edges from 0', async () => {
    const root = write({
      'Annotations/a.xml': xml('elsewhere/old.jpg', object('mass', 1, 2, 4, 6) + object('mass', 0, 0, 20, 10)),
      'Annotations/b.xml': xml('b.jpg'),
      'Annotations/c.xml': xml('c.jpg'),
      'JPEGImages/a.jpg': image,
      'JPEGImages/b.jpg': image,
      'JPEGImages/c.jpg': image,
      'JPEGImages/d.jpg': image,
      'SegmentationClass/a.png': image,
      'ImageSets/Main/train.txt': 'a\n',
      'ImageSets/Main/val.txt': 'b  1\r\n',
      'ImageSets/Main/trainval.txt': 'a\nb\n',
      'ImageSets/Main/test.txt': 'c\n',
    });
    const set = await readDataset(root);
    expect([set.format, set.classes, labelled(set)]).toEqual([
      'voc',
      ['no mass', 'mass'],
      ['JPEGImages/a.jpg mass', 'JPEGImages/b.jpg no mass', 'JPEGImages/c.jpg no mass'],
    ]);
    expect(set.samples.map(({ split }) => split)).toEqual(['train', 'validation', 'test']);
    expect(sampleOf(set, 'JPEGImages/a.jpg').regions).toEqual([boxRegion(1, 2, 4, 6), boxRegion(0, 0, 20, 10)]);
    expect(issueTexts(set, root)).toEqual(['JPEGImages/d.jpg: no annotation names the image: left out']);
  });

  it("counts from 1, the last pixel inside, in the challenge's own files", async () => {
    const source = '<source><database>The VOC2007 Database</database><annotation>PASCAL VOC2007</annotation></source>';
    const files = {
      'a.xml': xml('a.png', object('mass', 1, 1, 20, 10), source),
      'b.xml': xml('b.png'),
      'a.png': image,
      'b.png': image,
    };
    expect(sampleOf(await readDataset(write(files)), 'a.png').regions).toEqual([boxRegion(0, 0, 20, 10)]);
  });

  it('reads many annotations from one file, and the file that is named', async () => {
    const all = `<annotations>${xml('a.png', object('mass', 1, 2, 4, 6))}${xml('b')}</annotations>`;
    const root = write({ 'all.xml': all, 'train/a.png': { width: 40, height: 30 }, 'test/b.png': image });
    for (const path of [root, `${root}/all.xml`]) {
      const set = await readDataset(path);
      expect(labelled(set)).toEqual(['train/a.png mass', 'test/b.png no mass']);
      expect(sampleOf(set, 'train/a.png').regions).toEqual([boxRegion(2, 6, 8, 18)]);
      expect(set.samples.map(({ split }) => split)).toEqual(['train', 'test']);
    }
  });

  it('names file and line of what is wrong', async () => {
    const root = write({
      'a.xml': xml('a.png', object('mass', 4, 2, 4, 6) + object('mass', 1, 'x', 4, 6) + object('', 1, 2, 4, 6)),
      'b.xml': '<annotation><filename>b</filename>\n<object></annotation>',
      'c.xml': xml('c.png'),
      'd.xml': xml('d.png'),
      'a.png': image,
      'b.png': image,
      'c.png': image,
    });
    const failure = await failureOf(() => readDataset(root));
    expect(issueTexts(failure, root)).toEqual([
      'a.xml:4: the box (4, 2) to (4, 6) has no area (column "bndbox")',
      'a.xml:6: the box has an edge that is missing or not a number (column "bndbox")',
      'a.xml:7: the object has no name (column "name")',
      expect.stringMatching(/^b\.xml:2: not XML: Expected closing tag 'object'/),
      'd.xml:1: image "d" is missing: left out',
      'b.png: no annotation names the image: left out',
    ]);
  });

  it('reads turned boxes, polygons, objects without a place, and labels of the whole image', async () => {
    const turned =
      '<object><name>mass</name><robndbox><cx>10</cx><cy>5</cy><w>4</w><h>2</h><angle>1.5707963267948966</angle></robndbox></object>';
    const points = '<pt><x>1</x><y>2</y></pt><pt><x>5</x><y>2</y></pt><pt><x>5</x><y>6</y></pt>';
    const drawn = `<object><name>mass</name><deleted>0</deleted><polygon>${points}</polygon></object>`;
    const gone = '<object><name>mass</name><deleted>1</deleted><polygon/></object>';
    const numbered = '<polygon><x1>1</x1><y1>2</y1><x2>5</x2><y2>2</y2><x3>5</x3><y3>6</y3></polygon>';
    const root = write({
      'a.xml': xml('a.png', turned + drawn + `<object><name>mass</name>${numbered}</object>`),
      'b.xml': xml('b.png', '<object><name>mass</name></object>'),
      'c.xml': xml('c.png', gone),
      'd.xml': xml('d.png', '', '<label>mass</label>'),
      'e.xml': xml('e.png', '', '<class>normal</class>'),
      ...Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [`${name}.png`, image])),
    });
    const set = await readDataset(root);
    expect(labelled(set)).toEqual(['a.png mass', 'b.png mass', 'c.png no mass', 'd.png mass', 'e.png no mass']);
    const [box, polygon, other] = sampleOf(set, 'a.png').regions;
    const { x0, y0, x1, y1 } = regionBounds(box!);
    [9, 3, 11, 7].forEach((edge, i) => expect([x0, y0, x1, y1][i]).toBeCloseTo(edge, 9));
    expect(polygon).toEqual({
      kind: 'polygon',
      points: [
        { x: 1, y: 2 },
        { x: 5, y: 2 },
        { x: 5, y: 6 },
      ],
    });
    expect(other).toEqual(polygon);
  });

  it('refuses elements that may be annotations, and an image that is segmented and has no object', async () => {
    const files = { 'a.xml': xml('a.png', object('mass', 1, 2, 4, 6)), 'a.png': image, 'b.png': image };
    const nested = write({ ...files, 'b.xml': xml('b.png', `<objects>${object('mass', 1, 2, 4, 6)}</objects>`) });
    expect(issueTexts(await failureOf(() => readDataset(nested)), nested)).toEqual([
      'b.xml:3: <objects> is not a known annotation (column "objects")',
    ]);
    const segmented = write({ ...files, 'b.xml': xml('b.png', '', '<segmented>1</segmented>') });
    expect(issueTexts(await failureOf(() => readDataset(segmented)), segmented)).toEqual([
      'b.xml:1: it is segmented and has no object (column "segmented")',
    ]);
  });

  it('refuses an image without an object of which another element names a category', async () => {
    const files = { 'a.xml': xml('a.png', object('mass', 1, 2, 4, 6)), 'a.png': image, 'b.png': image };
    const attributes = (name: string, value: string): string =>
      `<verified>yes</verified><attributes><attribute><name>${name}</name><value>${value}</value></attribute></attributes>`;
    const root = write({ ...files, 'b.xml': xml('b.png', '', attributes('finding', 'mass')) });
    expect(issueTexts(await failureOf(() => readDataset(root)), root)).toEqual([
      expect.stringMatching(
        /^b\.xml:\d: the image has no object, and this names the category "mass".* \(column "attribute"\)$/,
      ),
    ]);
    const ticked = write({ ...files, 'b.xml': xml('b.png', '', '<flags><mass>1</mass></flags>') });
    expect(issueTexts(await failureOf(() => readDataset(ticked)), ticked)).toEqual([
      expect.stringMatching(/names the category "mass".* \(column "mass"\)$/),
    ]);
    const other = write({ ...files, 'b.xml': xml('b.png', '', attributes('mass', 'none')) });
    expect(labelled(await readDataset(other))).toEqual(['a.png mass', 'b.png no mass']);
  });
});
