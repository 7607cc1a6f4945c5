import { WeakspotError } from '../errors.js';
import type { Shape } from '../graph/index.js';

/** A convolution with bias, followed by ReLU. */
export interface ConvLayer {
  readonly kind: 'conv';
  readonly name: string;
  readonly channels: number;
  readonly kernel: number;
  readonly stride: number;
  /** Zero padding on every side. */
  readonly pad: number;
}

/** Max pooling whose last window may overhang the border (Caffe's ceil mode). */
export interface PoolLayer {
  readonly kind: 'pool';
  readonly name: string;
  readonly kernel: number;
  readonly stride: number;
}

export type TrunkLayer = ConvLayer | PoolLayer;

/** A convolutional trunk `C` and the hidden layers of the classifier `Fcls` that stands on it. */
export interface Network {
  readonly name: NetworkName;
  readonly trunk: readonly TrunkLayer[];
  /** Widths of the classifier's hidden layers, each with ReLU and dropout. */
  readonly classifier: readonly number[];
  /** Probability that dropout sets a hidden unit of the classifier to zero. */
  readonly dropout: number;
}

export const networkNames = ['alexnet6', 'compact'] as const;
export type NetworkName = (typeof networkNames)[number];

const conv = (name: string, channels: number, kernel: number, pad: number, stride = 1): ConvLayer => ({
  kind: 'conv',
  name,
  channels,
  kernel,
  stride,
  pad,
});
const pool = (name: string): PoolLayer => ({ kind: 'pool', name, kernel: 3, stride: 2 });

/** AlexNet's convolutions with a sixth added (paper, section 3): `width` scales the channels, `firstPad` pads conv1. */
function alexnetTrunk(width: number, firstPad: number): readonly TrunkLayer[] {
  return [
    conv('conv1', 96 * width, 11, firstPad, 4),
    pool('pool1'),
    conv('conv2', 256 * width, 5, 2),
    pool('pool2'),
    conv('conv3', 384 * width, 3, 1),
    conv('conv4', 384 * width, 3, 1),
    conv('conv5', 256 * width, 3, 1),
    pool('pool5'),
    conv('conv6', 256 * width, 3, 1),
  ];
}

const networks: { readonly [N in NetworkName]: Omit<Network, 'name'> } = {
  // The paper's network: 15x15 maps at stride 32 from 500x500. The classifier's widths and its dropout are AlexNet's
  // (Krizhevsky et al. 2012); conv6's width is ours: the paper gives none of them.
  alexnet6: { trunk: alexnetTrunk(1, 0), classifier: [4096, 4096], dropout: 0.5 },
  // The same shape at half width. Padding conv1 by half its kernel centres the maps' cells on the input for sides
  // that are multiples of 32, and leaves 4x4 maps at 128 and 5x5 at 160.
  compact: { trunk: alexnetTrunk(0.5, 5), classifier: [256, 256], dropout: 0.5 },
};

export interface NetworkOptions {
  /** Hidden widths of the classifier, instead of the network's own. */
  readonly classifier?: readonly number[];
  readonly dropout?: number;
}

/**
 * A network by name, with changes.
 * @throws WeakspotError `usage` if dropout lies outside [0, 1) or a width is not a whole number of at least 1.
 */
export function createNetwork(name: NetworkName, options: NetworkOptions = {}): Network {
  const base = networks[name];
  const dropout = options.dropout ?? base.dropout;
  if (!(dropout >= 0 && dropout < 1)) throw new WeakspotError('usage', `Dropout must lie in [0, 1), not ${dropout}.`);
  const classifier = options.classifier ?? base.classifier;
  for (const width of classifier) {
    if (!Number.isSafeInteger(width) || width < 1) {
      throw new WeakspotError('usage', `A hidden layer of the classifier cannot have ${width} units.`);
    }
  }
  return { name, trunk: base.trunk, classifier, dropout };
}

/** Pixels of the input between neighbouring cells of the activation maps: the product of all strides. */
export function strideOf(network: Network): number {
  return network.trunk.reduce((stride, layer) => stride * layer.stride, 1);
}

/** Channels of the trunk's output. */
export function channelsOf(network: Network): number {
  const last = network.trunk.findLast((layer) => layer.kind === 'conv');
  if (last === undefined) throw new WeakspotError('usage', `The network "${network.name}" has no convolution.`);
  return last.channels;
}

/** A learned tensor: its name, its shape, and how many inputs feed one of its units (0 for a bias). */
export interface Parameter {
  readonly name: string;
  readonly shape: Shape;
  readonly fanIn: number;
}
