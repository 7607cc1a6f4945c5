import { percentileWindow } from '@weakspot/core';
import type { Sample } from '../data/dataset.js';
import type { DecodedImage } from '../data/image.js';

/** Images that settings are proposed from, at most: medians of more would hardly differ. */
const LOOKED_AT = 24;
/** Percentiles that stand for an image's darkest and lightest values, so that single pixels do not. */
const PERCENTILES = [0.5, 99.5] as const;

/** What a proposal needs to know of one image. Intensities are shares of the format's range, 0 black to 1 white. */
export interface LookedAt {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Bits that the format's range takes. */
  readonly depth: number;
  /** 0.5th and 99.5th percentile. */
  readonly low: number;
  readonly high: number;
  /** Whether the file says through which window it is to be shown. */
  readonly windowed: boolean;
}

/** The images that stand for a data set, spread evenly over it: the same ones every time. */
export function imagesToLookAt(samples: readonly Sample[]): Sample[] {
  const count = Math.min(LOOKED_AT, samples.length);
  return Array.from({ length: count }, (_, i) => samples[Math.floor((i * samples.length) / count)] as Sample);
}

/** What is seen of a decoded image, some of whose pixels are no padding. */
export function lookAt({ width, height, pixels, lowest, highest, inverted, windows }: DecodedImage): LookedAt {
  const range = highest > lowest ? highest - lowest : 1;
  const toShare = (value: number): number => (inverted ? highest - value : value - lowest) / range;
  const ends = percentileWindow(pixels, ...PERCENTILES).map(toShare);
  return {
    width,
    height,
    depth: Math.max(1, Math.ceil(Math.log2(range + 1))),
    low: Math.min(...ends),
    high: Math.max(...ends),
    windowed: windows.length > 0,
  };
}
