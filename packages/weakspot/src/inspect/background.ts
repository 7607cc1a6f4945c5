import { delong, studentQuantile } from '@weakspot/core';
import { hasClass } from '../data/classes.js';
import type { Dataset, Sample } from '../data/dataset.js';
import { foldSamples } from '../data/split.js';
import type { CheckedImage } from './features.js';
import {
  type Background,
  type Line,
  type Moments,
  type SmallCopies,
  backgroundOf,
  ownLine,
  patchMoments,
  percentileLine,
} from './patches.js';
import { scoreByKinds } from './patch-kinds.js';

/** An image that the check may look at: one whose copies were made. */
export interface CopiedImage extends CheckedImage {
  readonly copies: SmallCopies | undefined;
}

/** How well background alone tells the class, after one way of normalising. */
export interface BackgroundAuc {
  /** Such as `each image's own`. */
  readonly normalization: string;
  /** 0..1. */
  readonly auc: number;
  /**
   * The same where the numbers that an image is normalised by are those of its background alone, and by how much the AUC is higher
   * with what lies in the regions, with an interval of 95 % by patient. Absent where an image has no numbers of its own.
   */
  readonly without?: { readonly auc: number; readonly difference: number; readonly low: number; readonly high: number };
  /** Whether background tells the class, and more so by what lies in the regions, beyond chance. */
  readonly leaks: boolean;
}

export interface BackgroundCheck {
  /** The class that was told from all others. */
  readonly className: string;
  /** Images of the class with known regions, and images of the others. */
  readonly images: { readonly positive: number; readonly negative: number };
  /** By the set's numbers first. */
  readonly normalizations: readonly BackgroundAuc[];
}

/** Images of either kind below which nothing is said, and so many are looked at. */
export const FEWEST_FOR_BACKGROUND = 10;
const MOST = 1000;
const FOLDS = 5;
const LEVEL = 0.95;

/** A way to normalise. */
interface Way {
  readonly name: string;
  readonly copy: keyof SmallCopies;
  /** The numbers that an image has of its own, of those of its pixels that count; undefined where it has none. */
  readonly line?: (copy: Uint16Array, counts: (pixel: number) => boolean) => Line;
}

/** The set's numbers move all images alike, which changes no order: nothing needs to be known of them. */
const ways: readonly Way[] = [
  { name: "none, or the set's", copy: 'plain' },
  { name: "each image's own", copy: 'plain', line: ownLine },
  { name: "each image's percentiles", copy: 'plain', line: percentileLine },
  { name: "CLAHE, then the set's", copy: 'clahe' },
  { name: "CLAHE, then each image's own", copy: 'clahe', line: ownLine },
];

/** The samples to look at: those of the class with known regions, and those of the others without, 1000 of each at most. */
export function chooseForBackground({ samples, positive }: Pick<Dataset, 'samples' | 'positive'>): Set<Sample> {
  const spread = (some: readonly Sample[]): Sample[] => {
    const count = Math.min(MOST, some.length);
    return Array.from({ length: count }, (_, i) => some[Math.floor((i * some.length) / count)] as Sample);
  };
  const located = samples.filter((sample) => hasClass(sample, positive) && sample.regions.length > 0);
  if (located.length < FEWEST_FOR_BACKGROUND) return new Set();
  const others = samples.filter((sample) => !hasClass(sample, positive) && sample.regions.length === 0);
  return new Set([...spread(located), ...spread(others)]);
}

/**
 * How well background alone tells the positive class from the others, after each way of normalising an image. An image is
 * judged by its patches outside of all regions, each by its mean and deviation, as a cell of a network sees it; an image of
 * another class by its patches where those of a positive image are. What a patch says is learned from other patients.
 *
 * A lesion changes the numbers that its image is normalised by, and with them all of its background. How much of the label that
 * gives away shows in the same images, normalised by the numbers of their background alone.
 *
 * Undefined where fewer than 10 images of either kind can be judged, or those of fewer than two patients.
 */
