import { type Network, type NetworkName, createNetwork, networkNames, receptiveField } from '@weakspot/core';
import { type SplitSettings, splitDefaults, splitWay } from '../data/split-settings.js';
import { networkSchema } from '../run/config-schema.js';
import { type PartialConfig, mergeConfigs } from '../run/config.js';
import { networkOf } from '../run/model-options.js';
import type { SetMeasures } from './measure-set.js';

/** A setting that is proposed, with the reason for it. */
export interface Choice {
  /** Key of the configuration, `.` between its parts. */
  readonly key: string;
  readonly value: unknown;
  /** Key and value in words, such as `input 128 x 128`. */
  readonly what: string;
  /** Such as `the shorter side is 256 pixels: small films`. */
  readonly reason: string;
}

/** Settings that are proposed for a data set. */
export interface Proposal {
  readonly choices: readonly Choice[];
  /** The same as part of a configuration. */
  readonly settings: PartialConfig;
}

/** Networks that are fitted to a data set; the paper's is not. */
type FittedNetwork = 'field' | 'compact' | 'small';

/** Images to train on, and the side of the input from there on. */
const SIDES: Readonly<Record<Exclude<FittedNetwork, 'field'>, readonly (readonly [images: number, side: number])[]>> = {
  compact: [
    [0, 160],
    [2000, 320],
    [10000, 512],
  ],
  small: [[0, 128]],
};
/** What a network was tried with: minibatch, learning rate and epochs, the last for so many images to train on. */
const tried = {
  small: { batch: 16, learningRate: 0.01, warmup: 1, dropout: 0.2, epochs: 25, images: 400 },
  compact: { batch: 32, learningRate: 0.005, warmup: 0, dropout: 0.5, epochs: 50, images: 600 },
  field: { batch: 32, learningRate: 0.002, warmup: 1, dropout: 0.5, epochs: 30, images: 600 },
} as const;
/** Epochs, however many or few images there are. */
const EPOCHS = { small: [15, 100], compact: [15, 100], field: [10, 60] } as const;
/** The side of the input of `field`: this share of the images' own, but no less and no more than so many pixels. */
const FIELD_SIDE = { share: 0.6, least: 96, most: 160 } as const;
/** How far `field` is shifted while training, as a share of the input's side. */
const SHIFT = 0.15;
/** Steps that an epoch has at least. */
const STEPS = 4;
/** A class this many times as large as another one outweighs it. */
const UNBALANCED = 4;
/** Of each class, for a validation part as well as one for testing. */
const FOR_VALIDATION = 100;

/**
 * Settings that suit a data set, by rules of thumb, for what a configuration leaves open; the same for the same set every
 * time. What is known of the networks is in docs/how-to/train.md and docs/results.md. Ground truth settles none of them: it
 * is for testing. For the paper's network nothing of its training is proposed: its defaults are the paper's.
 *
 * @param given What is settled already, as of `resolveConfig`; what is wrong in it is left for the check.
 */
export function propose(set: SetMeasures, given: PartialConfig = {}): Proposal {
  const network: Choice = {
    key: 'network.name',
    value: 'field',
    what: 'network field',
    reason: 'its cells see little of the image, so that a map lies where its evidence is',
  };
  const split = proposeSplit(set, given);
  const training = trainingCount(set, mergeConfigs(settingsOf(split), given));
  const asked = valueAt(given, network.key);
  const name = asked === undefined ? (network.value as NetworkName) : networkNames.find((known) => known === asked);
  const all = [
    network,
    ...(name !== undefined && isFitted(name)
      ? [
          ...proposeInput(name, set, training, given),
          ...proposeTraining(name, training, valueAt(given, 'batch') !== undefined),
        ]
      : []),
    proposeRange(set),
    proposeBalance(set, name),
    ...split,
  ];
  const choices = all.filter(({ key }) => valueAt(given, key) === undefined);
  return { choices, settings: settingsOf(choices) };
}

function settingsOf(choices: readonly Choice[]): PartialConfig {
  const settings = choices.map(({ key, value }) =>
    key.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value),
  );
  return settings.reduce<PartialConfig>((all, one) => mergeConfigs(all, one as PartialConfig), {});
}

