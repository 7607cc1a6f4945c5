import { setImmediate } from 'node:timers/promises';
import {
  type Box,
  type DataIssue,
  type EstimatedSummaries,
  type EvaluatedImage,
  type EvaluationWarning,
  type MapResponse,
  type MeasuredModel,
  type MetricEstimates,
  type Metrics,
  type MetricsOptions,
  type Tolerance,
  WeakspotError,
  computeMetrics,
  estimateMetrics,
  evaluationWarnings,
  mapNames,
  mapParts,
  responsePoint,
  summarizeCompared,
  summarizeWithMap,
} from '@weakspot/core';
import type { CachedImages } from '../data/cache.js';
import { mapAhead, throwIfAborted } from '../data/concurrency.js';
import type { Sample } from '../data/dataset.js';
import type { PreparedImage } from '../data/preprocess.js';
import { leftOut } from '../data/left-out.js';
import type { ModelInfo } from '../run/model-file.js';
import { brightnessOf, summarizeBrightness } from './brightness.js';
import { type EvidenceDiagnosis, EvidenceGatherer } from './diagnose.js';
import type { LocalizerModel, Prediction } from './model.js';
import { type PositionDiagnosis, PositionGatherer } from './position.js';
import { ClassGatherer, type ClassMetrics, asBinary } from './per-class.js';
import { type ModelImage, countModelImages, readModelImages } from './trained-on.js';

/** One test image with the model's answer. */
export interface EvaluatedSample {
  readonly sample: Sample;
  readonly prediction: Prediction;
  /** With the activation at the response, and the box that the input covered. */
  readonly evaluated: EvaluatedImage & { readonly response: MapResponse; readonly placement: Box };
}

/** `done` counts the images evaluated or left out so far, of `total`. */
export type EvaluateEvent =
  | { readonly type: 'image'; readonly done: number; readonly total: number; readonly result: EvaluatedSample }
  /** An image that could not be read and is not part of the metrics. */
  | { readonly type: 'issue'; readonly done: number; readonly total: number; readonly issue: DataIssue }
  /** With `full`, when all images are done; `done` counts resamples. */
  | { readonly type: 'resample'; readonly done: number; readonly total: number }
  | {
      readonly type: 'done';
      readonly metrics: Metrics;
      /** With `full`. */
      readonly estimates?: MetricEstimates;
      /** In which map the evidence lies; undefined where the model has but one, or does not give them all. */
      readonly evidence: EvidenceDiagnosis | undefined;
      /** How much of the localization is a learned position; undefined where no image is located. */
      readonly position: PositionDiagnosis | undefined;
      /** Of a multi-label model, the metrics of every class; `metrics` are those of the positive one. */
      readonly classes?: readonly ClassMetrics[];
      /** What to know before the numbers are believed. */
      readonly warnings: readonly EvaluationWarning[];
    };

/** How all metrics are measured. */
export interface FullEvaluation {
  /** Of the resampling and of the random maps. */
  readonly seed: number;
  /** How many times the patients are drawn anew for the intervals. */
  readonly resamples: number;
}

export interface EvaluateOptions {
  /** Measure all metrics, with intervals and beside those of maps that have not learned; only the paper's unless given. */
  readonly full?: FullEvaluation;
  /** How far beyond a box a response still hits, in pixels of the network's input; half the stride unless given. */
  readonly tolerance?: Tolerance;
  readonly cache: CachedImages;
  /** Images per run of the engine, at least 1; 16 unless given. */
  readonly batch?: number;
  /** An unreadable image is an error instead of being left out. */
  readonly strict?: boolean;
  /**
   * The images that the model was made from, to warn where it is tested on some. Read from the model's run unless given; an empty list
   * says that there is none among those tested.
   */
  readonly made?: readonly ModelImage[];
  readonly signal?: AbortSignal;
}

type Prepared = { readonly sample: Sample } & ({ readonly image: PreparedImage } | { readonly error: unknown });

/**
 * Evaluates a model on labelled images: the paper's metrics and the pointing hit rate, with half the network's stride as
 * tolerance (paper, section 3); with `full` all others too, each with its interval. Of every image only a summary is kept,
 * so memory stays flat. Boxes are used here and nowhere before. Events come in the order of the samples, but
 * for those left out, which are told before the others of their minibatch.
 * @throws WeakspotError `data` if no image can be read, or one cannot and `strict` is set; `usage` for a batch below 1;
 * `aborted`.
 */
