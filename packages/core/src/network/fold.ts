import type { Shape } from '../graph/index.js';
import { EPSILON } from './normalized.js';
import type { ConvLayer, Network, TrunkLayer } from './types.js';

/** A stored tensor, row-major. */
interface Stored {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/**
 * A network without batch normalisation that computes what the given one does in inference: each normalised convolution gets the weights
 * weight * scale / sqrt(variance + epsilon) and the bias shift - mean * scale / sqrt(variance + epsilon), worked out in double precision.
 * What is missing among the tensors stays missing.
 */
export function foldBatchNormalization(
  network: Network,
  tensors: ReadonlyMap<string, Stored>,
): { readonly network: Network; readonly tensors: ReadonlyMap<string, Stored> } {
  const folded = new Map(tensors);
  const trunk = network.trunk.map((layer): TrunkLayer => {
    if (layer.kind !== 'conv' || layer.normalization !== 'batch') return layer;
    foldLayer(layer, folded);
    const { normalization: _, ...plain } = layer;
    return plain;
  });
  return { network: { ...network, trunk }, tensors: folded };
}

function foldLayer({ name, channels }: ConvLayer, tensors: Map<string, Stored>): void {
  const parts = ['weight', 'scale', 'shift', 'mean', 'variance'].map((part) => tensors.get(`${name}.${part}`));
  const [weight, scale, shift, mean, variance] = parts;
  for (const part of ['weight', 'scale', 'shift', 'mean', 'variance']) tensors.delete(`${name}.${part}`);
  if (!weight || !scale || !shift || !mean || !variance) return;
  const size = weight.data.length / channels;
  const factors = Float64Array.from(
    { length: channels },
    (_, c) => at(scale, c) / Math.sqrt(at(variance, c) + EPSILON),
  );
  const data = weight.data.map((value, i) => value * (factors[Math.floor(i / size)] ?? 0));
  tensors.set(`${name}.weight`, { shape: weight.shape, data });
  const bias = Float32Array.from(factors, (factor, c) => at(shift, c) - at(mean, c) * factor);
  tensors.set(`${name}.bias`, { shape: [channels], data: bias });
}

function at({ data }: Stored, index: number): number {
  return data[index] ?? Number.NaN;
}
