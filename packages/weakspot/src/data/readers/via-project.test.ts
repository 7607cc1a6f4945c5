import { boxRegion } from '@weakspot/core';
import { afterAll, describe, expect, it } from 'vitest';
import { readDataset } from '../read-dataset.js';
import { failureOf, temporaryFolder } from '../testing/files.js';
import { issueTexts, labelled, sampleOf, setWriter } from '../testing/sets.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const write = setWriter(folder);

const image = { width: 40, height: 30 };
const rect = { name: 'rect', x: 1, y: 2, width: 3, height: 4 };
const entry = (filename: string, ...attributes: readonly unknown[]): object => ({
  filename,
  size: 1,
  regions: attributes.map((region_attributes) => ({ shape_attributes: rect, region_attributes })),
  file_attributes: {},
});
const files = { 'train/a.png': image, 'train/b.png': image, 'test/c.png': image, 'test/d.png': image };

describe('via', () => {
  it('reads a project: categories from attributes, images without a region as negatives, parts from folders', async () => {
    const project = {
      _via_settings: {},
      _via_img_metadata: {
        a: entry('a.png', { type: 'mass', note: 'x' }, { note: '', type: 'calcification' }),
        b: entry('b.png'),
        c: entry('c.png', { type: { cyst: false, mass: true } }, { mass: true }),
      },
    };
    const root = write({ ...files, 'via.json': JSON.stringify(project) });
    const set = await readDataset(root, { positive: 'mass' });
    expect([set.format, set.classes]).toEqual(['via', ['no mass', 'mass']]);
    expect(labelled(set)).toEqual(['train/a.png mass', 'train/b.png no mass', 'test/c.png mass']);
    expect(set.samples.map(({ split }) => split)).toEqual(['train', 'train', 'test']);
    // Not the calcification.
    expect(sampleOf(set, 'train/a.png').regions).toEqual([boxRegion(1, 2, 4, 6)]);
    expect(sampleOf(set, 'test/c.png').regions).toHaveLength(2);
    expect(issueTexts(set, root)).toEqual(['test/d.png: no annotation names the image: left out']);
  });

  it('reads exported annotations, and says what is wrong', async () => {
    const root = write({
      ...files,
      'via.json': JSON.stringify({ a: entry('a.png', { type: 'mass' }), b: entry('b.png'), x: entry('x.png') }),
      'other.json': '{"filename": 1, "shape_attributes": []}',
    });
    expect(issueTexts(await failureOf(() => readDataset(root)), root).slice(0, 2)).toEqual([
      'other.json: not annotations of the VGG Image Annotator (VIA)',
      'via.json: image "x.png" is missing: left out',
    ]);
    expect(labelled(await readDataset(`${root}/via.json`))).toEqual(['train/a.png mass', 'train/b.png no mass']);
  });

  it('takes points and file attributes as labels, and refuses an attribute of which it is not known what it says', async () => {
    const point = {
      filename: 'a.png',
      regions: [{ shape_attributes: { name: 'point', cx: 1, cy: 1 }, region_attributes: { type: 'mass' } }],
    };
    const whole = (filename: string, file_attributes: object): object => ({ filename, regions: [], file_attributes });
    const content = (last: object): string =>
      JSON.stringify({
        a: point,
        b: whole('b.png', { caption: 'a nice one', public_domain: 'no', label: 'mass' }),
        c: whole('c.png', { findings: { mass: true, cyst: false } }),
        d: whole('d.png', last),
      });
    const root = write({ ...files, 'via.json': content({ caption: 'PA', mass: 'no', label: 'normal' }) });
    const set = await readDataset(root);
    expect(labelled(set)).toEqual(['train/a.png mass', 'train/b.png mass', 'test/c.png mass', 'test/d.png no mass']);
    expect(issueTexts(set, root)).toEqual([
      'via.json: a point has no area or too many points on "a.png": it has no region',
    ]);
    expect(
      labelled(await readDataset(write({ ...files, 'via.json': content({ mass: 'yes' }) }), { oneClass: true }))[3],
    ).toBe('test/d.png mass');
    expect(
      labelled(
        await readDataset(write({ ...files, 'via.json': content({ remark: '', kind: 'mass' }) }), { oneClass: true }),
      )[3],
    ).toBe('test/d.png mass');
    const odd = write({ ...files, 'via.json': content({ kind: 'cyst' }) });
    expect(issueTexts(await failureOf(() => readDataset(odd)), odd)[0]).toBe(
      'via.json: "d.png" has no region, and whether its file attribute "kind" names what it shows is not known: rename the attribute to "label", or draw a region (column "file_attributes.kind")',
    );
  });
});
