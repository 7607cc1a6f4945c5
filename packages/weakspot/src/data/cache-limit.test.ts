/** The cache on disk: within its size, and safe with several processes, of which some are killed. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '@weakspot/core';
import { afterAll, describe, expect, it } from 'vitest';
import { openImageCache } from './cache.js';
import { decodeEntry } from './cache-entry.js';
import { greyPng, temporaryFolder, writeTree } from './testing/files.js';
import { fillSettings } from './testing/fill-cache.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

/** Bytes of an entry of 64 x 64, and of a note. */
const ENTRY = 88 + 2 * 64 * 64;
const NOTE = 64;
const script = join(import.meta.dirname, 'testing/fill-cache.js');

let sets = 0;
/** So many images of an hour ago, and a folder for a cache. */
async function fresh(count: number): Promise<{ images: string[]; directory: string }> {
  const own = join(folder, String(sets++));
  const images: string[] = [];
  const past = new Date(Date.now() - 3_600_000);
  for (let i = 0; i < count; i++) {
    const random = new Random(1, 'film', i);
    const pixels = Uint8Array.from({ length: 64 * 64 }, () => random.integer(256));
    writeTree(own, { [`${i}.png`]: await greyPng(pixels, 64, 64) });
    images.push(join(own, `${i}.png`));
    utimesSync(images[i] as string, past, past);
  }
  return { images, directory: join(own, 'cache') };
}

function files(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function bytesOf(directory: string): number {
  return files(directory).reduce((sum, file) => sum + statSync(file).size, 0);
}

function open(directory: string, limit: number) {
  return openImageCache({ directory, limit, preprocessing: fillSettings, threads: 0 });
}

/** Marks all that is in the cache as used so many hours ago. */
function age(directory: string, hours: number): void {
  const then = new Date(Date.now() - hours * 3_600_000);
  for (const file of files(directory)) utimesSync(file, then, then);
}

async function digestOf(images: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  const cache = openImageCache({ directory: undefined, preprocessing: fillSettings, threads: 0 });
  for (const image of images) hash.update((await cache.prepare(image)).pixels);
  return hash.digest('hex');
}

describe('a cache of a limited size', () => {
  it('lets what was used longest ago go first', async () => {
    const { images, directory } = await fresh(6);
    const room = 5 * (ENTRY + NOTE);
    const first = open(directory, room);
    for (const image of images.slice(0, 4)) await first.prepare(image);
    age(directory, 3);
    // Two of the four are used again.
    await Promise.all(images.slice(0, 2).map((image) => open(directory, room).prepare(image)));
    const later = open(directory, room);
    await sleep(20);
    for (const image of images.slice(4)) await later.prepare(image);
    expect(bytesOf(directory)).toBeLessThanOrEqual(room);
    const after = open(directory, room);
    for (const image of [0, 1, 4, 5]) await after.prepare(images[image] as string);
    expect(after.statistics).toEqual({ decoded: 0, hits: 4 });
    for (const image of [2, 3]) await after.prepare(images[image] as string);
    expect(after.statistics.decoded).toBeGreaterThan(0);
  });

  it('keeps what it uses itself and writes no more, where the set is larger than the cache', async () => {
    const { images, directory } = await fresh(8);
    const room = 4 * (ENTRY + NOTE);
    const cache = open(directory, room);
    for (const image of images) await cache.prepare(image);
    expect(bytesOf(directory)).toBeLessThanOrEqual(room);
    const before = cache.statistics.hits;
    for (const image of images) await cache.prepare(image);
    expect(cache.statistics.hits - before).toBeGreaterThanOrEqual(3);
  });

  it('of no size at all holds nothing', async () => {
    const { images, directory } = await fresh(2);
    const cache = open(directory, 0);
    for (const image of images) await cache.prepare(image);
    expect(cache.statistics).toEqual({ decoded: 2, hits: 0 });
    expect(() => readdirSync(directory)).toThrow(/ENOENT/);
  });

  it('removes the unfinished files of processes that were killed long ago, and leaves young ones', async () => {
    const { images, directory } = await fresh(1);
    await open(directory, 1e6).prepare(images[0] as string);
    const [old, young] = ['old', 'young'].map((name) => join(directory, 'images', `${name}.1-2.tmp`)) as [
      string,
      string,
    ];
    for (const file of [old, young]) writeFileSync(file, 'half');
    const past = new Date(Date.now() - 2 * 3_600_000);
    utimesSync(old, past, past);
    writeFileSync(images[0] as string, await greyPng(new Uint8Array(4096), 64, 64));
    await open(directory, 1e6).prepare(images[0] as string);
    expect(files(directory).filter((file) => file.endsWith('.tmp'))).toEqual([young]);
  });
});

describe('a cache shared by processes', () => {
  const start = (directory: string, limit: number, repeats: number, images: readonly string[]) => {
    const child = spawn(process.execPath, [script, directory, String(limit), String(repeats), ...images], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, output }));
    return { child, ended };
  };

  it('gives all of them the same images, while each makes room for its own', async () => {
    const { images, directory } = await fresh(12);
    const expected = await digestOf(images);
    const room = 7 * (ENTRY + NOTE);
    const both = [1, 2].map(() => start(directory, room, 6, images).ended);
    for (const { code, output } of await Promise.all(both)) {
      expect([code, output]).toEqual([0, `${expected}\n`.repeat(6)]);
    }
    // Each may write one entry more before it looks.
    expect(bytesOf(directory)).toBeLessThanOrEqual(room + 2 * (ENTRY + NOTE));
  });

  it('is whole after kill -9 at any moment', async () => {
    const { images, directory } = await fresh(12);
    const expected = await digestOf(images);
    // Killed by what it has written so far, so that it is in the middle of its work on any machine.
    for (const count of [2, 9]) {
      const { child, ended } = start(directory, 6 * (ENTRY + NOTE), 1000, images);
      while (child.exitCode === null && safeCount(directory) < count) await sleep(2);
      child.kill('SIGKILL');
      expect((await ended).signal).toBe('SIGKILL');
      for (const file of files(join(directory, 'images')).filter((name) => !name.endsWith('.tmp')))
        expect(decodeEntry(readFileSync(file), 64, 64), file).toBeDefined();
    }
    const { code, output } = await start(directory, 6 * (ENTRY + NOTE), 1, images).ended;
    expect([code, output]).toEqual([0, `${expected}\n`]);
  });

  function safeCount(directory: string): number {
    try {
      return files(directory).length;
    } catch {
      return 0;
    }
  }
});
