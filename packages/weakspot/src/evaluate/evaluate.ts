import {
  type DataIssue,
  type EvaluatedImage,
  type Metrics,
  type MetricsOptions,
  type Tolerance,
  WeakspotError,
  computeMetrics,
  responsePoint,
} from '@weakspot/core';
import type { CachedImages } from '../data/cache.js';
import { throwIfAborted } from '../data/concurrency.js';
import type { Sample } from '../data/dataset.js';
import type { PreparedImage } from '../data/preprocess.js';
import { leftOut } from '../data/left-out.js';
import { type EvidenceDiagnosis, EvidenceGatherer } from './diagnose.js';
import type { LocalizerModel, Prediction } from './model.js';
import { ClassGatherer, type ClassMetrics, asBinary } from './per-class.js';

/** One test image with the model's answer. */
export interface EvaluatedSample {
  readonly sample: Sample;
  readonly prediction: Prediction;
  readonly evaluated: EvaluatedImage;
}

/** `done` counts the images evaluated or left out so far, of `total`. */
export type EvaluateEvent =
  | { readonly type: 'image'; readonly done: number; readonly total: number; readonly result: EvaluatedSample }
  /** An image that could not be read and is not part of the metrics. */
  | { readonly type: 'issue'; readonly done: number; readonly total: number; readonly issue: DataIssue }
  | {
      readonly type: 'done';
      readonly metrics: Metrics;
      /** In which map the evidence lies; undefined where the model has but one, or does not give them all. */
      readonly evidence: EvidenceDiagnosis | undefined;
      /** Of a multi-label model, the metrics of every class; `metrics` are those of the positive one. */
      readonly classes?: readonly ClassMetrics[];
    };

export interface EvaluateOptions {
  /** How far beyond a box a response still hits, in pixels of the network's input; half the stride unless given. */
  readonly tolerance?: Tolerance;
  readonly cache: CachedImages;
  /** Images per run of the engine, at least 1; 16 unless given. */
  readonly batch?: number;
  /** An unreadable image is an error instead of being left out. */
  readonly strict?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Evaluates a model on labelled images: the paper's metrics and the pointing hit rate, with half the network's stride as
 * tolerance (paper, section 3). Boxes are used here and nowhere before. Events come in the order of the samples, but
 * for those left out, which are told before the others of their minibatch.
 * @throws WeakspotError `data` if no image can be read, or one cannot and `strict` is set; `usage` for a batch below 1;
 * `aborted`.
 */
export async function* evaluateModel(
  model: LocalizerModel,
  samples: readonly Sample[],
  options: EvaluateOptions,
): AsyncGenerator<EvaluateEvent> {
  const { cache, batch = 16, strict = false, signal } = options;
  if (!Number.isSafeInteger(batch) || batch < 1)
    throw new WeakspotError('usage', `evaluateModel: ${batch} images at once.`, {
      hint: 'Give a batch of at least 1.',
    });
  const { info } = model;
  const total = samples.length;
  const images: EvaluatedImage[] = [];
  const gatherer = new EvidenceGatherer(info.positive);
  const classes = new ClassGatherer(info);
  const multiLabel = info.multiLabel === true;
  let done = 0;
  for (let first = 0; first < samples.length; first += batch) {
    const members: { sample: Sample; image: PreparedImage }[] = [];
    for (const sample of samples.slice(first, first + batch)) {
      throwIfAborted(signal);
      try {
        members.push({ sample, image: await cache.prepare(sample.path) });
      } catch (error) {
        yield { type: 'issue', issue: leftOut(error, sample.path, strict), done: ++done, total };
      }
    }
    const predictions = await model.predict(members.map(({ image }) => image));
    for (const [index, { sample, image }] of members.entries()) {
      const prediction = predictions[index] as Prediction;
      const { originalWidth: width, originalHeight: height, placement } = image;
      const { map, probabilities } = prediction;
      const response = responsePoint(map.values, map.width, map.height, width, height, placement);
      const evaluated: EvaluatedImage = {
        label: sample.label,
        probabilities,
        response,
        width,
        height,
        regions: sample.regions,
        placement,
        ...(multiLabel ? asBinary(sample, probabilities, info.positive) : {}),
      };
      images.push(evaluated);
      // Only where classes compete can evidence be in another's map; with a reference class it is in those of the others.
      if (multiLabel) classes.add(sample, evaluated, prediction);
      else if (info.reference === undefined && info.map !== 'gradcam') gatherer.add(evaluated, prediction);
      yield { type: 'image', done: ++done, total, result: { sample, prediction, evaluated } };
    }
  }
  if (images.length === 0) {
    throw new WeakspotError('data', 'There is no image to evaluate.', {
      hint:
        total === 0 ? 'Check the part of the data set that was asked for.' : 'None of the image files could be read.',
    });
  }
  const measure: MetricsOptions = {
    positive: multiLabel ? 1 : info.positive,
    tolerance: options.tolerance ?? { x: info.stride / 2, y: info.stride / 2 },
    inputWidth: info.preprocessing.width,
    inputHeight: info.preprocessing.height,
  };
  const metrics = computeMetrics(images, measure);
  const evidence = gatherer.diagnose(metrics, measure);
  yield { type: 'done', metrics, evidence, ...(multiLabel ? { classes: classes.metrics(measure) } : {}) };
}
