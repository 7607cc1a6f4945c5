import { createHash } from 'node:crypto';
import { resizeBilinear } from '@weakspot/core';
import type { DecodedImage } from '../data/image.js';
import { unreadableImage } from '../data/image.js';
import { lookAt } from '../propose/index.js';
import { measureBorder } from './border.js';

/** Side of the reduced copy that near-same images are told from. */
export const THUMBNAIL = 32;

/**
 * What is measured of one image. Intensities are shares of the format's range, 0 black to 1 white (an image whose highest
 * value is black is turned); pixels of padding are left out.
 */
export interface ImageMeasures {
  readonly width: number;
  readonly height: number;
  /** Bits that the format's range takes. */
  readonly depth: number;
  /** Lowest and highest value as decoded. */
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Population standard deviation. */
  readonly std: number;
  /** 0.5th and 99.5th percentile. */
  readonly low: number;
  readonly high: number;
  /** Whether the file says through which window it is to be shown. */
  readonly windowed: boolean;
  /** Mean absolute difference of neighbours across and down, in units of the standard deviation; 0 of a flat image. */
  readonly sharpness: number;
  /** Mean and standard deviation of the outermost pixels: a frame of a 32nd of the shorter side. */
  readonly borderMean: number;
  readonly borderStd: number;
  /** Share of the image taken by rows and columns of one value along its edges, and by pixels that the file calls padding. */
  readonly padding: number;
  /** Share of the pixels that have the lowest value of all. */
  readonly background: number;
  /** Of the file, compressed as it is. */
  readonly bytesPerPixel: number;
  /** SHA-256, hexadecimal, of the size and the decoded values: equal for the same pixels in whatever file. */
  readonly sha256: string;
}

/** @throws WeakspotError `data` where all pixels are padding. */
export function measureImage(image: DecodedImage, fileBytes: number, file: string): ImageMeasures {
  const { pixels, lowest, highest, inverted } = image;
  const sums = sumUp(image);
  if (sums.count === 0) throw unreadableImage(file, 'all of its pixels are padding');
  const range = highest > lowest ? highest - lowest : 1;
  const toShare = (value: number): number => (inverted ? highest - value : value - lowest) / range;
  const mean = sums.sum / sums.count;
  const std = Math.sqrt(Math.max(0, sums.squares / sums.count - mean * mean));
  const border = measureBorder(image);
  return {
    ...lookAt(image),
    min: sums.min,
    max: sums.max,
    mean: toShare(mean),
    std: std / range,
    sharpness: std > 0 && sums.pairs > 0 ? sums.differences / sums.pairs / std : 0,
    borderMean: toShare(border.mean),
    borderStd: border.std / range,
    padding: border.padding,
    background: countOf(pixels, inverted ? sums.max : sums.min) / pixels.length,
    bytesPerPixel: fileBytes / pixels.length,
    sha256: pixelDigest(image),
  };
}

/** The image reduced to 32 x 32, row-major; padding counts as the lowest value. */
export function thumbnailOf({ pixels, width, height, lowest, inverted }: DecodedImage): Float32Array {
  const whole = pixels instanceof Float32Array ? pixels.map((value) => (Number.isNaN(value) ? lowest : value)) : pixels;
  const small = resizeBilinear(whole, width, height, THUMBNAIL, THUMBNAIL, { antialias: true });
  return inverted ? small.map((value) => -value) : small;
}

function pixelDigest({ pixels, width, height }: DecodedImage): string {
  const bytes = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  return createHash('sha256').update(`${width}x${height}x${pixels.BYTES_PER_ELEMENT}:`).update(bytes).digest('hex');
}

interface Sums {
  /** Pixels that are not padding. */
  count: number;
  sum: number;
  squares: number;
  min: number;
  max: number;
  /** Of neighbours, absolute, and how many there are. */
  differences: number;
  pairs: number;
}

function sumUp({ pixels, width, height }: DecodedImage): Sums {
  const sums: Sums = { count: 0, sum: 0, squares: 0, min: Infinity, max: -Infinity, differences: 0, pairs: 0 };
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const value = pixels[at] as number;
      if (Number.isNaN(value)) continue;
      sums.count++;
      sums.sum += value;
      sums.squares += value * value;
      if (value < sums.min) sums.min = value;
      if (value > sums.max) sums.max = value;
      const across = x > 0 ? Math.abs(value - (pixels[at - 1] as number)) : Number.NaN;
      const down = y > 0 ? Math.abs(value - (pixels[at - width] as number)) : Number.NaN;
      if (!Number.isNaN(across)) {
        sums.differences += across;
        sums.pairs++;
      }
      if (!Number.isNaN(down)) {
        sums.differences += down;
        sums.pairs++;
      }
    }
  }
  return sums;
}

function countOf(pixels: DecodedImage['pixels'], wanted: number): number {
  let count = 0;
  for (let i = 0; i < pixels.length; i++) if (pixels[i] === wanted) count++;
  return count;
}
