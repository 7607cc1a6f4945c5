import { WeakspotError } from '../errors.js';
import { FULL } from './prepare.js';
import { type IntensityMoments, MIN_STD } from './set-moments.js';
import type { Preprocessing } from './settings.js';

/**
 * Writes the network's intensities of one prepared image to `out` from `offset`: `v / 65535`, less the mean, divided by
 * the standard deviation, which under `image` are the image's own (population) and the deviation at least 0.001.
 *
 * @throws WeakspotError `config` where the normalization is that of a set whose numbers are not known; `usage` where `pixels` is not of the preprocessing's size, or `out` has no room for it.
 */
export function toInput(pixels: Uint16Array, preprocessing: Preprocessing, out: Float32Array, offset: number): void {
  const { width, height, normalization } = preprocessing;
  if (pixels.length !== width * height || !(offset >= 0) || offset + pixels.length > out.length) {
    const message = `toInput: ${pixels.length} pixels at offset ${offset} of ${out.length} values, for ${width} x ${height}`;
    throw new WeakspotError('usage', message, { hint: 'Pass an image prepared with the same preprocessing.' });
  }
  const { mean, std } = normalization.kind === 'image' ? momentsOf(pixels) : statedMoments(normalization);
  const gain = 1 / (FULL * std);
  const bias = -mean / std;
  for (let i = 0; i < pixels.length; i++) out[offset + i] = (pixels[i] as number) * gain + bias;
}

/** @throws WeakspotError `config` for a set without numbers. */
function statedMoments({ mean, std }: Exclude<Preprocessing['normalization'], { kind: 'image' }>): IntensityMoments {
  if (mean !== undefined && std !== undefined) return { mean, std };
  throw new WeakspotError('config', 'The normalization is that of a set, without its mean and standard deviation.', {
    hint: 'Training computes them (SetMoments) and keeps them with the run: take the preprocessing of its config.json or model.onnx.',
  });
}

/** In one pass: the sums are whole numbers below 2^53, hence exact. */
function momentsOf(pixels: Uint16Array): IntensityMoments {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < pixels.length; i++) {
    const value = pixels[i] as number;
    sum += value;
    squares += value * value;
  }
  const mean = sum / pixels.length;
  const variance = Math.max(0, squares / pixels.length - mean * mean);
  return { mean: mean / FULL, std: Math.max(Math.sqrt(variance) / FULL, MIN_STD) };
}
