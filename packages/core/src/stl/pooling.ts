import { WeakspotError } from '../errors.js';
import {
  type Value,
  add,
  cast,
  conv2d,
  div,
  equal,
  exp,
  greater,
  kthLargest,
  log,
  mul,
  neg,
  reduceMax,
  reduceMean,
  reduceSum,
  scale,
  sigmoid,
  sizeOf,
  softplus,
  stopGradient,
  sub,
  tanh,
} from '../graph/index.js';
import { type ParameterSource, convolution } from '../network/index.js';
import type { GlobalPooling } from './method.js';

/** What a pooling is given. */
export interface PoolingInput {
  /** Activation maps [N, K, h, w]. */
  readonly maps: Value;
  /** The features [N, C, h, w] that the maps are made of. */
  readonly features: Value;
  readonly parameter: ParameterSource;
  /** r of LSE pooling, above 0: where it is learned, its start. */
  readonly sharpness: number;
  /** Share of the cells that top-k pooling averages, in (0, 1]; at least one cell. */
  readonly topShare: number;
}

/** Activation maps pooled to logits. */
export interface Pooled {
  /** [N, K] */
  readonly logits: Value;
  /** [N, K, h, w]: where each class's evidence lies. The maps pooled, unless the pooling weights cells by something else. */
  readonly maps: Value;
}

/** Units of the hidden layer that attention is made of (Ilse et al. 2018, on bags of MNIST digits). */
export const ATTENTION_UNITS = 128;

/** The axes of a map's cells. */
export const CELLS = [2, 3] as const;

/** One rule per pooling. */
const poolings: { readonly [P in GlobalPooling]: (input: PoolingInput) => Pooled } = {
  max: ({ maps }) => ({ maps, logits: reduceMax(maps, CELLS) }),
  average: ({ maps }) => ({ maps, logits: reduceMean(maps, CELLS) }),
  /** (1/r) log(mean(exp(r x))): towards r = 0 it is the average, towards infinity the maximum. */
  lse: ({ maps, sharpness }) => ({ maps, logits: logMeanExp(maps, maps.graph.scalar(sharpness)) }),
  /** LSE with r = sharpness * exp(rho), rho learned from 0: r is positive whatever is learned (after Yao et al. 2018). */
  learnedLse: ({ maps, parameter, sharpness }) => {
    const rho = parameter({ name: 'localizer.sharpness', shape: [1], fanIn: 0 });
    return { maps, logits: logMeanExp(maps, scale(exp(rho), sharpness)) };
  },
  /** The mean of the k largest activations (Durand et al. 2017); equal ones share what is left of k equally. */
  topK: ({ maps, topShare }) => {
    const k = shareOfCells(maps, topShare);
    const weights = largestCells(maps, k);
    return { maps, logits: scale(reduceSum(mul(maps, stopGradient(weights)), CELLS), 1 / k) };
  },
  /**
   * Probabilistic-CAM pooling (Ye et al. 2020): cells weighted by their probability, sum(sigmoid(x) x) / sum(sigmoid(x)).
   * The paper pools the features with these weights and applies the 1x1 convolution after; as the weights sum to 1 that is
   * the same.
   */
  pcam: ({ maps }) => {
    // sigmoid(x) = exp(-softplus(-x)): as a softmax of logarithms the weights stay finite where all probabilities vanish.
    const weights = softmaxOverCells(neg(softplus(neg(maps))));
    return { maps, logits: reduceSum(mul(maps, weights), CELLS) };
  },
  attention: (input) => attend(input, false),
  gatedAttention: (input) => attend(input, true),
};

/**
 * `Ploc`: activation maps to logits, by the method's pooling.
 * @throws WeakspotError `usage` unless the sharpness is positive and finite (LSE poolings) and the share in (0, 1] (top-k).
 */
export function globalPool(pooling: GlobalPooling, input: PoolingInput): Pooled {
  const { sharpness, topShare } = input;
  if ((pooling === 'lse' || pooling === 'learnedLse') && !(sharpness > 0 && Number.isFinite(sharpness))) {
    throw new WeakspotError('usage', `The sharpness of LSE pooling must be positive, not ${sharpness}.`);
  }
  if (pooling === 'topK' && !(topShare > 0 && topShare <= 1)) {
    throw new WeakspotError(
      'usage',
      `The share of the cells that top-k pooling averages must be in (0, 1], not ${topShare}.`,
    );
  }
  return poolings[pooling](input);
}

/** (1/r) log(mean(exp(r x))) of each map; r a scalar or [1]. */
function logMeanExp(maps: Value, r: Value): Value {
  // Shifted by the maximum so that exp cannot overflow; the result does not depend on the shift, nor does its gradient.
  const shift = stopGradient(reduceMax(maps, CELLS, true));
  const mean = reduceMean(exp(mul(sub(maps, shift), r)), CELLS);
  return add(div(log(mean), r), stopGradient(reduceMax(maps, CELLS)));
}

/** Weights of the cells of each map [N, K, h, w], which sum to 1. */
function softmaxOverCells(x: Value): Value {
  const powers = exp(sub(x, stopGradient(reduceMax(x, CELLS, true))));
  return div(powers, reduceSum(powers, CELLS, true));
}

/**
 * Attention-based multiple-instance pooling (Ilse et al. 2018): cells are instances h, their attention is softmax over the
 * cells of w^T tanh(V h), gated w^T (tanh(V h) * sigmoid(U h)), one for all classes. The paper classifies the features
 * averaged with it; the classifier being linear, that is the maps averaged with it. What shows a class's evidence is then
 * a cell's share in its logit: attention times activation times the number of cells, whose mean is the logit.
 */
function attend({ maps, features, parameter }: PoolingInput, gated: boolean): Pooled {
  const layer = (name: string, channels: number, x: Value): Value =>
    convolution(x, { name, channels, kernel: 1, stride: 1, pad: [0, 0] }, parameter);
  const hidden = tanh(layer('attention1', ATTENTION_UNITS, features));
  const gate = gated ? mul(hidden, sigmoid(layer('attentionGate', ATTENTION_UNITS, features))) : hidden;
  // No bias: the softmax does not see it.
  const weight = parameter({ name: 'attention2.weight', shape: [1, ATTENTION_UNITS, 1, 1], fanIn: ATTENTION_UNITS });
  const none = maps.graph.constant(maps.graph.unusedName('attention2/bias'), new Float32Array(1), [1]);
  const scores = conv2d(gate, weight, none, { strides: [1, 1], pads: [0, 0, 0, 0] });
  const shares = mul(maps, softmaxOverCells(scores));
  return { maps: scale(shares, sizeOf(maps.type.shape.slice(2))), logits: reduceSum(shares, CELLS) };
}

/** How many of a map's cells [N, K, h, w] are the share, in (0, 1]; at least one. */
export function shareOfCells(maps: Value, share: number): number {
  return Math.max(1, Math.round(share * sizeOf(maps.type.shape.slice(2))));
}

/** Weights of the cells of each map [N, K, h, w]: 1 for the k largest, 0 for others; equal ones share what is left of k equally. */
export function largestCells(maps: Value, k: number): Value {
  const kth = stopGradient(kthLargest(maps, k));
  const [above, tied] = [greater(maps, kth), equal(maps, kth)].map((mask) => cast(mask, 'float32')) as [Value, Value];
  const left = sub(maps.graph.scalar(k), reduceSum(above, CELLS, true));
  return add(above, mul(tied, div(left, reduceSum(tied, CELLS, true))));
}
