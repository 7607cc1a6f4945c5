import { join } from 'node:path';
import { type WeakspotError, formatIssue } from '@weakspot/core';
import { afterAll, describe, expect, it } from 'vitest';
import { findCopies } from './copies.js';
import type { Dataset, Sample, Split } from './dataset.js';
import { divideDataset } from './divide.js';
import { splitTable } from './split-file.js';
import { failureOf, flatPgm, temporaryFolder, writeTree } from './testing/files.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

let count = 0;
/** A set of images in a folder of its own; contents by name, patients by the name's first letter if asked. */
function setOf(
  files: Readonly<Record<string, Uint8Array>>,
  { patients = false, splits = {} }: { patients?: boolean; splits?: Record<string, Split> } = {},
): Dataset {
  const root = writeTree(join(folder, `set${count++}`), files);
  const samples = Object.keys(files).map((name, i): Sample => ({
    name,
    path: join(root, name),
    label: i % 2,
    patient: patients ? name[0] : undefined,
    split: splits[name],
    regions: [],
  }));
  return {
    name: 'films',
    format: 'table',
    otherFormats: [],
    root,
    classes: ['clear', 'tb'],
    positive: 1,
    samples,
    issues: [],
  };
}

/** Different images of one size. */
function images(number: number, prefix = 'i'): Record<string, Uint8Array> {
  return Object.fromEntries(Array.from({ length: number }, (_, i) => [`${prefix}${i}.pgm`, flatPgm(3, 3, i)]));
}

const shares = { train: 0.5, validation: 0.2, test: 0.3 };
const partsOf = (split: ReadonlyMap<string, Split>, part: Split): string[] =>
  [...split].filter(([, name]) => name === part).map(([name]) => name);
const texts = (error: WeakspotError, { root }: Dataset): string[] =>
  error.issues.map((issue) => formatIssue(issue).replaceAll(`${root}/`, ''));

describe('findCopies', () => {
  it('finds files of the same bytes, whatever their names, and tells those of one size apart', async () => {
    const long = (last: number): Uint8Array => {
      const bytes = new Uint8Array(3_000_000);
      bytes[bytes.length - 1] = last;
      return bytes;
    };
    const { samples } = setOf({
      'a.png': flatPgm(4, 4, 1),
      'b.pgm': flatPgm(4, 4, 2),
      'x/c.pgm': flatPgm(4, 4, 1),
      'd.pgm': flatPgm(5, 4, 1),
      'e.bin': long(1),
      'f.bin': long(2),
      'g.bin': long(1),
    });
    expect(await findCopies(samples)).toEqual([
      ['a.png', 'x/c.pgm'],
      ['e.bin', 'g.bin'],
    ]);
  });

  it('takes a file that cannot be read for no copy, and stops when asked', async () => {
    const { samples, root } = setOf(images(2));
    const gone = samples.map((sample) => ({ ...sample, path: join(root, 'gone.pgm') }));
    expect(await findCopies(gone)).toEqual([]);
    expect((await failureOf(() => findCopies(samples, { isStopped: () => true }))).code).toBe('aborted');
    expect((await failureOf(() => findCopies(samples, { signal: AbortSignal.abort() }))).code).toBe('aborted');
  });
});

describe('divideDataset', () => {
  it('keeps copies together where it draws the parts, and names both where they are given', async () => {
    const files = { ...images(12), 'again.pgm': flatPgm(3, 3, 4), 'third.pgm': flatPgm(3, 3, 4) };
    for (let seed = 0; seed < 8; seed++) {
      const { split } = await divideDataset(setOf(files), shares, seed);
      expect(new Set(['again.pgm', 'third.pgm', 'i4.pgm'].map((name) => split.get(name))).size).toBe(1);
    }
    const set = setOf(files, { splits: { 'i4.pgm': 'train', 'again.pgm': 'test' } });
    const error = await failureOf(() => divideDataset(set, shares, 0));
    expect([error.code, texts(error, set)]).toEqual([
      'data',
      ['again.pgm: "again.pgm" is in test, "i4.pgm" in train: they are the same image'],
    ]);
  });

  it('refuses a patient whose images a data set gives to two parts', async () => {
    const set = setOf(images(4, 'p'), { patients: true, splits: { 'p0.pgm': 'train', 'p3.pgm': 'validation' } });
    const error = await failureOf(() => divideDataset(set, shares, 0));
    expect(texts(error, set)).toEqual([
      'p3.pgm: "p3.pgm" is in validation, "p0.pgm" in train: they are of one patient',
    ]);
  });

  it('tests each image in one of the folds, and takes validation from the rest', async () => {
    const set = setOf(images(23));
    const tested: string[] = [];
    for (let fold = 0; fold < 5; fold++) {
      const { split } = await divideDataset(set, { folds: 5, fold, validation: 0.2 }, 7);
      expect(split.size).toBe(23);
      tested.push(...partsOf(split, 'test'));
      expect(Math.abs(partsOf(split, 'validation').length - 0.2 * (23 - partsOf(split, 'test').length))).toBeLessThan(
        2,
      );
    }
    expect(tested.toSorted()).toEqual(set.samples.map(({ name }) => name).toSorted());
    const none = await divideDataset(set, { folds: 5, fold: 0, validation: 0 }, 7);
    expect(partsOf(none.split, 'validation')).toEqual([]);
  });

  it('draws the same parts for every seed of a run where the split has its own', async () => {
    const set = setOf(images(20));
    const of = async (seed: number, own?: number): Promise<unknown> => {
      const { split } = await divideDataset(set, { ...shares, ...(own === undefined ? {} : { seed: own }) }, seed);
      return [...split];
    };
    expect(await of(1, 5)).toEqual(await of(2, 5));
    expect(await of(5)).toEqual(await of(2, 5));
    expect(await of(1)).not.toEqual(await of(2));
  });

  it('does not mix up a split of the data set itself with folds', async () => {
    const set = setOf(images(6), { splits: { 'i0.pgm': 'test' } });
    expect(await failureOf(() => divideDataset(set, { folds: 2, fold: 0 }, 0))).toMatchObject({ code: 'usage' });
  });
});

