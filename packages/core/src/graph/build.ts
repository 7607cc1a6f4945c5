/**
 * Graph building: one function per op, from values to a value, and the small compositions that several places need.
 * Shapes are checked as the graph is built; what does not fit throws a WeakspotError `graph`.
 */
import type { ConvGeometry, OpAttributes, OpName, PoolGeometry } from './attributes.js';
import type { Value } from './graph.js';
import { type DataType, type Shape, sameShape } from './types.js';

function apply<N extends OpName>(op: N, inputs: readonly [Value, ...Value[]], attributes: OpAttributes[N]): Value {
  const [output] = inputs[0].graph.apply(op, inputs, attributes);
  return output as Value; // Every op has at least one output: the verifier checks it against the shape rule.
}

// Element-wise, with multidirectional broadcasting.
export const add = (a: Value, b: Value): Value => apply('add', [a, b], {});
export const sub = (a: Value, b: Value): Value => apply('sub', [a, b], {});
export const mul = (a: Value, b: Value): Value => apply('mul', [a, b], {});
export const div = (a: Value, b: Value): Value => apply('div', [a, b], {});
/** max(a, b); where they are equal the gradient goes to `a`. */
export const maximum = (a: Value, b: Value): Value => apply('maximum', [a, b], {});
/** a > b as bool. */
export const greater = (a: Value, b: Value): Value => apply('greater', [a, b], {});
/** a == b as bool. */
export const equal = (a: Value, b: Value): Value => apply('equal', [a, b], {});
/** `condition ? a : b`, element by element. */
export const where = (condition: Value, a: Value, b: Value): Value => apply('where', [condition, a, b], {});
export const neg = (x: Value): Value => apply('neg', [x], {});
export const exp = (x: Value): Value => apply('exp', [x], {});
/** Natural logarithm. */
export const log = (x: Value): Value => apply('log', [x], {});
export const sqrt = (x: Value): Value => apply('sqrt', [x], {});
/** 1 / (1 + exp(-x)) */
export const sigmoid = (x: Value): Value => apply('sigmoid', [x], {});
/** log(1 + exp(x)), which cannot overflow: minus the logarithm of sigmoid(-x). */
export const softplus = (x: Value): Value => apply('softplus', [x], {});
export const tanh = (x: Value): Value => apply('tanh', [x], {});
export const relu = (x: Value): Value => apply('relu', [x], {});
/** `dy` where `y = relu(x)` is positive, else 0. */
export const reluGradient = (dy: Value, y: Value): Value => apply('reluGradient', [dy, y], {});
export const cast = (x: Value, to: DataType): Value => apply('cast', [x], { to });
/** x, taken as a constant by differentiation. */
export const stopGradient = (x: Value): Value => apply('stopGradient', [x], {});
export const scale = (x: Value, factor: number): Value => mul(x, x.graph.scalar(factor));

// Shape.
export const reshape = (x: Value, shape: Shape): Value =>
  sameShape(x.type.shape, shape) ? x : apply('reshape', [x], { shape });
/** [N, ...] to [N, product of the rest]; does not fix N, so that it suits a graph with a free batch axis. */
export const flatten = (x: Value): Value => apply('flatten', [x], {});
/** Axis i of the result is axis `permutation[i]` of x. */
export const transpose = (x: Value, permutation: readonly number[]): Value => apply('transpose', [x], { permutation });
/** Broadcasts to `shape`. */
export const expand = (x: Value, shape: Shape): Value =>
  sameShape(x.type.shape, shape) ? x : apply('expand', [x], { shape });
/** `[starts, ends)` of every axis. */
export const slice = (x: Value, starts: readonly number[], ends: readonly number[]): Value =>
  apply('slice', [x], { starts, ends });
export const concat = (parts: readonly [Value, ...Value[]], axis: number): Value => apply('concat', parts, { axis });
/** Zeros before and after every axis. */
export const pad = (x: Value, before: readonly number[], after: readonly number[]): Value =>
  apply('pad', [x], { before, after });
/** Each of the axes from its last element to its first: an image [N, C, H, W] along axis 3 is mirrored left to right. */
export const reverse = (x: Value, axes: readonly number[]): Value =>
  axes.length === 0 ? x : apply('reverse', [x], { axes });

// Reductions.
export const reduceSum = (x: Value, axes: readonly number[], keep = false): Value =>
  apply('reduceSum', [x], { axes, keep });
