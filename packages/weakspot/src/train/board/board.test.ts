import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { wholeInput } from '@weakspot/core';
import * as onnxruntime from 'onnxruntime-node';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failureOf, temporaryFolder, writeTree } from '../../data/testing/files.js';
import type { TrainEvent } from '../events.js';
import { runTraining } from '../run-training.js';
import { runHere, tinyConfig, writeImages } from '../testing/runs.js';
import { openEventFile } from './event-file.js';
import { filterPicture, mapPicture } from './pictures.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

// This file is compiled to packages/weakspot/dist/train/board/.
const reader = fileURLToPath(new URL('../../../../../scripts/reference/read_events.py', import.meta.url));
const python = ['python3', '/usr/bin/python3'].find((command) => spawnSync(command, ['--version']).status === 0);
const withTensorboard = ['python3', '/usr/bin/python3', process.env['WEAKSPOT_TEST_PYTHON'] ?? ''].find(
  (command) => command !== '' && spawnSync(command, ['-c', 'import tensorboard']).status === 0,
);

interface ReadEvent {
  readonly step: number;
  readonly version?: string;
  readonly session?: number;
  readonly scalars: Record<string, number>;
  readonly images: Record<string, { width: number; height: number; channels: number; png: string }>;
}

function readBy(command: string | undefined, ...args: string[]): unknown {
  const { status, stdout, stderr } = spawnSync(command ?? '', [reader, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

const run = join(folder, 'run');
const images = join(folder, 'images');
const eventFiles = (path: string): string[] =>
  readdirSync(path)
    .filter((name) => name.includes('tfevents'))
    .toSorted();
const request = { run, cache: undefined, tensorboard: true } as const;
let first: TrainEvent[];
let second: TrainEvent[];
/** Of the run begun, and of the run gone on with. */
let before: readonly ReadEvent[];
let after: readonly ReadEvent[];

beforeAll(async () => {
  await writeImages(images);
  const config = tinyConfig(images, { network: { name: 'small', classifier: [4] }, epochs: 2 });
  first = [];
  let isStopped = false;
  // Stopped in the second epoch, and gone on with.
  const stopping = runTraining(
    { ...request, resume: false, config, force: false },
    { runtime: onnxruntime, isStopped: () => isStopped },
  );
  for await (const event of stopping) {
    first.push(event);
    isStopped ||= event.type === 'step' && event.epoch === 2;
  }
  second = await runHere({ ...request, resume: true });
  const paths = eventFiles(run).map((name) => join(run, name));
  [before = [], after = []] = python === undefined ? [] : (readBy(python, ...paths) as ReadEvent[][]);
});

const stepsOf = (events: readonly TrainEvent[]) => events.flatMap((event) => (event.type === 'step' ? [event] : []));

describe.skipIf(python === undefined)('event files (needs python3)', () => {
  it('are flat files of the run, with every step’s and epoch’s numbers', () => {
    expect(eventFiles(run)).toHaveLength(2);
    expect([before[0]?.version, after[0]?.version]).toEqual(['brain.Event:2', 'brain.Event:2']);
    for (const [found, events] of [
      [before, first],
      [after, second],
    ] as const) {
      const written = found.filter(({ scalars }) => 'step/loss' in scalars);
      const steps = stepsOf(events);
      expect(written.map(({ step }) => step)).toEqual(
        steps.map(({ epoch, step, steps: all }) => (epoch - 1) * all + step),
      );
      written.forEach(({ scalars }, i) => {
        expect(scalars['step/localizer loss']).toBe(Math.fround(steps[i]?.localizerLoss ?? 0));
        expect(scalars['schedule/alpha']).toBe(Math.fround(steps[i]?.alpha ?? 0));
      });
    }
    const record = first.flatMap((event) => (event.type === 'epoch' ? [event.record] : []))[0];
    const epoch = before.find(({ scalars }) => 'epoch/loss' in scalars);
    expect(epoch?.step).toBe(5);
    expect(epoch?.scalars).toMatchObject({
      'epoch/classifier loss': Math.fround(record?.classifierLoss ?? 0),
      'validation/AUC': Math.fround(record?.validationAuc ?? 0),
      'validation/loss': Math.fround(record?.validationLoss ?? 0),
    });
  });

  it('of a resumed run say from which step on older ones are forgotten', () => {
    expect(before.some(({ session }) => session !== undefined)).toBe(false);
    const [restart] = after.filter(({ session }) => session === 1);
    expect(restart?.step).toBe(stepsOf(first).length + 1);
  });

  it('have pictures before the first epoch and after each: filters, and two validation images of each kind with maps', () => {
    const shown = [...before, ...after].filter((event) => Object.keys(event.images).length > 0);
    expect(shown.map(({ step }) => step)).toEqual([0, 5, 10]);
    for (const { images: of } of shown) {
      const groups = Object.keys(of).map((tag) => tag.slice(0, tag.indexOf('/')));
      expect(groups).toEqual(['first layer', ...Array(2).fill('maps of lesion'), ...Array(2).fill('maps of clear')]);
      // The film and a map of each class, two pixels apart.
      const maps = Object.entries(of).filter(([tag]) => tag.startsWith('maps'));
      for (const [, { width, height, channels }] of maps)
        expect([width, height, channels]).toEqual([3 * 64 + 4, 64, 3]);
    }
    const [start, , end] = shown.map(({ images: of }) => of['first layer/filters']?.png);
    expect(start).not.toBe(end);
  });

  it.skipIf(withTensorboard === undefined)('are read by TensorBoard, each step once (needs tensorboard)', () => {
    const { scalars, images: of } = readBy(withTensorboard, '--tensorboard', run) as Record<
      'scalars' | 'images',
      Record<string, number[][]>
    >;
    expect(scalars['step/loss']?.map(([step]) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(scalars['epoch/loss']?.map(([step]) => step)).toEqual([5, 10]);
    expect(of['first layer/filters']?.map(([step]) => step)).toEqual([0, 5, 10]);
  });
});

describe('a run', () => {
  it('without the option writes no event file; begun anew it removes those of the old one', async () => {
    const config = tinyConfig(images, { network: { name: 'small', classifier: [4] }, epochs: 1 });
    await runHere({ run, cache: undefined, resume: false, config, force: true });
    expect(eventFiles(run)).toEqual([]);
  });

  it('fails with the file’s name where it cannot be written', async () => {
    writeTree(folder, { 'a-file': '' });
    const error = await failureOf(() => openEventFile(join(folder, 'a-file', 'events')));
    expect([error.code, error.message]).toEqual(['io', expect.stringContaining('a-file')]);
  });
});

describe('pictures', () => {
  it('show the film as it is, and heat where a map is high', async () => {
    const film = { pixels: Uint16Array.from({ length: 64 }, (_, i) => i * 1000), width: 8, height: 8 };
    const maps = [Float32Array.of(0, 0, 0, 5), Float32Array.of(1, 1, 1, 1)].map((values) => {
      return { values, width: 2, height: 2, extent: wholeInput };
    });
    const found = { probabilities: [0.9, 0.1], maps };
    const picture = await mapPicture(film, found);
    const { data, info } = await sharp(picture.png).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([28, 8, 3]);
    const at = (x: number, y: number): number[] => [...data.subarray((y * 28 + x) * 3, (y * 28 + x) * 3 + 3)];
    const [r, g, b] = at(7, 7);
    expect([g, b]).toEqual([r, r]);
    // The first class's map is hot at the lower right, the other's has no range and no heat.
    expect(at(10 + 7, 7)).not.toEqual(at(7, 7));
    expect(at(10, 0)).toEqual(at(0, 0));
    expect(at(20 + 7, 7)).toEqual(at(7, 7));
    expect(at(8, 0)).toEqual([255, 255, 255]);
  });

  it('show filters on one scale about middle grey', async () => {
    const data = Float32Array.of(0, 1, -2, 0.5, 0, 0, 0, 0, 2, 2, 2, 2);
    const picture = await filterPicture({ data, shape: [3, 1, 2, 2] });
    // Enlarged sixteen times, in two rows of two, two pixels apart.
    expect([picture.width, picture.height]).toEqual([66, 66]);
    const pixels = await sharp(picture.png).toColourspace('b-w').raw().toBuffer();
    const at = (x: number, y: number): number | undefined => pixels[y * 66 + x];
    expect([at(0, 0), at(31, 0), at(0, 31), at(31, 31)]).toEqual([128, 191, 0, 159]);
    expect([at(34, 0), at(0, 34), at(32, 0), at(40, 40)]).toEqual([128, 255, 255, 255]);
  });
});
