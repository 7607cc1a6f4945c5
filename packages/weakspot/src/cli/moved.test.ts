/** Data that were moved, relabelled or exchanged after a run began: as users meet it. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../data/testing/files.js';
import { type CommandResult, binary, succeeded, weakspot } from './testing/command.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const [first, second] = [join(folder, 'first'), join(folder, 'second')];
/** Where the films were, and where they are from the second test on. */
const [films, moved] = [join(first, 'films'), join(second, 'moved')];
const run = join(first, 'run');
const comparison = join(first, 'comparison');
const tiny = ['--size', '64', '--batch', '8', '--split', '4:1:1', '--threads', '1', '--no-cache', '--epochs', '1'];
const settings = [...tiny, '--set', 'network.classifier=[8]'];
const compare = ['--out', comparison, ...settings, '--methods', 'AvePool', '--seeds', '0', '--resamples', '10'];
let recorded: string;

beforeAll(async () => {
  mkdirSync(first);
  mkdirSync(second);
  succeeded(await weakspot('phantom', films, '--count', '36', '--size', '64'));
  const { status, stderr } = spawnSync(process.execPath, [binary, 'train', 'films', '--out', 'run', ...settings], {
    cwd: first,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  succeeded(await weakspot('compare', films, ...compare));
  recorded = (await evaluated()).out[0] ?? '';
}, 300_000);

/** The numbers on the run's test part, as a line of JSON. */
const evaluated = async (...more: readonly string[]): Promise<CommandResult> =>
  weakspot('evaluate', run, '--json', '--no-cache', ...more);
const numbersOf = ({ out }: CommandResult): unknown => ({ ...(JSON.parse(out[0] ?? '{}') as object), dataset: '' });
const textOf = ({ code, err }: CommandResult): [number | null, string] => [code, err.join('\n')];

describe('a run begun with a relative path', () => {
  it('resumes from another working directory', () => {
    const args = ['train', '--out', join('..', 'first', 'run'), '--resume', '--no-cache'];
    const { status, stderr } = spawnSync(process.execPath, [binary, ...args], { cwd: second, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, expect.stringContaining('done: ')]);
  });
});

describe('data that were moved', () => {
  beforeAll(() => renameSync(films, moved));

  it('are missed by name, with what to do', async () => {
    for (const args of [
      ['train', '--out', run, '--resume'],
      ['evaluate', run],
      ['report', run],
    ]) {
      const [code, text] = textOf(await weakspot(...args, '--no-cache'));
      expect([args[0], code, text]).toEqual([args[0], 1, expect.stringContaining(films)]);
      expect(text).toContain('--data PATH');
    }
  });

  it('give the same numbers of the test part where they are now', async () => {
    const result = succeeded(await evaluated('--data', moved, '--part', 'test'));
    expect(numbersOf(result)).toEqual({ ...(JSON.parse(recorded) as object), dataset: '' });
    const report = await weakspot(
      'report',
      run,
      '--data',
      moved,
      '--part',
      'test',
      '--no-cache',
      '--json',
      '--images',
      '0',
    );
    const { records } = JSON.parse(succeeded(report).out[0] ?? '{}') as { records: { images: number }[] };
    expect(records[0]?.images).toBe((JSON.parse(recorded) as { images: number }).images);
  });

  it('are not taken where other images have their names', async () => {
    const other = join(second, 'other');
    succeeded(await weakspot('phantom', other, '--count', '36', '--size', '64', '--seed', '5'));
    const [code, text] = textOf(await evaluated('--data', other, '--part', 'test'));
    expect([code, text]).toEqual([1, expect.stringMatching(/does not hold the test part of .* as it was:/)]);
    expect(text).toMatch(/\d+ images with other content: images\/phantom-\d+\.png/);
    const [resumed, why] = textOf(await weakspot('train', '--out', run, '--resume', '--data', other, '--no-cache'));
    expect([resumed, why]).toEqual([1, expect.stringContaining('36 images with other content')]);
    const [compared, what] = textOf(await weakspot('compare', other, ...compare));
    expect([compared, what]).toEqual([1, expect.stringContaining('36 images with other content')]);
  });

  it('are found by a comparison, which goes on, and whose runs know the place from then on', async () => {
    const before = readFileSync(join(comparison, 'comparison.json'));
    succeeded(await weakspot('compare', '--data', moved, ...compare));
    expect(readFileSync(join(comparison, 'comparison.json')).equals(before)).toBe(true);
    succeeded(await weakspot('evaluate', join(comparison, 'runs', 'AvePool-0'), '--no-cache'));
  });

  it('are found by a resumed run, which knows the place from then on', async () => {
    succeeded(await weakspot('train', '--out', run, '--resume', '--data', moved, '--no-cache'));
    expect(numbersOf(succeeded(await evaluated()))).toEqual({ ...(JSON.parse(recorded) as object), dataset: '' });
  });
});

describe('labels that were changed', () => {
  it('keep a run from going on, until it is told to', async () => {
    const table = join(moved, 'labels.csv');
    const labels = readFileSync(table, 'utf8');
    const place = /^images\/phantom-00003\.png,(normal|lesion),/m;
    const [, was = ''] = place.exec(labels) ?? [];
    const is = was === 'normal' ? 'lesion' : 'normal';
    const own = join(second, 'relabelled');
    cpSync(run, own, { recursive: true });
    writeFileSync(
      table,
      labels.replace(place, (row) => row.replace(was, is)),
    );
    const [code, text] = textOf(await weakspot('train', '--out', own, '--resume', '--no-cache'));
    expect([code, text]).toEqual([
      1,
      expect.stringContaining(`1 image relabelled: images/phantom-00003.png (${was} -> ${is})`),
    ]);
    expect(text).toContain('--accept-changes');
    const accepted = await weakspot('train', '--out', own, '--resume', '--no-cache', '--accept-changes');
    expect(succeeded(accepted).err.join('\n')).toContain('changed since this run began: 1 image relabelled');
    const { changes } = JSON.parse(readFileSync(join(own, 'data.json'), 'utf8')) as { changes: { what: string[] }[] };
    expect(changes.map(({ what }) => what)).toEqual([
      [`1 image relabelled: images/phantom-00003.png (${was} -> ${is})`],
    ]);
    rmSync(own, { recursive: true });
    const [compared, why] = textOf(await weakspot('compare', '--data', moved, ...compare));
    expect([compared, why]).toEqual([1, expect.stringContaining('1 image relabelled')]);
  });

  it.each([
    ['--accept-changes needs --resume', ['train', moved, '--out', join(second, 'new'), '--accept-changes']],
    ['named twice', ['train', moved, '--data', moved, '--out', join(second, 'new')]],
    ['named twice', ['compare', moved, '--data', moved, '--out', join(second, 'new')]],
  ])('%s', async (message, args) => {
    expect(textOf(await weakspot(...args))).toEqual([2, expect.stringContaining(message)]);
  });
});
