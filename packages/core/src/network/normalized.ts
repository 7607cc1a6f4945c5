import {
  type Value,
  add,
  batchNormalization,
  conv2d,
  div,
  groupNormalization,
  mul,
  reshape,
  sqrt,
  sub,
} from '../graph/index.js';
import { type TrunkSource, convolution, geometryOf, kernelsOf } from './convolution.js';
import type { ConvLayer, Normalization, Parameter } from './types.js';

/** Added to variances, as in PyTorch. */
export const EPSILON = 1e-5;
/** Channels of a group of group normalisation; all of them where there are fewer, or where 8 does not divide them. */
const GROUP = 8;

/**
 * A convolution whose channels are normalised, then scaled and shifted by learned numbers: `name.scale` and `name.shift` [C].
 *
 * By batch: while training by the minibatch's means and variances; the running ones, `name.mean` and `name.variance` [C], are followed. In
 * inference the running ones are part of the convolution, which is all that is left: weight * scale / sqrt(variance + epsilon), and the
 * bias that belongs to it.
 */
export function normalizedConvolution(
  x: Value,
  layer: ConvLayer,
  normalization: Normalization,
  source: TrunkSource,
): Value {
  const { name, channels } = layer;
  const { parameter, followed } = source;
  const { graph } = x;
  const each = [channels];
  const scaleOf = (): Value => parameter({ name: `${name}.scale`, shape: each, fanIn: 0, start: 1 });
  const shiftOf = (): Value => parameter({ name: `${name}.shift`, shape: each, fanIn: 0 });
  if (normalization === 'group') {
    const convolved = convolution(x, layer, parameter);
    const [scale, shift] = [scaleOf(), shiftOf()];
    const groups = channels % GROUP === 0 ? channels / GROUP : 1;
    return graph.scope(name, () => groupNormalization(convolved, scale, shift, groups, EPSILON));
  }
  const weight = kernelsOf(x, layer, parameter);
  const [scale, shift] = [scaleOf(), shiftOf()];
  const mean: Parameter = { name: `${name}.mean`, shape: each, fanIn: 0, statistic: true };
  const variance: Parameter = { name: `${name}.variance`, shape: each, fanIn: 0, start: 1, statistic: true };
  const geometry = geometryOf(layer);
  if (followed === undefined) {
    const [runningMean, runningVariance] = [parameter(mean), parameter(variance)];
    return graph.scope(name, () => {
      const factor = div(scale, sqrt(add(runningVariance, graph.scalar(EPSILON))));
      const folded = mul(weight, reshape(factor, [channels, 1, 1, 1]));
      return conv2d(x, folded, sub(shift, mul(runningMean, factor)), geometry);
    });
  }
  return graph.scope(name, () => {
    const zeros = graph.constant(`${name}/noBias`, new Float32Array(channels), each);
    const normalized = batchNormalization(conv2d(x, weight, zeros, geometry), scale, shift, EPSILON);
    followed({ parameter: mean, value: normalized.mean });
    followed({ parameter: variance, value: normalized.variance });
    return normalized.y;
  });
}
