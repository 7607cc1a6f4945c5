/** Damaged files: thousands of them, and each is read or refused in words, in bounded time. */
import { join } from 'node:path';
import { Random } from '@weakspot/core';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { encode } from '../dicom/testing/codestreams.js';
import { applySplitFile } from './split-file.js';
import { readCsv } from './csv.js';
import { IssueList } from './issues.js';
import { readDataset } from './read-dataset.js';
import { formats } from './readers/formats.js';
import { bmpFile } from './testing/bmp.js';
import { flatPgm, greyPng, temporaryFolder, writeTree } from './testing/files.js';
import { fuzz, fuzzDataset, fuzzDecoding } from './testing/fuzz.js';
import { mutate } from './testing/mutate.js';
import { readerTrees } from './testing/reader-trees.js';
import { tinyTiff } from './testing/tiff.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

const side = 12;
const random = new Random(1, 'pixels');
const pixels = Uint8Array.from({ length: side * side }, () => random.integer(256));
const wide = Uint16Array.from(pixels, (value) => value * 257);
const twelve = Uint16Array.from(pixels, (value) => value * 16);
const shape = { width: side, height: side, samplesPerPixel: 1 };
const image = sharp(pixels, { raw: { width: side, height: side, channels: 1 } });
const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const bmp = { width: side, height: side };
const greys = Array.from({ length: 256 }, (_, i) => [i, i, i] as const);
/** A run and the row's end, for each row. */
const runs = Uint8Array.from(Array.from({ length: side }, (_, i) => [side, i, 0, 0]).flat());
const coloured = Uint8Array.from([...pixels].flatMap((value) => [value, 255 - value, value]));
const tiff = { width: side, height: side, photometric: 1 } as const;

/** An image file of each kind that is read, and how many times it is damaged. */
const images: readonly [name: string, cases: number, make: () => Uint8Array | Promise<Uint8Array>][] = [
  ['png', 900, () => greyPng(pixels, side, side)],
  ['png of 16 bits', 600, () => greyPng(wide, side, side)],
  ['jpeg', 900, () => image.jpeg().toBuffer()],
  ['progressive jpeg', 600, () => image.jpeg({ progressive: true }).toBuffer()],
  ['tiff', 1000, () => tinyTiff({ ...tiff, bitsPerSample: 8, sampleFormat: 1, data: pixels })],
  [
    'tiff of 16 bits',
    400,
    () => tinyTiff({ ...tiff, bitsPerSample: 16, sampleFormat: 1, data: new Uint8Array(wide.buffer) }),
  ],
  ['deflated tiff', 600, () => image.tiff({ compression: 'deflate', predictor: 'none' }).toBuffer()],
  ['webp', 400, () => image.webp().toBuffer()],
  ['gif', 400, () => image.gif().toBuffer()],
  [
    'lossless jpeg',
    // Each failure has the codecs loaded anew.
    40,
    () => encode('encodeJpeg', { ...shape, bitsAllocated: 16, bitsStored: 12, bytes: new Uint8Array(twelve.buffer) }),
  ],
  ['raw pgm', 1000, () => Buffer.concat([text(`P5 # made here\n${side} ${side}\n255\n`), pixels])],
  ['bmp', 600, () => bmpFile({ ...bmp, bits: 8, palette: greys, pixels })],
  ['bmp of 24 bits', 300, () => bmpFile({ ...bmp, bits: 24, pixels: coloured })],
  ['run-length bmp', 400, () => bmpFile({ ...bmp, bits: 8, compression: 1, palette: greys, pixels: runs })],
  ['plain pgm', 800, () => text(`P2\n${side} ${side} 255\n${pixels.join(' ')}\n`)],
];

/** Of all readers together, besides the 10,100 of the others. */
const READER_CASES = 1500;

describe('the harness', () => {
  it('names a case that fails, and makes the same damage again', async () => {
    const fails = fuzz('x', 9, async (numbers) => {
      if (numbers.integer(3) === 0) throw new TypeError('not of data');
    });
    await expect(fails).rejects.toThrow(/^case \d of "x" \(seed \d+\)$/);
    const bytes = text('0123456789');
    const damaged = (seed: number): Uint8Array[] =>
      Array.from({ length: 50 }, (_, i) => mutate(bytes, new Random(seed, i)));
    expect(damaged(1)).toEqual(damaged(1));
    expect(damaged(1)).not.toEqual(damaged(2));
    expect(bytes).toEqual(text('0123456789'));
  });
});

