import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { codeOf, makeFolder, writingFailed } from './storage.js';
import { temporaryFolder } from './testing/files.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

describe('makeFolder', () => {
  it('makes what is missing, and says what that was, from the top', async () => {
    const path = join(folder, 'a', 'b', 'c');
    mkdirSync(join(folder, 'a'));
    expect(await makeFolder(path)).toEqual([join(folder, 'a', 'b'), path]);
    expect(existsSync(path)).toBe(true);
    expect(await makeFolder(path)).toEqual([]);
  });

  it('of several that make the same at once all succeed, and each folder was made by one', async () => {
    const path = join(folder, 'x', 'y', 'z');
    const made = (await Promise.all(Array.from({ length: 20 }, () => makeFolder(path)))).flat();
    expect(made.toSorted()).toEqual([join(folder, 'x'), join(folder, 'x', 'y'), path]);
  });

  it('follows links to folders, and ends where a file or a link to nothing is in the way', async () => {
    mkdirSync(join(folder, 'target'));
    symlinkSync(join(folder, 'target'), join(folder, 'link'));
    await makeFolder(join(folder, 'link', 'in'));
    expect(readdirSync(join(folder, 'target'))).toEqual(['in']);
    writeFileSync(join(folder, 'file'), '');
    symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling'));
    for (const [place, code] of [
      ['file', 'ENOTDIR'],
      ['file/below', 'ENOTDIR'],
      ['dangling', 'EEXIST'],
      ['dangling/in', 'EEXIST'],
    ]) {
      const error: unknown = await makeFolder(join(folder, place ?? '')).catch((thrown: unknown) => thrown);
      expect([place, codeOf(error)]).toEqual([place, code]);
    }
  });

  it.skipIf(process.platform !== 'linux')(
    'comes back from /proc, where every folder is said not to be there',
    async () => {
      const error: unknown = await makeFolder('/proc/none/there').catch((thrown: unknown) => thrown);
      expect(codeOf(error)).toBe('ENOENT');
    },
  );
});

describe('writingFailed', () => {
  const of = (code: string): Error => Object.assign(new Error(`${code}: it failed`), { code });
  it('says what is free where the disk is full, and what the system said', async () => {
    const error = await writingFailed('Cannot write X', join(folder, 'not', 'there'), of('ENOSPC'), 'Or go elsewhere.');
    expect([error.code, error.message]).toEqual([
      'io',
      expect.stringMatching(/^Cannot write X: the disk is full \(\d+\.\d [MG]B free\): ENOSPC: it failed$/),
    ]);
    expect(error.hint).toMatch(/^Free some space on the disk of .*not, or raise the quota\. Or go elsewhere\.$/);
  });
  it('says of other failures what the system said', async () => {
    const { message, hint } = await writingFailed('Cannot write X', folder, of('EACCES'));
    expect([message, hint]).toEqual(['Cannot write X: EACCES: it failed', expect.stringContaining('permissions')]);
  });
});
