// @ts-check
/** The benchmark's cases and the floating-point operations they need. */
import { buildTrainingStep, createNetwork, parseMethod } from '@weakspot/core';

/** @typedef {{ name: string, kind: 'train' | 'infer', network: 'alexnet6' | 'compact' | 'field', size: number, batch: number, classifier: number[] }} Case */

const settings = /** @type {const} */ ([
  ['compact', 160, 32, [256, 256]],
  ['compact', 224, 32, [256, 256]],
  ['alexnet6', 224, 16, [4096, 4096]],
  ['alexnet6', 500, 8, [4096, 4096]],
  ['field', 96, 32, [128]],
]);

/** @type {Case[]} */
export const cases = settings.flatMap(([network, size, batch, classifier]) => {
  const base = { network, size, classifier: [...classifier] };
  return /** @type {Case[]} */ ([
    { ...base, kind: 'train', batch, name: `${network} ${size}x${size} batch ${batch}, training step` },
    { ...base, kind: 'infer', batch, name: `${network} ${size}x${size} batch ${batch}, inference` },
    { ...base, kind: 'infer', batch: 1, name: `${network} ${size}x${size} single image, inference` },
  ]);
});

/** The training step of a case: STL+AvePool with the weight decay and clipping of the defaults. */
export function trainingStepOf(/** @type {Case} */ { network, size, batch, classifier }) {
  return buildTrainingStep({
    method: parseMethod('STL+AvePool'),
    network: createNetwork(network, { classifier }),
    classes: 2,
    sharpness: 10,
    width: size,
    height: size,
    batch,
    momentum: 0.9,
    weightDecay: 5e-4,
    clipNorm: 5,
  });
}

/**
 * Floating-point operations by direct convolution, a multiplication and an addition counting as two: products of
 * convolutions and dense layers, in training those of their gradients too.
 */
export function flopsOf(/** @type {Case} */ benchmark) {
  const sizeOf = (/** @type {readonly number[]} */ shape) => shape.reduce((a, b) => a * b, 1);
  let flops = 0;
  for (const { op, inputs, outputs, name, attributes } of trainingStepOf(benchmark).graph.nodes) {
    const shape = (/** @type {number} */ i) => inputs[i]?.type.shape ?? [];
    const [n = 0, , oh = 0, ow = 0] =
      op === 'conv2d' ? (outputs[0]?.type.shape ?? []) : shape(op === 'conv2dWeightGradient' ? 1 : 0);
    if (benchmark.kind === 'infer' && (name.includes('gradient') || op === 'gemm')) continue;
    if (op === 'conv2d' || op === 'conv2dInputGradient') flops += 2 * n * oh * ow * sizeOf(shape(1));
    if (op === 'conv2dWeightGradient') flops += 2 * n * oh * ow * sizeOf(outputs[0]?.type.shape ?? []);
    if (op === 'gemm') {
      const { transA } = /** @type {{ transA: boolean }} */ (attributes);
      flops += 2 * sizeOf(outputs[0]?.type.shape ?? []) * (shape(0)[transA ? 0 : 1] ?? 0);
    }
  }
  return flops;
}
