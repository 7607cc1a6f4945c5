/** What a real folder may hold: nothing of it may crash or hang a reader, or cost the other files. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type WeakspotError, formatIssue } from '@weakspot/core';
import { afterAll, describe, expect, it } from 'vitest';
import type { Dataset } from './dataset.js';
import { decodeImage, imageSize } from './decode.js';
import { listFilesBelow } from './files.js';
import { readDataset } from './read-dataset.js';
import { failureOf, flatPgm, greyPng, temporaryFolder, writeTree } from './testing/files.js';
import { tinyTiff } from './testing/tiff.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const image = flatPgm(4, 4);

let count = 0;
/** A new set of two class folders with an image each, and these files beside them. */
function classes(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  return writeTree(join(folder, `set${count++}`), { 'clear/1.png': image, 'tb/1.png': image, ...files });
}

function texts(of: Dataset | WeakspotError, root: string): string[] {
  return of.issues.map((issue) => formatIssue(issue).replaceAll(`${root}/`, ''));
}

const names = (set: Dataset): string[] => set.samples.map(({ name }) => name);
const both = ['clear/1.png', 'tb/1.png'];

describe('a folder', () => {
  it.skipIf(process.platform === 'win32')(
    'with a pipe named like an image, or like a table, does not hang',
    async () => {
      const root = classes({ 'labels.txt': '' });
      for (const name of ['tb/2.png', 'pipe.csv']) expect(spawnSync('mkfifo', [join(root, name)]).status).toBe(0);
      expect(names(await readDataset(root))).toEqual(both);
      writeTree(root, { 'l.csv': 'file,label\ntb/2.png,tb\ntb/1.png,tb\nclear/1.png,clear\n' });
      const set = await readDataset(join(root, 'l.csv'));
      expect([names(set).length, texts(set, root)]).toEqual([2, ['l.csv:2: image "tb/2.png" is not a file: left out']]);
      for (const boxes of ['pipe.csv', '/dev/zero']) {
        expect(await failureOf(() => readDataset(root, { boxes }))).toMatchObject({ code: 'data' });
      }
      expect(await failureOf(() => readDataset(join(root, 'pipe.csv')))).toMatchObject({ code: 'data' });
    },
  );

  it.skipIf(process.platform !== 'linux')(
    'with names that are not UTF-8 is read without them, naming each',
    async () => {
      const root = classes();
      const at = (...bytes: number[]): Buffer => Buffer.concat([Buffer.from(`${root}/tb/`), Buffer.from(bytes)]);
      for (const byte of [0xe9, 0xe8]) writeFileSync(at(0x63, byte, 0x2e, 0x70, 0x6e, 0x67), image);
      mkdirSync(at(0xff));
      // The replacement character is a character like any other, where it is really in the name.
      writeTree(root, { 'tb/\uFFFD.png': image });
      const set = await readDataset(root);
      expect(names(set)).toEqual([...both, 'tb/\uFFFD.png']);
      expect(texts(set, root).toSorted()).toEqual(
        [String.raw`tb/\xFF`, String.raw`tb/c\xE8.png`, String.raw`tb/c\xE9.png`].map(
          (name) => `${name}: the name is not UTF-8: rename it: left out`,
        ),
      );
      expect((await failureOf(() => readDataset(root, { strict: true }))).issues).toHaveLength(3);
    },
  );

  it('with links in a circle is read once, and no class takes the files of another', async () => {
    const root = classes();
    symlinkSync(root, join(root, 'tb/all'));
    symlinkSync('loop', join(root, 'tb/loop'));
    symlinkSync('nowhere', join(root, 'tb/gone.png'));
    symlinkSync(join(root, 'clear'), join(root, 'tb/other'));
    symlinkSync(join(root, 'tb'), join(root, 'clear/other'));
    // What a link to another class shows is an image of this class too.
    expect(names(await readDataset(root)).toSorted()).toEqual(
      [...both, 'clear/other/1.png', 'tb/other/1.png'].toSorted(),
    );
    expect(await listFilesBelow(root)).toEqual(['clear/1.png', 'clear/other/1.png']);
  });

  it.skipIf(process.platform === 'win32')('that is closed is left out, with a warning', async () => {
    const root = classes({ 'tb/closed/2.png': image, 'closed/1.png': image });
    const closed = [join(root, 'tb/closed'), join(root, 'closed')];
    chmodSync(folder, 0o755);
    try {
      for (const path of closed) chmodSync(path, 0);
      const { set, strict } = await unprivileged(async () => ({
        set: await readDataset(root),
        strict: await failureOf(() => readDataset(root, { strict: true })),
      }));
      expect(names(set)).toEqual(both);
      expect(texts(set, root)).toEqual([
        expect.stringMatching(/^closed: the folder cannot be read: .*: left out$/),
        'closed: the folder holds no images: it is not taken as a class',
        expect.stringMatching(/^tb\/closed: the folder cannot be read: .*: left out$/),
      ]);
      expect(strict.issues.filter(({ severity }) => severity === 'error')).toHaveLength(2);
      expect((await unprivileged(() => failureOf(() => readDataset(closed[0] as string)))).code).toBe('data');
    } finally {
      for (const path of closed) chmodSync(path, 0o755);
    }
  });

  it('with names of blanks, commas, quotes, line ends and other scripts is read as any other', async () => {
    const odd = ['a b.png', 'a,b;c.png', 'a"b.png', 'a\nb.png', '肺.png', 'ü.png', '-rf.png', '#1%20.png', '$(x).png'];
    const root = classes(Object.fromEntries(odd.map((name) => [`tb/${name}`, image])));
    expect(names(await readDataset(root)).toSorted()).toEqual([...both, ...odd.map((name) => `tb/${name}`)].toSorted());
    const rows = odd.map((name, i) => `"tb/${name.replaceAll('"', '""')}",${i % 2 ? 'tb' : 'clear'}\n`);
    writeTree(root, { 'l.csv': `file,label\n${rows.join('')}` });
    const set = await readDataset(join(root, 'l.csv'));
    expect(names(set)).toEqual(odd.map((name) => `tb/${name}`));
  });

  it('is not a table of names that no file can have', async () => {
    const written = ['x'.repeat(5000), '../'.repeat(2000), '/', '.', 'tb/1.png/2.png', '__proto__', 'constructor'];
    const root = classes({ 'l.csv': `file,label\nclear/1.png,clear\ntb/1.png,tb\n${written.join(',tb\n')},tb\n` });
    const set = await readDataset(join(root, 'l.csv'));
    expect(names(set)).toEqual(both);
    expect(set.issues).toHaveLength(written.length);
  });
});

