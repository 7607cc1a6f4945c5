import type { Dataset } from '../data/dataset.js';
import type { SplitFractions } from '../data/split.js';
import type { Counts } from './counts.js';
import type { SetFingerprint } from './fingerprint.js';

/** A setting with the reason for it. */
export interface Choice<T> {
  readonly value: T;
  readonly reason: string;
}

/** Settings that are proposed for a data set. */
export interface Proposal {
  readonly network: Choice<'small' | 'compact'>;
  /** Pixels. */
  readonly input: Choice<{ readonly width: number; readonly height: number }>;
  readonly range: Choice<'full-scale' | 'percentile'>;
  readonly normalization: Choice<'image'>;
  readonly batch: Choice<number>;
  readonly balance: Choice<'none' | 'weight'>;
  readonly split: Choice<SplitFractions>;
}

/** Films whose shorter side is no longer than this are small. */
const SMALL_SIDE = 256;
/** Images to train on, and the side of the input that `compact` gets from there on. */
const COMPACT_SIDES: readonly (readonly [images: number, side: number])[] = [
  [0, 160],
  [2000, 320],
  [10000, 512],
];
/** Pixels of the input that a cell of the activation maps sees, and its stride. */
const networks = { small: { field: 57, stride: 8 }, compact: { field: 259, stride: 32 } } as const;
/** A class this many times as large as another one outweighs it. */
const UNBALANCED = 4;

/**
 * Settings that suit a data set, by rules of thumb: what is known of the networks is in docs/how-to/train.md and
 * docs/results.md. Ground truth settles none of them: it is for testing.
 */
export function propose(
  counts: Counts,
  fingerprint: SetFingerprint,
  given: SplitFractions | undefined,
  fallback: SplitFractions,
  multiLabel: boolean,
): Proposal {
  const training = counts.all.parts.train;
  const side = Math.min(fingerprint.width.median, fingerprint.height.median);
  const small = side <= SMALL_SIDE;
  const network: Proposal['network'] = small
    ? { value: 'small', reason: `the shorter side is ${side} pixels: small films` }
    : { value: 'compact', reason: `the shorter side is ${side} pixels` };
  return {
    network,
    input: proposeInput(network.value, training, fingerprint),
    range: proposeRange(fingerprint),
    normalization: {
      value: 'image',
      reason: 'each image by its own mean and deviation, so that exposure does not tell images apart',
    },
    batch: proposeBatch(training, small ? 16 : 32),
    balance: proposeBalance(counts, multiLabel),
    split: proposeSplit(counts, given, fallback),
  };
}

/** The area of a square of the network's side, in the shape of the median image, in whole strides. */
function proposeInput(name: 'small' | 'compact', training: number, fingerprint: SetFingerprint): Proposal['input'] {
  const { width, height, aspect } = fingerprint;
  const { field, stride } = networks[name];
  const shorter = Math.min(width.median, height.median);
  const wanted =
    name === 'small'
      ? Math.min(192, Math.max(96, shorter / 2))
      : (COMPACT_SIDES.findLast(([images]) => training >= images)?.[1] ?? 160);
  // No larger than the images are: enlarging adds nothing.
  const shape = Math.sqrt(aspect.median);
  const side = Math.min(wanted, Math.sqrt(width.median * height.median));
  // At least two cells each way, whatever the images' shape.
  const whole = (pixels: number): number => Math.max(2 * stride, Math.round(pixels / stride) * stride);
  const value = { width: whole(side * shape), height: whole(side / shape) };
  const why =
    name === 'small'
      ? 'about half the size of small films'
      : `about ${wanted} x ${wanted} pixels for ${training} training images, in the images' shape`;
  return { value, reason: `${why}; a cell of the maps sees ${field} pixels, of stride ${stride}` };
}

function proposeRange({ depths, low, high }: SetFingerprint): Proposal['range'] {
  const used = high.median - low.median;
  const percent = `${Math.round(used * 100)} %`;
  if (depths.length > 1) {
    const bits = depths.map((depth) => depth.bits).toSorted((a, b) => a - b);
    return { value: 'percentile', reason: `images are of ${bits.join(', ')} bits, whose values do not compare` };
  }
  return used < 0.5
    ? { value: 'percentile', reason: `images use ${percent} of the values that their format can hold` }
    : { value: 'full-scale', reason: `images use ${percent} of the values that their format can hold` };
}

function proposeBatch(training: number, usual: number): Proposal['batch'] {
  if (training >= 4 * usual) return { value: usual, reason: 'as in the examples' };
  // At least four steps an epoch.
  const value = Math.max(1, 2 ** Math.floor(Math.log2(Math.max(1, training / 4))));
  return { value, reason: `there are only ${training} training images` };
}

function proposeBalance({ classes }: Counts, multiLabel: boolean): Proposal['balance'] {
  if (multiLabel) return { value: 'none', reason: 'each class of a multi-label set is told by itself' };
  const sizes = classes.map(({ images }) => images);
  const ratio = Math.max(...sizes) / Math.max(1, Math.min(...sizes));
  const times = `the largest class is ${ratio.toFixed(1)} times the smallest`;
  return ratio >= UNBALANCED ? { value: 'weight', reason: times } : { value: 'none', reason: times };
}

function proposeSplit(
  { classes, givenParts, images }: Counts,
  given: SplitFractions | undefined,
  fallback: SplitFractions,
): Proposal['split'] {
  if (given !== undefined) return { value: given, reason: 'as asked for' };
  if (givenParts === images) return { value: fallback, reason: 'the data set has its own parts, which go before' };
  const smallest = Math.min(...classes.map((count) => count.images));
  if (smallest >= 100) return { value: fallback, reason: 'by patient' };
  return {
    value: { train: 0.75, validation: 0, test: 0.25 },
    reason: `by patient; a class has ${smallest} images, too few for a validation part as well`,
  };
}

/** The size of lesions in the proposed input, in words, where there is ground truth. */
export function describeLesions(
  { regions }: Pick<Counts, 'regions'>,
  { network, input }: Proposal,
  { width, height }: SetFingerprint,
): string | undefined {
  if (regions.diameter === undefined) return undefined;
  const scale = Math.sqrt((input.value.width * input.value.height) / (width.median * height.median));
  const diameter = Math.round(regions.diameter.median * scale);
  const { field } = networks[network.value];
  return `regions of the ground truth are about ${diameter} pixels wide in this input, and a cell sees ${field}`;
}

/** What of a data set its configuration names. */
export interface ProposedData {
  readonly path: string;
  readonly format?: string;
  readonly images?: string;
  readonly boxes?: string;
  readonly multiLabel?: true;
  readonly positive: Dataset['classes'][number];
}
