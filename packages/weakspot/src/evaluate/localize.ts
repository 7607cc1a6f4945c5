import { readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import {
  type Box,
  type DataIssue,
  type MapChoice,
  type Point,
  WeakspotError,
  mapRegions,
  messageOf,
  responsePoint,
} from '@weakspot/core';
import { throwIfAborted } from '../data/concurrency.js';
import { decodeImage } from '../data/decode.js';
import { hasImageEnding, kindOf, listFilesBelow } from '../data/files.js';
import { type DecodedImage, unreadableImage } from '../data/image.js';
import { type PreparedImage, prepareImage } from '../data/preprocess.js';
import { leftOut } from '../data/left-out.js';
import type { LocalizerModel, Prediction } from './model.js';

/** Where a lesion may be: a connected part of the activation map above the threshold. Original pixels. */
export interface LocalizedBox extends Box {
  /** Probability of the positive class times the part's peak, 0..1 of the map's range. */
  readonly score: number;
  readonly peak: Point;
}

/** What a model says about one image; the JSON that `weakspot localize` writes. */
export interface Localization {
  readonly file: string;
  /** Size of the stored image, pixels. */
  readonly width: number;
  readonly height: number;
  readonly predicted: string;
  readonly positive: string;
  readonly probabilities: Readonly<Record<string, number>>;
  /** Which map `response` and `boxes` are of: the positive class's (`positive`) unless asked for another. */
  readonly map: MapChoice;
  /** Where the map, resized to the image, is largest: centre of that pixel, and the activation. */
  readonly response: Point & { readonly value: number };
  /** Largest score first; empty where the positive class is less probable than `minProbability`. */
  readonly boxes: readonly LocalizedBox[];
}

/** An image to localize: its file and a name for what is written about it. */
export interface ImageFile {
  readonly path: string;
  /** Relative to the folder it was found in, `/`-separated. */
  readonly name: string;
}

/** `done` counts the images localized or left out so far, of `total`. */
export type LocalizeEvent =
  | {
      readonly type: 'image';
      readonly done: number;
      readonly total: number;
      readonly file: ImageFile;
      readonly localization: Localization;
      readonly image: DecodedImage;
      readonly prediction: Prediction;
      /** The box that the input, and so the map, covers, in pixels of the image. */
      readonly placement: Box;
    }
  /** An image that could not be read. */
  | { readonly type: 'issue'; readonly done: number; readonly total: number; readonly issue: DataIssue };

export interface LocalizeOptions {
  /** Boxes are given from this probability of the positive class on; 0.5 unless given. */
  readonly minProbability?: number;
  /** Where boxes end, between the map's minimum (0) and maximum (1); 0.5 unless given. */
  readonly threshold?: number;
  /** An unreadable image is an error instead of being reported. */
  readonly strict?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Image files of paths that are files or folders (searched in depth), each once; a file is taken whatever its name ends in.
 * @throws WeakspotError `data` naming a path that is neither, or a folder that has no images or cannot be read.
 */
export async function findImages(paths: readonly string[]): Promise<ImageFile[]> {
  const found = new Map<string, ImageFile>();
  for (const path of paths) {
    const kind = await kindOf(path);
    if (kind === undefined)
      throw new WeakspotError('data', `There is no file or folder ${path}.`, { hint: 'Check the path.' });
    const names = kind === 'file' ? [''] : (await listFiles(path)).filter(hasImageEnding);
    if (names.length === 0)
      throw new WeakspotError('data', `${path} has no images in it.`, {
        hint: 'Images are told by their endings, such as .png or .jpg.',
      });
    for (const name of names) {
      const file = resolve(name === '' ? path : join(path, name));
      found.set(file, { path: file, name: name === '' ? relative(resolve(path, '..'), file) : name });
    }
  }
  return [...found.values()];
}

async function listFiles(folder: string): Promise<string[]> {
  try {
    return await listFilesBelow(folder);
  } catch (error) {
    throw new WeakspotError('data', `Cannot read the folder ${folder}: ${messageOf(error)}`, {
      hint: 'Check its permissions, and those of the folders in it.',
      cause: error,
    });
  }
}

/**
 * Localizes images one after the other; only the one at hand is in memory.
 * @throws WeakspotError `data` if an image cannot be read and `strict` is set; `usage` for a threshold outside 0..1;
 * `aborted`.
 */
export async function* localizeImages(
  model: LocalizerModel,
  files: readonly ImageFile[],
  options: LocalizeOptions = {},
): AsyncGenerator<LocalizeEvent> {
  for (const [index, file] of files.entries()) {
    throwIfAborted(options.signal);
    let image: DecodedImage;
    try {
      image = await decodeImage(await readBytes(file.path), file.path);
    } catch (error) {
      const issue = leftOut(error, file.path, options.strict ?? false);
      yield { type: 'issue', issue, done: index + 1, total: files.length };
      continue;
    }
    const prepared = prepareImage(image, model.info.preprocessing);
    const { placement } = prepared;
    const [prediction] = await model.predict([prepared]);
    if (prediction === undefined) throw new WeakspotError('engine', `The model gave no answer for ${file.path}.`);
    const localization = describe(model, file, prepared, prediction, options);
    const counts = { done: index + 1, total: files.length };
    yield { type: 'image', ...counts, file, localization, image, prediction, placement };
  }
}

function describe(
  { info }: LocalizerModel,
  file: ImageFile,
  { originalWidth: width, originalHeight: height, placement }: PreparedImage,
  prediction: Prediction,
  options: LocalizeOptions,
): Localization {
  const { minProbability = 0.5, threshold = 0.5 } = options;
  const { map, probabilities } = prediction;
  const probability = probabilities[info.positive] ?? 0;
  const most = probabilities.indexOf(Math.max(...probabilities));
  const regions =
    probability < minProbability
      ? []
      : mapRegions(map.values, map.width, map.height, width, height, { threshold, placement });
  return {
    file: file.path,
    width,
    height,
    predicted: info.classes[most] ?? '',
    positive: info.classes[info.positive] ?? '',
    probabilities: Object.fromEntries(info.classes.map((name, index) => [name, probabilities[index] ?? 0])),
    map: info.map,
    response: responsePoint(map.values, map.width, map.height, width, height, placement),
    boxes: regions.map(({ box, score, peak }) => ({ ...box, score: score * probability, peak })),
  };
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw unreadableImage(path, `cannot read: ${messageOf(error)}`, error);
  }
}

/**
 * Limits between which a map is shown: from its minimum to the value at which heat would be 1, so that its maximum has
 * the heat of the positive class's probability (paper, Fig. 3: "scaled to the range between 0 and the maximum probability").
 */
export function heatRange(map: Float32Array, probability: number): { low: number; high: number } {
  let low = Infinity;
  let high = -Infinity;
  for (const value of map) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { low, high: low + (high - low) / Math.max(probability, 1e-3) };
}