export async function* evaluateModel(
  model: LocalizerModel,
  samples: readonly Sample[],
  options: EvaluateOptions,
): AsyncGenerator<EvaluateEvent> {
  const { cache, batch = 16, strict = false, signal, full } = options;
  if (!Number.isSafeInteger(batch) || batch < 1)
    throw new WeakspotError('usage', `evaluateModel: ${batch} images at once.`, {
      hint: 'Give a batch of at least 1.',
    });
  const { info } = model;
  const total = samples.length;
  const multiLabel = info.multiLabel === true;
  if (multiLabel && full !== undefined)
    throw new WeakspotError(
      'usage',
      'evaluateModel: "full" measures one class against the others, and this model has several.',
      {
        hint: "Evaluate without it: the paper's metrics of every class.",
      },
    );
  const measured: MetricsOptions = {
    positive: multiLabel ? 1 : info.positive,
    tolerance: options.tolerance ?? { x: info.stride / 2, y: info.stride / 2 },
    inputWidth: info.preprocessing.width,
    inputHeight: info.preprocessing.height,
  };
  const images: EvaluatedImage[] = [];
  const summaries: Omit<EstimatedSummaries, 'mean'>[] = [];
  const measuredSamples: Sample[] = [];
  const gatherer = new EvidenceGatherer(info.positive);
  const position = new PositionGatherer();
  const classes = new ClassGatherer(info);
  let done = 0;
  const prepareOne = (sample: Sample): Promise<Prepared> =>
    cache.prepare(sample.path, sample.frame).then(
      (image) => ({ sample, image }),
      (error: unknown) => ({ sample, error }),
    );
  let members: { readonly sample: Sample; readonly image: PreparedImage }[] = [];
  let taken = 0;
  for await (const result of mapAhead(samples, cache.ahead ?? 1, prepareOne, signal)) {
    if ('image' in result) members.push(result);
    else yield { type: 'issue', issue: leftOut(result.error, result.sample.path, strict), done: ++done, total };
    taken++;
    if (taken % batch > 0 && taken < total) continue;
    const predictions = await model.predict(members.map(({ image }) => image));
    for (const [index, { sample, image }] of members.entries()) {
      const prediction = predictions[index] as Prediction;
      const { originalWidth: width, originalHeight: height, placement } = image;
      const { map, probabilities } = prediction;
      const response = responsePoint(map, { width, height, placement });
      // Only a located image's brightness says whether it hits.
      const isNeeded = full !== undefined || sample.regions.length > 0;
      const brightness = isNeeded ? brightnessOf(image, info.preprocessing) : undefined;
      const evaluated: EvaluatedSample['evaluated'] = {
        label: sample.label,
        probabilities,
        response,
        width,
        height,
        regions: sample.regions,
        placement,
        ...(brightness === undefined ? {} : { brightest: brightness.brightest, darkest: brightness.darkest }),
        ...(multiLabel ? asBinary(sample, probabilities, info.positive) : {}),
      };
      images.push(evaluated);
      measuredSamples.push(sample);
      position.add(evaluated, map);
      if (full !== undefined && brightness !== undefined) {
        const { name, patient } = sample;
        const mapped = { ...evaluated, map, ...(patient === undefined ? {} : { patient }) };
        summaries.push({
          ...summarizeCompared(mapped, { ...measured, seed: full.seed, name }),
          ...summarizeBrightness(mapped, brightness, measured),
        });
      }
      // Only where classes compete can evidence be in another's map; with a reference class it is in those of the others.
      if (multiLabel) classes.add(sample, evaluated, prediction);
      else if (info.reference === undefined && mapNames.some((name) => name === mapParts(info.map).base))
        gatherer.add(evaluated, prediction);
      yield { type: 'image', done: ++done, total, result: { sample, prediction, evaluated } };
    }
    members = [];
  }
  if (images.length === 0) {
    throw new WeakspotError('data', 'There is no image to evaluate.', {
      hint:
        total === 0 ? 'Check the part of the data set that was asked for.' : 'None of the image files could be read.',
    });
  }
  const metrics = computeMetrics(images, measured);
  const found = {
    metrics,
    evidence: gatherer.diagnose(metrics, measured),
    position: position.diagnose(metrics, measured),
    ...(multiLabel ? { classes: classes.metrics(measured) } : {}),
  };
  const made = options.made ?? (model.run === undefined ? [] : await readModelImages(model.run));
  const tested = { images: images.length, unread: total - images.length };
  const warnings = evaluationWarnings(modelsOf(found, info), {
    ...tested,
    ...(await countModelImages(measuredSamples, made, signal)),
  });
  if (full === undefined) {
    yield { type: 'done', ...found, warnings };
    return;
  }
  const estimated: EstimatedSummaries[] = [];
  const meanMap = position.meanMap() as NonNullable<ReturnType<PositionGatherer['meanMap']>>;
  for (const [i, summary] of summaries.entries()) {
    const { patient } = summary.model;
    const image = { ...(images[i] as EvaluatedImage), ...(patient === undefined ? {} : { patient }) };
    estimated.push({ ...summary, mean: summarizeWithMap(image, meanMap, measured) });
    if (i % 64 > 0) continue;
    await setImmediate();
    throwIfAborted(signal);
  }
  for (const event of estimateMetrics(estimated, full)) {
    if (event.type === 'done') {
      yield { type: 'done', ...found, warnings, estimates: event.estimates };
      return;
    }
    yield { type: 'resample', done: event.done, total: event.total };
    // Lets the caller's timers and signals in.
    await setImmediate();
    throwIfAborted(signal);
  }
}

/** What warnings are looked for in: the model, or of a multi-label one its classes. */
function modelsOf(
  {
    metrics,
    evidence,
    position,
    classes,
  }: Pick<Extract<EvaluateEvent, { type: 'done' }>, 'metrics' | 'evidence' | 'position' | 'classes'>,
  { map }: ModelInfo,
): MeasuredModel[] {
  if (classes !== undefined) return classes.map(({ name, ...of }) => ({ ...of, class: name }));
  // Where another map is read, where the evidence lies in the positive one does not matter.
  return [{ metrics, position, evidence: mapParts(map).base === 'positive' ? evidence : undefined }];
}
