import type { ConvLayer, Network, NetworkName, Normalization, Padding, PoolLayer, TrunkLayer } from './types.js';

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

/** What can be chosen of the trunk `field`. */
export interface FieldOptions {
  readonly normalization: Normalization | 'none';
  /** Factor of all numbers of channels; they are rounded to multiples of 8. */
  readonly width: number;
  /** Convolutions at the trunk's full stride, at least 1: each adds two cells to what a cell sees. */
  readonly depth: number;
  /** Input pixels between cells: 2, 4 or 8. */
  readonly stride: 2 | 4 | 8;
}

export const fieldDefaults: FieldOptions = { normalization: 'batch', width: 1, depth: 4, stride: 4 };

/**
 * The trunk of `field`: 3x3 convolutions, each normalised, with residual sums where shapes agree. The first ones halve the sides until the
 * stride is reached, with 24, 32 and 48 channels; of the others the first half has 48 channels, the second 64. Paddings lean alternately,
 * so that cells of even sides lie in the middle of their pixels to within half a pixel.
 */
export function fieldTrunk({ normalization, width, depth, stride }: FieldOptions): TrunkLayer[] {
  const halvings = Math.log2(stride);
  const channels = [
    ...[24, 32, 48].slice(0, halvings),
    ...Array.from({ length: depth }, (_, index) => (index < depth / 2 ? 48 : 64)),
  ].map((count) => Math.max(8, 8 * Math.round((count * width) / 8)));
  return channels.map((count, index): ConvLayer => {
    const halves = index < halvings;
    const pad: Padding = !halves ? [1, 1] : index % 2 === 0 ? [0, 1] : [1, 0];
    return {
      ...conv(`conv${index + 1}`, count, 3, pad, halves ? 2 : 1),
      ...(normalization === 'none' ? {} : { normalization }),
      ...(!halves && index > 0 && channels[index - 1] === count ? { residual: true } : {}),
    };
  });
}

export const networks: { readonly [N in NetworkName]: Omit<Network, 'name'> } = {
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
  // Ours, for lesions that may lie anywhere: stride 4 and cells that see 39 pixels. Normalisation lets it learn from few images with the
  // highest cells alone; maps that begin near 0 keep the pooling from choosing cells before anything is learned. The classifier sees the
  // features averaged over 5 x 5 parts of the image: flattened at this stride they would have a hundred times as many weights as the trunk.
  field: {
    trunk: fieldTrunk(fieldDefaults),
    classifier: [128],
    dropout: 0.5,
    classifierGrid: 5,
    mapDeviation: 0.01,
  },
};
