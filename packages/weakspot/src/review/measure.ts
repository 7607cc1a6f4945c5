import {
  type AllMetrics,
  type Box,
  type DataIssue,
  type DetectionSummary,
  type EvaluationWarning,
  type ImageSummary,
  type MapChoice,
  type Metrics,
  type OnnxRuntime,
  type Point,
  type Tolerance,
  type Device,
  type ResolveDeviceOptions,
  type ResolvedDevice,
  computeAllMetrics,
  regionBounds,
  summarizeImage,
} from '@weakspot/core';
import { openImageCache } from '../data/cache.js';
import { besideEngine } from '../data/threads/threads.js';
import type { Sample } from '../data/dataset.js';
import {
  type EvaluatedSample,
  type EvidenceDiagnosis,
  type ModelImage,
  type PositionDiagnosis,
  type Prediction,
  evaluateModel,
  openModel,
} from '../evaluate/index.js';
import type { CheckpointKind } from '../run/folder.js';
import type { ModelInfo } from '../run/model-file.js';
import type { ReportedRun } from './sources.js';

/** A test image with what one run said about it. Points and lengths are in pixels of the stored image. */
export interface MeasuredImage {
  readonly sample: Sample;
  readonly positive: boolean;
  /** Probability of the positive class. */
  readonly score: number;
  readonly response: Point;
  /** Whether the response hits the ground truth; undefined of negative images, and without any. */
  readonly hit: boolean | undefined;
  /** From the response to the nearest box around ground truth, as a share of the image's diagonal; undefined without any. */
  readonly distance: number | undefined;
  readonly width: number;
  readonly height: number;
  readonly placement: Box | undefined;
  readonly map: Prediction['map'];
  /** Its marks against its lesions; undefined where the image is positive without ground truth. */
  readonly detection: DetectionSummary | undefined;
}

/** One run on one test set. */
export interface MeasuredRun {
  readonly run: ReportedRun;
  readonly info: ModelInfo;
  readonly images: readonly MeasuredImage[];
  readonly metrics: Metrics;
  /** In which class's map the evidence lies; undefined where the model has but one map. */
  readonly evidence: EvidenceDiagnosis | undefined;
  /** How much of the localization is a learned position; undefined where no image is located. */
  readonly position: PositionDiagnosis | undefined;
  /** What to know before the numbers are believed. */
  readonly warnings: readonly EvaluationWarning[];
  /** Those and all others. */
  readonly allMetrics: AllMetrics;
}

export type MeasureEvent =
  /** What the run is evaluated on. */
  | { readonly type: 'device'; readonly device: ResolvedDevice }
  | { readonly type: 'image'; readonly done: number; readonly total: number }
  | { readonly type: 'issue'; readonly done: number; readonly total: number; readonly issue: DataIssue };

export interface MeasureOptions {
  /** ONNX Runtime, as of `openModel`: the one that comes with this package unless given. */
  readonly runtime?: OnnxRuntime;
  readonly cache: string | undefined;
  /** Bytes that the cache may hold; 20 GiB unless given. */
  readonly cacheLimit?: number | undefined;
  readonly checkpoint?: CheckpointKind;
  /** The map to read, instead of each run's own: see `openModel`. */
  readonly map?: MapChoice;
  readonly tolerance?: Tolerance;
  readonly threads?: number;
  readonly device?: Device;
  readonly inspect?: ResolveDeviceOptions['inspect'];
  readonly strict?: boolean;
  readonly signal?: AbortSignal;
}

/** What is known of one run besides. */
export interface RunImages {
  /** What its model was made from, where its data set has been read; `evaluateModel` looks for it unless given. */
  readonly made?: readonly ModelImage[] | undefined;
}

/** The same for one image in several runs, another for every other one. */
export function imageKey({ path, frame = 1 }: Sample): string {
  return `${frame} ${path}`;
}

/** Every image that one of the runs was tested on, once. */
export function testedImages(runs: readonly MeasuredRun[]): MeasuredImage[] {
  return [...new Map(runs.flatMap(({ images }) => images.map((image) => [imageKey(image.sample), image]))).values()];
}

/** Evaluates a run on samples, keeping what the report shows of every image. */
export async function* measureRun(
  run: ReportedRun,
  samples: readonly Sample[],
  { cache: directory, cacheLimit, tolerance, strict, signal, made, ...opening }: MeasureOptions & RunImages,
): AsyncGenerator<MeasureEvent, MeasuredRun> {
  const model = await openModel(run.folder.path, opening);
  const { info } = model;
  const threads = besideEngine(opening.threads);
  const cache = openImageCache({ directory, preprocessing: info.preprocessing, limit: cacheLimit, threads });
  try {
    yield { type: 'device', device: model.device };
    const reach = tolerance ?? { x: info.stride / 2, y: info.stride / 2 };
    const images: MeasuredImage[] = [];
    const summaries: ImageSummary[] = [];
    let metrics: Metrics | undefined;
    let evidence: EvidenceDiagnosis | undefined;
    let position: PositionDiagnosis | undefined;
    let warnings: readonly EvaluationWarning[] = [];
    for await (const event of evaluateModel(model, samples, {
      cache,
      tolerance: reach,
      ...(strict === undefined ? {} : { strict }),
      ...(made === undefined ? {} : { made }),
      ...(signal === undefined ? {} : { signal }),
    })) {
      if (event.type === 'done') {
        ({ metrics, evidence, position, warnings } = event);
        break;
      }
      if (event.type === 'image') {
        const summary = summaryOf(event.result, info, reach);
        summaries.push(summary);
        images.push(measured(event.result, summary));
      }
      const { done, total } = event;
      yield event.type === 'issue' ? event : { type: 'image', done, total };
    }
    const allMetrics = computeAllMetrics(summaries);
    return { run, info, images, metrics: metrics as Metrics, evidence, position, warnings, allMetrics };
  } finally {
    await cache.close();
    await model.release();
  }
}

function summaryOf(
  { sample, prediction, evaluated }: EvaluatedSample,
  info: ModelInfo,
  tolerance: Tolerance,
): ImageSummary {
  const patient = sample.patient === undefined ? {} : { patient: sample.patient };
  return summarizeImage(
    { ...evaluated, map: prediction.map, ...patient },
    {
      positive: info.positive,
      tolerance,
      inputWidth: info.preprocessing.width,
      inputHeight: info.preprocessing.height,
    },
  );
}

function measured({ sample, prediction, evaluated }: EvaluatedSample, summary: ImageSummary): MeasuredImage {
  const { response, width, height, placement } = evaluated;
  const { score, positive, located, hit, detection } = summary;
  const distances = sample.regions.map((region) => distanceTo(regionBounds(region), response));
  return {
    sample,
    positive,
    score,
    response: { x: response.x, y: response.y },
    hit: located ? hit : undefined,
    distance: located ? Math.min(...distances) / Math.hypot(width, height) : undefined,
    width,
    height,
    placement,
    map: prediction.map,
    detection,
  };
}

/** From a point to a box; 0 inside. */
function distanceTo({ x0, y0, x1, y1 }: Box, { x, y }: Point): number {
  return Math.hypot(Math.max(x0 - x, 0, x - x1), Math.max(y0 - y, 0, y - y1));
}
