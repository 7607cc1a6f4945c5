import { WeakspotError } from '../errors.js';
import { type Value, conv2d, linear, maxPool2d, mul, relu } from '../graph/index.js';
import type { Network, Padding, Parameter, TrunkLayer } from './network.js';

/** Makes (or finds) the graph value of a parameter; the network asks for each of its parameters once, in a fixed order. */
export type ParameterSource = (parameter: Parameter) => Value;

/** conv + bias. x [N, C, H, W] to [N, channels, OH, OW]; parameters `name.weight` [K, C, k, k] and `name.bias` [K]. */
export function convolution(
  x: Value,
  layer: {
    readonly name: string;
    readonly channels: number;
    readonly kernel: number;
    readonly stride: number;
    readonly pad: Padding;
  },
  parameter: ParameterSource,
): Value {
  const { name, channels, kernel, stride } = layer;
  const inputChannels = x.type.shape[1] ?? 0;
  const weight = parameter({
    name: `${name}.weight`,
    shape: [channels, inputChannels, kernel, kernel],
    fanIn: inputChannels * kernel * kernel,
  });
  const bias = parameter({ name: `${name}.bias`, shape: [channels], fanIn: 0 });
  return x.graph.scope(name, () => conv2d(x, weight, bias, { strides: [stride, stride], pads: padsOf(layer.pad) }));
}

/** x [N, I] to x * weight + bias [N, width]; parameters `name.weight` [I, width] and `name.bias` [width]. */
export function fullyConnected(x: Value, name: string, width: number, parameter: ParameterSource): Value {
  const inputs = x.type.shape[1] ?? 0;
  const weight = parameter({ name: `${name}.weight`, shape: [inputs, width], fanIn: inputs });
  const bias = parameter({ name: `${name}.bias`, shape: [width], fanIn: 0 });
  return x.graph.scope(name, () => linear(x, weight, bias));
}

/** [top, left, bottom, right] */
function padsOf([before, after]: Padding): [number, number, number, number] {
  return [before, before, after, after];
}

/**
 * The shared convolutional layers `C`: images [N, 1, H, W] to features [N, channels, h, w].
 * @throws WeakspotError `usage` if the images are too small for the layers.
 */
export function buildTrunk(images: Value, network: Network, parameter: ParameterSource): Value {
  return buildTrunkLayers(images, network, parameter).at(-1)?.value ?? images;
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
export function buildTrunkLayers(images: Value, network: Network, parameter: ParameterSource): BuiltLayer[] {
  let x = images;
  return network.trunk.map((layer, index) => {
    x = buildLayer(x, layer, images, network, parameter);
    // ReLU never falls, so it commutes with max pooling, after which it has a quarter of the pixels to do. Where
    // maxima are equal and not positive another pixel may be chosen, which gets a gradient of zero all the same.
    const pooledNext = network.trunk[index + 1]?.kind === 'pool';
    const convolved = layer.kind === 'conv' || network.trunk[index - 1]?.kind === 'conv';
    if (convolved && !pooledNext) x = x.graph.scope(layer.name, () => relu(x));
    return { layer, value: x };
  });
}

function buildLayer(x: Value, layer: TrunkLayer, images: Value, network: Network, parameter: ParameterSource): Value {
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
    return convolution(x, layer, parameter);
  }
  const { kernel, stride, pad, ceil } = layer;
  return x.graph.scope(layer.name, () =>
    maxPool2d(x, { kernel: [kernel, kernel], strides: [stride, stride], pads: padsOf(pad), ceil }),
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
