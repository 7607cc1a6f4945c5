import type { HeatMap, Region } from '../../imaging/index.js';
import { regionBounds, responsePoint } from '../../imaging/index.js';
import { isHit, type LocalizedImage } from '../localization.js';
import { mostProbable, toLocalized } from '../localized.js';
import { centredMap, randomMap } from './baseline.js';
import { summarizeDetection } from './detection.js';
import { boxesOnGrid, gridOf, levelsOnGrid, maskOnGrid } from './grid.js';
import { levelIous } from './level-boxes.js';
import { bestOverlaps, marksOf, withArea } from './marks.js';
import type { CoverageSummary, ImageSummary, MappedImage, Mark, SummaryOptions } from './types.js';
import { LEVELS } from './types.js';

/**
 * Reduces one image and its map to what all metrics need, so that 10,000 images are evaluated in the memory of one and
 * of 10,000 summaries.
 *
 * Ground truth of images of another class than the positive one does not count, nor do regions without area.
 *
 * @throws WeakspotError `usage` where the image has no probability for the positive class, or one that is NaN, or an
 * option is out of range; `engine` where the map holds a value that is not finite.
 */
export function summarizeImage(image: MappedImage, options: SummaryOptions): ImageSummary {
  return summarize(image, knownOf(image, options), options);
}

/**
 * `summarizeImage` of the image with another map, such as the model's mean map, in place of its own.
 *
 * @throws WeakspotError as `summarizeImage`.
 */
export function summarizeWithMap(image: Omit<MappedImage, 'map'>, map: HeatMap, options: SummaryOptions): ImageSummary {
  return summarizeImage({ ...image, map, response: responsePoint(map, image) }, options);
}

/** Summaries of one image's map and of two maps that have seen nothing, for every metric to be compared with. */
export interface ComparedSummaries {
  readonly model: ImageSummary;
  /** Of a map of noise: `randomMap`. */
  readonly random: ImageSummary;
  /** Of a map that points to the image's centre: `centredMap`. */
  readonly centred: ImageSummary;
}

/** With those of further maps in place of the model's: `summarizeWithMap`. */
export interface EstimatedSummaries extends ComparedSummaries {
  /** Of the mean of the model's maps, which is known when all images are. */
  readonly mean: ImageSummary;
  /** Of the image's own brightness (`brightnessMap`), and of that turned dark for bright. */
  readonly brightest: ImageSummary;
  readonly darkest: ImageSummary;
}

export interface CompareOptions extends SummaryOptions {
  readonly seed: number;
  /** Says which image it is, and so which noise: its name. */
  readonly name: string;
}

/**
 * `summarizeImage` of the image, and of the same image with a random and a centred map in place of the model's; its
 * probabilities stay, so that only what the map adds is taken away.
 *
 * @throws WeakspotError as `summarizeImage`.
 */
export function summarizeCompared(image: MappedImage, options: CompareOptions): ComparedSummaries {
  const known = knownOf(image, options);
  const withMap = (map: HeatMap): ImageSummary =>
    summarize({ ...image, map, response: responsePoint(map, image) }, known, options);
  return {
    model: summarize(image, known, options),
    random: withMap(randomMap(image.map, options.seed, options.name)),
    centred: withMap(centredMap(image)),
  };
}

/** What is known of an image without looking at its map. */
interface Known {
  readonly localized: LocalizedImage;
  /** Empty unless the image is positive. */
  readonly lesions: readonly Region[];
  /** The lesions' pixels on the evaluation grid; undefined where there are none. */
  readonly mask: Uint8Array | undefined;
}

function knownOf(image: MappedImage, options: SummaryOptions): Known {
  const localized = toLocalized('summarizeImage: the image', image, options);
  const lesions = localized.positive ? withArea(image.regions) : [];
  return {
    localized,
    lesions,
    mask: lesions.length === 0 ? undefined : maskOnGrid(lesions, gridOf(image.width, image.height)),
  };
}

function summarize(image: MappedImage, { localized, lesions, mask }: Known, options: SummaryOptions): ImageSummary {
  const { score, positive, tolerance } = localized;
  const { response } = image;
  const { minProbability = 0.5 } = options;
  const located = lesions.length > 0;
  const marks = marksOf(image, score, options);
  return {
    score,
    positive,
    correct: mostProbable(image.probabilities) === image.label,
    patient: image.patient,
    located,
    hit: located && isHit(response, lesions, tolerance.x, tolerance.y),
    detection:
      located || !positive ? summarizeDetection(marks, lesions, tolerance, score >= minProbability) : undefined,
    coverage: mask === undefined ? undefined : summarizeCoverage(image, marks, lesions, mask),
  };
}

function summarizeCoverage(
  image: MappedImage,
  marks: readonly Mark[],
  lesions: readonly Region[],
  mask: Uint8Array,
): CoverageSummary {
  const grid = gridOf(image.width, image.height);
  const levels = levelsOnGrid(image.map, image, grid);
  const lesionPixels = new Uint32Array(LEVELS);
  const otherPixels = new Uint32Array(LEVELS);
  for (let i = 0; i < levels.length; i++) {
    const pixels = mask[i] === 1 ? lesionPixels : otherPixels;
    const level = levels[i] as number;
    pixels[level] = (pixels[level] as number) + 1;
  }
  return {
    ...bestOverlaps(
      marks.map(({ box }) => box),
      lesions.map(regionBounds),
    ),
    levelIou: levelIous(levels, grid.width, grid.height, boxesOnGrid(lesions, grid)),
    lesionPixels,
    otherPixels,
  };
}
