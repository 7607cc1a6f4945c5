import { type ConvGeometry, type Value, conv2d } from '../graph/index.js';
import type { Padding, Parameter } from './types.js';

/** Makes (or finds) the graph value of a parameter; the network asks for each of its parameters once, in a fixed order. */
export type ParameterSource = (parameter: Parameter) => Value;

/** A convolution by itself. */
export interface Kernels {
  readonly name: string;
  readonly channels: number;
  readonly kernel: number;
  readonly stride: number;
  readonly pad: Padding;
  /** Of the weights' start; He initialisation unless given. */
  readonly deviation?: number;
}

/** conv + bias. x [N, C, H, W] to [N, channels, OH, OW]; parameters `name.weight` [K, C, k, k] and `name.bias` [K]. */
export function convolution(x: Value, layer: Kernels, parameter: ParameterSource): Value {
  const { name, channels } = layer;
  const weight = kernelsOf(x, layer, parameter);
  const bias = parameter({ name: `${name}.bias`, shape: [channels], fanIn: 0 });
  return x.graph.scope(name, () => conv2d(x, weight, bias, geometryOf(layer)));
}

/** The parameter `name.weight` [channels, C, k, k] for an input [N, C, H, W]. */
export function kernelsOf(x: Value, { name, channels, kernel, deviation }: Kernels, parameter: ParameterSource): Value {
  const inputChannels = x.type.shape[1] ?? 0;
  return parameter({
    name: `${name}.weight`,
    shape: [channels, inputChannels, kernel, kernel],
    fanIn: inputChannels * kernel * kernel,
    ...(deviation === undefined ? {} : { deviation }),
  });
}

/** Strides and padding along both axes. */
export function geometryOf({ stride, pad }: Pick<Kernels, 'stride' | 'pad'>): ConvGeometry {
  return { strides: [stride, stride], pads: padsOf(pad) };
}

/** [top, left, bottom, right] */
export function padsOf([before, after]: Padding): [number, number, number, number] {
  return [before, before, after, after];
}

/** Where a trunk takes its parameters from, and what it does with batch normalisation. */
export interface TrunkSource {
  readonly parameter: ParameterSource;
  /**
   * Given where the graph is for training: layers are normalised by their minibatch, and what it shows of each running statistic is
   * told here. Without it the running statistics, asked for like parameters, are part of the convolutions.
   */
  readonly followed?: (statistic: BatchStatistic) => void;
}

/** A running mean or variance of a layer [C], and what the minibatch has: [C]. */
export interface BatchStatistic {
  readonly parameter: Parameter;
  readonly value: Value;
}
