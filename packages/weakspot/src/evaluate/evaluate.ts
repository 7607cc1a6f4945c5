import {
  type DataIssue,
  type EvaluatedImage,
  type Metrics,
  WeakspotError,
  computeMetrics,
  responsePoint,
} from '@weakspot/core';
import type { CachedImages } from '../data/cache.js';
import { throwIfAborted } from '../data/concurrency.js';
import type { Sample } from '../data/dataset.js';
import type { PreparedImage } from '../data/preprocess.js';
import type { LocalizerModel, Prediction } from './model.js';

/** One test image with the model's answer. */
export interface EvaluatedSample {
  readonly sample: Sample;
  readonly prediction: Prediction;
  readonly evaluated: EvaluatedImage;
}

export type EvaluateEvent =
  | { readonly type: 'image'; readonly done: number; readonly total: number; readonly result: EvaluatedSample }
  /** An image that could not be read and is not part of the metrics. */
  | { readonly type: 'issue'; readonly issue: DataIssue }
  | { readonly type: 'done'; readonly metrics: Metrics };

export interface EvaluateOptions {
  readonly cache: CachedImages;
  /** Images per run of the engine; 16 unless given. */
  readonly batch?: number;
  /** An unreadable image is an error instead of being left out. */
  readonly strict?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Evaluates a model on labelled images: the paper's metrics and the pointing hit rate, with half the network's stride as
 * tolerance (paper, section 3). Boxes are used here and nowhere before.
 * @throws WeakspotError `data` if no image can be read; `aborted`.
 */
export async function* evaluateModel(
  model: LocalizerModel,
  samples: readonly Sample[],
  options: EvaluateOptions,
): AsyncGenerator<EvaluateEvent> {
  const { cache, batch = 16, strict = false, signal } = options;
  const { info } = model;
  const images: EvaluatedImage[] = [];
  for (let first = 0; first < samples.length; first += batch) {
    const members: { sample: Sample; image: PreparedImage }[] = [];
    for (const sample of samples.slice(first, first + batch)) {
      throwIfAborted(signal);
      try {
        members.push({ sample, image: await cache.prepare(sample.path) });
      } catch (error) {
        if (strict || !(error instanceof WeakspotError) || error.code !== 'data') throw error;
        yield {
          type: 'issue',
          issue: { severity: 'warning', file: sample.path, message: `left out: ${error.message}` },
        };
      }
    }
    const predictions = await model.predict(members.map(({ image }) => image));
    for (const [index, { sample, image }] of members.entries()) {
      const prediction = predictions[index] as Prediction;
      const { originalWidth: width, originalHeight: height } = image;
      const { map, probabilities } = prediction;
      const response = responsePoint(map.values, map.width, map.height, width, height);
      const evaluated: EvaluatedImage = {
        label: sample.label,
        probabilities,
        response,
        width,
        height,
        boxes: sample.boxes,
      };
      images.push(evaluated);
      yield { type: 'image', done: images.length, total: samples.length, result: { sample, prediction, evaluated } };
    }
  }
  if (images.length === 0) {
    throw new WeakspotError('data', 'There is no image to evaluate.', {
      hint: 'Check the part of the data set that was asked for.',
    });
  }
  const tolerance = info.stride / 2;
  const metrics = computeMetrics(images, {
    positive: info.positive,
    tolerance: { x: tolerance, y: tolerance },
    inputWidth: info.preprocessing.width,
    inputHeight: info.preprocessing.height,
  });
  yield { type: 'done', metrics };
}