export const reduceMean = (x: Value, axes: readonly number[], keep = false): Value =>
  apply('reduceMean', [x], { axes, keep });
/** Equal maxima share the gradient equally, as a subgradient may. */
export const reduceMax = (x: Value, axes: readonly number[], keep = false): Value =>
  apply('reduceMax', [x], { axes, keep });
export const reduceSumSquare = (x: Value, axes: readonly number[], keep = false): Value =>
  apply('reduceSumSquare', [x], { axes, keep });
/** The k-th largest value of each map, [N, C, H, W] to [N, C, 1, 1]; equal ones share the gradient, as in `reduceMax`. */
export const kthLargest = (x: Value, k: number): Value => apply('kthLargest', [x], { k });
/** Softmax over the last axis. */
export const softmax = (x: Value): Value => apply('softmax', [x], {});

// Products and convolutions.
/** op(a) * op(b) for matrices; `transA`, `transB` transpose them first. */
export const gemm = (a: Value, b: Value, options: { transA?: boolean; transB?: boolean } = {}): Value =>
  apply('gemm', [a, b], { transA: options.transA ?? false, transB: options.transB ?? false });
/** a * b + bias, with a [M, K], b [K, N], bias [N]. */
export const linear = (a: Value, b: Value, bias: Value): Value =>
  apply('gemm', [a, b, bias], { transA: false, transB: false });
/** x [N, C, H, W], weight [K, C, kh, kw], bias [K]. */
export const conv2d = (x: Value, weight: Value, bias: Value, geometry: ConvGeometry): Value =>
  apply('conv2d', [x, weight, bias], geometry);
export const maxPool2d = (x: Value, geometry: PoolGeometry): Value => apply('maxPool2d', [x], geometry);

/** What batch normalisation gives beside its result: mean and population variance of each channel, [C]. */
export interface BatchNormalized {
  readonly y: Value;
  readonly mean: Value;
  readonly variance: Value;
}

/**
 * scale * (x - mean) / sqrt(variance + epsilon) + bias of each channel, mean and variance being those of x over minibatch and
 * cells (Ioffe and Szegedy, ICML 2015): x [N, C, H, W], scale and bias [C]. No gradient flows through the mean and the variance that
 * are given back.
 */
export function batchNormalization(x: Value, scales: Value, bias: Value, epsilon: number): BatchNormalized {
  const [y, mean, variance] = x.graph.apply('batchNormalization', [x, scales, bias], { epsilon });
  return { y, mean, variance } as BatchNormalized;
}

/**
 * scale * (x - mean) / sqrt(variance + epsilon) + bias, mean and variance (population) being those of each image's groups of channels
 * (Wu and He, ECCV 2018): x [N, C, H, W], scale and bias [C].
 * @throws WeakspotError `graph` unless the groups divide the channels.
 */
export function groupNormalization(x: Value, scales: Value, bias: Value, groups: number, epsilon: number): Value {
  const [n = 1, channels = 1, height = 1, width = 1] = x.type.shape;
  const parts = reshape(x, [n, groups, (channels / groups) * height * width]);
  const centred = sub(parts, reduceMean(parts, [2], true));
  const variance = reduceMean(mul(centred, centred), [2], true);
  const normalized = reshape(div(centred, sqrt(add(variance, x.graph.scalar(epsilon)))), x.type.shape);
  return add(mul(normalized, perChannel(scales)), perChannel(bias));
}

/** [C] as [C, 1, 1], which broadcasts over minibatch and cells. */
export const perChannel = (x: Value): Value => reshape(x, [x.type.shape[0] ?? 1, 1, 1]);

/** log(softmax(x)) over the last axis: x - max - log(sum(exp(x - max))), which cannot overflow. */
export function logSoftmax(x: Value): Value {
  const axis = x.type.shape.length - 1;
  const shifted = sub(x, stopGradient(reduceMax(x, [axis], true)));
  return sub(shifted, log(reduceSum(exp(shifted), [axis], true)));
}

/** Adds up the gradient of a broadcast tensor over the axes that were broadcast, back to `shape`. */
export function sumToShape(gradient: Value, shape: Shape): Value {
  const from = gradient.type.shape;
  if (sameShape(from, shape)) return gradient;
  const lead = from.length - shape.length;
  const axes = from.flatMap((extent, axis) =>
    axis < lead || (shape[axis - lead] === 1 && extent !== 1) ? [axis] : [],
  );
  return reshape(axes.length === 0 ? gradient : reduceSum(gradient, axes, true), shape);
}
