import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type DataIssue, type HeatMap, type OnnxRuntime, WeakspotError, marksOf, responsePoint } from '@weakspot/core';
import { openImageCache } from '../data/cache.js';
import { acquireLock, lockOf } from '../data/lock.js';
import { besideEngine } from '../data/threads/threads.js';
import { type EvaluatedSample, evaluateModel, openModel, readEarlierImages } from '../evaluate/index.js';
import { PositionGatherer } from '../evaluate/position.js';
import { evaluationRecord } from '../report/record.js';
import type { RunFolder } from '../run/folder.js';
import { VERSION } from '../version.js';
import type { TestSet } from './data.js';
import {
  type EvaluationFile,
  type StoredImage,
  readEvaluation,
  storedRegion,
  writeEvaluation,
} from './evaluation-file.js';
import type { PlannedRun } from './runs.js';
import type { ComparisonSettings } from './settings.js';
import { type contentsOfTests, fingerprintOf } from './test-data.js';

/** Evaluations of earlier formats are made again: they lack what the tables show. */
const FORMAT = 4;

export interface EvaluationTask {
  readonly runtime: OnnxRuntime | undefined;
  readonly planned: PlannedRun;
  readonly folder: RunFolder;
  readonly tests: readonly TestSet[];
  /** Of the test sets' images: what was evaluated on others is not kept. */
  readonly contents: Awaited<ReturnType<typeof contentsOfTests>>;
  readonly settings: ComparisonSettings;
  /** Folder of the cache of prepared images; undefined: none. */
  readonly cache: string | undefined;
  /** Bytes that the cache may hold; 20 GiB unless given. */
  readonly cacheLimit?: number | undefined;
  readonly signal: AbortSignal | undefined;
}

export type EvaluationProgress =
  | { readonly type: 'image'; readonly test: TestSet; readonly done: number; readonly total: number }
  | { readonly type: 'issue'; readonly issue: DataIssue }
  | { readonly type: 'evaluated'; readonly test: TestSet; readonly evaluation: EvaluationFile; readonly kept: boolean };

export function evaluationPath(folder: RunFolder, { name }: TestSet): string {
  return join(folder.path, 'evaluations', `${name}.json`);
}

/**
 * Evaluates a finished run on all test sets. What was evaluated before with the same checkpoint, on the same images
 * with the same ground truth, is kept.
 * @throws WeakspotError as `openModel` and `evaluateModel` do.
 */
export async function* evaluateRun(task: EvaluationTask): AsyncGenerator<EvaluationProgress> {
  const { folder, settings, tests, planned, contents } = task;
  const { checkpoint } = settings;
  const hash = await hashOf(folder.checkpoint(checkpoint));
  const open: OpenTest[] = [];
  for (const test of tests) {
    const evaluation = await readEvaluation(evaluationPath(folder, test)).catch(() => undefined);
    const testHash = fingerprintOf(test.samples(planned.fold), contents.get(test) ?? new Map());
    const isSame = evaluation?.checkpointHash === hash && evaluation.testHash === testHash;
    const isKept = isSame && evaluation.format === FORMAT;
    if (isKept) yield { type: 'evaluated', test, evaluation, kept: true };
    else open.push({ test, testHash });
  }
  if (open.length === 0) return;
  const lock = await acquireLock(lockOf(folder.path), 'testing');
  try {
    yield* evaluateOpen(task, open, hash);
  } finally {
    await lock.release();
  }
}

interface OpenTest {
  readonly test: TestSet;
  readonly testHash: string;
}

/** Evaluates the run on test sets of which its folder has nothing yet. */
async function* evaluateOpen(
  task: EvaluationTask,
  open: readonly OpenTest[],
  hash: string,
): AsyncGenerator<EvaluationProgress> {
  const { runtime, planned, folder, settings, signal } = task;
  const { checkpoint } = settings;
  const { threads, device, data } = planned.config;
  const model = await openModel(folder.path, {
    checkpoint,
    threads,
    device,
    ...(runtime === undefined ? {} : { runtime }),
  });
  const { preprocessing, classes, positive, stride } = model.info;
  const tolerance = settings.tolerance ?? { x: stride / 2, y: stride / 2 };
  const cache = openImageCache({
    directory: task.cache,
    preprocessing,
    limit: task.cacheLimit,
    threads: besideEngine(threads),
  });
  try {
    // The comparison itself trains on none of them: `openData` has seen to that.
    const made = await readEarlierImages(folder.path);
    for (const { test, testHash } of open) {
      const images: StoredImage[] = [];
      const maps = new PositionGatherer();
      const samples = test.samples(planned.fold);
      const options = { cache, tolerance, strict: data.strict, made, ...(signal === undefined ? {} : { signal }) };
      for await (const event of evaluateModel(model, samples, options)) {
        if (event.type === 'image') {
          images.push(storedImage(event.result, positive));
          maps.add(event.result.evaluated, event.result.prediction.map);
          yield { type: 'image', test, done: event.done, total: event.total };
        } else if (event.type === 'issue') {
          yield { type: 'issue', issue: event.issue };
        } else if (event.type === 'done') {
          const evaluation: EvaluationFile = {
            format: FORMAT,
            weakspot: VERSION,
            dataset: test.name,
            part: test.part,
            checkpoint,
            checkpointHash: hash,
            testHash,
            classes: [...classes],
            positive,
            input: { width: preprocessing.width, height: preprocessing.height },
            tolerance,
            record: {
              ...evaluationRecord(planned.method, test.name, event.metrics, {
                ...event.evidence,
                position: event.position,
                map: model.info.map,
              }),
              warnings: event.warnings,
            },
            images: withMeanResponses(images, maps.meanMap()),
          };
          await writeEvaluation(evaluationPath(folder, test), evaluation);
          yield { type: 'evaluated', test, evaluation, kept: false };
        }
      }
    }
  } finally {
    await cache.close();
    await model.release();
  }
}

function storedImage({ sample, evaluated, prediction }: EvaluatedSample, positive: number): StoredImage {
  const { name, patient } = sample;
  const { label, probabilities, response, width, height, placement, regions, brightest, darkest } = evaluated;
  const marks = marksOf({ map: prediction.map, width, height, placement }, probabilities[positive] ?? Number.NaN);
  return {
    name,
    patient: patient ?? null,
    label,
    probabilities: [...probabilities],
    response,
    ...(brightest === undefined ? {} : { brightest }),
    ...(darkest === undefined ? {} : { darkest }),
    boxes: marks.map(({ box, score }) => ({ ...box, score })),
    width,
    height,
    placement,
    regions: regions.map(storedRegion),
  };
}

/** The images with the mean map's response in each that has ground truth. */
function withMeanResponses(images: readonly StoredImage[], map: HeatMap | undefined): StoredImage[] {
  return images.map((image) => {
    if (map === undefined || image.regions.length === 0) return image;
    const { x, y } = responsePoint(map, image);
    return { ...image, meanResponse: { x, y } };
  });
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (error) {
    throw new WeakspotError('model', `There is no checkpoint ${path}.`, {
      hint: 'The checkpoint "best" needs a validation part: choose "last", or leave images for validation.',
      cause: error,
    });
  }
  return hash.digest('hex');
}