describe('a split file', () => {
  const names = ['a.pgm', 'x, "y";\n z.pgm', ' b .pgm', 'ü.pgm'];
  const files = Object.fromEntries(names.map((name, i) => [name, flatPgm(2, 2, i)]));

  async function divided(content: string, settings: { fold?: number; validation?: number } = {}, name = 'split.csv') {
    const set = setOf(files, { splits: { 'a.pgm': 'test' } });
    writeTree(folder, { [name]: content });
    const { split, issues } = await divideDataset(set, { file: join(folder, name), ...settings }, 1);
    return {
      split: Object.fromEntries(split),
      issues: issues.map(formatIssue).map((text) => text.replaceAll(`${folder}/`, '')),
    };
  }

  it('is read back as it was written, whatever the names, and goes before the set’s own split', async () => {
    const { samples } = setOf(files);
    const parts = ['train', 'validation', 'test', 'train'];
    const { split, issues } = await divided(splitTable(samples, 'split', parts));
    expect([split, issues]).toEqual([Object.fromEntries(names.map((name, i) => [name, parts[i]])), []]);
  });

  it('is the split.json of a run, or the run’s folder', async () => {
    const parts = { 'a.pgm': 'validation', 'ü.pgm': 'test' };
    const text = JSON.stringify(parts);
    expect((await divided(text, {}, 'run/split.json')).split).toEqual(parts);
    const set = setOf(files);
    const { split } = await divideDataset(set, { file: join(folder, 'run') }, 1);
    expect(Object.fromEntries(split)).toEqual(parts);
  });

  it('has folds: the one asked for is for testing', async () => {
    const { samples } = setOf(files);
    const text = splitTable(samples, 'fold', [0, 1, 2, 1]);
    expect(Object.values((await divided(text, { fold: 1 })).split)).toEqual(['train', 'test', 'train', 'test']);
    const half = Object.values((await divided(text, { fold: 1, validation: 0.5 })).split);
    expect(half.toSorted()).toEqual(['test', 'test', 'train', 'validation']);
    for (const [settings, message] of [
      [{}, /no column "split": it has folds/],
      [{ fold: 3 }, /there is no fold 3/],
    ] as const) {
      expect((await failureOf(() => divided(text, settings))).message).toMatch(message);
    }
  });

  it('leaves out images that it does not name, and says so; rows without an image too', async () => {
    const { split, issues } = await divided('file,split\n./a.pgm,train\nother.pgm,test\n');
    expect(split).toEqual({ 'a.pgm': 'train' });
    expect(issues).toEqual([
      'split.csv: 1 row without an image in films, such as "other.pgm": ignored',
      'split.csv: 3 images of films without a row in split.csv, such as "x, "y";\n z.pgm": left out',
    ]);
  });

  it.each([
    ['file,split\na.pgm,train\n./a.pgm,test\n', /:3: "a.pgm" is in test here and in train in line 2/],
    ['file,split\na.pgm,tset\n', /:2: "tset" is not a split \(did you mean "test"\?\)/],
    ['file,split\na.pgm,train\nü.pgm,\n', /:3: the field is empty/],
    ['file\na.pgm\n', /:1: there is no column "split"/],
    ['file,split\nother.pgm,train\n', /names no image of films; it names "other.pgm"/],
    [
      'file,split,patient\na.pgm,train,p\nü.pgm,test,p\n',
      /"ü.pgm" is in test, "a.pgm" in train: they are of one patient/,
    ],
    ['', /the table is empty/],
  ])('%j is refused', async (content, message) => {
    const error = await failureOf(() => divided(content));
    expect([error.code, error.message]).toEqual(['data', expect.stringMatching(message)]);
  });

  it.each(['{', '[]', '{"a.pgm": "tset"}', '{"a.pgm": 1}'])('%j is refused as a split.json', async (content) => {
    expect((await failureOf(() => divided(content, {}, 's.json'))).message).toMatch(/the split file/);
  });

  it('is missed by its name', async () => {
    const error = await failureOf(() => divideDataset(setOf(files), { file: join(folder, 'none.csv') }, 0));
    expect([error.code, error.message]).toEqual(['data', expect.stringContaining('none.csv')]);
  });
});
