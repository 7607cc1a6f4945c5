import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder, writeTree } from '../data/testing/files.js';
import { writeFilms, writeReportedRun } from '../review/testing/runs.js';
import { runFolder } from '../run/folder.js';
import { checkClaim, removeResults } from '../train/claim-folder.js';
import { type CommandResult, weakspot } from './testing/command.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const at = (...names: string[]): string => join(folder, ...names);
const films = at('films');
const [run, other] = [at('run'), at('other')];

beforeAll(async () => {
  await writeFilms(films, 8);
  await writeReportedRun(run, { films, count: 8 });
  await writeReportedRun(other, { films, count: 8, method: 'MaxPool' });
});

const report = (...args: string[]): Promise<CommandResult> =>
  weakspot('report', ...args, '--no-cache', '--threads', '1', '--images', '1');

describe('weakspot report', () => {
  it('writes report.html into the run, prints the numbers, and overwrites by force only', async () => {
    const { code, out, err } = await report(run);
    expect(code).toBe(0);
    expect(out.join('\n')).toMatch(/^Method +ACC.*\n.*\nSTL\+AvePool +[.\d]/);
    const file = join(run, 'report.html');
    expect(err).toContain('evaluating 8/8');
    expect(err.at(-1)).toMatch(new RegExp(`^wrote ${file} \\(\\d\\.\\d MB\\)$`));
    const html = readFileSync(file, 'utf8');
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(html).toContain('<h1>STL+AvePool on films</h1>');
    expect(html).toMatch(/Made by Weakspot [\d.]+ on \d{4}-\d\d-\d\d/);
    writeFileSync(file, 'mine');
    expect((await report(run)).code).toBe(1);
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect((await report(run, '--force')).code).toBe(0);
  });

  it('goes when a run begins anew in its folder', async () => {
    const stale = runFolder(writeTree(at('stale'), { 'report.html': 'old', 'config.json': '{"weakspot": "0"}' }));
    await checkClaim(stale, true);
    await removeResults(stale);
    expect(existsSync(stale.report)).toBe(false);
  });

  it('shows several runs in one file, under a title of its own, and tells what it did as JSON', async () => {
    const file = at('both', 'report.html');
    const { code, out, err } = await report(run, other, '--out', file, '--title', 'Two & more', '--json');
    expect([code, out.length]).toEqual([0, 1]);
    const result = JSON.parse(out[0] ?? '') as {
      report: string;
      records: { method: string }[];
      warnings: { test: string; code: string; text: string }[];
    };
    expect(result.report).toBe(file);
    expect(result.records.map(({ method }) => method)).toEqual(['STL+AvePool', 'MaxPool']);
    const told = err.join(' ').replaceAll(/\s+/g, ' ');
    expect(result.warnings.length).toBeGreaterThan(0);
    for (const { test, text } of result.warnings) expect(told).toContain(`warning: ${test}: ${text}`);
    expect(readFileSync(file, 'utf8')).toContain('<h1>Two &amp; more</h1>');
  });

  it('tests on other data', async () => {
    const file = at('elsewhere.html');
    const { code, out } = await report(run, '--data', await writeFilms(at('unseen'), 6), '--out', file, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out[0] ?? '')).toMatchObject({ records: [{ dataset: 'unseen', images: 6 }] });
  });

  it('reads the map that is asked for', async () => {
    const file = at('layercam.html');
    const { code, out } = await report(run, '--map', 'layercam', '--out', file, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out[0] ?? '')).toMatchObject({ records: [{ map: 'layercam' }] });
    expect(readFileSync(file, 'utf8')).toContain('LayerCAM of the localizer');
  });

  it.each<[string, string[], number, RegExp]>([
    [
      'a map over mirror images',
      [run, '--map', 'positive+flips', '--out', at('x.html')],
      2,
      /training images were mirrored/,
    ],
    ['several runs without a place', [run, other], 2, /--out FILE/],
    ['options of data without data', [run, '--boxes', 'boxes.csv'], 2, /--boxes needs --data/],
    ['half an image', [run, '--images', '0.5'], 2, /--images/],
    ['a folder that is no run', [films, '--out', at('x.html')], 1, /neither a run nor a comparison/],
    ['a part that is empty', [run, '--data', films, '--part', 'validation', '--out', at('x.html')], 1, /"validation"/],
  ])('refuses %s', async (_, args, code, problem) => {
    const result = await weakspot('report', ...args);
    expect([result.code, result.out]).toEqual([code, []]);
    expect(result.err.join('\n')).toMatch(problem);
    expect(existsSync(at('x.html'))).toBe(false);
  });
});
