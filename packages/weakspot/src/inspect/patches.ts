import { type Region, clahe, clipBox, growBox, percentileWindow, regionBounds, scaleRegion } from '@weakspot/core';
import type { DecodedImage } from '../data/image.js';
import { prepareImage } from '../data/preprocess.js';

/** Pixels: a small copy's side, a patch's, and from one patch to the next. */
export const COPY_SIDE = 64;
const PATCH = 8;
const STEP = 4;
/** Patches along each side, and in all. */
const ALONG = (COPY_SIDE - PATCH) / STEP + 1;
export const PLACES = ALONG * ALONG;

/** How far around a region nothing counts as background: a share of the region's side, and pixels of the copy. */
const MARGIN_SHARE = 0.1;
const MARGIN = 1;

const FULL = 65535;
/** As of `toInput`: a flat image has no contrast to raise. */
const MIN_STD = 1e-3;

/** Small copies of an image, row-major, 0..65535: as it would be prepared for training, and with CLAHE. */
export interface SmallCopies {
  readonly plain: Uint16Array;
  readonly clahe: Uint16Array;
}

/** The image stretched to 64 x 64 pixels. */
export function copySmall(image: DecodedImage): SmallCopies {
  const settings = { width: COPY_SIDE, height: COPY_SIDE, crop: 'none', fit: 'stretch', antialias: true } as const;
  const rest = { intensity: { range: 'display' }, clahe: null, normalization: { kind: 'image' } } as const;
  const { pixels } = prepareImage(image, { ...settings, ...rest });
  const values = Float32Array.from(pixels, (value) => value / FULL);
  const equalized = clahe(values, COPY_SIDE, COPY_SIDE, { tiles: 8, clipLimit: 2 });
  return { plain: pixels, clahe: Uint16Array.from(equalized, (value) => Math.round(value * FULL)) };
}

/** What of a copy shows no region. */
export interface Background {
  /** Patches, by their places row by row, that touch no region, nor what lies close around one. */
  readonly places: readonly number[];
  /** Per pixel of the copy, whether it lies in no region nor close around one. */
  readonly free: readonly boolean[];
}

/** The background of an image of this size. */
export function backgroundOf(regions: readonly Region[], width: number, height: number): Background {
  const boxes = regions.map((region) => {
    const box = regionBounds(scaleRegion(region, COPY_SIDE / width, COPY_SIDE / height));
    const margin = (side: number): number => MARGIN + MARGIN_SHARE * side;
    return clipBox(growBox(box, margin(box.x1 - box.x0), margin(box.y1 - box.y0)), COPY_SIDE, COPY_SIDE);
  });
  // A pixel that is covered in part is not free.
  const isFree = (left: number, top: number, side: number): boolean =>
    boxes.every(({ x0, y0, x1, y1 }) => x1 <= left || x0 >= left + side || y1 <= top || y0 >= top + side);
  return {
    places: Array.from({ length: PLACES }, (_, place) => place).filter((place) => isFree(...cornerOf(place), PATCH)),
    free: Array.from({ length: COPY_SIDE ** 2 }, (_, i) => isFree(i % COPY_SIDE, Math.floor(i / COPY_SIDE), 1)),
  };
}

/** Left and top. */
function cornerOf(place: number): [number, number] {
  return [(place % ALONG) * STEP, Math.floor(place / ALONG) * STEP];
}

/** Mean and population standard deviation, 0..1. */
export interface Moments {
  readonly mean: number;
  readonly std: number;
}

/** Of the patches at these places. */
export function patchMoments(copy: Uint16Array, places: readonly number[]): Moments[] {
  return places.map((place) => {
    const [left, top] = cornerOf(place);
    const sums = { count: 0, sum: 0, squares: 0 };
    for (let y = top; y < top + PATCH; y++) {
      for (let x = left; x < left + PATCH; x++) add(sums, copy[y * COPY_SIDE + x] as number);
    }
    return momentsOf(sums);
  });
}

/** A straight line that an image is normalised by: what is subtracted, and what is divided by. */
export interface Line {
  readonly offset: number;
  readonly scale: number;
}

/** The copy's own mean and deviation (at least 0.001), of those of its pixels that count. */
export function ownLine(copy: Uint16Array, counts: (pixel: number) => boolean): Line {
  const sums = { count: 0, sum: 0, squares: 0 };
  for (let i = 0; i < copy.length; i++) if (counts(i)) add(sums, copy[i] as number);
  const { mean, std } = momentsOf(sums);
  return { offset: mean, scale: Math.max(std, MIN_STD) };
}

/** From the 0.5th percentile to the 99.5th of those of its pixels that count. */
export function percentileLine(copy: Uint16Array, counts: (pixel: number) => boolean): Line {
  const [low, high] = percentileWindow(
    copy.filter((_, i) => counts(i)),
    0.5,
    99.5,
  );
  return { offset: low / FULL, scale: Math.max((high - low) / FULL, MIN_STD) };
}

/** Whole numbers, hence exact. */
interface Sums {
  count: number;
  sum: number;
  squares: number;
}

function add(sums: Sums, value: number): void {
  sums.count++;
  sums.sum += value;
  sums.squares += value * value;
}

function momentsOf({ count, sum, squares }: Sums): Moments {
  const variance = (count * squares - sum * sum) / count ** 2;
  return { mean: sum / count / FULL, std: Math.sqrt(Math.max(0, variance)) / FULL };
}
