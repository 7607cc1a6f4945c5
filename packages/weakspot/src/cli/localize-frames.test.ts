import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder, writeTree } from '../data/testing/files.js';
import { dicomFile, imageValues } from '../dicom/testing/file.js';
import { writeRun } from '../evaluate/testing/models.js';
import { succeeded, weakspot } from './testing/command.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const run = join(folder, 'run');
const film = (frames: number): Uint8Array =>
  dicomFile(
    imageValues(8, 8, {
      NumberOfFrames: [frames],
      PixelData: Uint8Array.from({ length: 128 * frames }, (_, i) => (i * 7) % 251),
    }),
  );
const films = writeTree(join(folder, 'films'), { 'cine.dcm': film(11), 'deep/one.dcm': film(1) });
beforeAll(() => writeRun(run));

const localize = async (out: string, ...more: string[]) =>
  succeeded(await weakspot('localize', run, films, '--out', join(folder, out), '--threads', '1', ...more));
const written = (out: string): string[] =>
  readdirSync(join(folder, out), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(json|png)$/.test(name))
    .toSorted();

describe('weakspot localize, of a file with several frames', () => {
  it('takes the first, and says so', async () => {
    const { err } = await localize('first');
    expect(written('first')).toEqual([
      'cine.dcm.json',
      'cine.dcm.overlay.png',
      'deep/one.dcm.json',
      'deep/one.dcm.overlay.png',
    ]);
    const path = join(films, 'cine.dcm');
    expect(err).toContain(
      `${path} has 11 frames: only the first was localized (--frame N takes another, --frame all takes all of them)`,
    );
    const json = JSON.parse(readFileSync(join(folder, 'first', 'cine.dcm.json'), 'utf8')) as unknown;
    expect(json).toMatchObject({ file: path, frame: 1, frames: 11 });
  });

  it('takes all, in files that are named by their frames', async () => {
    const { err, out } = await localize('all', '--frame', 'all', '--no-overlay', '--json');
    expect(err.join('\n')).toMatch(/12 images localized in /);
    expect(err.join('\n')).not.toMatch(/--frame/);
    const frames = Array.from({ length: 11 }, (_, i) => `cine.dcm.frame-${String(i + 1).padStart(2, '0')}.json`);
    expect(written('all')).toEqual([...frames, 'deep/one.dcm.json']);
    const lines = out.map((line) => JSON.parse(line) as { frame?: number });
    expect(lines.map(({ frame }) => frame)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, undefined]);
  });

  it('takes one, and leaves out files that lack it', async () => {
    const { err } = await localize('third', '--frame', '3');
    expect(written('third')).toEqual(['cine.dcm.frame-03.json', 'cine.dcm.frame-03.overlay.png']);
    expect(err.join('\n')).toMatch(/one\.dcm: .*it has no frame 3: there is one/);
  });

  it('knows frames by whole numbers from 1', async () => {
    for (const which of ['0', 'first', '1.5', ''])
      expect((await weakspot('localize', run, films, '--out', join(folder, 'x'), '--frame', which)).code).toBe(2);
  });
});
