import { WeakspotError } from '../errors.js';
import {
  type Value,
  add,
  exp,
  log,
  logSoftmax,
  mul,
  neg,
  reduceMax,
  reduceMean,
  reduceSum,
  scale,
  stopGradient,
  sub,
} from '../graph/index.js';
import { type ParameterSource, convolution } from '../network/index.js';
import type { GlobalPooling } from './method.js';

/** The localizer's maps `Cloc`: a 1x1 convolution of the features [N, C, h, w] to one activation map per class [N, K, h, w]. */
export function buildActivationMaps(features: Value, classes: number, parameter: ParameterSource): Value {
  return convolution(features, { name: 'localizer', channels: classes, kernel: 1, stride: 1, pad: [0, 0] }, parameter);
}

/**
 * `Ploc`: activation maps [N, K, h, w] to logits [N, K].
 * @param sharpness r of LSE pooling, (1/r) log(mean(exp(r x))): towards 0 it is the average, towards infinity the maximum.
 * @throws WeakspotError `usage` unless r is positive and finite (LSE pooling only).
 */
export function globalPool(maps: Value, pooling: GlobalPooling, sharpness: number): Value {
  if (pooling === 'max') return reduceMax(maps, [2, 3]);
  if (pooling === 'average') return reduceMean(maps, [2, 3]);
  if (!(sharpness > 0 && Number.isFinite(sharpness))) {
    throw new WeakspotError('usage', `The sharpness of LSE pooling must be positive, not ${sharpness}.`);
  }
  // Shifted by the maximum so that exp cannot overflow; the result does not depend on the shift, nor does its gradient.
  const shift = stopGradient(reduceMax(maps, [2, 3], true));
  const mean = reduceMean(exp(scale(sub(maps, shift), sharpness)), [2, 3]);
  return add(scale(log(mean), 1 / sharpness), stopGradient(reduceMax(maps, [2, 3])));
}

/**
 * Cross-entropy -sum(t log softmax(logits)) / N over the minibatch: logits and targets [N, K] to a scalar.
 * Rows of zeros in the targets add nothing, other weights than 1 weight their image.
 */
export function crossEntropy(logits: Value, targets: Value): Value {
  const count = logits.type.shape[0] ?? 1;
  return scale(neg(reduceSum(mul(logSoftmax(logits), targets), [0, 1])), 1 / count);
}