/** How many images there will be to train on: those that the set or a file says, and the share of the others. */
function trainingCount(
  { images, givenParts, givenTraining, fileTraining }: SetMeasures,
  { data }: PartialConfig,
): number {
  const split = (data as { split?: unknown } | undefined)?.split;
  const { train = 0, validation = splitDefaults.folds.validation ?? 0, folds = 1 } = split as SplitSettings;
  const way = splitWay(split);
  if (way === 'file') return fileTraining ?? images;
  const count =
    way === 'folds' ? images * (1 - 1 / folds) * (1 - validation) : givenTraining + (images - givenParts) * train;
  // What is no number is left for the check of the configuration.
  return Number.isFinite(count) ? Math.round(count) : images;
}

/** The value of a key; undefined where it is not given. */
function valueAt(given: PartialConfig, key: string): unknown {
  return key.split('.').reduce<unknown>((section, name) => {
    const isSection = typeof section === 'object' && section !== null && Object.hasOwn(section, name);
    return isSection ? (section as Readonly<Record<string, unknown>>)[name] : undefined;
  }, given);
}

function isFitted(name: NetworkName): name is FittedNetwork {
  return name in tried;
}

/** The network that is asked for, as far as there can be such a one. */
function networkIn(name: NetworkName, { network }: PartialConfig): Network {
  const asked = networkSchema.safeParse({ ...(typeof network === 'object' ? network : {}), name });
  // What is wrong with it is said by the check of the configuration.
  return networkOf({ network: asked.success ? asked.data : { name } });
}

/**
 * The area of a square of the network's side, in the shape of the median image, in whole strides; a square where training turns images by
 * quarters, as `field` does unless told otherwise, whose side is the one that is given. And how far images are shifted in it.
 */
function proposeInput(
  name: FittedNetwork,
  { width, height, aspect }: SetMeasures,
  training: number,
  given: PartialConfig,
): Choice[] {
  const { size: field, stride } = receptiveField(networkIn(name, given));
  const own = Math.sqrt(width * height);
  const wanted =
    name === 'field'
      ? Math.min(FIELD_SIDE.most, Math.max(FIELD_SIDE.least, FIELD_SIDE.share * own))
      : (SIDES[name].findLast(([images]) => training >= images)?.[1] ?? 160);
  const isTurned = (valueAt(given, 'augmentation.quarterTurns') ?? name === 'field') === true;
  // No larger than the images are: enlarging adds nothing.
  const shape = isTurned ? 1 : Math.sqrt(aspect);
  const side = Math.min(wanted, own);
  // At least two cells each way, whatever the images' shape.
  const whole = (pixels: number): number => Math.max(2 * stride, Math.round(pixels / stride) * stride);
  const known = isTurned
    ? (valueAt(given, 'preprocessing.width') ?? valueAt(given, 'preprocessing.height'))
    : undefined;
  const size =
    typeof known === 'number'
      ? { width: known, height: known }
      : { width: whole(side * shape), height: whole(side / shape) };
  const count = name === 'compact' ? `, ${training} to train on` : '';
  const reason = `for images of ${width} x ${height} pixels${count}; a cell sees ${field} pixels${isTurned ? '; square for quarter turns' : ''}`;
  const what = `input ${size.width} x ${size.height}`;
  const shift = Math.round(SHIFT * Math.min(size.width, size.height));
  return [
    ...(name === 'field'
      ? [{ key: 'augmentation.shift', value: shift, what: `shifts ${shift}`, reason: '15 % of the input' }]
      : []),
    { key: 'preprocessing.width', value: size.width, what, reason },
    { key: 'preprocessing.height', value: size.height, what, reason },
  ];
}

/** How it is trained, and how long: more epochs of few images, fewer of many. */
function proposeTraining(name: FittedNetwork, training: number, batchIsGiven: boolean): Choice[] {
  const { batch, learningRate, warmup, dropout, epochs, images } = tried[name];
  const [fewest, most] = EPOCHS[name];
  const scaled = Math.round((epochs * Math.sqrt(images / Math.max(1, training))) / 5) * 5;
  const many = Math.min(most, Math.max(fewest, scaled));
  const fits = training >= STEPS * batch;
  const fewer = Math.max(1, 2 ** Math.floor(Math.log2(Math.max(1, training / STEPS))));
  const taken = fits ? batch : fewer;
  // Smaller steps where each of them has seen fewer images.
  const rate = batchIsGiven ? learningRate : (learningRate * taken) / batch;
  const usual = `as tested with the network ${name}`;
  const few = fits ? usual : `there are only ${training} images to train on`;
  return [
    { key: 'epochs', value: many, what: `epochs ${many}`, reason: `for ${training} images to train on` },
    { key: 'batch', value: taken, what: `batch ${taken}`, reason: few },
    { key: 'optimizer.learningRate', value: rate, what: `learning rate ${rate}`, reason: batchIsGiven ? usual : few },
    { key: 'optimizer.warmup', value: warmup, what: `warm-up ${warmup}`, reason: usual },
    { key: 'network.dropout', value: dropout, what: `dropout ${dropout}`, reason: usual },
  ];
}

