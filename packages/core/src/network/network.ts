import { WeakspotError } from '../errors.js';
import type { Shape } from '../graph/index.js';

/** A convolution with bias, followed by ReLU. */
export interface ConvLayer {
  readonly kind: 'conv';
  readonly name: string;
  readonly channels: number;
  readonly kernel: number;
  readonly stride: number;
  /** Zero padding [before, after] along both axes. */
  readonly pad: Padding;
}

/** Pixels added [before: top and left, after: bottom and right]. */
export type Padding = readonly [number, number];

/** Max pooling, padded; `ceil` lets the last window overhang the border, as Caffe does. */
export interface PoolLayer {
  readonly kind: 'pool';
  readonly name: string;
  readonly kernel: number;
  readonly stride: number;
  readonly pad: Padding;
  readonly ceil: boolean;
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

export const networkNames = ['alexnet6', 'compact', 'small'] as const;
export type NetworkName = (typeof networkNames)[number];

const conv = (name: string, channels: number, kernel: number, pad: Padding, stride = 1): ConvLayer => ({
  kind: 'conv',
  name,
  channels,
  kernel,
  stride,
  pad,
});
const pool = (name: string, pad: Padding, ceil = false): PoolLayer => ({
  kind: 'pool',
  name,
  kernel: 3,
  stride: 2,
  pad,
  ceil,
});

const networks: { readonly [N in NetworkName]: Omit<Network, 'name'> } = {
  // The paper's network, AlexNet's convolutions with a sixth added (section 3) in Caffe's geometry: 15x15 maps at stride
  // 32 from 500x500. The classifier's widths and its dropout are AlexNet's (Krizhevsky et al. 2012); conv6's width is
  // ours: the paper gives none of them.
  alexnet6: {
    trunk: [
      conv('conv1', 96, 11, [0, 0], 4),
      pool('pool1', [0, 0], true),
      conv('conv2', 256, 5, [2, 2]),
      pool('pool2', [0, 0], true),
      conv('conv3', 384, 3, [1, 1]),
      conv('conv4', 384, 3, [1, 1]),
      conv('conv5', 256, 3, [1, 1]),
      pool('pool5', [0, 0], true),
      conv('conv6', 256, 3, [1, 1]),
    ],
    classifier: [4096, 4096],
    dropout: 0.5,
  },
  // The same shape at half width, padded so that a side of 32 n gives n cells, each seeing the input around its own
  // 32 pixels: windows of 3 at stride 2 cannot be centred on even sides, so the first two poolings lean one way and the
  // third the other, and conv1 makes up the rest to half a pixel (see `receptiveField`).
  compact: {
    trunk: [
      conv('conv1', 48, 11, [2, 5], 4),
      pool('pool1', [0, 1]),
      conv('conv2', 128, 5, [2, 2]),
      pool('pool2', [0, 1]),
      conv('conv3', 192, 3, [1, 1]),
      conv('conv4', 192, 3, [1, 1]),
      conv('conv5', 128, 3, [1, 1]),
      pool('pool5', [1, 0]),
      conv('conv6', 128, 3, [1, 1]),
    ],
    classifier: [256, 256],
    dropout: 0.5,
  },
  // Ours, for small films: stride 8 and cells that see 57 pixels, little more than a lesion. A cell of the two above sees
  // 259, which on a small film is everything, and labels do not tell where in its field a cell has found the lesion: the
  // smaller the field, the less the map can lie beside it. Padded like `compact`.
  small: {
    trunk: [
      conv('conv1', 32, 5, [2, 1], 2),
      pool('pool1', [1, 0]),
      conv('conv2', 64, 3, [1, 1]),
      pool('pool2', [0, 1]),
      conv('conv3', 96, 3, [1, 1]),
      conv('conv4', 96, 3, [1, 1]),
      conv('conv5', 128, 1, [0, 0]),
    ],
    classifier: [128, 128],
    dropout: 0.5,
  },
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

/** Pixels of the input between neighbouring cells of the trunk's last layer: the product of all strides. */
export function strideOf(network: Network): number {
  return network.trunk.reduce((stride, layer) => stride * layer.stride, 1);
}

/** What the cells of a layer see of the input: pixels along one axis (both axes are alike). */
export interface ReceptiveField {
  /** Centre of the first cell's field, in pixels from the input's border; the next cell's is `stride` further. */
  readonly centre: number;
  readonly stride: number;
  readonly size: number;
}

/**
 * What the cells of a layer see, and so where they lie: cell i along an axis is centred at `centre + i * stride` pixels of the input.
 * A window that is cut by the border, or overhangs it (`ceil`), keeps the centre that it would have inside.
 *
 * @param last The layer; the trunk's last unless given.
 * @throws WeakspotError `usage` if the trunk has no such layer.
 */
export function receptiveField({ name, trunk }: Network, last = trunk.at(-1)): ReceptiveField {
  const index = last === undefined ? -1 : trunk.indexOf(last);
  if (index < 0) throw new WeakspotError('usage', `The network "${name}" has no layer "${last?.name}".`);
  return trunk.slice(0, index + 1).reduce<ReceptiveField>(
    ({ centre, stride, size }, layer) => ({
      centre: centre + ((layer.kernel - 1) / 2 - layer.pad[0]) * stride,
      stride: stride * layer.stride,
      size: size + (layer.kernel - 1) * stride,
    }),
    { centre: 0.5, stride: 1, size: 1 },
  );
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