export function checkBackground(
  images: readonly CopiedImage[],
  { classes, positive: label }: Pick<Dataset, 'classes' | 'positive'>,
  seed: number,
): BackgroundCheck | undefined {
  const judged = judgedImages(images, label);
  const positive = judged.map(({ sample }) => hasClass(sample, label));
  const located = positive.filter(Boolean).length;
  const counts = { positive: located, negative: judged.length - located };
  const samples = judged.map(({ sample }) => sample);
  const patients = new Set(samples.map(({ patient, name }) => patient ?? `image ${name}`)).size;
  if (Math.min(counts.positive, counts.negative) < FEWEST_FOR_BACKGROUND || patients < 2) return undefined;
  const fold = foldSamples(samples, Math.min(FOLDS, patients), seed);

  const patches = { plain: patchesOf(judged, 'plain'), clahe: patchesOf(judged, 'clahe') };
  const scoresBy = ({ copy, line }: Way, what: 'image' | 'background'): number[] => {
    const lines = judged.map(({ copies, background }): Line => {
      if (line === undefined) return { offset: 0, scale: 1 };
      return line(copies[copy], what === 'image' ? () => true : (i) => background.free[i] === true);
    });
    const normalised = patches[copy].map((own, i) => {
      const { offset, scale } = lines[i] as Line;
      return own.map(({ mean, std }) => ({ mean: (mean - offset) / scale, std: std / scale }));
    });
    return scoreByKinds(normalised, positive, fold);
  };
  const whole = ways.map((way) => scoresBy(way, 'image'));
  const without = ways.map((way, i) => (way.line === undefined ? (whole[i] as number[]) : scoresBy(way, 'background')));
  const found = delong(
    [...whole, ...without],
    positive,
    samples.map(({ patient }) => patient),
  );
  if (found === undefined) return undefined;
  const { aucs, covariance } = found;
  const covarianceOf = (i: number, j: number): number => covariance[i]?.[j] ?? 0;
  const beyond = (variance: number): number => studentQuantile(LEVEL) * Math.sqrt(Math.max(0, variance));
  const normalizations = ways.map(({ name, line }, i): BackgroundAuc => {
    const auc = aucs[i] ?? 0.5;
    if (line === undefined) return { normalization: name, auc, leaks: false };
    const other = ways.length + i;
    const difference = auc - (aucs[other] ?? 0.5);
    const width = beyond(covarianceOf(i, i) + covarianceOf(other, other) - 2 * covarianceOf(i, other));
    const [low, high] = [difference - width, difference + width];
    const tells = auc - beyond(covarianceOf(i, i)) > 0.5;
    return {
      normalization: name,
      auc,
      without: { auc: aucs[other] ?? 0.5, difference, low, high },
      leaks: low > 0 && tells,
    };
  });
  return { className: classes[label] ?? '', images: counts, normalizations };
}

interface JudgedImage {
  readonly sample: Sample;
  readonly copies: SmallCopies;
  readonly background: Background;
}

/** Positive images with their background, and the others, in turn, with that of a positive one. */
function judgedImages(images: readonly CopiedImage[], label: number): JudgedImage[] {
  const copied = images.flatMap(({ sample, measures, copies }) =>
    copies === undefined ? [] : [{ sample, copies, size: measures }],
  );
  const located = copied.flatMap(({ sample, copies, size }) => {
    if (!hasClass(sample, label) || sample.regions.length === 0) return [];
    const background = backgroundOf(sample.regions, size.width, size.height);
    return background.places.length === 0 ? [] : [{ sample, copies, background }];
  });
  const others = copied.filter(({ sample }) => !hasClass(sample, label) && sample.regions.length === 0);
  const matched = others.flatMap(({ sample, copies }, i) => {
    const like = located[i % located.length];
    return like === undefined ? [] : [{ sample, copies, background: like.background }];
  });
  return [...located, ...matched];
}

function patchesOf(images: readonly JudgedImage[], copy: keyof SmallCopies): Moments[][] {
  return images.map(({ copies, background }) => patchMoments(copies[copy], background.places));
}
