import { boxRegion, rasterizeRegion, regionBounds } from '@weakspot/core';
import { afterAll, describe, expect, it } from 'vitest';
import { readDataset } from '../read-dataset.js';
import { failureOf, temporaryFolder } from '../testing/files.js';
import { issueTexts, labelled, sampleOf, setWriter } from '../testing/sets.js';
import { maskOfBrush } from './label-studio-rle.js';
import { MaskBudget } from './mask-budget.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const write = setWriter(folder);

const image = { width: 200, height: 100 };
const size = { original_width: 200, original_height: 100, image_rotation: 0 };

/** A result of Label Studio as it exports it. */
function result(type: string, value: object, id = Math.random().toString(36)): object {
  return { ...size, id, type, value, from_name: 'label', to_name: 'image', origin: 'manual' };
}
const choices = (...names: string[]): object => ({
  id: 'c',
  type: 'choices',
  value: { choices: names },
  from_name: 'choice',
  to_name: 'image',
});
const rectangle = (label: string, more: object = {}): object =>
  result('rectanglelabels', { x: 10, y: 20, width: 5, height: 10, rotation: 0, rectanglelabels: [label], ...more });
let count = 0;
const task = (path: string, ...results: readonly object[][]): object => ({
  id: ++count,
  annotations: results.map((all) => ({ id: count, completed_by: 1, was_cancelled: false, lead_time: 3, result: all })),
  predictions: [],
  file_upload: '',
  data: { image: path },
});
const json = (...tasks: readonly object[]): string => JSON.stringify(tasks);
const files = (...names: readonly string[]): Record<string, typeof image> =>
  Object.fromEntries(names.map((name) => [`images/${name}.png`, image]));

/** As `maskOfBrush` describes the stream: each byte of its own, then runs of four lengths. */
function brush(pixels: readonly number[]): number[] {
  const bits = (value: number, length: number): string => value.toString(2).padStart(length, '0');
  const bytes = pixels.flatMap((value) => [0, 0, 0, value]);
  let text = bits(bytes.length, 32) + bits(7, 5) + [2, 3, 7, 15].map((length) => bits(length, 4)).join('');
  for (let i = 0; i < bytes.length;) {
    let end = i + 1;
    while (end < bytes.length && bytes[end] === bytes[i] && end - i < 8) end++;
    // Runs of one byte are written as not alike.
    text +=
      end - i > 1
        ? `1${bits(0, 2)}${bits(end - i - 1, 3)}${bits(bytes[i] ?? 0, 8)}`
        : `0${bits(0, 2)}${bits(0, 3)}${bits(bytes[i] ?? 0, 8)}`;
    i = end;
  }
  const padded = text.padEnd(Math.ceil(text.length / 8) * 8, '0');
  return (padded.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2));
}

