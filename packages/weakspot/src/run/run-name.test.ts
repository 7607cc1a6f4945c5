import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { failureOf, temporaryFolder } from '../data/testing/files.js';
import { claimRunFolder, setNameOf } from './run-name.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

describe('setNameOf', () => {
  it.each([
    ['films', 'films'],
    ['/data/films/', 'films'],
    ['/data/films/labels.csv', 'films'],
    ['/data/hospital-b.csv', 'hospital-b'],
    ['/data/films.v2', 'films.v2'],
    ['/data/Röntgen bilder (1)', 'Röntgen-bilder-1'],
    ['/data/.hidden', 'hidden'],
    ['/', 'run'],
  ])('%s is called %s', (path, name) => {
    expect(setNameOf(path)).toBe(name);
  });
});

describe('claimRunFolder', () => {
  it('makes the next of the numbered folders, over whatever is there', async () => {
    const parent = join(folder, 'numbered');
    expect((await claimRunFolder('films', parent)).path).toBe(join(parent, 'films-1'));
    for (const name of ['films-7', 'films-comparison', 'films-1b', 'others-9']) mkdirSync(join(parent, name));
    expect((await claimRunFolder('films', parent)).path).toBe(join(parent, 'films-8'));
  });

  it('gives each of many at once another one', async () => {
    const parent = join(folder, 'many');
    const claimed = await Promise.all(Array.from({ length: 20 }, () => claimRunFolder('films', parent)));
    expect(new Set(claimed.map(({ path }) => path)).size).toBe(20);
  });

  it('leaves nothing behind of a run that came to nothing, and everything of one that did not', async () => {
    const parent = join(folder, 'left');
    const [nothing, something] = [await claimRunFolder('a', parent), await claimRunFolder('a', parent)];
    writeFileSync(join(something.path, 'config.json'), '{}');
    await nothing.dispose();
    await something.dispose();
    expect([nothing, something].map(({ path }) => existsSync(path))).toEqual([false, true]);
    const alone = await claimRunFolder('a', join(folder, 'alone'));
    await alone.dispose();
    expect(existsSync(join(folder, 'alone'))).toBe(false);
  });

  it('says what to do where it cannot', async () => {
    writeFileSync(join(folder, 'file'), '');
    const failure = await failureOf(() => claimRunFolder('films', join(folder, 'file')));
    expect(failure).toMatchObject({ code: 'io', hint: 'Say where the run goes: --out FOLDER.' });
  });
});
