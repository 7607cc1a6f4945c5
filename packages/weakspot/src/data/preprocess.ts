import { percentileWindow, resizeBilinear, WeakspotError } from '@weakspot/core';
import { z } from 'zod';
import type { DecodedImage } from './image.js';

/** How a decoded image becomes the network's input. Saved with the run and with the exported model. */
export interface Preprocessing {
  /** Size of the network's input, pixels. */
  readonly width: number;
  readonly height: number;
  /** Which stored values become 0 and 1. Values outside, under `percentile`, are clipped. */
  readonly intensity: {
    /** 0 to the format's white; the image's own minimum to maximum; or between two of its percentiles. */
    readonly range: 'full-scale' | 'min-max' | 'percentile';
    /** 0..100, for `percentile`; 0.5 and 99.5 unless given. */
    readonly percentiles?: readonly [number, number];
  };
  /** What is subtracted and divided by: the image's own mean and standard deviation, or fixed numbers (of 0..1 values). */
  readonly normalization:
    { readonly kind: 'image' } | { readonly kind: 'fixed'; readonly mean: number; readonly std: number };
  /** Widen the resize filter where the image shrinks, so that every source pixel counts. */
  readonly antialias: boolean;
}

const percentile = z.number().min(0).max(100);
const side = z.int().min(1).max(16384);

/** Checks a preprocessing from outside; unknown keys are errors. */
export const preprocessingSchema: z.ZodType<Preprocessing> = z.strictObject({
  width: side,
  height: side,
  intensity: z.strictObject({
    range: z.enum(['full-scale', 'min-max', 'percentile']),
    percentiles: z
      .tuple([percentile, percentile])
      .refine(([low, high]) => low < high, 'the lower percentile comes first')
      .exactOptional(),
  }),
  normalization: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('image') }),
    z.strictObject({ kind: z.literal('fixed'), mean: z.number(), std: z.number().positive() }),
  ]),
  antialias: z.boolean(),
});

/** An image in the input's size: small enough to keep every image of a set in memory. */
export interface PreparedImage {
  /** Row-major, the preprocessing's `width * height` values; 0..65535 over the intensity range. */
  readonly pixels: Uint16Array;
  /** Size of the stored image, pixels. */
  readonly originalWidth: number;
  readonly originalHeight: number;
}

/** The value that 1 is kept as. */
const FULL = 65535;
const DEFAULT_PERCENTILES: readonly [number, number] = [0.5, 99.5];
/** A flat image has no contrast to raise; below this its noise would be all there is. */
const MIN_STD = 1e-3;

/**
 * Maps the stored values to the intensity range and resizes to the input's size, each axis by its own factor: the
 * aspect ratio is not kept, as in the paper (section 3, "resized to 500x500"). Values are rounded to 16 bits.
 *
 * Where both percentiles are the same value (a film that is mostly background), the range is `min-max`. An image of one
 * value becomes 0 under `min-max` and `percentile`.
 */
export function prepareImage(image: DecodedImage, preprocessing: Preprocessing): PreparedImage {
  const { width, height, intensity, antialias } = preprocessing;
  const [low, high] = intensityRange(image, intensity);
  // Clipping must come before the resize; the linear map commutes with it and waits until there are fewer pixels.
  const values = intensity.range === 'percentile' ? clip(image.pixels, low, high) : image.pixels;
  const resized = resizeBilinear(values, image.width, image.height, width, height, { antialias });
  const pixels = new Uint16Array(width * height);
  const gain = high > low ? FULL / (high - low) : 0;
  for (let i = 0; i < pixels.length; i++) pixels[i] = Math.round(((resized[i] as number) - low) * gain);
  return { pixels, originalWidth: image.width, originalHeight: image.height };
}

/**
 * Writes the network's intensities of one prepared image to `out` from `offset`: `v / 65535`, less the mean, divided by
 * the standard deviation, which under `image` are the image's own (population) and the deviation at least 0.001.
 *
 * @throws WeakspotError `usage` where `pixels` is not of the preprocessing's size, or `out` has no room for it.
 */
export function toInput(pixels: Uint16Array, preprocessing: Preprocessing, out: Float32Array, offset: number): void {
  const { width, height, normalization } = preprocessing;
  if (pixels.length !== width * height || !(offset >= 0) || offset + pixels.length > out.length) {
    const message = `toInput: ${pixels.length} pixels at offset ${offset} of ${out.length} values, for ${width} x ${height}`;
    throw new WeakspotError('usage', message, { hint: 'Pass an image prepared with the same preprocessing.' });
  }
  const { mean, std } = normalization.kind === 'fixed' ? normalization : momentsOf(pixels);
  const gain = 1 / (FULL * std);
  const bias = -mean / std;
  for (let i = 0; i < pixels.length; i++) out[offset + i] = (pixels[i] as number) * gain + bias;
}

/** In one pass: the sums are whole numbers below 2^53, hence exact. */
function momentsOf(pixels: Uint16Array): { mean: number; std: number } {
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

/** The stored values that become 0 and 65535. */
function intensityRange(image: DecodedImage, intensity: Preprocessing['intensity']): readonly [number, number] {
  if (intensity.range === 'full-scale') return [image.lowest, image.highest];
  if (intensity.range === 'percentile') {
    const [lowPercent, highPercent] = intensity.percentiles ?? DEFAULT_PERCENTILES;
    const [low, high] = percentileWindow(image.pixels, lowPercent, highPercent);
    if (high > low) return [low, high];
  }
  return percentileWindow(image.pixels, 0, 100);
}

function clip(pixels: DecodedImage['pixels'], low: number, high: number): Float32Array {
  const clipped = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) clipped[i] = Math.min(Math.max(pixels[i] as number, low), high);
  return clipped;
}
