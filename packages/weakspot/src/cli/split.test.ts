import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flatPgm, temporaryFolder, writeTree } from '../data/testing/files.js';
import { succeeded, weakspot } from './testing/command.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const films = join(folder, 'films');
const out = join(folder, 'split.csv');
const tiny = [
  '--size',
  '64',
  '--epochs',
  '1',
  '--batch',
  '2',
  '--threads',
  '1',
  '--no-cache',
  '--set',
  'network.classifier=[4]',
];

/** Rows of a split file as pairs. */
const rowsOf = (file: string): [string, string][] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => [line.slice(0, line.lastIndexOf(',')), line.slice(line.lastIndexOf(',') + 1)]);
const splitJson = (run: string): unknown => JSON.parse(readFileSync(join(run, 'split.json'), 'utf8'));

beforeAll(async () => {
  succeeded(await weakspot('phantom', films, '--count', '24', '--size', '64'));
});

describe('weakspot split', () => {
  it('writes folds and counts them by class and patient, the same again for the same seed', async () => {
    const { out: lines, err } = succeeded(await weakspot('split', films, '--out', out, '--folds', '4', '--seed', '3'));
    const [header = '', rule, ...rows] = lines.join('\n').split('\n');
    expect(header.split(/\s+/)).toEqual(['fold', 'images', 'patients', 'normal', 'lesion']);
    expect(rule).toMatch(/^-+/);
    expect(rows).toHaveLength(5);
    expect(rows.at(-1)).toBe('Under each class: its images.');
    expect(err.at(-1)).toBe(`written: ${out}`);
    const written = rowsOf(out);
    expect([written[0], written.length]).toEqual([['file', 'fold'], 25]);
    expect(new Set(written.slice(1).map(([, fold]) => fold))).toEqual(new Set(['0', '1', '2', '3']));

    const again = join(folder, 'again.csv');
    const json = succeeded(await weakspot('split', films, '-o', again, '--folds', '4', '--seed', '3', '--json'));
    expect(readFileSync(again)).toEqual(readFileSync(out));
    const { parts } = JSON.parse(json.out[0] ?? '') as { parts: { images: number; classes: Record<string, number> }[] };
    expect(parts.reduce((sum, part) => sum + part.images, 0)).toBe(24);
    for (const label of ['normal', 'lesion']) {
      const counts = parts.map((part) => part.classes[label] ?? 0);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2);
      expect(Math.min(...counts)).toBeGreaterThan(0);
    }
  });

  it('does not overwrite a file unless told', async () => {
    writeTree(folder, { 'mine.csv': 'mine' });
    const mine = join(folder, 'mine.csv');
    const { code, err } = await weakspot('split', films, '--out', mine);
    expect([code, err[0], readFileSync(mine, 'utf8')]).toEqual([1, `error: ${mine} exists.`, 'mine']);
    succeeded(await weakspot('split', films, '--out', mine, '--force'));
    expect(rowsOf(mine)[0]).toEqual(['file', 'split']);
  });

  it('keeps the parts that a data set has, unless told to divide it anew', async () => {
    const names = Array.from({ length: 8 }, (_, i) => `${i}.pgm`);
    const rows = names.map((name, i) => `${name},${i % 2 ? 'tb' : 'clear'},${i < 6 ? 'train' : 'test'}\n`);
    const own = writeTree(join(folder, 'own'), {
      'labels.csv': `file,label,split\n${rows.join('')}`,
      ...Object.fromEntries(names.map((name, i) => [name, flatPgm(2, 2, i)])),
    });
    const file = join(folder, 'own.csv');
    const tested = async (...flags: string[]): Promise<string[]> => {
      succeeded(await weakspot('split', own, '--out', file, '--split', '1:1', '--force', ...flags));
      return rowsOf(file).flatMap(([name, part]) => (part === 'test' ? [name] : []));
    };
    expect(await tested()).toEqual(['6.pgm', '7.pgm']);
    expect(await tested('--anew')).toHaveLength(4);
    const folds = await weakspot('split', own, '--out', file, '--folds', '2', '--force');
    expect([folds.code, folds.err[0]]).toEqual([2, expect.stringContaining('has its own split')]);
    succeeded(await weakspot('split', own, '--out', file, '--folds', '2', '--force', '--anew'));
  });
});

describe('weakspot train', () => {
  it('takes a fold of a split file, and says how the data were read', async () => {
    const run = join(folder, 'fold');
    succeeded(await weakspot('split', films, '--out', out, '--folds', '4', '--force'));
    const flags = ['--split-file', out, '--fold', '2', '--set', 'data.split.validation=0.25', '--format', 'table'];
    const { err } = succeeded(await weakspot('train', films, '--out', run, ...flags, ...tiny));
    expect(err.join('\n')).toContain('films: read as table; classes normal, lesion (positive: lesion); ');
    const split = splitJson(run) as Record<string, string>;
    const tested = Object.keys(split).filter((name) => split[name] === 'test');
    expect(tested.toSorted()).toEqual(
      rowsOf(out)
        .flatMap(([name, fold]) => (fold === '2' ? [name] : []))
        .toSorted(),
    );
    expect(Object.values(split)).toContain('validation');

    // The run's own split is one that another run can take.
    const same = join(folder, 'same');
    succeeded(await weakspot('train', films, '--out', same, '--split-file', run, '--seed', '5', ...tiny));
    expect(splitJson(same)).toEqual(split);
  });

  it('begins nothing where a patient or a copy of an image is in two parts', async () => {
    const names = ['a.pgm', 'b.pgm', 'c.pgm', 'd.pgm'];
    const leaky = writeTree(join(folder, 'leaky'), {
      'labels.csv': 'file,label,split\na.pgm,tb,train\nb.pgm,no,train\nc.pgm,tb,test\nd.pgm,no,test\n',
      ...Object.fromEntries(names.map((name, i) => [name, flatPgm(40, 40, i % 3)])),
    });
    const run = join(folder, 'leaky-run');
    const { code, err } = await weakspot('train', leaky, '--out', run, ...tiny);
    expect(code).toBe(1);
    expect(err.join('\n')).toContain('d.pgm: "d.pgm" is in test, "a.pgm" in train: they are the same image');
    expect(existsSync(run)).toBe(false);
  });
});
