import type { ConvGeometry, OpAttributes } from '../attributes.js';
import { reduceSum } from '../build.js';
import type { Value } from '../graph.js';
import type { Emitter } from '../onnx/emitter.js';
import type { OpRule } from '../rule.js';
import type { Shape, TensorType } from '../types.js';
import { at, dims4, expectInputs, expectRank } from './check.js';
import { emitConvolution, emitFlippedConvolution } from './convolution.js';

/** Extent of one axis of a convolution's output: floor((in + pads - kernel) / stride) + 1. */
function outputExtent(extent: number, kernel: number, stride: number, padding: number): number {
  const result = Math.floor((extent + padding - kernel) / stride) + 1;
  if (result < 1) throw new Error(`a kernel of ${kernel} does not fit into ${extent} pixels padded by ${padding}`);
  return result;
}

function outputShape(input: Shape, weight: Shape, { strides, pads }: ConvGeometry): Shape {
  const [n, c, h, w] = dims4(input);
  const [k, weightChannels, kh, kw] = dims4(weight);
  if (c !== weightChannels) throw new Error(`the input has ${c} channels, the weight ${weightChannels}`);
  return [n, k, outputExtent(h, kh, strides[0], pads[0] + pads[2]), outputExtent(w, kw, strides[1], pads[1] + pads[3])];
}

function expectGradientFits(gradient: TensorType, expected: Shape): void {
  const found = expectRank(gradient, 4, 'the output gradient');
  if (!found.every((extent, axis) => extent === expected[axis])) {
    throw new Error(`the output gradient is [${found.join(', ')}], the output [${expected.join(', ')}]`);
  }
}

/** The two gradients of a convolution are ops of their own, so that each may be emitted in the form that runs best. */
function gradientOp<N extends 'conv2dInputGradient' | 'conv2dWeightGradient'>(
  op: N,
  inputs: readonly [Value, Value],
  attributes: OpAttributes[N],
): Value {
  return at(inputs[0].graph.apply(op, inputs, attributes), 0);
}

export const convolutions: {
  [N in 'conv2d' | 'conv2dInputGradient' | 'conv2dWeightGradient']: OpRule<N>;
} = {
  conv2d: {
    shape: (inputs, geometry) => {
      expectInputs(inputs, 3, 'float32');
      const input = expectRank(at(inputs, 0), 4, 'the input');
      const weight = expectRank(at(inputs, 1), 4, 'the weight');
      const bias = expectRank(at(inputs, 2), 1, 'the bias');
      if (bias[0] !== weight[0]) throw new Error(`the bias has ${bias[0]} values for ${weight[0]} channels`);
      return [{ dataType: 'float32', shape: outputShape(input, weight, geometry) }];
    },
    gradient: ({ inputs, attributes: { strides, pads }, gradient, needed }) => {
      const [x, weight] = [at(inputs, 0), at(inputs, 1)];
      const [, , kh, kw] = dims4(weight.type.shape);
      return [
        needed(0)
          ? gradientOp('conv2dInputGradient', [gradient, weight], { strides, pads, inputShape: x.type.shape })
          : undefined,
        needed(1) ? gradientOp('conv2dWeightGradient', [x, gradient], { strides, pads, kernel: [kh, kw] }) : undefined,
        needed(2) ? reduceSum(gradient, [0, 2, 3]) : undefined,
      ];
    },
    emit: (emitter, { inputs, outputs, attributes }) => {
      emitConvolution(emitter, at(inputs, 0), at(inputs, 1), at(inputs, 2), attributes, at(outputs, 0));
    },
  },

  /** (dy [N, K, OH, OW], weight [K, C, kh, kw]) to dx [N, C, H, W]. */
  conv2dInputGradient: {
    shape: (inputs, attributes) => {
      expectInputs(inputs, 2, 'float32');
      expectGradientFits(
        at(inputs, 0),
        outputShape(attributes.inputShape, expectRank(at(inputs, 1), 4, 'the weight'), attributes),
      );
      return [{ dataType: 'float32', shape: attributes.inputShape }];
    },
    gradient: undefined,
    emit: (emitter, { inputs, outputs, attributes }) => {
      const [dy, weight] = [at(inputs, 0), at(inputs, 1)];
      const [, , kh, kw] = dims4(weight.type.shape);
      const [top, left, bottom, right] = attributes.pads;
      if (
        attributes.strides[0] === 1 &&
        attributes.strides[1] === 1 &&
        Math.max(top, bottom) < kh &&
        Math.max(left, right) < kw
      ) {
        // A convolution of dy with the kernel flipped and its channel axes swapped.
        const pads = [kh - 1 - top, kw - 1 - left, kh - 1 - bottom, kw - 1 - right] as const;
        emitFlippedConvolution(emitter, dy, weight, pads, at(outputs, 0));
        return;
      }
      const [, , oh, ow] = dims4(dy.type.shape);
      const [, , h, w] = dims4(attributes.inputShape);
      const [sh, sw] = attributes.strides;
      emitter.add('ConvTranspose', [dy.name, weight.name], [at(outputs, 0).name], {
        kernel_shape: [kh, kw],
        strides: [sh, sw],
        pads: attributes.pads,
        output_padding: [h + top + bottom - kh - (oh - 1) * sh, w + left + right - kw - (ow - 1) * sw],
      });
    },
  },

  /** (x [N, C, H, W], dy [N, K, OH, OW]) to dWeight [K, C, kh, kw]. */
  conv2dWeightGradient: {
    shape: (inputs, attributes) => {
      expectInputs(inputs, 2, 'float32');
      const input = expectRank(at(inputs, 0), 4, 'the input');
      const dy = expectRank(at(inputs, 1), 4, 'the output gradient');
      const shape = [at(dy, 1), at(input, 1), attributes.kernel[0], attributes.kernel[1]];
      expectGradientFits(at(inputs, 1), outputShape(input, shape, attributes));
      return [{ dataType: 'float32', shape }];
    },
    gradient: undefined,
    emit: (emitter, { inputs, outputs, attributes }) => {
      const unit = attributes.strides[0] === 1 && attributes.strides[1] === 1;
      (unit ? emitTapProducts : emitDilated)(emitter, at(inputs, 0), at(inputs, 1), attributes, at(outputs, 0).name);
    },
  },
};

