import { WeakspotError } from '../errors.js';
import { checkRaster } from './raster.js';

export interface ClaheOptions {
  /** Tiles along each side, at least 1. */
  readonly tiles: number;
  /** Largest count of a histogram's bin, in mean counts; at least 1 (which changes least), 2 to 4 as a rule. */
  readonly clipLimit: number;
}

const BINS = 256;

/** A tile's map from intensity to intensity: straight between the edges of the bins. */
type Curve = Float64Array;

/**
 * Contrast-limited adaptive histogram equalization (Zuiderveld, Graphics Gems IV, 1994): the row-major image of `width` x
 * `height`, intensities 0..1 (others are clipped), is divided into `tiles` x `tiles` tiles, tile `t` from
 * `floor(t width / tiles)` to `floor((t + 1) width / tiles)`. A tile's histogram of 256 bins is cut at `clipLimit` mean
 * counts, what was cut is spread evenly over all bins once, and its sum is the tile's curve, straight within a bin, so
 * that no depth is lost. A pixel gets the bilinear mixture of the curves of the four tiles whose centres surround it; beyond
 * the outermost centres, of the nearest.
 *
 * @returns intensities 0..1.
 * @throws WeakspotError `usage` where `values` does not hold the image, `tiles` is not a whole number from 1 to the
 * shorter side, or `clipLimit` is below 1.
 */
export function clahe(values: ArrayLike<number>, width: number, height: number, options: ClaheOptions): Float32Array {
  const { tiles, clipLimit } = options;
  checkRaster('clahe', values, width, height);
  if (!Number.isInteger(tiles) || tiles < 1 || tiles > Math.min(width, height) || !(clipLimit >= 1)) {
    throw new WeakspotError('usage', `clahe: ${tiles} tiles of ${width} x ${height}, clip limit ${clipLimit}`, {
      hint: 'Give at least one tile, none smaller than a pixel, and a clip limit of at least 1.',
    });
  }
  const curves: Curve[] = [];
  const edge = (tile: number, size: number): number => Math.floor((tile * size) / tiles);
  for (let row = 0; row < tiles; row++) {
    for (let column = 0; column < tiles; column++) {
      const [x0, x1] = [edge(column, width), edge(column + 1, width)];
      const [y0, y1] = [edge(row, height), edge(row + 1, height)];
      curves.push(curveOf(values, width, { x0, y0, x1, y1 }, clipLimit));
    }
  }
  const result = new Float32Array(width * height);
  const columns = Array.from({ length: width }, (_, x) => between(x, width, tiles));
  for (let y = 0; y < height; y++) {
    const down = between(y, height, tiles);
    for (let x = 0; x < width; x++) {
      const across = columns[x] as Between;
      const value = clip(values[y * width + x] as number);
      const at = (row: number, column: number): number => follow(curves[row * tiles + column] as Curve, value);
      const upper = mix(at(down.first, across.first), at(down.first, across.second), across.share);
      const lower = mix(at(down.second, across.first), at(down.second, across.second), across.share);
      result[y * width + x] = mix(upper, lower, down.share);
    }
  }
  return result;
}

interface Between {
  readonly first: number;
  readonly second: number;
  /** Of the second, 0..1. */
  readonly share: number;
}

/** The tiles whose centres a pixel lies between. */
function between(pixel: number, size: number, tiles: number): Between {
  const place = Math.min(Math.max(((pixel + 0.5) * tiles) / size - 0.5, 0), tiles - 1);
  const first = Math.floor(place);
  return { first, second: Math.min(first + 1, tiles - 1), share: place - first };
}

interface Tile {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

function curveOf(values: ArrayLike<number>, width: number, { x0, y0, x1, y1 }: Tile, clipLimit: number): Curve {
  const counts = new Float64Array(BINS);
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      const bin = Math.min(Math.floor(clip(values[y * width + x] as number) * BINS), BINS - 1);
      counts[bin] = (counts[bin] as number) + 1;
    }
  }
  const total = (x1 - x0) * (y1 - y0);
  const limit = (clipLimit * total) / BINS;
  let excess = 0;
  for (const count of counts) excess += Math.max(0, count - limit);
  const curve = new Float64Array(BINS + 1);
  for (let bin = 0; bin < BINS; bin++) {
    curve[bin + 1] = (curve[bin] as number) + (Math.min(counts[bin] as number, limit) + excess / BINS) / total;
  }
  return curve;
}

function follow(curve: Curve, value: number): number {
  const place = value * BINS;
  const bin = Math.min(Math.floor(place), BINS - 1);
  return mix(curve[bin] as number, curve[bin + 1] as number, place - bin);
}

function mix(first: number, second: number, share: number): number {
  return first + (second - first) * share;
}

function clip(value: number): number {
  return value > 0 ? Math.min(value, 1) : 0;
}
