/** Two processes on one run, comparison or set: the second is told who has it, and what a killed one left is taken over. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../data/testing/files.js';
import { type RunningCommand, startWeakspot, succeeded, weakspot } from './testing/command.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const films = join(folder, 'films');
const tiny = ['--size', '64', '--batch', '8', '--split', '1:0:1', '--threads', '1', '--no-cache'];
const settings = [...tiny, '--set', 'network.classifier=[8]'];
const long = ['--epochs', '5000'];
const short = ['--epochs', '1'];

beforeAll(async () => {
  succeeded(await weakspot('phantom', films, '--count', '24', '--size', '64'));
});

async function kill({ process: child, ended }: RunningCommand): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}

it('a run that is being trained is nobody else’s, and is taken over when its process was killed', async () => {
  const run = join(folder, 'run');
  const holder = startWeakspot('train', films, '--out', run, ...settings, ...long);
  await holder.says('steps an epoch');
  const others = [
    ['train', '--out', run, '--resume', '--no-cache'],
    ['train', films, '--out', run, ...settings, ...short],
    ['train', films, '--out', run, ...settings, ...short, '--force'],
    ['report', run, '--no-cache'],
    ['export', run, '--out', join(run, 'again.onnx')],
  ];
  const config = readFileSync(join(run, 'config.json'), 'utf8');
  await holder.says('epoch   1');
  for (const args of others) {
    const { code, err } = await weakspot(...args);
    expect([args[0], code, err.at(-2)]).toEqual([
      args[0],
      1,
      expect.stringContaining(`${run} is in use: training, by process ${holder.process.pid} on `),
    ]);
  }
  expect(readFileSync(join(run, 'config.json'), 'utf8')).toBe(config);
  await kill(holder);
  expect(existsSync(join(run, 'weakspot.lock'))).toBe(true);
  succeeded(await weakspot('train', films, '--out', run, ...settings, ...short, '--force'));
  succeeded(await weakspot('report', run, '--no-cache', '--images', '0'));
  expect(existsSync(join(run, 'weakspot.lock'))).toBe(false);
});

it('of trainings that start at once in one folder, one trains', async () => {
  const run = join(folder, 'raced');
  const all = [1, 2, 3].map(() => startWeakspot('train', films, '--out', run, ...settings, '--epochs', '40'));
  const results = await Promise.all(all.map(({ ended }) => ended));
  expect(results.map(({ code }) => String(code)).toSorted()).toEqual(['0', '1', '1']);
  for (const { code, err } of results)
    if (code === 1) expect(err.join('\n')).toMatch(/is in use: training|exists and is not empty/);
  expect(readFileSync(join(run, 'metrics.jsonl'), 'utf8').trimEnd().split('\n')).toHaveLength(40);
});

describe('a comparison', () => {
  it('that is under way is nobody else’s, and is taken over when its process was killed', async () => {
    const out = join(folder, 'comparison');
    const args = [
      'compare',
      films,
      '--out',
      out,
      ...settings,
      '--methods',
      'AvePool',
      '--seeds',
      '0',
      '--resamples',
      '10',
    ];
    const holder = startWeakspot(...args, ...long);
    await holder.says('epoch   1');
    for (const more of [long, [...long, '--force'], [...short, '--force']]) {
      const { code, err } = await weakspot(...args, ...more);
      expect([code, err.at(-2)]).toEqual([
        1,
        expect.stringContaining(`${out} is in use: a comparison, by process ${holder.process.pid} on `),
      ]);
    }
    // A run of its own, trained by itself.
    const own = await weakspot('train', '--out', join(out, 'runs', 'AvePool-0'), '--resume', '--no-cache');
    expect([own.code, own.err.at(-2)]).toEqual([1, expect.stringContaining('is in use: training')]);
    await kill(holder);
    succeeded(await weakspot(...args, ...short, '--force'));
    expect(existsSync(join(out, 'comparison.json'))).toBe(true);
    expect(existsSync(join(out, 'weakspot.lock'))).toBe(false);
  });
});

it('of phantoms that are made at once in one folder, one set is made', async () => {
  const set = join(folder, 'phantoms');
  const all = [1, 2, 3].map((seed) =>
    startWeakspot('phantom', set, '--count', '40', '--size', '256', '--seed', String(seed)),
  );
  const results = await Promise.all(all.map(({ ended }) => ended));
  expect(results.map(({ code }) => String(code)).toSorted()).toEqual(['0', '1', '1']);
  for (const { code, err } of results)
    if (code === 1) expect(err.join('\n')).toMatch(/is in use: making phantoms|already holds a phantom set/);
});
