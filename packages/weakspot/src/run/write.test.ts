import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { failureOf, temporaryFolder } from '../data/testing/files.js';
import { writeFileWhole } from './write.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

describe('writeFileWhole', () => {
  it('makes the folders, replaces what was there, and leaves nothing else', async () => {
    const path = join(folder, 'a', 'b', 'file.txt');
    await writeFileWhole(path, 'first, and longer');
    await writeFileWhole(path, Uint8Array.of(104, 105));
    expect(readFileSync(path, 'utf8')).toBe('hi');
    expect(readdirSync(join(folder, 'a', 'b'))).toEqual(['file.txt']);
  });

  it('keeps the old content if the new one cannot be written whole', async () => {
    const path = join(folder, 'kept.txt');
    writeFileSync(path, 'old');
    // Content of which writing fails on the way: a file handle takes no such value.
    const error = await failureOf(() => writeFileWhole(path, { length: 3 } as unknown as string));
    expect(error.code).toBe('io');
    expect(error.message).toContain(path);
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder).filter((name) => name.startsWith('kept'))).toEqual(['kept.txt']);
  });

  it('says which file it could not write, and leaves no temporary one, if the rename fails', async () => {
    const path = join(folder, 'occupied');
    mkdirSync(join(path, 'inside'), { recursive: true });
    const error = await failureOf(() => writeFileWhole(path, 'text'));
    expect(error.code).toBe('io');
    expect(error.message).toContain(path);
    expect(error.hint).toBeDefined();
    expect(existsSync(join(path, 'inside'))).toBe(true);
    expect(readdirSync(folder).filter((name) => name.startsWith('occupied'))).toEqual(['occupied']);
  });

  it('replaces nothing where it is not to, and of several that write one file at once one succeeds', async () => {
    const path = join(folder, 'new', 'file.txt');
    const texts = ['a', 'b', 'c', 'd', 'e'];
    const results = await Promise.allSettled(texts.map((text) => writeFileWhole(path, text, { replace: false })));
    const won = texts.filter((_, i) => results[i]?.status === 'fulfilled');
    expect([won.length, readFileSync(path, 'utf8')]).toEqual([1, won[0]]);
    for (const result of results)
      if (result.status === 'rejected')
        expect(result.reason).toMatchObject({ code: 'exists', message: `${path} exists.` });
    expect(readdirSync(join(folder, 'new'))).toEqual(['file.txt']);
  });

  it('fails with io where a parent is a file', async () => {
    writeFileSync(join(folder, 'file'), '');
    expect((await failureOf(() => writeFileWhole(join(folder, 'file', 'below'), 'text'))).code).toBe('io');
  });

  it('shows a reader the old content or the new, never a part', async () => {
    const path = join(folder, 'read.txt');
    const contents = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(2_000_000));
    await writeFileWhole(path, contents[0] as string);
    const written = new AbortController();
    const seen = new Set<string>();
    const reading = (async () => {
      while (!written.signal.aborted) {
        seen.add(readFileSync(path, 'utf8'));
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    for (const content of contents) await writeFileWhole(path, content);
    written.abort();
    await reading;
    expect(seen.size).toBeGreaterThan(0);
    expect([...seen].filter((text) => !contents.includes(text))).toEqual([]);
  });
});
