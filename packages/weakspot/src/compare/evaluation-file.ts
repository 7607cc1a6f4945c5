import { readFile } from 'node:fs/promises';
import {
  type BoxedImage,
  type EvaluatedImage,
  type MetricsOptions,
  type Point,
  type Region,
  type Tolerance,
  WeakspotError,
  computeMetrics,
  computePointing,
  mapChoices,
  messageOf,
  warningCodes,
} from '@weakspot/core';
import { z } from 'zod';
import { pointingRecord } from '../report/record.js';
import { writeFileWhole } from '../run/write.js';

const number = z.number();
const nullableNumber = z.number().nullable();
const box = { x0: number, y0: number, x1: number, y1: number };
const point = { x: number, y: number };

/** A region as JSON. Of a mask, `runs` has the lengths of its runs of unset and set pixels in turn, row by row. */
const regionSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('box'), ...box }),
  z.object({ kind: z.literal('circle'), ...point, radius: number }),
  z.object({ kind: z.literal('polygon'), points: z.array(z.object(point)) }),
  z.object({
    kind: z.literal('mask'),
    x0: number,
    y0: number,
    width: z.int().min(0),
    height: z.int().min(0),
    runs: z.array(z.int().min(0)),
  }),
]);
type StoredRegion = z.infer<typeof regionSchema>;

const imageSchema = z.object({
  name: z.string(),
  patient: z.string().nullable(),
  /** Index of the class. */
  label: z.int().min(0),
  /** One per class. */
  probabilities: z.array(number),
  /** Of the positive class's map, in pixels of the original image. */
  response: z.object({ ...point, value: number }),
  /** Where the run's mean map over all images responds in this one, and the brightest and darkest points: of located images. */
  meanResponse: z.object(point).exactOptional(),
  brightest: z.object(point).exactOptional(),
  darkest: z.object(point).exactOptional(),
  /** What the map marks, highest score first: boxes around its parts at half its range or above. */
  boxes: z.array(z.object({ ...box, score: number })).exactOptional(),
  width: z.int().min(1),
  height: z.int().min(1),
  /** The box that the network's input covered. */
  placement: z.object(box),
  /** Ground truth. */
  regions: z.array(regionSchema),
});

const recordSchema = z.object({
  method: z.string(),
  dataset: z.string(),
  images: z.int(),
  positives: z.int(),
  located: z.int(),
  acc: number,
  auc: nullableNumber,
  apPositive: nullableNumber,
  apNegative: nullableNumber,
  locAp: nullableNumber,
  hitRate: nullableNumber,
  hitRateRandom: nullableNumber,
  hitRateShuffled: nullableNumber,
  hitRateFixed: nullableNumber,
  locApFixed: nullableNumber,
  hitRateBrightest: nullableNumber,
  locApBrightest: nullableNumber,
  hitRateDarkest: nullableNumber,
  locApDarkest: nullableNumber,
  hitRateMean: nullableNumber,
  locApMean: nullableNumber,
  /** The map that was read, and where the evidence lies. */
  map: z.enum(mapChoices),
  negativeShare: nullableNumber,
  hitRates: z.object({ positive: number, difference: number, negative: number }).nullable(),
  warnings: z
    .array(
      z.object({
        code: z.enum(warningCodes),
        text: z.string(),
        figures: z.record(z.string(), number),
        class: z.string().exactOptional(),
      }),
    )
    .readonly(),
});

/** What a model said about every image of a test set, with the truth: `RUN/evaluations/TEST.json`. */
export const evaluationFileSchema = z.object({
  /**
   * Records of format 1 had no mean map and no fixed point; in format 2 maps lay over the images as if their cells tiled the
   * network's input, and there was no brightness and no warnings; in format 3 images had no boxes, nor the points that the response is
   * compared with. Such runs are tested again. Format 3 can be read.
   */
  format: z.literal([3, 4]),
  weakspot: z.string(),
  dataset: z.string(),
  part: z.enum(['train', 'validation', 'test', 'all']),
  checkpoint: z.enum(['last', 'best']),
  /** SHA-256 of the checkpoint's file. */
  checkpointHash: z.string(),
  /** Fingerprint of the images and their ground truth; files without one are made again. */
  testHash: z.string().exactOptional(),
  classes: z.array(z.string()),
  /** Index of the positive class. */
  positive: z.int().min(0),
  /** Size of the network's input, pixels. */
  input: z.object({ width: z.int(), height: z.int() }),
  /** How far beyond a region a response still hits, in pixels of the network's input. */
  tolerance: z.object(point),
  /** The metrics. */
  record: recordSchema,
  images: z.array(imageSchema),
});
export type EvaluationFile = z.infer<typeof evaluationFileSchema>;
export type StoredImage = EvaluationFile['images'][number];