describe('label-studio', () => {
  it('reads rectangles in percent, choices of whole images, and images without a result as negatives', async () => {
    const root = write({
      ...files('a', 'b', 'c', 'd', 'e'),
      'project-1.json': json(
        task('/data/upload/1/0a1b2c3d-a.png', [rectangle('mass')]),
        task('/data/local-files/?d=films%2Fb.png', [choices('mass')]),
        task('s3://bucket/x/c.png', [choices('normal')]),
        task('https://host/d.png?sig=1', []),
        task('/data/upload/1/0a1b2c3d-e.png'),
      ),
    });
    const set = await readDataset(root);
    expect([set.format, set.classes]).toEqual(['label-studio', ['no mass', 'mass']]);
    expect(labelled(set)).toEqual([
      'images/a.png mass',
      'images/b.png mass',
      'images/c.png no mass',
      'images/d.png no mass',
    ]);
    expect(sampleOf(set, 'images/a.png').regions).toEqual([boxRegion(20, 20, 30, 30)]);
    // Nobody looked at the last one.
    expect(issueTexts(set, root)).toEqual([
      'project-1.json: the task is not annotated, or was skipped: left out (column "[4].data")',
      'images/e.png: no annotation names the image: left out',
    ]);
  });

  it('reads turned rectangles, ellipses, polygons and brushes; others label their image', async () => {
    const pixels = Array.from({ length: 20000 }, (_, i) => (i === 205 || i === 206 || i === 405 ? 255 : 0));
    const results = [
      // Around its top left corner, by a right angle clockwise.
      rectangle('mass', { rotation: 90 }),
      result('ellipselabels', { x: 50, y: 50, radiusX: 10, radiusY: 10, rotation: 0, ellipselabels: ['mass'] }),
      result('polygonlabels', {
        points: [
          [0, 0],
          [10, 0],
          [10, 20],
        ],
        closed: true,
        polygonlabels: ['mass'],
      }),
      result('brushlabels', { format: 'rle', rle: brush(pixels), brushlabels: ['mass'] }),
      // A shape and its label in two results.
      result('rectangle', { x: 0, y: 0, width: 50, height: 50, rotation: 0 }, 'r'),
      result('labels', { x: 0, y: 0, width: 50, height: 50, rotation: 0, labels: ['mass'] }, 'r'),
    ];
    const point = result('keypointlabels', { x: 1, y: 1, width: 1, keypointlabels: ['mass'] });
    const root = write({
      ...files('a', 'b', 'c'),
      'x.json': json(task('a.png', results), task('b.png', [point]), task('c.png', [])),
    });
    const set = await readDataset(root);
    expect(labelled(set)).toEqual(['images/a.png mass', 'images/b.png mass', 'images/c.png no mass']);
    const { regions } = sampleOf(set, 'images/a.png');
    const bounds = regions.slice(0, 3).map((region) => regionBounds(region));
    const wanted = [
      { x0: 10, y0: 20, x1: 20, y1: 30 },
      { x0: 80, y0: 40, x1: 120, y1: 60 },
      { x0: 0, y0: 0, x1: 20, y1: 20 },
    ];
    wanted.forEach((box, i) => {
      for (const [edge, value] of Object.entries(box)) expect(bounds[i]?.[edge as 'x0']).toBeCloseTo(value, 9);
    });
    const painted = rasterizeRegion(regions[3]!, 200, 100);
    expect([...painted.entries()].filter(([, value]) => value === 1).map(([i]) => i)).toEqual([205, 206, 405]);
    expect(regions[4]).toEqual(boxRegion(0, 0, 100, 50));
    expect(regions).toHaveLength(5);
    expect(issueTexts(set, root)).toEqual([
      'x.json: "images/b.png" has a keypoint, which gives no region: it has no region (column "[1].annotations[0].result")',
    ]);
  });

  it('refuses what it does not know, and exports that mix labels with other data', async () => {
    const refused = async (set: Parameters<typeof write>[0]): Promise<string[]> => {
      const root = write({ ...files('a', 'b'), ...set });
      return issueTexts(await failureOf(() => readDataset(root)), root);
    };
    const odd = json(task('a.png', [rectangle('mass')]), task('b.png', [result('cuboidlabel', {})]));
    expect(await refused({ 'x.json': odd })).toEqual([
      'x.json: a result of type "cuboidlabel" is not supported (column "[1].annotations[0].result[0].type")',
      'x.json: it has results, but none says what the image shows (column "[1].annotations[0].result")',
    ]);
    const text = json(task('a.png', [rectangle('mass')]), task('b.png', [result('textarea', { text: ['a mass'] })]));
    expect(await refused({ 'x.json': text })).toEqual([
      'x.json: it has results, but none says what the image shows (column "[1].annotations[0].result")',
    ]);
    const short = [{ id: 1, image: 'a.png', choice: 'mass', annotator: 1, annotation_id: 1, lead_time: 2 }];
    const table = 'annotation_id,annotator,choice,created_at,id,image,lead_time,updated_at\n1,1,mass,x,1,a.png,2,x\n';
    for (const [name, content] of Object.entries({ 'x.json': JSON.stringify(short), 'x.csv': table })) {
      expect((await refused({ [name]: content }))[0]).toBe(
        `${name}: it is of Label Studio, as JSON-MIN or CSV, which mix labels with other data: export as "JSON"`,
      );
    }
  });
});

describe('maskOfBrush', () => {
  it('says what is wrong with a stream', () => {
    const whole = brush([0, 255, 255, 0]);
    expect(maskOfBrush(whole, 2, 2, new MaskBudget())).toMatchObject({ pixels: Uint8Array.of(0, 1, 1, 0) });
    expect(maskOfBrush(whole, 3, 2, new MaskBudget())).toBe('the brush has 16 bytes, an image of 3 x 2 pixels has 24');
    expect(maskOfBrush(whole.slice(0, -2), 2, 2, new MaskBudget())).toBe('the runs of the brush are damaged');
  });
});