type WeightGradientAttributes = ConvGeometry & { readonly kernel: readonly [number, number] };

/**
 * Stride 1: x to N, H, W, C once, then per kernel tap one contiguous slice and one product
 * [K, N*OH*OW] x [N*OH*OW, C], so that no sum over the minibatch is left.
 */
function emitTapProducts(
  emitter: Emitter,
  x: Value,
  dy: Value,
  { kernel, pads }: WeightGradientAttributes,
  output: string,
): void {
  const [n, c] = dims4(x.type.shape);
  const [, k, oh, ow] = dims4(dy.type.shape);
  const positions = n * oh * ow;
  const rows = emitter.make('Transpose', [dy.name], { perm: [1, 0, 2, 3] });
  const gradient = emitter.make('Reshape', [rows, emitter.int64s([k, positions])]);
  const channelsLast = emitter.make('Transpose', [x.name], { perm: [0, 2, 3, 1] });
  const [top, left, bottom, right] = pads;
  const padded = pads.every((extent) => extent === 0)
    ? channelsLast
    : emitter.make('Pad', [channelsLast, emitter.int64s([0, top, left, 0, 0, bottom, right, 0])]);
  const taps: string[] = [];
  for (let i = 0; i < kernel[0]; i++) {
    for (let j = 0; j < kernel[1]; j++) {
      const bounds = [emitter.int64s([i, j]), emitter.int64s([i + oh, j + ow]), emitter.int64s([1, 2])];
      const window = emitter.make('Slice', [padded, ...bounds]);
      const columns = emitter.make('Reshape', [window, emitter.int64s([positions, c])]);
      const product = emitter.make('MatMul', [gradient, columns]);
      taps.push(emitter.make('Unsqueeze', [product, emitter.int64s([2])]));
    }
  }
  const joined = taps.length === 1 ? at(taps, 0) : emitter.make('Concat', taps, { axis: 2 });
  emitter.add('Reshape', [joined, emitter.int64s([k, c, kernel[0], kernel[1]])], [output]);
}

/** Any stride: x convolved with dy, minibatch and channel axes swapped; the stride becomes the dilation. */
function emitDilated(
  emitter: Emitter,
  x: Value,
  dy: Value,
  { kernel, strides, pads }: WeightGradientAttributes,
  output: string,
): void {
  const [, , oh, ow] = dims4(dy.type.shape);
  const swapped = emitter.make('Transpose', [x.name], { perm: [1, 0, 2, 3] });
  const filter = emitter.make('Transpose', [dy.name], { perm: [1, 0, 2, 3] });
  const full = emitter.make('Conv', [swapped, filter], { kernel_shape: [oh, ow], dilations: strides, pads });
  // Where the last stride does not reach the border, the result has rows and columns beyond the kernel.
  const bounds = [emitter.int64s([0, 0]), emitter.int64s([kernel[0], kernel[1]]), emitter.int64s([2, 3])];
  const cropped = emitter.make('Slice', [full, ...bounds]);
  emitter.add('Transpose', [cropped], [output], { perm: [1, 0, 2, 3] });
}
