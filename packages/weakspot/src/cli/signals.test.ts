/** Signals as Ctrl-C, `kill`, `timeout`, batch schedulers and closed terminals send them, to real processes. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../data/testing/files.js';
import { startWeakspot, succeeded, weakspot } from './testing/command.js';
import { briefTraining } from './testing/interrupted.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const films = join(folder, 'films');

beforeAll(async () => {
  succeeded(await weakspot('phantom', films, '--count', '24', '--size', '64'));
});

describe('signals', () => {
  const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const long = ['--epochs', '5000'];
  const saved = (run: string): string => join(run, 'checkpoints', 'last.safetensors');

  it.each<[string, readonly (NodeJS.Signals | number)[]]>([
    ['SIGHUP', ['SIGHUP']],
    ['SIGTERM twice at once', ['SIGTERM', 'SIGTERM']],
    ['SIGTERM twice within a moment', ['SIGTERM', 50, 'SIGTERM']],
    ['SIGINT and SIGTERM together', ['SIGINT', 'SIGTERM', 'SIGINT', 'SIGHUP']],
  ])('%s stop a training that saves what it has', async (name, signals) => {
    const run = join(folder, name.replaceAll(' ', '-'));
    const command = startWeakspot('train', films, '--out', run, ...briefTraining, ...long);
    await command.says('steps an epoch');
    for (const signal of signals) {
      if (typeof signal === 'number') await pause(signal);
      else command.process.kill(signal);
    }
    const { code, err } = await command.ended;
    expect([code, err.filter((line) => line.startsWith('stopping')).length]).toEqual([130, 1]);
    expect(err.join('\n')).toMatch(/stopped in epoch \d+ after step \d/);
    expect(existsSync(saved(run))).toBe(true);
  });

  it('sent to a whole group of processes, twice, stop a comparison, saved', async () => {
    const out = join(folder, 'comparison');
    const methods = ['--methods', 'AvePool', '--seeds', '0', '--split', '1:0:1', '--set', 'batch=4'];
    const args = (epochs: string) => ['compare', films, '--out', out, ...briefTraining, ...methods, '--epochs', epochs];
    const command = startWeakspot(...args('5000'));
    await command.says('steps an epoch');
    for (let i = 0; i < 2; i++) for (const signal of ['SIGTERM', 'SIGINT'] as const) command.process.kill(signal);
    const { code } = await command.ended;
    expect([code, existsSync(saved(join(out, 'runs', 'AvePool-0')))]).toEqual([130, true]);
  });

  /** Holds the main thread, so that nothing is saved before all the signals have come. */
  const waiter = (): string => `
    import { interruptSignal } from ${JSON.stringify(new URL('./interrupt.js', import.meta.url).href)};
    interruptSignal(() => console.error('asked'));
    setInterval(() => undefined, 1000);
    console.error('ready');
  `;
  it.each<[string, readonly (NodeJS.Signals | number)[], boolean]>([
    ['Ctrl-C again after more than a second ends at once', ['SIGINT', 1200, 'SIGINT'], true],
    ['Ctrl-C again within a second does not', ['SIGINT', 300, 'SIGINT', 300, 'SIGINT'], false],
    ['SIGTERM never does', ['SIGTERM', 1200, 'SIGTERM', 1200, 'SIGTERM', 'SIGHUP'], false],
    ['the first Ctrl-C after SIGTERM does not', ['SIGTERM', 1200, 'SIGINT'], false],
  ])('%s', async (_, signals, ends) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', waiter()], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let err = '';
    let by: NodeJS.Signals | null | undefined;
    const ended = new Promise<void>((resolve) => child.once('exit', (__, signal) => resolve(void (by = signal))));
    await new Promise<void>((resolve) => {
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        err += text;
        if (err.includes('ready')) resolve();
      });
    });
    for (const signal of signals) {
      if (typeof signal === 'number') await pause(signal);
      else child.kill(signal);
    }
    if (ends) await ended;
    else await pause(300);
    expect([by, err.match(/asked/g)?.length]).toEqual([ends ? 'SIGINT' : undefined, 1]);
    child.kill('SIGKILL');
    await ended;
  });

  it('a reader of the output that goes away stops a training, saved', async () => {
    const run = join(folder, 'unread-run');
    const command = startWeakspot('train', films, '--out', run, ...briefTraining, ...long, '--json');
    await command.says('steps an epoch');
    command.process.stdout?.destroy();
    await command.ended;
    expect(existsSync(saved(run))).toBe(true);
  });
});
