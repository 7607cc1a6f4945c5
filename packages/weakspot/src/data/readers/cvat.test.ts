import { boxRegion, regionBounds } from '@weakspot/core';
import { afterAll, describe, expect, it } from 'vitest';
import { readDataset } from '../read-dataset.js';
import { failureOf, temporaryFolder } from '../testing/files.js';
import { issueTexts, labelled, sampleOf, setWriter } from '../testing/sets.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const write = setWriter(folder);

const size = { width: 20, height: 10 };
const image = (name: string, shapes = '', more = ''): string =>
  `<image id="0" name="${name}" ${more} width="20" height="10">\n${shapes}</image>\n`;
const labels = (...names: string[]): string =>
  `<meta><task><labels>${names.map((name) => `<label><name>${name}</name></label>`).join('')}</labels></task></meta>\n`;
const file = (...images: string[]): string =>
  `<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n<version>1.1</version>\n${images.join('')}</annotations>\n`;

describe('cvat', () => {
  it('reads boxes, polygons, ellipses and masks; other shapes count for the label', async () => {
    const shapes = [
      '<box label="mass" xtl="1.5" ytl="2" xbr="4" ybr="6" occluded="0"></box>',
      '<box label="mass" xtl="4" ytl="4" xbr="8" ybr="6" rotation="90"/>',
      '<polygon label="mass" points="0,0;4,0;4.5,4"/>',
      '<ellipse label="mass" cx="10" cy="5" rx="4" ry="2"/>',
      '<mask label="mass" rle="1, 2, 3" left="3" top="4" width="3" height="2"/>',
    ];
    const root = write({
      'annotations.xml': file(
        labels('mass'),
        image('a.png', shapes.join('\n')),
        image('b.png', '<points label="mass" points="1,2"/>', 'subset="Test"'),
        image('c.png', '', 'subset="Train"'),
      ),
      'images/a.png': size,
      'images/b.png': size,
      'images/c.png': size,
    });
    const set = await readDataset(root);
    expect([set.format, set.classes, labelled(set)]).toEqual([
      'cvat',
      ['no mass', 'mass'],
      ['images/a.png mass', 'images/b.png mass', 'images/c.png no mass'],
    ]);
    expect(set.samples.map(({ split }) => split)).toEqual([undefined, 'test', 'train']);
    const [box, turned, polygon, ellipse, mask] = sampleOf(set, 'images/a.png').regions;
    expect(box).toEqual(boxRegion(1.5, 2, 4, 6));
    const { x0, y0, x1, y1 } = regionBounds(turned!);
    [5, 3, 7, 7].forEach((edge, i) => expect([x0, y0, x1, y1][i]).toBeCloseTo(edge));
    expect(polygon).toEqual({
      kind: 'polygon',
      points: [
        { x: 0, y: 0 },
        { x: 4, y: 0 },
        { x: 4.5, y: 4 },
      ],
    });
    expect(regionBounds(ellipse!)).toEqual({ x0: 6, y0: 3, x1: 14, y1: 7 });
    expect(mask).toEqual({ kind: 'mask', x0: 4, y0: 4, width: 2, height: 1, pixels: Uint8Array.of(1, 1) });
    expect(set.issues).toEqual([]);
  });

  it('asks which label to learn, and names file and line of what is wrong', async () => {
    const shapes = [
      '<box label="mass" xtl="1" ytl="2" xbr="1" ybr="6"/>',
      '<polygon label="mass" points="0,0;4,0"/>',
      '<polygon label="mass" points="0,0;4,0;x,y"/>',
      '<ellipse label="mass" cx="10" cy="5" rx="0" ry="2"/>',
      '<mask label="mass" rle="1,2,4" left="0" top="0" width="3" height="2"/>',
      '<mask label="mass" rle="0,1000000000000" left="0" top="0" width="1000000" height="1000000"/>',
      '<box label="nodule" xtl="1" ytl="2" xbr="3" ybr="6"/>',
    ];
    const content = file(labels('mass', 'nodule'), image('a.png', shapes.slice(-1).join('\n')), image('b.png'));
    const images = { 'a.png': size, 'b.png': size };
    expect(labelled(await readDataset(write({ 'x.xml': content, ...images }), { positive: 'nodule' }))).toEqual([
      'a.png nodule',
      'b.png no nodule',
    ]);
    expect((await readDataset(write({ 'x.xml': content, ...images }))).classes).toEqual(['no finding', 'finding']);
    const root = write({
      'x.xml': file(image('a.png', shapes.join('\n')), '<image id="7"/>', image('b.png')),
      ...images,
    });
    expect(issueTexts(await failureOf(() => readDataset(root)), root)).toEqual([
      'x.xml:5: the box (1, 2) to (1, 6) has no area (column "box")',
      'x.xml:6: a polygon has 4 numbers; it needs two for each of three points (column "points")',
      'x.xml:7: the polygon has a point that is not a number (column "points")',
      'x.xml:8: the ellipse has no area (column "ellipse")',
      'x.xml:9: the mask\'s runs are damaged or longer than its box (column "rle")',
      'x.xml:10: the mask is 1000000 x 1000000 pixels; 67108864 pixels may be in one (column "rle")',
      'x.xml:12: the image has no name (column "name")',
    ]);
  });

  it('takes tags of whole images as labels, and a tag that denies a finding as none', async () => {
    const images = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [`${name}.png`, size]));
    const tag = (label: string): string => `<tag label="${label}" source="manual"></tag>`;
    const root = write({
      'x.xml': file(
        labels('lesion', 'normal'),
        image('a.png', tag('lesion')),
        image('b.png', tag('normal')),
        image('c.png', '<box label="lesion" xtl="1" ytl="2" xbr="3" ybr="6"/>'),
        image('d.png'),
        image('e.png', `${tag('normal')}${tag('lesion')}`),
      ),
      ...images,
    });
    const set = await readDataset(root);
    expect(set.classes).toEqual(['no lesion', 'lesion']);
    expect(labelled(set)).toEqual([
      'a.png lesion',
      'b.png no lesion',
      'c.png lesion',
      'd.png no lesion',
      'e.png lesion',
    ]);
    expect(set.samples.map(({ regions }) => regions.length)).toEqual([0, 0, 1, 0, 0]);
    expect(issueTexts(set, root)).toEqual(['x.xml:14: "e.png" has "normal" and "lesion": taken as the latter']);
    // Asked for by name, it is a class as any.
    expect(labelled(await readDataset(root, { positive: 'normal' }))).toEqual([
      'a.png no normal',
      'b.png normal',
      'c.png no normal',
      'd.png no normal',
      'e.png normal',
    ]);
  });

  it('refuses what it does not know rather than take its image as a negative', async () => {
    const refused = async (content: string): Promise<string[]> => {
      const root = write({ 'x.xml': content, 'a.png': size, 'b.png': size, 'c.png': size });
      const texts = issueTexts(await failureOf(() => readDataset(root, { format: 'cvat' })), root);
      return texts.filter((text) => !text.startsWith('c.png'));
    };
    const box = '<box label="mass" xtl="1" ytl="2" xbr="3" ybr="6"/>';
    expect(await refused(file(image('a.png', box), image('b.png', '<cube label="mass" points="1,2"/>')))).toEqual([
      'x.xml:7: <cube> is not a known annotation (column "cube")',
    ]);
    expect(await refused(file(image('a.png', box), image('b.png', '<tag source="manual"></tag>')))).toEqual([
      'x.xml:7: the <tag> has no label (column "label")',
    ]);
    const attribute = '<tag label="diagnosis"><attribute name="kind">normal</attribute></tag>';
    expect(await refused(file(image('a.png', box), image('b.png', attribute), image('c.png')))).toEqual([
      'x.xml:7: the tag "diagnosis" has "normal" in its attribute "kind"; attributes are not read: make "normal" a label of its own (column "attribute")',
    ]);
    const track = '<track id="0" label="mass"><box frame="0" outside="0" xtl="1" ytl="2" xbr="3" ybr="6"/></track>\n';
    expect(await refused(file(image('a.png', box), track))).toEqual([
      'x.xml:6: it is of CVAT for video, which does not name images: export the task as "CVAT for images 1.1" (column "track")',
    ]);
    // Recognised without being told.
    const root = write({ 'x.xml': file(track), 'a.png': size });
    await expect(readDataset(root)).rejects.toThrow(/CVAT for video/);
  });

  it('names labels that differ in case, blanks or how a letter is composed', async () => {
    const content = file(
      labels('Lesion', 'lesion', 'le sion'),
      image('a.png', '<tag label="Lesion"/>'),
      image('b.png'),
    );
    const root = write({ 'x.xml': content, 'a.png': size, 'b.png': size });
    expect(issueTexts(await failureOf(() => readDataset(root)), root)).toEqual([
      'x.xml:4: the class "lesion" differs from "Lesion" in line 4 only in case: spell both the same way',
      'x.xml:4: the class "le sion" differs from "Lesion" in line 4 only in case and blanks: spell both the same way',
    ]);
  });
});
