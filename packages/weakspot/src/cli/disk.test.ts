/** Disks that fill up and folders that cannot be made, met by the command as users start it. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../data/testing/files.js';
import { filesBelow } from '../train/testing/runs.js';
import { binary, startWeakspot, succeeded, weakspot } from './testing/command.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const films = join(folder, 'films');
const small = join(folder, 'small');
mkdirSync(small);
const whole = join(folder, 'whole');
/** A last checkpoint of 13 MB, a best one of 9 MB. */
const tiny = [
  '--preset',
  'compact',
  '--size',
  '64',
  '--epochs',
  '2',
  '--batch',
  '8',
  '--split',
  '2:1:0',
  '--threads',
  '1',
];
const settings = [...tiny, '--set', 'network.classifier=[8]'];

beforeAll(async () => {
  succeeded(await weakspot('phantom', films, '--count', '24', '--size', '64'));
  succeeded(await weakspot('train', films, '--out', whole, ...settings, '--no-cache'));
});

const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(' ');
const command = (...args: readonly string[]): string => quoted([process.execPath, binary, ...args]);

/** Commands of a shell that has a small file system of its own at `small`; needs no root where users may have namespaces. */
function onSmallDisk(
  size: string,
  ...lines: readonly string[]
): { stdout: string; stderr: string; status: number | null } {
  const script = [`mount -t tmpfs -o size=${size} none '${small}' || exit 99`, ...lines].join('\n');
  return spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'sh', '-c', script], { encoding: 'utf8' });
}
const canMount = process.platform === 'linux' && onSmallDisk('1m').status === 0;

describe.skipIf(!canMount)('a disk that is full (needs mounts in a user namespace)', () => {
  it.each([
    ['in the first epoch, when only the best checkpoint was written', '16m', 'had not saved a checkpoint yet'],
    ['in the first epoch, before any checkpoint', '4m', 'had not saved a checkpoint yet'],
    ['in the second epoch', '27m', 'The last checkpoint is kept'],
  ])(
    '%s: says which file and what is free, leaves no half file, and the run resumes as if nothing had been',
    (...row) => {
      const [name, size, left] = row;
      const [run, kept] = [join(small, 'run'), join(folder, name.replaceAll(/\W+/g, '-'))];
      const { stdout, stderr, status } = onSmallDisk(
        size,
        command('train', films, '--out', run, ...settings, '--no-cache'),
        'echo "first $?"',
        `find '${small}' -name '*.tmp*' -o -name '*lock*'`,
        `mount -o remount,size=200m '${small}'`,
        command('train', '--out', run, '--resume', '--no-cache'),
        'echo "second $?"',
        `cp -r '${run}' '${kept}'`,
      );
      expect([status, stdout], stderr).toEqual([0, 'first 1\nsecond 0\n']);
      expect(stderr).toMatch(/error: Cannot write \S+\.safetensors: the disk is full \(\d+\.\d MB free\): ENOSPC/);
      expect(stderr).toContain(left);
      expect(stderr).toMatch(/hint: Free some space on the disk of .* Then continue with --resume\./);
      expect(filesBelow(kept)).toEqual(filesBelow(whole));
      const model = (of: string): Buffer => readFileSync(join(of, 'model.onnx'));
      expect(model(kept).equals(model(whole))).toBe(true);
    },
  );

  it('of the image cache: says so, and what to do', () => {
    const run = join(folder, 'uncached');
    const { stdout, stderr } = onSmallDisk(
      '60k',
      command('train', films, '--out', run, ...settings, '--cache', join(small, 'cache')),
      'echo "first $?"',
      `find '${small}' -name '*.tmp'`,
    );
    expect(stdout).toBe('first 1\n');
    expect(stderr).toMatch(/error: cannot write the image cache in \S+: the disk is full \(\d\.\d MB free\): ENOSPC/);
    expect(stderr).toContain('--no-cache');
    expect(filesBelow(run)).toEqual([]);
  });
});

describe.skipIf(process.platform === 'win32')('a limit on the size of files', () => {
  it('ends a run with the file that it met, and nothing half-written', () => {
    const run = join(folder, 'limited');
    const line = command('train', films, '--out', run, ...settings, '--no-cache');
    const { status, stderr } = spawnSync('bash', ['-c', `ulimit -f 4096; ${line}`], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([1, expect.stringMatching(/error: Cannot write \S+\.safetensors: EFBIG/)]);
    expect(filesBelow(run)).toEqual(['config.json', 'data.json', 'metrics.jsonl', 'split.json']);
    expect(readFileSync(join(run, 'metrics.jsonl'), 'utf8')).toMatch(/^\{.*\}\n$/);
  });
});

describe('a folder that cannot be made', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  it.each(
    ['/proc/none/there', join(file, 'below')].filter((path) => path.startsWith(folder) || process.platform === 'linux'),
  )('for the cache (%s) ends training with an error', async (cache) => {
    const run = join(folder, 'no-cache');
    const { code, err } = await startWeakspot('train', films, '--out', run, ...settings, '--cache', cache).ended;
    expect([code, err.at(-2)]).toEqual([1, expect.stringContaining(`error: cannot write the image cache in ${cache}`)]);
    expect(filesBelow(run)).toEqual([]);
  });

  it.skipIf(process.platform !== 'linux')('for a run or for phantoms ends with an error', async () => {
    const run = await weakspot('train', films, '--out', '/proc/none/run', ...settings, '--no-cache');
    const phantoms = await weakspot('phantom', '/proc/none/films', '--count', '1');
    for (const { code, err } of [run, phantoms]) {
      expect([code, err.join('\n')]).toEqual([1, expect.stringContaining('/proc/none')]);
      expect(err.join('\n')).toContain('ENOENT');
    }
  });
});
