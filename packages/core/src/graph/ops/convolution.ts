import type { ConvGeometry } from '../attributes.js';
import type { Value } from '../graph.js';
import type { Emitter } from '../onnx/emitter.js';
import { dims4 } from './check.js';

/** ONNX Runtime's domain of ops on tensors in blocks of channels (NCHWc). */
const NCHWC = 'com.microsoft.nchwc';
/** Up to this many taps a kernel is flipped by a matrix product. */
const MAX_FLIP_TAPS = 64;

type Dimensions = readonly [number, number, number, number];

/** x [N, C, H, W] convolved with weight [K, C, kh, kw], plus bias [K]. */
export function emitConvolution(
  emitter: Emitter,
  x: Value,
  weight: Value,
  bias: Value,
  { strides, pads }: ConvGeometry,
  output: Value,
): void {
  const [k, c, kh, kw] = dims4(weight.type.shape);
  const attributes = { kernel_shape: [kh, kw], strides, pads };
  const block = emitter.lowering.nchwcBlock;
  // A single channel, as images have, is read as it is.
  if (!blocks(k, block) || !(blocks(c, block) || c === 1)) {
    emitter.add('Conv', [x.name, weight.name, bias.name], [output.name], attributes);
    return;
  }
  const blocked = c === 1 ? x.name : toBlocks(emitter, x.name);
  const kernels = blockedKernels(emitter, weight.name, [k, c, kh, kw], c === 1 ? 1 : block, block);
  fromBlocks(emitter, emitter.make('Conv', [blocked, kernels, bias.name], attributes, NCHWC), output);
}

/**
 * dy [N, K, OH, OW] convolved at stride 1 with weight [K, C, kh, kw], its kernels flipped and its channel axes swapped;
 * `pads` are those of dy.
 */
export function emitFlippedConvolution(
  emitter: Emitter,
  dy: Value,
  weight: Value,
  pads: ConvGeometry['pads'],
  output: Value,
): void {
  const [k, c, kh, kw] = dims4(weight.type.shape);
  const attributes = { kernel_shape: [kh, kw], pads };
  const block = emitter.lowering.nchwcBlock;
  if (!blocks(k, block) || !blocks(c, block)) {
    const swapped = emitter.make('Transpose', [flippedTaps(emitter, weight)], { perm: [1, 0, 2] });
    const kernels = emitter.make('Reshape', [swapped, emitter.int64s([c, k, kh, kw])]);
    emitter.add('Conv', [dy.name, kernels], [output.name], attributes);
    return;
  }
  const kernels = blockedFlippedKernels(emitter, weight.name, [k, c, kh, kw], block);
  fromBlocks(emitter, emitter.make('Conv', [toBlocks(emitter, dy.name), kernels], attributes, NCHWC), output);
}

function blocks(channels: number, block: number): boolean {
  return block > 0 && channels % block === 0;
}

function toBlocks(emitter: Emitter, x: string): string {
  return emitter.make('ReorderInput', [x], { channels_last: 0 }, NCHWC);
}

function fromBlocks(emitter: Emitter, blocked: string, output: Value): void {
  const [, channels] = dims4(output.type.shape);
  emitter.add('ReorderOutput', [blocked], [output.name], { channels, channels_last: 0 }, NCHWC);
}

/** Kernels [K, C, kh, kw] in the order [K/b, C/bc, kh, kw, bc of C, b of K], under their first shape. */
function blockedKernels(
  emitter: Emitter,
  weight: string,
  [k, c, kh, kw]: Dimensions,
  blockC: number,
  block: number,
): string {
  const [image, taps] = [emitter.make('Reshape', [weight, emitter.int64s([1, k, c, kh * kw])]), kh * kw];
  const parts = emitter.int64s([k / block, c / blockC, blockC, taps, block]);
  const blocked = emitter.make('Reshape', [toBlocks(emitter, image), parts]);
  const ordered = emitter.make('Transpose', [blocked], { perm: [0, 1, 3, 2, 4] });
  return emitter.make('Reshape', [ordered, emitter.int64s([k, c, kh, kw])]);
}

/** The same of the flipped kernels with K and C swapped: [C/b, K/b, kh, kw, b of K, b of C] as [C, K, kh, kw]. */
function blockedFlippedKernels(emitter: Emitter, weight: string, [k, c, kh, kw]: Dimensions, block: number): string {
  const taps = kh * kw;
  const images = emitter.make('Reshape', [weight, emitter.int64s([k, c, taps, 1])]);
  const parts = emitter.int64s([k / block, block, c / block, taps, block]);
  const blocked = emitter.make('Reshape', [toBlocks(emitter, images), parts]);
  const reversal = emitter.int64s(Array.from({ length: taps }, (_, tap) => taps - 1 - tap));
  const flipped = emitter.make('Gather', [blocked, reversal], { axis: 3 });
  const ordered = emitter.make('Transpose', [flipped], { perm: [2, 0, 3, 1, 4] });
  return emitter.make('Reshape', [ordered, emitter.int64s([c, k, kh, kw])]);
}

/**
 * Kernels [K, C, kh, kw] with their taps in reverse, as [K, C, kh * kw]. A product with a constant permutation is exact
 * and several times faster than a Slice with negative steps.
 */
function flippedTaps(emitter: Emitter, weight: Value): string {
  const [k, c, kh, kw] = dims4(weight.type.shape);
  const taps = kh * kw;
  const rows = emitter.make('Reshape', [weight.name, emitter.int64s([k, c, taps])]);
  if (taps === 1) return rows;
  if (taps <= MAX_FLIP_TAPS) {
    const reversal = Array.from({ length: taps * taps }, (_, i) =>
      (i % taps) + Math.floor(i / taps) === taps - 1 ? 1 : 0,
    );
    return emitter.make('MatMul', [rows, emitter.floats(reversal, [taps, taps])]);
  }
  const [last, beforeFirst] = [emitter.int64s([-1]), emitter.int64s([-1_000_000])];
  return emitter.make('Slice', [rows, last, beforeFirst, emitter.int64s([2]), emitter.int64s([-1])]);
}
