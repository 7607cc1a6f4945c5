/** A data set with one of every fault, looked over. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type DataIssue, Random, WeakspotError, formatIssue, resizeBilinear } from '@weakspot/core';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { weakspot } from '../cli/testing/command.js';
import { flatPgm, greyPng, temporaryFolder, writeTree } from '../data/testing/files.js';
import { writePhantoms } from '../data/phantom/index.js';
import { openThreads } from '../data/threads/threads.js';
import { describeInspection } from './describe.js';
import type { DataInspection, SetInspection } from './report.js';
import { inspectDataset } from './inspect-data.js';
import type { MeasuredFile, MeasureJob } from './measure-file.js';
import { measureFile } from './measure-file.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

const SIDE = 48;

/** A film of soft shadows, another one for each seed. */
function film(seed: number): Uint8Array {
  const random = new Random(4, 'film', seed);
  const coarse = Float32Array.from({ length: 144 }, () => 40 + random.integer(170));
  return Uint8Array.from(resizeBilinear(coarse, 12, 12, SIDE, SIDE));
}

const png = (pixels: Uint8Array): Promise<Buffer> => greyPng(pixels, SIDE, SIDE);
const pgm = (pixels: Uint8Array): Uint8Array => {
  const file = flatPgm(SIDE, SIDE);
  file.set(pixels, file.length - pixels.length);
  return file;
};

interface Row {
  readonly file: string;
  readonly label: string;
  readonly patient: string;
  readonly split: string;
}

/** 40 films, 20 of each class, a patient for two of one class; the last quarter is for testing. */
const rows: readonly Row[] = Array.from({ length: 40 }, (_, i) => ({
  file: `images/${i}.png`,
  label: i % 2 === 0 ? 'clear' : 'tb',
  patient: `p${Math.floor(i / 4)}${i % 2}`,
  split: i < 32 ? 'train' : 'test',
}));
const boxes = ['images/1.png,4,4,20,16', 'images/3.png,10,8,30,40', 'images/33.png,0,0,12,12'];

let sets = 0;
async function writeSet(
  more: { rows?: readonly Row[]; boxes?: readonly string[]; files?: Readonly<Record<string, Uint8Array>> } = {},
): Promise<string> {
  const all = [...(more.rows ?? rows)];
  const images = await Promise.all(rows.map(async ({ file }, i) => [file, await png(film(i))] as const));
  return writeTree(join(folder, `set${sets++}`), {
    ...Object.fromEntries(images),
    ...more.files,
    'labels.csv': `file,label,patient,split\n${all.map((row) => `${row.file},${row.label},${row.patient},${row.split}\n`).join('')}`,
    'boxes.csv': `file,xmin,ymin,xmax,ymax\n${[...boxes, ...(more.boxes ?? [])].join('\n')}\n`,
  });
}

/** No validation part: 32 films are as many as a minibatch. */
const split = { train: 0.8, validation: 0, test: 0.2 };

async function inspect(root: string): Promise<DataInspection> {
  for await (const event of inspectDataset(root, { threads: 0, split }))
    if (event.type === 'done') return event.inspection;
  throw new Error('no result');
}

