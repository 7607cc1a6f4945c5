import { resolve } from 'node:path';
import { type DataIssue, WeakspotError } from '@weakspot/core';
import { mapAhead, throwIfAborted } from '../data/concurrency.js';
import type { Dataset, Sample, Split } from '../data/dataset.js';
import { divideDataset } from '../data/divide.js';
import { unreadableImage } from '../data/image.js';
import { leftOut } from '../data/left-out.js';
import { readDataset } from '../data/read-dataset.js';
import type { SplitFractions } from '../data/split.js';
import { openThreads } from '../data/threads/threads.js';
import { type SetMeasures, imagesToLookAt, summarise } from '../propose/index.js';
import { VERSION } from '../version.js';
import { concludeInspection } from './conclude.js';
import { chooseForBackground } from './background.js';
import type { Picture } from './contact-sheet.js';
import { choosePictures, contactSheetPng } from './contact-sheet.js';
import type { InspectDatasetOptions, MeasuredImage } from './gathered.js';
import type { MeasuredFile, MeasureJob } from './measure-file.js';
import { measureFile } from './measure-file.js';
import type { DataInspection } from './report.js';

/** `done` counts the images measured or left out so far, of `total`. */
export type InspectEvent =
  | { readonly type: 'image'; readonly done: number; readonly total: number }
  /** An image that could not be read. */
  | { readonly type: 'issue'; readonly done: number; readonly total: number; readonly issue: DataIssue }
  | {
      readonly type: 'done';
      readonly inspection: DataInspection;
      /** The proposed configuration as YAML, with reasons. */
      readonly yaml?: string;
      /** Contact sheet with the ground truth drawn: a PNG file. */
      readonly sheet?: Uint8Array;
    };

/** What training takes unless told otherwise. */
const DEFAULT_SPLIT: SplitFractions = { train: 0.8, validation: 0.1, test: 0.1 };

/**
 * Looks a data set over before any training: counts, sizes and intensities, duplicates, and whether features that have
 * nothing to do with lesions tell the classes apart. Every image is decoded once; nothing is written. What is wrong with the
 * data is part of the result, and one error among it means that training would fail, or its numbers be worthless.
 *
 * @throws WeakspotError `usage` where the options are wrong; `aborted` by the signal.
 */
export async function* inspectDataset(path: string, options: InspectDatasetOptions = {}): AsyncGenerator<InspectEvent> {
  const { signal, seed = 0, split = DEFAULT_SPLIT } = options;
  const dataset = await readOrIssues(path, options);
  if (!('samples' in dataset)) {
    const inspection = { weakspot: VERSION, path: resolve(path), ok: false, issues: dataset };
    yield { type: 'done', inspection };
    return;
  }
  const { parts, issues: divided } = await partsOf(dataset, split, seed, signal);
  const chosen = choosePictures(dataset, seed);
  const measured: MeasuredImage[] = [];
  const pictures: Picture[] = [];
  const unreadable: DataIssue[] = [];
  const total = dataset.samples.length;
  let done = 0;
  for await (const result of measureAll(dataset, chosen, options)) {
    done++;
    if ('severity' in result) {
      unreadable.push(result);
      yield { type: 'issue', done, total, issue: result };
      continue;
    }
    measured.push(result.image);
    if (result.picture !== undefined) pictures.push(result.picture);
    yield { type: 'image', done, total };
  }
  const { inspection, yaml } = concludeInspection(path, options, {
    dataset,
    parts,
    measured,
    issues: [...dataset.issues, ...divided, ...unreadable],
    seed,
    measures: measuresOf(dataset, measured),
  });
  const sheet = pictures.length === 0 ? undefined : await contactSheetPng(pictures, dataset.classes);
  throwIfAborted(signal);
  yield {
    type: 'done',
    inspection,
    ...(yaml === undefined ? {} : { yaml }),
    ...(sheet === undefined ? {} : { sheet }),
  };
}

/** What training would see of the set when it proposes settings: the same few images, which were measured here. */
function measuresOf(dataset: Dataset, measured: readonly MeasuredImage[]): SetMeasures | undefined {
  const looked = new Set(imagesToLookAt(dataset.samples));
  const seen = measured.filter(({ sample }) => looked.has(sample)).map(({ measures }) => measures);
  return seen.length === 0 ? undefined : summarise(dataset, seen);
}

/** The data set, or why it cannot be read. */
async function readOrIssues(path: string, options: InspectDatasetOptions): Promise<Dataset | readonly DataIssue[]> {
  const { images, boxes, positive, format, signal } = options;
  try {
    return await readDataset(path, {
      oneClass: true,
      ...(images === undefined ? {} : { images }),
      ...(boxes === undefined ? {} : { boxes }),
      ...(positive === undefined ? {} : { positive }),
      ...(format === undefined ? {} : { format }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    return issuesOf(error, path);
  }
}

/** The part of each sample, in their order, as training would divide them; undefined, with issues, where it would not. */
async function partsOf(
  dataset: Dataset,
  split: SplitFractions,
  seed: number,
  signal: AbortSignal | undefined,
): Promise<{ parts: readonly Split[] | undefined; issues: readonly DataIssue[] }> {
  try {
    const division = await divideDataset(dataset, split, seed, { signal });
    return {
      parts: dataset.samples.map(({ name }) => division.split.get(name) as Split),
      issues: division.issues,
    };
  } catch (error) {
    return { parts: undefined, issues: issuesOf(error, dataset.root) };
  }
}

/** The issues of an error about data; any other error is thrown again. */
function issuesOf(error: unknown, file: string): readonly DataIssue[] {
  if (!(error instanceof WeakspotError) || error.code !== 'data') throw error;
  return error.issues.length > 0 ? error.issues : [{ severity: 'error', message: error.message, file }];
}

type Measured = { readonly image: MeasuredImage; readonly picture?: Picture } | DataIssue;

/** Every sample's image in their order, a few decoded at a time. */
async function* measureAll(
  dataset: Dataset,
  chosen: ReadonlySet<Sample>,
  { threads, signal }: InspectDatasetOptions,
): AsyncGenerator<Measured> {
  const measuring = openThreads<undefined, MeasureJob, MeasuredFile>({
    module: new URL('./measure-thread.js', import.meta.url),
    settings: undefined,
    here: measureFile,
    died: ({ path }, reason, cause) => unreadableImage(path, `the thread that decoded it ended: ${reason}`, cause),
    threads,
  });
  const judged = chooseForBackground(dataset);
  const measureOne = async (sample: Sample): Promise<Measured> => {
    const { path, frame = 1, label, labels, regions } = sample;
    try {
      const several = labels === undefined ? {} : { labels };
      const drawn = chosen.has(sample) ? { label, ...several, regions } : undefined;
      const copied = judged.has(sample);
      const { measures, detail, picture, copies } = await measuring.run({ path, frame, drawn, copied });
      return { image: { sample, measures, detail, copies }, ...(picture === undefined ? {} : { picture }) };
    } catch (error) {
      return leftOut(error, path, false);
    }
  };
  try {
    yield* mapAhead(dataset.samples, measuring.ahead, measureOne, signal);
  } finally {
    await measuring.close();
  }
}
