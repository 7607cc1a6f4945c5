import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readDataset } from '../read-dataset.js';
import { failureOf, temporaryFolder } from '../testing/files.js';
import { stemOf } from './found-images.js';
import { issueTexts, labelled, sampleOf, setWriter } from '../testing/sets.js';

const shared = join(import.meta.dirname, '../../../../../../shared/data');
const { folder, remove } = temporaryFolder();
afterAll(remove);
const write = setWriter(folder);

const image = { width: 1024, height: 1024 };
const rows = [
  'mdb001 G CIRC B 535 425 197',
  'mdb002 G NORM ',
  'mdb005 F CIRC B 477 133 30',
  'mdb005 F SPIC M 500 168 26',
  'mdb006 F NORM',
  'mdb216 D CALC M *NOTE 3*',
  'mdb059 F CIRC B',
];
const info = (...more: readonly string[]): string =>
  [
    '             MAMMOGRAPHIC IMAGE ANALYSIS SOCIETY',
    '1st column: MIAS database reference number.',
    ...rows,
    ...more,
    '',
  ].join('\r\n');
const published = {
  'Info.txt': info(),
  'mdb001.pgm': image,
  'mdb002.pgm': image,
  'mdb005.pgm': image,
  'small/mdb006.png': { width: 512, height: 256 },
  'mdb059.pgm': image,
  'mdb216.pgm': image,
};

describe('mias', () => {
  it('turns circles over, joins rows of one image, and pairs the breasts of one woman', async () => {
    const set = await readDataset(write(published));
    expect([set.format, set.classes, set.positive, set.issues]).toEqual(['mias', ['normal', 'abnormal'], 1, []]);
    expect(labelled(set)).toEqual([
      'mdb001.pgm abnormal',
      'mdb002.pgm normal',
      'mdb005.pgm abnormal',
      'small/mdb006.png normal',
      'mdb216.pgm abnormal',
      'mdb059.pgm abnormal',
    ]);
    // Row 425 from the bottom is row 1023 - 425 = 598 from the top.
    expect(sampleOf(set, 'mdb001.pgm')).toMatchObject({
      patient: 'p001',
      view: 'R-MLO',
      regions: [{ kind: 'circle', x: 535.5, y: 598.5, radius: 197 }],
    });
    expect(sampleOf(set, 'mdb002.pgm')).toMatchObject({ patient: 'p001', view: 'L-MLO', regions: [] });
    expect(sampleOf(set, 'mdb005.pgm').regions).toHaveLength(2);
    expect(sampleOf(set, 'mdb005.pgm').patient).toBe(sampleOf(set, 'small/mdb006.png').patient);
    // Abnormal without a place.
    expect([sampleOf(set, 'mdb216.pgm').regions, sampleOf(set, 'mdb059.pgm').regions]).toEqual([[], []]);
  });

  it('scales circles to the images that are there', async () => {
    const half = { width: 512, height: 512 };
    const set = await readDataset(write({ ...published, 'mdb001.pgm': half }));
    expect(sampleOf(set, 'mdb001.pgm').regions).toEqual([{ kind: 'circle', x: 267.75, y: 299.25, radius: 98.5 }]);
  });

  it('learns one severity or one abnormality', async () => {
    const malignant = await readDataset(write(published), { positive: 'malignant' });
    expect(malignant.classes).toEqual(['not malignant', 'malignant']);
    // The benign mass on the same image is no ground truth.
    expect(sampleOf(malignant, 'mdb005.pgm').regions).toEqual([
      { kind: 'circle', x: 500.5, y: 1023 - 168 + 0.5, radius: 26 },
    ]);
    const mass = await readDataset(write(published), { positive: 'circumscribed mass' });
    expect(mass.samples.filter(({ label }) => label === 1).map(({ name }) => name)).toEqual([
      'mdb001.pgm',
      'mdb005.pgm',
      'mdb059.pgm',
    ]);
    const error = await failureOf(async () => readDataset(write(published), { positive: 'masses' }));
    expect([error.code, error.hint]).toEqual(['usage', expect.stringContaining('"abnormal" stands for any of them')]);
  });

  it('names the line of what is wrong', async () => {
    const wrong = [
      'mdb010 F MASS B 1 2 3',
      'mdb012 F CIRC X 1 2 3',
      'mdb001 G NORM',
      'mdb002 G CIRC B 1 2',
      'mdb003 D NORM',
    ];
    const root = write({ ...published, 'Info.txt': info(...wrong), 'other.png': image });
    expect(issueTexts(await failureOf(() => readDataset(root)), root)).toEqual([
      'Info.txt:10: "MASS" is not a class of this set (column "class")',
      'Info.txt:11: "X" is not a severity of this set (column "severity")',
      'Info.txt:12: mdb001 is normal in this line or line 3 and abnormal in the other',
      'Info.txt:13: mdb002 is normal in this line or line 4 and abnormal in the other',
      'other.png: its name does not belong to this set: left out',
      'Info.txt:14: image mdb003 is missing: left out',
    ]);
    const circle = write({ ...published, 'Info.txt': info('mdb003 D CALC B 1 2') });
    expect(issueTexts(await failureOf(() => readDataset(circle)), circle)[0]).toBe(
      'Info.txt:10: the circle "1 2" should be x, y and radius in pixels',
    );
  });

  it.skipIf(!existsSync(shared))('reads the database as published (needs shared/data)', async () => {
    const root = join(shared, 'mias');
    const set = await readDataset(root);
    expect([set.format, set.samples.length]).toEqual(['mias', 160]);
    // Made from Info.txt by another program, in images of half the size.
    const table = readFileSync(join(root, 'circles_512.csv'), 'utf8').trim().split(/\r?\n/).slice(1);
    const circles = table.map((line) => line.split(',')).filter(([, , , , x]) => x !== '');
    expect(set.samples.flatMap(({ regions }) => regions)).toHaveLength(circles.length);
    for (const [file = '', label, , , x, y, radius] of circles) {
      const sample = set.samples.find(({ name }) => stemOf(name) === stemOf(file));
      expect([file, sample?.label]).toEqual([file, Number(label)]);
      const scale = sample?.name.startsWith('images-1024') === true ? 2 : 1;
      const near = sample?.regions.some(
        (region) =>
          region.kind === 'circle' &&
          Math.abs(region.x / scale - Number(x)) < 0.6 &&
          Math.abs(region.y / scale - Number(y)) < 0.6 &&
          region.radius / scale === Number(radius),
      );
      expect([file, near]).toEqual([file, true]);
    }
    // Of the four without a place in the whole database those of this half.
    const unplaced = set.samples.filter(({ label, regions }) => label === 1 && regions.length === 0);
    expect(unplaced.map(({ name }) => stemOf(name)).toSorted()).toEqual(['mdb059', 'mdb216', 'mdb233']);
    expect(set.samples.some(({ label, regions }) => label === 0 && regions.length > 0)).toBe(false);
  });
});