/** @throws WeakspotError `io` naming the file. */
export async function writeEvaluation(path: string, evaluation: EvaluationFile): Promise<void> {
  const { images, ...rest } = evaluation;
  // A line per image: such files are looked into.
  const head = JSON.stringify({ ...rest, images: [] }, undefined, 1).replace(/\[\]\n\}$/, '[');
  const lines = images.map((image) => `  ${JSON.stringify(image)}`).join(',\n');
  await writeFileWhole(path, `${head}\n${lines}\n ]\n}\n`);
}

/**
 * Reads a run's answers on a test set.
 * @throws WeakspotError `model` naming the file, if it is missing or damaged.
 */
export async function readEvaluation(path: string): Promise<EvaluationFile> {
  try {
    return evaluationFileSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new WeakspotError('model', `${path} is not a readable evaluation: ${reason}`, {
      hint: 'Remove it, and "weakspot compare" makes it again.',
      cause: error,
    });
  }
}

/** The images as the metrics take them. */
export function evaluatedImages({ images }: EvaluationFile): EvaluatedImage[] {
  return images.map(({ label, probabilities, response, width, height, placement, regions, brightest, darkest }) => ({
    label,
    probabilities,
    response,
    width,
    height,
    placement,
    regions: regions.map(regionFrom),
    ...(brightest === undefined ? {} : { brightest }),
    ...(darkest === undefined ? {} : { darkest }),
  }));
}

export function metricsOptions({ positive, tolerance, input }: EvaluationFile): MetricsOptions {
  return { positive, tolerance, inputWidth: input.width, inputHeight: input.height };
}

/** The images with what the maps mark in them; undefined of a file that does not say. */
export function boxedImages({ images, positive }: EvaluationFile): BoxedImage[] | undefined {
  const boxed = images.map(({ label, regions, boxes }) => {
    return boxes === undefined ? undefined : { positive: label === positive, regions: regions.map(regionFrom), boxes };
  });
  return boxed.every((image) => image !== undefined) ? boxed : undefined;
}

/** An evaluation as it would be with another tolerance, in pixels of the network's input. Its warnings stay. */
export function withTolerance(file: EvaluationFile, tolerance: Tolerance): EvaluationFile {
  const images = evaluatedImages(file);
  const options = { ...metricsOptions(file), tolerance };
  const metrics = computeMetrics(images, options);
  return {
    ...file,
    tolerance,
    record: {
      ...file.record,
      ...pointingRecord(metrics, meanPointing(file, images, options)),
      // The other maps' responses are not kept.
      hitRates: null,
    },
  };
}

/** With the mean map for every image; undefined where a located image does not say where that responds. */
function meanPointing(
  { images: stored, positive }: EvaluationFile,
  images: readonly EvaluatedImage[],
  options: MetricsOptions,
): { readonly hitRate: number | undefined; readonly locAp: number | undefined } | undefined {
  const points = stored.map(({ meanResponse }): Point | undefined => meanResponse);
  if (stored.some(({ label, regions }, i) => label === positive && regions.length > 0 && points[i] === undefined))
    return undefined;
  return computePointing(
    images.map((image, i) => ({ ...image, response: points[i] ?? image.response })),
    options,
  );
}

/** A region for JSON. */
export function storedRegion(region: Region): StoredRegion {
  if (region.kind === 'polygon') return { kind: 'polygon', points: region.points.map(({ x, y }) => ({ x, y })) };
  if (region.kind !== 'mask') return region;
  const { pixels, ...rest } = region;
  const runs: number[] = [];
  let [run, isSet] = [0, false];
  for (const pixel of pixels) {
    if ((pixel !== 0) !== isSet) {
      runs.push(run);
      [run, isSet] = [0, !isSet];
    }
    run++;
  }
  return { ...rest, runs: [...runs, run] };
}

function regionFrom(region: StoredRegion): Region {
  if (region.kind !== 'mask') return region;
  const { runs, ...rest } = region;
  const pixels = new Uint8Array(region.width * region.height);
  let position = 0;
  for (const [i, run] of runs.entries()) {
    if (i % 2 === 1) pixels.fill(1, position, position + run);
    position += run;
  }
  return { ...rest, pixels };
}
