import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Random, WeakspotError, regionBounds } from '@weakspot/core';
import type { Dataset } from '../dataset.js';
import { decodeImage } from '../decode.js';
import { type ReadDatasetOptions, readDataset } from '../read-dataset.js';
import { writeTree } from './files.js';
import { mutate } from './mutate.js';

/** Seed of every case: another one makes other damage, the same one the same. */
const SEED = 20160;
/** Longest that a case may take, in milliseconds. They take some milliseconds; the rest is for a loaded machine. */
const CASE_LIMIT = 5000;
/** After this long a case is taken to hang. */
const HANG_LIMIT = 30_000;

/**
 * Runs a check on many cases, each with random numbers of its own, and fails with the name and number of the first one
 * that throws or takes too long. `first` begins at a later case, to look at one that failed.
 */
export async function fuzz(
  name: string,
  cases: number,
  check: (random: Random) => Promise<void>,
  first = 0,
): Promise<void> {
  const watch = watchdog(name);
  try {
    for (let i = first; i < first + cases; i++) {
      watch.begin(i);
      const start = performance.now();
      await check(new Random(SEED, name, i)).catch((error: unknown) => {
        throw new Error(`case ${i} of "${name}" (seed ${SEED})`, { cause: error });
      });
      const taken = performance.now() - start;
      if (taken > CASE_LIMIT) throw new Error(`case ${i} of "${name}" (seed ${SEED}) took ${taken.toFixed(0)} ms`);
    }
  } finally {
    await watch.stop();
  }
}

/**
 * Damages an image file and decodes it: an image, or an error that names the file. Returns how many of the damaged files
 * were decoded.
 */
export async function fuzzDecoding(name: string, file: Uint8Array, cases: number): Promise<number> {
  let decoded = 0;
  await fuzz(name, cases, async (random) => {
    const damaged = mutate(file, random);
    await allowDataErrors(async () => {
      const { pixels, width, height } = await decodeImage(damaged, name);
      if (pixels.length !== width * height) throw new Error(`${pixels.length} pixels of ${width} x ${height}`);
      decoded++;
    });
  });
  return decoded;
}

/**
 * Writes a small valid data set to `root`, and again and again damages one of its files (mostly a text) or takes it away,
 * and reads the set: a data set, or errors that say where. Returns how many of the damaged sets could be read.
 */
export async function fuzzDataset(
  name: string,
  root: string,
  files: Readonly<Record<string, string | Uint8Array>>,
  cases: number,
  options: ReadDatasetOptions & { readonly start?: string } = {},
): Promise<number> {
  writeTree(root, files);
  const contents = Object.entries(files).map(([file, content]) => [join(root, file), Buffer.from(content)] as const);
  const texts = contents.filter((_, i) => typeof Object.values(files)[i] === 'string');
  let read = 0;
  await fuzz(name, cases, async (random) => {
    const among = texts.length > 0 && random.integer(8) > 0 ? texts : contents;
    const [file, content] = among[random.integer(among.length)] as (typeof contents)[number];
    if (random.integer(20) === 0) rmSync(file);
    else writeFileSync(file, mutate(content, random));
    try {
      await allowDataErrors(async () => {
        checkDataset(await readDataset(join(root, options.start ?? ''), options));
        read++;
      });
    } finally {
      writeFileSync(file, content);
    }
  });
  return read;
}

async function allowDataErrors(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof WeakspotError) || error.code !== 'data') throw error;
    if (error.message === '' || error.hint === undefined) throw new Error('an error without words', { cause: error });
  }
}

/** What everything that uses a data set relies on. */
function checkDataset({ classes, positive, samples }: Dataset): void {
  const wrong = (what: string): never => {
    throw new Error(what);
  };
  if (classes[positive] === undefined) wrong(`there is no class ${positive}`);
  if (new Set(samples.map(({ name }) => name)).size !== samples.length) wrong('two samples have one name');
  for (const { name, label, regions } of samples) {
    if (classes[label] === undefined) wrong(`${name} has the label ${label}`);
    for (const region of regions) {
      const { x0, y0, x1, y1 } = regionBounds(region);
      const isCut = region.kind === 'box' || region.kind === 'mask';
      const isInside = x0 >= 0 && y0 >= 0 && x1 < 1e5 && y1 < 1e5;
      // Circles and polygons are kept whole, but some of them is in the image.
      const reachesIn = x1 > Math.max(0, x0) && y1 > Math.max(0, y0) && Number.isFinite(x0 + y0 + x1 + y1);
      if (!reachesIn || (isCut && !isInside)) {
        wrong(`${name} has a region ${x0}, ${y0} to ${x1}, ${y1}`);
      }
    }
  }
}

/** A thread that ends the process where a case hangs, which nothing in the case's own thread could; it names the case. */
function watchdog(name: string): { begin: (index: number) => void; stop: () => Promise<void> } {
  const current = new Int32Array(new SharedArrayBuffer(4));
  const code = `
    const { workerData } = require('node:worker_threads');
    const { writeSync } = require('node:fs');
    let [last, since] = [-1, Date.now()];
    setInterval(() => {
      const index = Atomics.load(workerData.current, 0);
      if (index !== last) [last, since] = [index, Date.now()];
      else if (Date.now() - since > ${HANG_LIMIT}) {
        writeSync(2, 'case ' + index + ' of ' + workerData.name + ' (seed ${SEED}) hangs\\n');
        process.kill(process.pid, 'SIGKILL');
      }
    }, 1000);`;
  const worker = new Worker(code, { eval: true, workerData: { current, name } });
  return {
    begin: (index) => Atomics.store(current, 0, index),
    stop: async () => {
      await worker.terminate();
    },
  };
}
