/** The command as users start it: interrupted, piped into a reader that leaves, without a terminal. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../data/testing/files.js';
import { binary, startWeakspot, succeeded, weakspot } from './testing/command.js';
import { briefTraining } from './testing/interrupted.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const films = join(folder, 'films');

beforeAll(async () => {
  succeeded(await weakspot('phantom', films, '--count', '24', '--size', '64'));
});

describe('weakspot train, interrupted', () => {
  it('saves, says how to go on, and going on gives the model of a run never stopped', async () => {
    const [stopped, whole] = [join(folder, 'stopped'), join(folder, 'whole')];
    const command = startWeakspot('train', films, '--out', stopped, ...briefTraining);
    await command.says('steps an epoch');
    command.process.kill('SIGINT');
    const { code, err } = await command.ended;
    const text = err.join('\n');
    expect([code, text]).toEqual([130, expect.stringContaining('stopping: saving after this step')]);
    expect(text).toMatch(/stopped in epoch \d after step \d/);
    expect(text).toContain(`continue with: weakspot train --out ${stopped} --resume`);
    // Progress as plain lines, not as a bar that is drawn over and over.
    expect(text).not.toContain('\u001b');
    expect(text).not.toContain('\r');

    const resumed = await startWeakspot('train', '--out', stopped, '--resume', '--no-cache').ended;
    expect([resumed.code, resumed.err.join('\n')]).toEqual([0, expect.stringContaining(`done: ${stopped}`)]);
    expect((await weakspot('train', films, '--out', whole, ...briefTraining)).code).toBe(0);
    const model = (run: string) => readFileSync(join(run, 'model.onnx'));
    expect(model(stopped).equals(model(whole))).toBe(true);
  });
});

describe('output that nobody reads', () => {
  it('ends the command quietly when standard output is closed early', async () => {
    const command = startWeakspot('phantom', join(folder, 'unread'), '--count', '1', '--size', '64', '--json');
    command.process.stdout?.destroy();
    const { code, err } = await command.ended;
    expect([code, err]).toEqual([0, ['phantoms 1/1']]);
  });

  it('ends the command quietly when standard error is closed early', async () => {
    const command = startWeakspot('phantom', join(folder, 'unseen'), '--count', '1', '--size', '64');
    command.process.stderr?.destroy();
    expect(await command.ended).toEqual({ code: 0, out: [], err: [] });
  });
});

describe('a terminal', () => {
  // util-linux's `script` runs a command on a pseudo-terminal, and writes what it shows.
  const hasScript = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;
  it.skipIf(!hasScript)('shows a bar, and every line that is logged beside it (needs util-linux script)', () => {
    const args = ['train', films, '--out', join(folder, 'shown'), ...briefTraining, '--epochs', '2'];
    const line = [process.execPath, binary, ...args].map((word) => `'${word}'`).join(' ');
    const { stdout, status } = spawnSync('script', ['--quiet', '--return', '--command', line, '/dev/null'], {
      encoding: 'utf8',
    });
    expect([status, stdout]).toEqual([0, expect.stringContaining('\u001b[?25l')]);
    expect(stdout).toContain('training \u2588');
    for (const text of ['epoch   1  alpha', 'epoch   2  alpha', 'done: ']) expect(stdout).toContain(text);
    // The cursor is shown again.
    expect(stdout.lastIndexOf('\u001b[?25h')).toBeGreaterThan(stdout.lastIndexOf('\u001b[?25l'));
  });
});