describe('decodeImage', () => {
  it.each(images)('reads or refuses a damaged %s, %d times', async (name, cases, make) => {
    const decoded = await fuzzDecoding(name, await make(), cases);
    // Neither everything nor nothing: the damage is neither ignored nor beyond all formats.
    expect(decoded).toBeGreaterThan(0);
    expect(decoded).toBeLessThan(cases);
  });
});

describe('a table', () => {
  const films = { 'a.pgm': flatPgm(20, 10), 'b.pgm': flatPgm(20, 10), 'c.pgm': flatPgm(20, 10) };
  const labels = 'file,label,patient,split\na.pgm,clear,p1,train\n"b.pgm",tb,p2,test\nc.pgm,tb,p3,\n';
  const boxes = 'file,xmin,ymin,xmax,ymax,label\nb.pgm,1.5,2,8,9,tb\nc.pgm,-3,2,8,12,\nb.pgm,0,0,20,10,\n';

  it('of labels, or of boxes, is read or refused, 800 times', async () => {
    const read = await fuzzDataset(
      'tables',
      join(folder, 'tables'),
      { ...films, 'labels.csv': labels, 'boxes.csv': boxes },
      800,
    );
    expect(read).toBeGreaterThan(80);
    expect(read).toBeLessThan(720);
  });

  it('with semicolons in UTF-16 is read or refused, 200 times', async () => {
    const encoded = Buffer.from(`\uFEFF${labels.replaceAll(',', ';')}`, 'utf16le');
    const options = { start: 'l.csv', images: join(folder, 'utf16') };
    await fuzzDataset('UTF-16', join(folder, 'utf16'), { ...films, 'l.csv': encoded }, 200, options);
  });

  it('of parts, or the split.json of a run, is read or refused, 1000 times', async () => {
    const root = writeTree(join(folder, 'split'), { ...films, 'labels.csv': labels });
    const set = await readDataset(root);
    const files = {
      's.csv': 'file,split,fold,patient\na.pgm,train,0,p1\nb.pgm,validation,1,p2\nc.pgm,test,2,p3\n',
      's.json': '{"a.pgm": "train", "b.pgm": "validation", "c.pgm": "test"}',
    };
    for (const [name, content] of Object.entries(files)) {
      await fuzz(name, 500, async (numbers) => {
        writeTree(root, { [name]: mutate(text(content), numbers) });
        const issues = new IssueList();
        const found = await applySplitFile(join(root, name), numbers.integer(2) === 0 ? undefined : 1, set, issues);
        if (!issues.hasErrors && found.length === 0) throw new Error('nothing was found, and nothing said');
      });
    }
  });

  it('of noise is read or refused, 500 times', async () => {
    const file = join(folder, 'noise.csv');
    const marks = [
      'file',
      'label',
      ',',
      ';',
      '\t',
      '"',
      '""',
      '\n',
      '\r\n',
      '\r',
      ' ',
      'x',
      'é',
      '\0',
      '\uFEFF',
      'sep=',
    ];
    await fuzz('noise', 500, async (numbers) => {
      const content = Array.from({ length: numbers.integer(60) }, () => marks[numbers.integer(marks.length)]).join('');
      writeTree(folder, { 'noise.csv': content });
      const issues = new IssueList();
      const rows = await readCsv(file, ['file', 'label'], ['patient'], issues);
      const lines = content.split(/\r\n|\n|\r/).length;
      for (const { line, cells } of rows) {
        if (line < 1 || line > lines) throw new Error(`line ${line} of ${lines}`);
        if (!cells.file || !cells.label) throw new Error('a row lacks a cell');
      }
    });
  });
});

describe('readDataset', () => {
  it('has a tree here for every reader', () => {
    const plain = ['table', 'class-folders'];
    expect(readerTrees.map(([format]) => format).toSorted()).toEqual(
      formats.filter((format) => !plain.includes(format)).toSorted(),
    );
  });

  it.each(readerTrees)('reads or refuses a damaged set of the format %s', async (format, files) => {
    const root = writeTree(join(folder, format), files);
    // Whole, it is read without a word.
    const { format: found, issues, samples } = await readDataset(root);
    expect([found, issues, samples.length]).toEqual([format, [], 2]);
    await fuzzDataset(format, root, files, Math.ceil(READER_CASES / readerTrees.length));
  });

  it('did all that in bounded memory', () => {
    const megabytes = process.resourceUsage().maxRSS / 1024;
    expect(megabytes).toBeLessThan(1000);
  });
});
