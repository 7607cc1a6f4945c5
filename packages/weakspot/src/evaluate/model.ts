import { readFile, stat } from 'node:fs/promises';
import {
  type OnnxRuntime,
  type Session,
  WeakspotError,
  createSession,
  inferenceNames,
  messageOf,
} from '@weakspot/core';
import { type PreparedImage, toInput } from '../data/preprocess.js';
import { loadCheckpoint } from '../run/checkpoint.js';
import { type CheckpointKind, readConfig, runFolder } from '../run/folder.js';
import { type ModelInfo, encodeModel, readModelInfo } from '../run/model-file.js';

/** A model's answer for one image. */
export interface Prediction {
  /** One per class, in the order of the model's classes; they sum to 1. */
  readonly probabilities: readonly number[];
  /** The positive class's activation map, row-major. */
  readonly map: { readonly values: Float32Array; readonly width: number; readonly height: number };
}

/** A trained model that classifies and localizes prepared images. */
export interface LocalizerModel {
  readonly info: ModelInfo;
  /** Predictions in the order of the images, which must be prepared with `info.preprocessing`. */
  predict(images: readonly PreparedImage[]): Promise<Prediction[]>;
  /** Frees the engine's session. */
  release(): Promise<void>;
}

export interface OpenModelOptions {
  /** Which of a run's checkpoints: `last` (as in the paper) unless given. A model file has only one. */
  readonly checkpoint?: CheckpointKind;
  readonly threads?: number;
}

/**
 * Reads an exported model file, or encodes a run's checkpoint as one.
 * @throws WeakspotError `model` if the path is neither.
 */
export async function readModel(
  path: string,
  checkpoint: CheckpointKind = 'last',
): Promise<{ bytes: Uint8Array; info: ModelInfo }> {
  const found = await stat(path).catch((error: unknown) => {
    throw new WeakspotError('model', `There is no model or run at ${path}: ${messageOf(error)}`, {
      hint: 'Give a run folder, or the model.onnx of one.',
      cause: error,
    });
  });
  if (!found.isDirectory()) {
    const bytes = await readFile(path);
    return { bytes, info: readModelInfo(bytes, path) };
  }
  const folder = runFolder(path);
  const { run, config } = await readConfig(folder);
  const bytes = encodeModel(run, config, await loadCheckpoint(folder.checkpoint(checkpoint)));
  return { bytes, info: readModelInfo(bytes, path) };
}

/** Opens a run's folder or an exported model file for prediction. */
export async function openModel(
  runtime: OnnxRuntime,
  path: string,
  options: OpenModelOptions = {},
): Promise<LocalizerModel> {
  const { bytes, info } = await readModel(path, options.checkpoint);
  const session = await createSession(
    runtime,
    bytes,
    options.threads === undefined ? {} : { threads: options.threads },
  );
  return {
    info,
    predict: (images) => predict(session, info, images),
    release: () => session.release(),
  };
}

async function predict(
  session: Session,
  { preprocessing, classes, positive }: ModelInfo,
  images: readonly PreparedImage[],
): Promise<Prediction[]> {
  if (images.length === 0) return [];
  const { width, height } = preprocessing;
  const data = new Float32Array(images.length * width * height);
  images.forEach((image, index) => toInput(image.pixels, preprocessing, data, index * width * height));
  const outputs = await session.run({ [inferenceNames.images]: { data, shape: [images.length, 1, height, width] } });
  const probabilities = outputs[inferenceNames.probabilities];
  const maps = outputs[inferenceNames.activationMaps];
  const [, , mapHeight = 0, mapWidth = 0] = maps?.shape ?? [];
  if (probabilities === undefined || maps === undefined || mapWidth === 0) {
    throw new WeakspotError('model', 'The model has no outputs "probabilities" and "activation_maps".');
  }
  const size = mapWidth * mapHeight;
  return images.map((_, index) => {
    const first = (index * classes.length + positive) * size;
    return {
      probabilities: [...probabilities.data.subarray(index * classes.length, (index + 1) * classes.length)],
      // A copy, so that keeping one map does not keep the whole minibatch's.
      map: { values: maps.data.slice(first, first + size), width: mapWidth, height: mapHeight },
    };
  });
}