/** Runs it without the rights of root, who may read everything. */
async function unprivileged<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0 || process.seteuid === undefined) return work();
  const nobody = 65534;
  process.seteuid(nobody);
  try {
    return await work();
  } finally {
    process.seteuid(0);
  }
}

describe('an image file', () => {
  const width = 60_000;

  /** A small PNG whose header, with its checksum, says another size. */
  async function hugePng(): Promise<Uint8Array> {
    const file = Buffer.from(await greyPng(new Uint8Array(16), 4, 4));
    file.writeUInt32BE(width, 16);
    file.writeUInt32BE(width, 20);
    file.writeUInt32BE(crc32(file.subarray(12, 29)), 29);
    return file;
  }

  it('of a few bytes that says it is huge is refused before any memory is taken', async () => {
    const tiff = { bitsPerSample: 8, photometric: 1, sampleFormat: 1, data: new Uint8Array(4) } as const;
    const files = {
      'a.png': await hugePng(),
      'b.pgm': new TextEncoder().encode(`P5 ${width} ${width} 255\n0`),
      'c.pgm': new TextEncoder().encode(`P2 16384 16384 255\n0`),
      'd.tif': tinyTiff({ ...tiff, width, height: width }),
      'e.tif': tinyTiff({ ...tiff, width: 16384, height: 16384 }),
      'f.pgm': new TextEncoder().encode('P5 999999999 999999999 65535\n'),
    };
    const root = writeTree(join(folder, 'huge'), files);
    const before = process.memoryUsage.rss();
    for (const [name, bytes] of Object.entries(files)) {
      const error = await failureOf(() => decodeImage(bytes, name));
      expect([error.code, error.message]).toEqual(['data', expect.stringContaining(name)]);
      // The header alone can't tell that pixels are missing.
      if (name === 'c.pgm' || name === 'e.tif') continue;
      expect(await failureOf(() => imageSize(join(root, name)))).toMatchObject({ code: 'data' });
    }
    expect(process.memoryUsage.rss() - before).toBeLessThan(200e6);
  });

  it.each([
    ['nothing', ''],
    ['a word', 'no image'],
    ['a web page', '<!doctype html><html><body>404</body></html>'],
    ['a drawing', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'],
    ['an archive', 'PK\x03\x04\x14\x00\x00\x00\x08\x00'],
    ['a pointer to a large file', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n'],
  ])('that holds %s is refused', async (_, content) => {
    const error = await failureOf(() => decodeImage(new TextEncoder().encode(content), 'x.png'));
    expect([error.code, error.issues[0]?.file]).toEqual(['data', 'x.png']);
    expect(error.hint).toBeDefined();
  });
});
