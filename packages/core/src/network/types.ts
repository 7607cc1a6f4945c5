import type { Shape } from '../graph/index.js';

/** Normalisation of a convolution's channels: over minibatch and cells, or over groups of 8 channels and the cells of one image. */
export type Normalization = 'batch' | 'group';

/** A convolution, followed by ReLU. */
export interface ConvLayer {
  readonly kind: 'conv';
  readonly name: string;
  readonly channels: number;
  readonly kernel: number;
  readonly stride: number;
  /** Zero padding [before, after] along both axes. */
  readonly pad: Padding;
  /** None unless given. With `batch` the convolution has no bias of its own: the normalisation would take it out again. */
  readonly normalization?: Normalization;
  /** Whether its input is added before the ReLU; only where the shapes agree. */
  readonly residual?: boolean;
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

/** A tensor of the model: its name, its shape, and how many inputs feed one of its units (0 for a bias and the like). */
export interface Parameter {
  readonly name: string;
  readonly shape: Shape;
  readonly fanIn: number;
  /** What all its values begin with, where that is neither 0 nor drawn. */
  readonly start?: number;
  /** Standard deviation of the values that it begins with, where He initialisation is not used. */
  readonly deviation?: number;
  /** Not learned but followed while training: a running mean or variance of batch normalisation. */
  readonly statistic?: true;
}

/** A convolutional trunk `C` and the hidden layers of the classifier `Fcls` that stands on it. */
export interface Network {
  readonly name: NetworkName;
  readonly trunk: readonly TrunkLayer[];
  /** Widths of the classifier's hidden layers, each with ReLU and dropout. */
  readonly classifier: readonly number[];
  /** Probability that dropout sets a hidden unit of the classifier to zero. */
  readonly dropout: number;
  /** The classifier sees the features averaged over this many equal parts along each axis; all of them unless given. */
  readonly classifierGrid?: number;
  /** Standard deviation of the weights that the localizer's maps begin with; that of He initialisation unless given. */
  readonly mapDeviation?: number;
}

export const networkNames = ['alexnet6', 'compact', 'small', 'field'] as const;
export type NetworkName = (typeof networkNames)[number];
