import { WeakspotError } from '../errors.js';
import { type Value, add, flatten, gemm, linear, maxPool2d, mul, relu, reshape } from '../graph/index.js';
import { type ParameterSource, type TrunkSource, convolution, padsOf } from './convolution.js';
import { normalizedConvolution } from './normalized.js';
import type { Network, TrunkLayer } from './types.js';

/** x [N, I] to x * weight + bias [N, width]; parameters `name.weight` [I, width] and `name.bias` [width]. */
export function fullyConnected(x: Value, name: string, width: number, parameter: ParameterSource): Value {
  const inputs = x.type.shape[1] ?? 0;
  const weight = parameter({ name: `${name}.weight`, shape: [inputs, width], fanIn: inputs });
  const bias = parameter({ name: `${name}.bias`, shape: [width], fanIn: 0 });
  return x.graph.scope(name, () => linear(x, weight, bias));
}

/**
 * The shared convolutional layers `C`: images [N, 1, H, W] to features [N, channels, h, w].
 * @throws WeakspotError `usage` if the images are too small for the layers.
 */
export function buildTrunk(images: Value, network: Network, source: ParameterSource | TrunkSource): Value {
  return buildTrunkLayers(images, network, source).at(-1)?.value ?? images;
}

/** A layer of the trunk with its output, [N, channels, h, w]. */
export interface BuiltLayer {
  readonly layer: TrunkLayer;
  readonly value: Value;
}

/**
 * `buildTrunk`, with the output of every layer: after its ReLU, but for a convolution before a pooling, whose ReLU comes after
 * that.
 */
export function buildTrunkLayers(images: Value, network: Network, source: ParameterSource | TrunkSource): BuiltLayer[] {
  const from = typeof source === 'function' ? { parameter: source } : source;
  let x = images;
  return network.trunk.map((layer, index) => {
    x = buildLayer(x, layer, images, network, from);
    // ReLU never falls, so it commutes with max pooling, after which it has a quarter of the pixels to do. Where
    // maxima are equal and not positive another pixel may be chosen, which gets a gradient of zero all the same.
    const pooledNext = network.trunk[index + 1]?.kind === 'pool';
    const convolved = layer.kind === 'conv' || network.trunk[index - 1]?.kind === 'conv';
    if (convolved && !pooledNext) x = x.graph.scope(layer.name, () => relu(x));
    return { layer, value: x };
  });
}

function buildLayer(x: Value, layer: TrunkLayer, images: Value, network: Network, source: TrunkSource): Value {
  const [height = 0, width = 0] = x.type.shape.slice(2);
  const reach = layer.kernel - layer.pad[0] - layer.pad[1];
  if (height < reach || width < reach) {
    const [inputHeight, inputWidth] = images.type.shape.slice(2);
    throw new WeakspotError(
      'usage',
      `Images of ${inputWidth}x${inputHeight} are too small for ${network.name}: nothing is left for ${layer.name}.`,
      { hint: 'Use a larger input size.' },
    );
  }
  if (layer.kind === 'conv') {
    const convolved =
      layer.normalization === undefined
        ? convolution(x, layer, source.parameter)
        : normalizedConvolution(x, layer, layer.normalization, source);
    return layer.residual === true ? x.graph.scope(layer.name, () => add(convolved, x)) : convolved;
  }
  const { kernel, stride, pad, ceil } = layer;
  return x.graph.scope(layer.name, () =>
    maxPool2d(x, { kernel: [kernel, kernel], strides: [stride, stride], pads: padsOf(pad), ceil }),
  );
}

/**
 * What the classifier sees of the features [N, C, h, w], flattened: all of them, or their means over `classifierGrid` x `classifierGrid`
 * parts of the image, [N, C * grid * grid]; fewer along an axis that has fewer cells. A cell that a border between parts cuts counts to both, by its shares.
 */
export function classifierInput(features: Value, { classifierGrid: grid }: Network): Value {
  const [n = 1, channels = 1, height = 1, width = 1] = features.type.shape;
  if (grid === undefined || (height <= grid && width <= grid)) return flatten(features);
  const [rows, columns] = [partsOf(height, grid), partsOf(width, grid)];
  const cells = height * width;
  const parts = rows.length * columns.length;
  const weights = new Float32Array(cells * parts);
  rows.forEach((row, i) => {
    columns.forEach((column, j) => {
      row.forEach((a, y) => {
        column.forEach((b, x) => {
          weights[(y * width + x) * parts + i * columns.length + j] = a * b;
        });
      });
    });
  });
  const { graph } = features;
  return graph.scope('classifierGrid', () => {
    const means = gemm(
      reshape(features, [n * channels, cells]),
      graph.constant(graph.unusedName('classifierGrid/weights'), weights, [cells, parts]),
    );
    return reshape(means, [n, channels * parts]);
  });
}

/** Of each of `grid` equal parts of an axis, the weight of every cell in its mean; one part a cell where there are no more cells. */
function partsOf(extent: number, grid: number): number[][] {
  const count = Math.min(grid, extent);
  const length = extent / count;
  return Array.from({ length: count }, (_, part) =>
    Array.from({ length: extent }, (__, cell) => {
      const shared = Math.min(cell + 1, (part + 1) * length) - Math.max(cell, part * length);
      return Math.max(0, shared) / length;
    }),
  );
}

/** Asks for the mask of a dropout layer: [N, width], each element 0 or 1 / (1 - dropout). */
export type DropoutMask = (name: string, width: number) => Value | undefined;

/**
 * The classifier `Fcls`: flattened features [N, I] to logits [N, classes], through hidden layers with ReLU and inverted
 * dropout (scaled while training, so that nothing changes at test time). Its non-linearity on the flattened features
 * is what makes it another function than the localizer.
 */
export function buildClassifier(
  features: Value,
  network: Network,
  classes: number,
  parameter: ParameterSource,
  dropoutMask: DropoutMask,
): Value {
  let hidden = features;
  network.classifier.forEach((width, index) => {
    const name = `classifier${index + 1}`;
    const connected = fullyConnected(hidden, name, width, parameter);
    const mask = dropoutMask(name, width);
    hidden = features.graph.scope(name, () => {
      const active = relu(connected);
      return mask === undefined ? active : mul(active, mask);
    });
  });
  return fullyConnected(hidden, `classifier${network.classifier.length + 1}`, classes, parameter);
}
