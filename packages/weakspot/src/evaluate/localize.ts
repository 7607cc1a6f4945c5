import {
  type Box,
  type DataIssue,
  type MapChoice,
  type Point,
  WeakspotError,
  mapRegions,
  responsePoint,
} from '@weakspot/core';
import { mapAhead } from '../data/concurrency.js';
import { type DecodedImage, unreadableImage } from '../data/image.js';
import { leftOut } from '../data/left-out.js';
import { openThreads } from '../data/threads/threads.js';
import { type FilmFrame, type FrameChoice, type ImageFile, planFrames, readShared } from './frames.js';
import { type FilmJob, type FilmSettings, type LocalizableFilm, readFilm } from './film.js';
import type { LocalizerModel, Prediction } from './model.js';

export { heatRange } from '@weakspot/core';
export type { FrameChoice, ImageFile } from './frames.js';

/** Where a lesion may be: a connected part of the activation map above the threshold. Original pixels. */
export interface LocalizedBox extends Box {
  /** Probability of the positive class times the part's peak, 0..1 of the map's range. */
  readonly score: number;
  readonly peak: Point;
}

/** What a model says about one image; the JSON that `weakspot localize` writes. */
export interface Localization {
  readonly file: string;
  /** Of a file with several frames, which one this is, from 1, and how many there are. */
  readonly frame?: number;
  readonly frames?: number;
  /** Size of the original image, pixels. */
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

/** `done` counts the images, or frames, localized or left out so far, of `total`. */
export type LocalizeEvent =
  | {
      readonly type: 'image';
      readonly done: number;
      readonly total: number;
      readonly file: ImageFile;
      readonly localization: Localization;
      readonly image: DecodedImage;
      readonly prediction: Prediction;
      /** The box that the network's input covers, in pixels of the image. */
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
  /**
   * Which frames of files with several: one, from 1, or all. Unless given the one that the file's `frame` means, else the
   * first, as in training and evaluation.
   */
  readonly frame?: FrameChoice | undefined;
  /** Threads that decode: the number of cores unless given, and never more than 8; 0 decodes in the caller's. */
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal;
}

/**
 * Localizes images one after the other; only the one at hand and the next few, which threads decode meanwhile, are in
 * memory.
 * @throws WeakspotError `data` if an image cannot be read and `strict` is set; `usage` for a threshold outside 0..1 or a
 * frame that is no whole number from 1; `aborted`.
 */
export async function* localizeImages(
  model: LocalizerModel,
  files: readonly ImageFile[],
  options: LocalizeOptions = {},
): AsyncGenerator<LocalizeEvent> {
  const { strict = false, threads, signal } = options;
  const settings: FilmSettings = { preprocessing: model.info.preprocessing };
  const decoding = openThreads<FilmSettings, FilmJob, LocalizableFilm>({
    module: new URL('./film-thread.js', import.meta.url),
    settings,
    here: (job) => readFilm(job, settings),
    died: ({ path }, reason, cause) => unreadableImage(path, `the thread that decoded it ended: ${reason}`, cause),
    threads,
  });
  type Film = { readonly file: ImageFile } & (LocalizableFilm | { readonly error: unknown });
  // Of the file whose frames are at hand: one copy for all threads.
  let shared: { readonly path: string; readonly content: Promise<Uint8Array> } | undefined;
  const contentOf = async ({ file: { path }, isOneOfSeveral }: FilmFrame): Promise<Uint8Array | undefined> => {
    if (!isOneOfSeveral) return undefined;
    if (shared?.path !== path) shared = { path, content: readShared(path) };
    return shared.content;
  };
  const readOne = (planned: FilmFrame): Promise<Film> => {
    const { file } = planned;
    return contentOf(planned)
      .then((content) => decoding.run({ path: file.path, frame: file.frame, content }))
      .then(
        (film) => ({ file, ...film }),
        (error: unknown) => ({ file, error }),
      );
  };
  let done = 0;
  try {
    const planned = await planFrames(files, options.frame, signal);
    for await (const film of mapAhead(planned, decoding.ahead, readOne, signal)) {
      const { file } = film;
      const counts = { done: ++done, total: planned.count };
      if ('error' in film) {
        yield { type: 'issue', issue: leftOut(film.error, file.path, strict), ...counts };
        continue;
      }
      const { image, prepared } = film;
      const [prediction] = await model.predict([prepared]);
      if (prediction === undefined) throw new WeakspotError('engine', `The model gave no answer for ${file.path}.`);
      const localization = describe(model, film, prediction, options);
      yield { type: 'image', ...counts, file, localization, image, prediction, placement: prepared.placement };
    }
  } finally {
    await decoding.close();
  }
}

function describe(
  { info }: LocalizerModel,
  { file, frames, prepared }: LocalizableFilm & { readonly file: ImageFile },
  prediction: Prediction,
  options: LocalizeOptions,
): Localization {
  const { minProbability = 0.5, threshold = 0.5 } = options;
  const { originalWidth: width, originalHeight: height, placement } = prepared;
  const { map, probabilities } = prediction;
  const frame = { width, height, placement };
  const probability = probabilities[info.positive] ?? 0;
  const most = probabilities.indexOf(Math.max(...probabilities));
  const regions = probability < minProbability ? [] : mapRegions(map, frame, { threshold });
  return {
    file: file.path,
    ...(frames === 1 ? {} : { frame: file.frame ?? 1, frames }),
    width,
    height,
    predicted: info.classes[most] ?? '',
    positive: info.classes[info.positive] ?? '',
    probabilities: Object.fromEntries(info.classes.map((name, index) => [name, probabilities[index] ?? 0])),
    map: info.map,
    response: responsePoint(map, frame),
    boxes: regions.map(({ box, score, peak }) => ({ ...box, score: score * probability, peak })),
  };
}
