import { readFile } from 'node:fs/promises';
import { WeakspotError } from '@weakspot/core';
import { hasClass } from '../data/classes.js';
import { mapAhead } from '../data/concurrency.js';
import type { Dataset, Sample } from '../data/dataset.js';
import { decodeImage } from '../data/decode.js';
import { divideDataset } from '../data/divide.js';
import { filmScanOf } from '../data/film-scan.js';
import { leftOut } from '../data/left-out.js';
import { type SplitSettings, splitWay } from '../data/split-settings.js';
import { type LookedAt, imagesToLookAt, lookAt } from './looked-at.js';

/** What a proposal needs to know of a data set. */
export interface SetMeasures {
  readonly name: string;
  readonly images: number;
  /** Images of each class. */
  readonly classes: readonly number[];
  readonly multiLabel: boolean;
  /** Images whose part the data set itself says. */
  readonly givenParts: number;
  /** Those of them that are to be trained on. */
  readonly givenTraining: number;
  /** Images to train on by a split file; undefined without one. */
  readonly fileTraining: number | undefined;
  /** Images that were looked at, and could be decoded. */
  readonly looked: number;
  /** Medians of those, pixels; and of width over height. */
  readonly width: number;
  readonly height: number;
  readonly aspect: number;
  /** Bits, ascending, each once. */
  readonly depths: readonly number[];
  /** Medians of the darkest and lightest values, as shares of what the format can hold. */
  readonly low: number;
  readonly high: number;
  /** Whether every file says through which window it is to be shown. */
  readonly windowed: boolean;
}

/** Decoded at once. */
const AHEAD = 4;

/**
 * Looks at as many images of a data set as a proposal needs, a few dozen at most; the same every time.
 *
 * @param split How the set will be divided, as far as is known: a split file says how many images there are to train on.
 * @returns Undefined where none of these images can be decoded: training says what is wrong with them.
 * @throws WeakspotError as `divideDataset` where a split file is wrong; `aborted` by the signal.
 */
export async function measureSet(
  dataset: Dataset,
  split: SplitSettings = {},
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<SetMeasures | undefined> {
  const seen: LookedAt[] = [];
  const look = async (sample: Sample): Promise<LookedAt | undefined> => {
    const { path, frame = 1 } = sample;
    try {
      const image = await decodeImage(await readFile(path), path, { frame, scan: await filmScanOf(path) });
      return image.pixels.some((value) => !Number.isNaN(value)) ? lookAt(image) : undefined;
    } catch (error) {
      // Training says what is wrong with it, and leaves it out.
      if (error instanceof WeakspotError) leftOut(error, path, false);
      return undefined;
    }
  };
  for await (const found of mapAhead(imagesToLookAt(dataset.samples), AHEAD, look, signal)) {
    if (found !== undefined) seen.push(found);
  }
  if (seen.length === 0) return undefined;
  if (splitWay(split) !== 'file') return summarise(dataset, seen);
  const division = await divideDataset(dataset, split, 0, { signal });
  return summarise(dataset, seen, [...division.split.values()].filter((part) => part === 'train').length);
}

/** @param seen At least one. */
export function summarise(
  { name, samples, classes, multiLabel = false }: Dataset,
  seen: readonly LookedAt[],
  fileTraining?: number,
): SetMeasures {
  return {
    name,
    images: samples.length,
    classes: classes.map((_, index) => samples.filter((sample) => hasClass(sample, index)).length),
    multiLabel,
    givenParts: samples.filter(({ split }) => split !== undefined).length,
    givenTraining: samples.filter(({ split }) => split === 'train').length,
    fileTraining,
    looked: seen.length,
    width: median(seen.map(({ width }) => width)),
    height: median(seen.map(({ height }) => height)),
    aspect: median(seen.map(({ width, height }) => width / height)),
    depths: [...new Set(seen.map(({ depth }) => depth))].toSorted((a, b) => a - b),
    low: median(seen.map(({ low }) => low)),
    high: median(seen.map(({ high }) => high)),
    windowed: seen.every(({ windowed }) => windowed),
  };
}

/** By nearest rank. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length / 2) - 1] as number;
}