function found(inspection: DataInspection, root: string): { set: SetInspection; texts: string[] } {
  if (inspection.set === undefined) throw new Error(inspection.issues.map(formatIssue).join());
  return {
    set: inspection.set,
    texts: inspection.issues.map((issue) => formatIssue(issue).replaceAll(root, '').replace(/^\//, '')),
  };
}

describe('inspectDataset', () => {
  it('counts classes, patients, regions and parts, and measures sizes and intensities', async () => {
    const inspection = await inspect(await writeSet());
    expect([inspection.ok, inspection.issues]).toEqual([true, []]);
    const { counts, fingerprint, duplicates, images, config } = inspection.set as SetInspection;
    expect(counts).toMatchObject({ images: 40, patients: 20, withoutPatient: 0, givenParts: 40 });
    expect(counts.classes).toEqual(
      [
        { name: 'clear', images: 20, patients: 10, located: 0, parts: { train: 16, validation: 0, test: 4 } },
        { name: 'tb', images: 20, patients: 10, located: 3, parts: { train: 16, validation: 0, test: 4 } },
      ].map((count) => ({ ...count, parts: expect.objectContaining({ test: 4 }) as unknown })),
    );
    // Diameters: roots of 16 x 12, 20 x 32 and 12 x 12.
    expect(counts.regions).toMatchObject({
      count: 3,
      diameter: { min: 12, max: Math.sqrt(640), median: Math.sqrt(192) },
    });
    expect(fingerprint).toMatchObject({
      images: 40,
      width: { min: SIDE, max: SIDE },
      depths: [{ bits: 8, images: 40 }],
    });
    const means = rows.map((_, i) => film(i).reduce((sum, value) => sum + value, 0) / SIDE ** 2 / 255);
    expect(fingerprint?.mean).toBeCloseTo(means.reduce((sum, mean) => sum + mean, 0) / 40, 9);
    expect(images.find(({ name }) => name === 'images/7.png')?.mean).toBeCloseTo(means[7] as number, 9);
    expect(duplicates).toEqual([]);
    expect(config).toMatchObject({ data: { positive: 'tb' }, network: { name: 'field' } });
  });

  it('finds the same pixels in another file, and near-same films, within and across parts', async () => {
    const [darker, mirrored] = [
      film(6).map((value) => 0.7 * value),
      film(9).map((_, i) => film(9)[i - 2 * (i % SIDE) + SIDE - 1] as number),
    ];
    const root = await writeSet({
      rows: [
        ...rows,
        { file: 'again.pgm', label: 'tb', patient: 'q1', split: 'test' },
        { file: 'within.pgm', label: 'clear', patient: 'p00', split: 'train' },
        { file: 'darker.png', label: 'clear', patient: 'q2', split: 'test' },
        { file: 'mirrored.png', label: 'clear', patient: 'q3', split: 'train' },
      ],
      files: {
        'again.pgm': pgm(film(5)),
        'within.pgm': pgm(film(2)),
        'darker.png': await png(darker),
        'mirrored.png': await png(mirrored),
      },
    });
    const inspection = await inspect(root);
    const { set, texts } = found(inspection, root);
    expect(set.duplicates.map(({ kind, images, parts }) => [kind, images.toSorted(), parts.toSorted()])).toEqual([
      ['same', ['images/2.png', 'within.pgm'], ['train']],
      ['same', ['again.pgm', 'images/5.png'], ['test', 'train']],
      ['near', ['darker.png', 'images/6.png'], ['test', 'train']],
      ['near', ['images/9.png', 'mirrored.png'], ['train']],
    ]);
    // One that is in two parts makes the test worthless; the others are for a person to judge.
    expect(inspection.ok).toBe(false);
    expect(texts).toEqual(
      [
        expect.stringMatching(
          /^: "images\/5.png" and "again.pgm" have the same pixels, and are in the parts train and test/,
        ),
        expect.stringMatching(/^: "images\/2.png" and "within.pgm" have the same pixels/),
        expect.stringMatching(/^: "images\/6.png" and "darker.png" look the same, and are in the parts train and test/),
        expect.stringMatching(/^: "images\/9.png" and "mirrored.png" look the same, and are labelled "tb" and "clear"/),
      ].map((text) => text as unknown),
    );
  });

  it('tells labels without files and the reverse, boxes outside, and what does not decode, with file and line', async () => {
    const root = await writeSet({
      rows: [...rows, { file: 'gone.png', label: 'tb', patient: 'q', split: 'train' }],
      boxes: ['images/7.png,40,40,60,60'],
      files: { 'images/extra.png': await png(film(90)), 'images/11.png': (await png(film(11))).subarray(0, 300) },
    });
    const { set, texts } = found(await inspect(root), root);
    for (const text of [
      /labels\.csv:42: image "gone\.png" is missing/,
      /images\/extra\.png: the image has no label/,
      /boxes\.csv:5: the box .* extends beyond .*: clipped/,
      /images\/11\.png: left out: /,
    ])
      expect(
        texts.some((line) => text.test(line)),
        `${text}\n${texts.join('\n')}`,
      ).toBe(true);
    expect(set.counts.images).toBe(39);

    const outside = await writeSet({ boxes: ['images/5.png,100,100,120,120'] });
    const refused = await inspect(outside);
    expect([refused.ok, refused.set, formatIssue(refused.issues[0] as DataIssue)]).toEqual([
      false,
      undefined,
      expect.stringMatching(/boxes\.csv:5: the box .* lies outside of "images\/5\.png" \(48 x 48 pixels\)/),
    ]);
  });

  it('warns where normalising each image by itself gives the label away', async () => {
    const inspections = [];
    for (const bright of [true, false]) {
      const root = join(folder, bright ? 'bright' : 'dim');
      await writePhantoms(root, { count: 200, seed: 0, size: 64, bright });
      inspections.push(await inspect(root));
    }
    const [leaky, sound] = inspections.map(({ set, issues }) => ({
      own: set?.background?.normalizations.find(({ normalization }) => normalization === "each image's own"),
      warnings: issues.filter(({ message }) => message.startsWith('normalising gives "lesion" away')),
      text: describeInspection({ weakspot: '', path: '', ok: true, issues, ...(set === undefined ? {} : { set }) }),
    }));
    expect([leaky?.own?.leaks, leaky?.warnings.length]).toEqual([true, 1]);
    expect(leaky?.warnings[0]?.message).toContain('preprocessing.normalization: { kind: set }');
    expect(leaky?.text).toMatch(/^each image's own +\.\d{3} +\.\d{3} +\+\.\d{3} \(\+\.\d{3} to \+\.\d{3}\) +leaks$/m);
    expect(leaky?.text).toContain('(100 images with regions, 100 others)');
    expect([sound?.own?.leaks, sound?.warnings]).toEqual([false, []]);
  });

  it('says that it cannot look for that without ground truth, and what a cell sees beside it', async () => {
    const { set, issues } = await inspect(await writeSet());
    expect(set?.background).toBeUndefined();
    // Regions of 16 x 12, 20 x 32 and 12 x 12, in an input of the same size.
    expect(set?.cells).toMatchObject({
      network: 'field',
      field: 39,
      sides: { image: { lower: 12, median: 12, upper: 20 } },
    });
    const text = describeInspection({
      weakspot: '',
      path: '',
      ok: true,
      issues,
      ...(set === undefined ? {} : { set }),
    });
    expect(text).toContain('cannot be measured without the regions of 10');
    expect(text).toMatch(/^what a cell sees +39 +39 x 39$/m);
  });

  it('does not fail where the set cannot be read: the issues say why', async () => {
    const root = writeTree(join(folder, 'wrong'), { 'labels.csv': 'file,lable\na.png,tb\n' });
    const { ok, set, issues } = await inspect(root);
    expect([ok, set]).toEqual([false, undefined]);
    expect(issues[0]).toMatchObject({ severity: 'error', line: 1 });
    const none = writeTree(join(folder, 'none'), { 'normal/1.png': 'no', 'tb/1.png': 'no' });
    expect((await inspect(none)).issues.map(({ message }) => message)).toContain('no image can be decoded');
  });

  it('measures the same in a thread as here', async () => {
    const root = await writeSet();
    const jobs = [0, 1].map((i): MeasureJob => ({
      path: join(root, `images/${i}.png`),
      frame: 1,
      drawn: { label: i, regions: [] },
      copied: true,
    }));
    const measuring = openThreads<undefined, MeasureJob, MeasuredFile>({
      module: new URL('./measure-thread.js', import.meta.url),
      settings: undefined,
      here: measureFile,
      died: ({ path }, reason) => new WeakspotError('data', `${path}: ${reason}`),
      threads: 1,
      startAfter: 0,
    });
    try {
      for (const job of jobs) expect(await measuring.run(job)).toEqual(await measureFile(job));
    } finally {
      await measuring.close();
    }
  });
});

describe('weakspot inspect', () => {
  it('writes a report, a configuration that train takes, and a sheet; 0 where training can run', async () => {
    const root = await writeSet();
    const out = join(folder, 'look');
    const { code, out: lines, err } = await weakspot('inspect', root, '--out', out, '--split', '4:1');
    expect(code).toBe(0);
    expect(lines.join('\n')).toMatch(/^tb +20 +10 +3/m);
    expect(lines.at(-1)).toContain('Training can run: 0 errors, 0 warnings.');
    expect(err.filter((line) => line.startsWith('wrote'))).toHaveLength(3);
    const report = JSON.parse(readFileSync(join(out, 'inspect.json'), 'utf8')) as DataInspection;
    expect(report).toMatchObject({ ok: true, set: { counts: { images: 40 } } });
    const { width, format } = await sharp(join(out, 'contact-sheet.png')).metadata();
    expect([format, width > 200]).toEqual(['png', true]);
    const config = join(out, 'config.yaml');
    expect(readFileSync(config, 'utf8')).toMatch(/^# (No image is|Images are) flipped or turned/m);
    const trained = await weakspot(
      'train',
      '--config',
      config,
      '--out',
      join(folder, 'run'),
      '--size',
      '64',
      '--epochs',
      '1',
      '--threads',
      '1',
      '--no-cache',
      '--set',
      'network.classifier=[8]',
    );
    expect(trained.code, trained.err.join('\n')).toBe(0);
    expect((await weakspot('inspect', root, '--out', out, '--split', '4:1')).code).toBe(1);
    expect((await weakspot('inspect', root, '--out', out, '--force', '--split', '4:1')).code).toBe(0);
  });

  it('ends with 1 where training would fail, and tells why on standard error', async () => {
    const few = await writeSet({ rows: rows.slice(30) });
    const { code, err, out } = await weakspot('inspect', few);
    expect([code, err.join('\n')]).toEqual([
      1,
      expect.stringMatching(/error: .*the training part has 2 of the 10 images/),
    ]);
    expect(out.join('\n')).toContain('Training would fail');
    expect((await weakspot('inspect', join(folder, 'nowhere'))).code).toBe(1);
    const json = await weakspot('inspect', few, '--json');
    expect(JSON.parse(json.out[0] ?? '')).toMatchObject({ ok: false });
  });
});

const shared = join(import.meta.dirname, '../../../../../shared/data');
const films = (...path: string[]): string => join(shared, ...path, 'images');

describe.skipIf(!existsSync(shared))('the shortcut check on real films (needs shared/data)', () => {
  it('warns of two sources, and not of halves of films of one', async () => {
    const some = (set: string, label: string): string[] =>
      readdirSync(films(set))
        .filter((name) => name.endsWith('.png'))
        .toSorted()
        .slice(0, 25)
        .map((name) => `${join(films(set), name)},${label}\n`);
    const root = writeTree(join(folder, 'sources'), {
      'mixed.csv': `file,label\n${[...some('tbx11k', 'tb'), ...some('cxr-normal', 'normal')].join('')}`,
    });
    const mixed = (await inspect(join(root, 'mixed.csv'))).set?.shortcuts[0];
    expect(mixed?.together.auc).toBeGreaterThan(0.7);
    expect(mixed?.together.warns).toBe(true);

    const labels = readFileSync(join(shared, 'tbx11k-halves/labels.csv'), 'utf8').trim().split('\n');
    const halves = writeTree(join(folder, 'halves'), {
      'labels.csv': `${labels.filter((_, i) => i === 0 || i % 9 === 1).join('\n')}\n`,
    });
    let result: DataInspection | undefined;
    for await (const event of inspectDataset(halves, { images: films('tbx11k-halves'), threads: 0 }))
      if (event.type === 'done') result = event.inspection;
    const check = result?.set?.shortcuts[0];
    expect([check?.together, ...(check?.alone ?? [])].filter((one) => one?.warns)).toEqual([]);
  });
});