function proposeRange({ depths, low, high, windowed }: SetMeasures): Choice {
  const of = (value: 'display' | 'percentile', reason: string): Choice => ({
    key: 'preprocessing.intensity.range',
    value,
    what: `intensities ${value}`,
    reason,
  });
  if (windowed) return of('display', 'the files name the window to show them through');
  if (depths.length > 1)
    return of('percentile', `images have ${depths.join(', ')} bits, whose values cannot be compared`);
  const used = high - low;
  const reason = `images use ${Math.round(used * 100)} % of the values that their format can hold`;
  return of(used < 0.5 ? 'percentile' : 'display', reason);
}

function proposeBalance({ classes, multiLabel }: SetMeasures, network: NetworkName | undefined): Choice {
  const of = (value: 'none' | 'weight' | 'batch', reason: string): Choice => ({
    key: 'balance',
    value,
    what: `balance ${value}`,
    reason,
  });
  if (multiLabel) return of('none', 'each class of a multi-label set is predicted on its own');
  if (network === 'field') return of('batch', 'every minibatch shows all classes alike');
  const ratio = Math.max(...classes) / Math.max(1, Math.min(...classes));
  const times = `the largest class is ${ratio.toFixed(1)} times the smallest`;
  return of(ratio >= UNBALANCED ? 'weight' : 'none', times);
}

/** Shares of the parts, unless another way of dividing is asked for. */
function proposeSplit({ classes, givenParts, images }: SetMeasures, given: PartialConfig): Choice[] {
  if (splitWay((given.data as { split?: unknown } | undefined)?.split) !== undefined) return [];
  const { train = 0, validation = 0, test = 0 } = splitDefaults.shares;
  const smallest = Math.min(...classes);
  const own = givenParts === images;
  const [shares, reason] =
    own || smallest >= FOR_VALIDATION
      ? [{ train, validation, test }, own ? 'the data set has its own parts, which take precedence' : 'by patient']
      : [
          { train: 0.75, validation: 0, test: 0.25 },
          `by patient; a class has ${smallest} images, too few for validation`,
        ];
  const what = `parts ${[shares.train, shares.validation, shares.test].map((share) => `${share * 100} %`).join(', ')}`;
  return Object.entries(shares).map(([key, value]): Choice => ({ key: `data.split.${key}`, value, what, reason }));
}

/**
 * A proposal for a person: a line for each reason.
 * @param set What it was made for.
 */
export function describeProposal(set: SetMeasures, { choices }: Proposal): string[] {
  if (choices.length === 0) return [];
  const reasons = [...new Set(choices.map(({ reason }) => reason))];
  const lines = reasons.map((reason) => {
    const said = choices.filter((choice) => choice.reason === reason).map(({ what }) => what);
    return `  ${[...new Set(said)].join(', ')}: ${reason}`;
  });
  const seen = set.looked < set.images ? ` (${set.looked} looked at)` : '';
  return [`${set.name}: ${set.images} images${seen}. Settings that were not given are chosen to suit them:`, ...lines];
}

/**
 * How large lesions are in the proposed input, in words; undefined where there is no ground truth.
 * @param diameter Median diameter of the regions of the ground truth, pixels of the images.
 */
export function describeRegions(
  diameter: number | undefined,
  { width, height }: SetMeasures,
  { choices }: Proposal,
): string | undefined {
  const chosen = (key: string): unknown => choices.find((choice) => choice.key === key)?.value;
  const name = chosen('network.name') as NetworkName;
  if (diameter === undefined || !isFitted(name)) return undefined;
  const area = Number(chosen('preprocessing.width')) * Number(chosen('preprocessing.height'));
  const scaled = Math.round(diameter * Math.sqrt(area / (width * height)));
  return `regions of the ground truth are about ${scaled} pixels wide in this input, and a cell sees ${receptiveField(createNetwork(name)).size}`;
}
