import type { DataType, Shape } from './types.js';

/** Geometry of a two-dimensional convolution: strides and zero padding in pixels; no dilation, one group. */
export interface ConvGeometry {
  /** [vertical, horizontal] */
  readonly strides: readonly [number, number];
  /** [top, left, bottom, right] */
  readonly pads: readonly [number, number, number, number];
}

/**
 * Geometry of a max pooling. Padding is of minus infinity, so it is never a maximum; `ceil` lets the last window overhang
 * the border, as Caffe does.
 */
export interface PoolGeometry {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  /** [top, left, bottom, right] */
  readonly pads: readonly [number, number, number, number];
  readonly ceil: boolean;
}

export interface ReduceAttributes {
  /** Axes from 0, ascending. */
  readonly axes: readonly number[];
  /** Reduced axes stay with extent 1. */
  readonly keep: boolean;
}

type None = Readonly<Record<string, never>>;

/** Every op with the attributes it takes. */
export interface OpAttributes {
  // Element-wise, with broadcasting.
  add: None;
  sub: None;
  mul: None;
  div: None;
  maximum: None;
  greater: None;
  equal: None;
  where: None;
  neg: None;
  exp: None;
  log: None;
  sqrt: None;
  sigmoid: None;
  softplus: None;
  tanh: None;
  relu: None;
  reluGradient: None;
  cast: { readonly to: DataType };
  stopGradient: None;
  // Shape.
  reshape: { readonly shape: Shape };
  flatten: None;
  transpose: { readonly permutation: readonly number[] };
  expand: { readonly shape: Shape };
  slice: { readonly starts: readonly number[]; readonly ends: readonly number[] };
  concat: { readonly axis: number };
  pad: { readonly before: readonly number[]; readonly after: readonly number[] };
  /** Axes from 0, ascending. */
  reverse: { readonly axes: readonly number[] };
  // Reductions.
  reduceSum: ReduceAttributes;
  reduceMean: ReduceAttributes;
  reduceMax: ReduceAttributes;
  reduceSumSquare: ReduceAttributes;
  softmax: None;
  /** `k` from 1. */
  kthLargest: { readonly k: number };
  /** `epsilon` above 0, added to variances. */
  batchNormalization: { readonly epsilon: number };
  // Products and convolutions.
  gemm: {
    readonly transA: boolean;
    readonly transB: boolean;
    /** Factor of the addend; 1 unless given. */
    readonly beta?: number;
  };
  conv2d: ConvGeometry;
  conv2dInputGradient: ConvGeometry & { readonly inputShape: Shape };
  conv2dWeightGradient: ConvGeometry & { readonly kernel: readonly [number, number] };
  maxPool2d: PoolGeometry;
  maxPool2dGradient: PoolGeometry;
}

export type OpName = keyof OpAttributes;
