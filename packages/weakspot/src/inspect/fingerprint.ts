import type { ImageMeasures } from './measure.js';
import type { Spread } from './summary.js';
import { spreadOf, tally } from './summary.js';

/** What the images of a set are like; every image counts the same. Intensities are shares of the format's range. */
export interface SetFingerprint {
  /** Images that could be measured. */
  readonly images: number;
  /** Pixels. */
  readonly width: Spread;
  readonly height: Spread;
  /** Width over height. */
  readonly aspect: Spread;
  /** The most frequent sizes, 10 at most, and how many there are. */
  readonly sizes: readonly { readonly size: string; readonly images: number }[];
  readonly sizeCount: number;
  readonly depths: readonly { readonly bits: number; readonly images: number }[];
  /** Of all pixels of all images. */
  readonly mean: number;
  readonly std: number;
  /** Of single images: mean, standard deviation, 0.5th and 99.5th percentile. */
  readonly imageMean: Spread;
  readonly imageStd: Spread;
  readonly low: Spread;
  readonly high: Spread;
  /** Share of the image that is padding. */
  readonly padding: Spread;
}

const SIZES = 10;

/** @param measures At least one. */
export function fingerprintOfSet(measures: readonly ImageMeasures[]): SetFingerprint {
  const spread = (of: (image: ImageMeasures) => number): Spread => spreadOf(measures.map(of));
  const average = (of: (image: ImageMeasures) => number): number =>
    measures.reduce((sum, image) => sum + of(image), 0) / measures.length;
  const mean = average((image) => image.mean);
  const squares = average((image) => image.std ** 2 + image.mean ** 2);
  const sizes = tally(measures.map(({ width, height }) => `${width} x ${height}`));
  return {
    images: measures.length,
    width: spread(({ width }) => width),
    height: spread(({ height }) => height),
    aspect: spread(({ width, height }) => width / height),
    sizes: sizes.slice(0, SIZES).map(({ key, count }) => ({ size: key, images: count })),
    sizeCount: sizes.length,
    depths: tally(measures.map(({ depth }) => String(depth))).map(({ key, count }) => ({
      bits: Number(key),
      images: count,
    })),
    mean,
    std: Math.sqrt(Math.max(0, squares - mean * mean)),
    imageMean: spread((image) => image.mean),
    imageStd: spread((image) => image.std),
    low: spread(({ low }) => low),
    high: spread(({ high }) => high),
    padding: spread(({ padding }) => padding),
  };
}
