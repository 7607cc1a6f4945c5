import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FileFinder } from './find-file.js';
import { NameIndex, nameKey, pathInUrl, spelled } from './names.js';
import { temporaryFolder } from './testing/files.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

/** `Größe 1.png`, with a decomposed and with a composed `ö`. */
const [apart, composed] = ['Gro\u0308\u00dfe 1.png', 'Gr\u00f6\u00dfe 1.png'];

describe('nameKey', () => {
  it('decodes URLs and composes letters', () => {
    expect([apart, composed, 'Gr%C3%B6%C3%9Fe%201.png', 'Gro%CC%88%c3%9fe%25201.png'].map(nameKey)).toEqual(
      Array.from({ length: 4 }, () => composed),
    );
    expect(nameKey('images%2Fa%5Cb.png')).toBe('images/a/b.png');
  });

  it('leaves what is no encoding', () => {
    for (const name of ['50% dose.png', '100%.png', 'a%zz.png', 'a%E4.png', 'a%00b.png', 'a+b.png'])
      expect(nameKey(name)).toBe(name);
    // A wrong byte costs only its own run.
    expect(nameKey('%E4 %C3%A4')).toBe('%E4 ä');
  });
});

describe('pathInUrl', () => {
  it('is what names the file', () => {
    expect(pathInUrl('https://host:80/films/a.png?token=1#x')).toBe('/films/a.png');
    expect(pathInUrl('s3://bucket/films/a.png')).toBe('/films/a.png');
    expect(pathInUrl('/data/local-files/?d=films/a%20b.png')).toBe('films/a%20b.png');
    expect(pathInUrl('C:\\films\\a?.png')).toBe('C:\\films\\a?.png');
  });
});

describe('NameIndex', () => {
  it('goes by the name as it is, else finds all that are the same', () => {
    const index = new NameIndex([apart, composed, 'a%20b'].map((name) => [name, name] as const));
    expect(index.find(apart)).toEqual([apart]);
    expect(index.find('Gr%C3%B6%C3%9Fe 1.png')).toEqual([apart, composed]);
    expect(index.find('a b')).toEqual(['a%20b']);
    expect(index.find('a')).toEqual([]);
  });
});

describe('FileFinder', () => {
  it('finds files and folders as they are written on disk', async () => {
    mkdirSync(join(folder, apart), { recursive: true });
    writeFileSync(join(folder, apart, 'a%20b.png'), '');
    const finder = new FileFinder();
    const there = join(folder, apart, 'a%20b.png');
    expect(await finder.find(there)).toEqual([there]);
    expect(await finder.find(join(folder, composed, 'a b.png'))).toEqual([there]);
    expect(await finder.find(join(folder, composed, 'b.png'))).toEqual([]);
    expect(await finder.find(join(folder, 'none', composed))).toEqual([]);
    mkdirSync(join(folder, composed));
    writeFileSync(join(folder, composed, 'a b.png'), '');
    expect(await new FileFinder().find(join(folder, 'Gr%C3%B6%C3%9Fe 1.png', 'a%20b.png'))).toEqual([
      there,
      join(folder, composed, 'a b.png'),
    ]);
  });
});

describe('spelled', () => {
  it('shows what two names that look the same differ in', () => {
    expect(spelled(apart)).toBe('"Gro\\u0308ße 1.png"');
    expect(spelled('no\u00a0finding\u200b')).toBe('"no\\u00a0finding\\u200b"');
    expect(spelled(composed)).toBe(`"${composed}"`);
  });
});
