import { noAugmentation } from '../data/augment.js';
import type { RunConfig } from './config-schema.js';

type NetworkName = RunConfig['network']['name'];

/** Settings that belong to a network. */
interface NetworkDefaults extends Pick<
  RunConfig,
  'method' | 'sharpness' | 'augmentation' | 'balance' | 'batch' | 'optimizer'
> {
  /** Sides of the input. */
  readonly side: number;
  readonly evidence: RunConfig['localizer']['evidence'];
  readonly topShare: number;
  readonly map: RunConfig['localizer']['map'];
  readonly clahe: RunConfig['preprocessing']['clahe'];
  readonly normalization: RunConfig['preprocessing']['normalization'];
  readonly epochs: number;
  /** Share of the epochs after which alpha steps. */
  readonly alphaStep: number;
  /** Share of the epochs after which the weights are averaged; null: never. */
  readonly averageShare: number | null;
}

/** The paper's protocol, and ours where it gives none. */
const PAPER: NetworkDefaults = {
  side: 160,
  method: 'STL+AvePool',
  sharpness: 10,
  evidence: 'classes',
  topShare: 0.2,
  map: 'positive',
  clahe: null,
  normalization: { kind: 'image' },
  augmentation: { ...noAugmentation, shift: 8 },
  balance: 'none',
  epochs: 100,
  batch: 32,
  alphaStep: 0.6,
  averageShare: null,
  optimizer: {
    kind: 'sgd',
    learningRate: 0.005,
    schedule: { kind: 'constant' },
    warmup: 0,
    momentum: 0.9,
    squaresDecay: 0.999,
    weightDecay: 0.0005,
    clipNorm: 5,
    averageFrom: null,
    ema: null,
  },
};

const defaults: { readonly [N in NetworkName]: NetworkDefaults } = {
  // The paper gives momentum 0.9, alpha 0.1 then 0.9 from epoch 60 on, minibatch 64 and 500 x 500 inputs.
  alexnet6: { ...PAPER, side: 500, batch: 64 },
  small: PAPER,
  // Chosen in trials on radiographs whose lesions keep to one place: docs/results/defaults.md.
  compact: {
    ...PAPER,
    method: 'STL+LSE',
    sharpness: 1,
    evidence: 'single',
    map: 'layercam',
    clahe: { tiles: 8, clipLimit: 2 },
    epochs: 50,
    alphaStep: 0.4,
    averageShare: 2 / 3,
    augmentation: { ...noAugmentation, shift: 8, rotation: 7, scale: 0.1, brightness: 0.1, contrast: 0.1 },
  },
  // Chosen on folds of several sets whose lesions may lie anywhere: docs/results.md.
  field: {
    ...PAPER,
    side: 96,
    method: 'TopK',
    evidence: 'single',
    topShare: 0.1,
    map: 'positive+flips',
    normalization: { kind: 'set' },
    augmentation: {
      shift: 14,
      rotation: 15,
      scale: 0.18,
      flip: true,
      flipVertical: true,
      quarterTurns: true,
      fill: 'darkest',
      brightness: 0.2,
      contrast: 0.2,
    },
    balance: 'batch',
    epochs: 30,
    optimizer: {
      ...PAPER.optimizer,
      kind: 'adamw',
      learningRate: 0.002,
      schedule: { kind: 'cosine' },
      warmup: 1,
      weightDecay: 0.05,
    },
  },
};

/** The network unless the configuration names one. */
export const DEFAULT_NETWORK: NetworkName = 'field';

/** Passes over the training part unless the configuration says. */
export function defaultEpochs(network: NetworkName): number {
  return defaults[network].epochs;
}

/** The defaults of a network for so many epochs, over which alpha and the averaging of weights take their shares. */
export function defaultConfig(network: NetworkName, epochs: number, threads: number): Omit<RunConfig, 'data'> {
  const { side, evidence, topShare, map, clahe, normalization, alphaStep, averageShare, ...own } = defaults[network];
  const { method, sharpness, augmentation, balance, batch, optimizer } = own;
  return {
    method,
    network: { name: network },
    sharpness,
    localizer: {
      evidence,
      topShare,
      penalty: 0,
      terms: { absent: 0, background: 0, backgroundShare: 0.5, size: 0, largestSize: 0.25, variation: 0 },
      map,
    },
    preprocessing: {
      width: side,
      height: side,
      intensity: { range: 'display' },
      crop: 'none',
      fit: 'stretch',
      clahe,
      normalization,
      antialias: true,
    },
    augmentation,
    balance,
    epochs,
    batch,
    accumulate: 1,
    alpha: { kind: 'step', start: 0.1, end: 0.9, at: Math.max(1, Math.round(alphaStep * epochs)) },
    optimizer: { ...optimizer, averageFrom: averageShare === null ? null : Math.round(averageShare * epochs) },
    seed: 0,
    threads,
    device: 'cpu',
  };
}
