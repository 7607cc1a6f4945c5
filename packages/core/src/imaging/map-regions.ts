import { WeakspotError } from '../errors.js';
import type { Box } from './box.js';
import { checkActivations, checkRaster, checkSize } from './raster.js';
import type { HeatMap } from './heat-map.js';
import { type ImageFrame, placeMap } from './placement.js';
import type { Point } from './response.js';

/** A connected part of a heat map. */
export interface MapRegion {
  /** Tight around the part, in whole pixels of the original image. */
  readonly box: Box;
  /** The part's highest value as a fraction of the map's range, 0..1. */
  readonly score: number;
  /** Where that value is, in pixels of the original image. */
  readonly peak: Point;
}

export interface MapRegionOptions {
  /** How far from the map's minimum (0) to its maximum (1) a value must be to belong to a region; 0.5 unless given. */
  readonly threshold?: number;
  /** Keep this many regions, the highest-scored ones; all unless given. */
  readonly maxRegions?: number;
  /** Regions are searched on a grid of at most this many pixels a side; 512 unless given. */
  readonly gridSide?: number;
}

/**
 * The regions of a heat map, highest score first: connected components (8 neighbours) of the map, resized bilinearly to the
 * original image (`placeMap`), at or above the threshold. A flat map has none.
 *
 * Zhou et al. (CVPR 2016) cut class activation maps at 20 % of their maximum. The maps here hold logits under a
 * softmax: an offset common to all classes changes nothing and a maximum may be negative, so the threshold is relative
 * to the map's own range, from its lowest to its highest cell.
 *
 * Images with a side over `gridSide` pixels are searched on a grid reduced to it: there boxes are exact to one grid
 * pixel, `max(width, height) / gridSide` original pixels, rounded outwards.
 *
 * @throws WeakspotError `usage` where a size or option is out of range or the map does not hold its
 * values; `engine` where the map holds a value that is not finite.
 */
export function mapRegions(map: HeatMap, image: ImageFrame, options: MapRegionOptions = {}): MapRegion[] {
  const { threshold = 0.5, maxRegions = Infinity, gridSide = 512 } = options;
  const { width, height } = image;
  checkRaster('mapRegions', map.values, map.width, map.height);
  checkSize('mapRegions', width, height);
  checkActivations('mapRegions', map.values);
  if (!(threshold >= 0 && threshold <= 1) || !(maxRegions >= 0) || !(gridSide >= 1)) {
    const given = `threshold ${threshold}, maxRegions ${maxRegions} or gridSide ${gridSide}`;
    throw new WeakspotError('usage', `mapRegions: ${given} is out of range`, {
      hint: 'The threshold is a fraction from 0 to 1, maxRegions a count, gridSide a number of pixels.',
    });
  }
  const [low, high] = rangeOf(map.values);
  if (low === high) return [];

  const shrink = Math.min(1, gridSide / Math.max(width, height));
  const gridWidth = Math.max(1, Math.round(width * shrink));
  const gridHeight = Math.max(1, Math.round(height * shrink));
  const grid = placeMap(map, image, gridWidth, gridHeight);
  // Rounded like the grid's values, so that a cell just at the threshold belongs to its region.
  const level = Math.fround(low + threshold * (high - low));
  const regions = components(grid, gridWidth, level).map((pixels): MapRegion => {
    const { box, peak, value } = measure(grid, gridWidth, pixels);
    // Multiplied first: whole coordinates stay whole, and are not rounded outwards by an error in the last place.
    const toX = (x: number): number => (x * width) / gridWidth;
    const toY = (y: number): number => (y * height) / gridHeight;
    return {
      box: {
        x0: Math.floor(toX(box.x0)),
        y0: Math.floor(toY(box.y0)),
        x1: Math.min(width, Math.ceil(toX(box.x1))),
        y1: Math.min(height, Math.ceil(toY(box.y1))),
      },
      score: Math.min(1, Math.max(0, (value - low) / (high - low))),
      peak: { x: toX(peak.x), y: toY(peak.y) },
    };
  });
  return regions.toSorted((a, b) => b.score - a.score).slice(0, maxRegions);
}

/** The lowest and highest value, in single precision as in the grid. */
function rangeOf(map: ArrayLike<number>): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < map.length; i++) {
    const value = Math.fround(map[i] as number);
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** The indices of each component at or above `level`, components in row-major order of their first pixel. */
function components(grid: Float32Array, width: number, level: number): Int32Array[] {
  // 1: at or above the level, and not found yet.
  const open = new Uint8Array(grid.length);
  for (let i = 0; i < grid.length; i++) if ((grid[i] as number) >= level) open[i] = 1;
  const found: Int32Array[] = [];
  const queue = new Int32Array(grid.length);
  let [begin, end] = [0, 0];
  for (let start = 0; start < grid.length; start++) {
    if (open[start] === 0) continue;
    open[start] = 0;
    queue[end++] = start;
    // The list is its own queue: pixels found are appended and visited in turn.
    for (let next = begin; next < end; next++) {
      const index = queue[next] as number;
      const row = Math.floor(index / width) * width;
      const first = index > row ? index - 1 : index;
      const last = index < row + width - 1 ? index + 1 : index;
      const bottom = row < grid.length - width ? width : 0;
      for (let offset = row > 0 ? -width : 0; offset <= bottom; offset += width) {
        for (let neighbour = first + offset; neighbour <= last + offset; neighbour++) {
          if (open[neighbour] === 0) continue;
          open[neighbour] = 0;
          queue[end++] = neighbour;
        }
      }
    }
    found.push(queue.subarray(begin, end));
    begin = end;
  }
  return found;
}

/** A component's box and peak in grid pixels. Of equal peaks, the one nearest to their mean position. */
function measure(grid: Float32Array, width: number, pixels: Int32Array): { box: Box; peak: Point; value: number } {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  let value = -Infinity;
  for (const index of pixels) {
    const x = index % width;
    const y = (index - x) / width;
    if (x < x0) x0 = x;
    if (y < y0) y0 = y;
    if (x >= x1) x1 = x + 1;
    if (y >= y1) y1 = y + 1;
    if ((grid[index] as number) > value) value = grid[index] as number;
  }
  const peaks: Point[] = [];
  for (const index of pixels) {
    if (grid[index] === value) peaks.push({ x: (index % width) + 0.5, y: Math.floor(index / width) + 0.5 });
  }
  const meanX = peaks.reduce((sum, peak) => sum + peak.x, 0) / peaks.length;
  const meanY = peaks.reduce((sum, peak) => sum + peak.y, 0) / peaks.length;
  const distance = (peak: Point): number => (peak.x - meanX) ** 2 + (peak.y - meanY) ** 2;
  const peak = peaks.reduce((best, other) => (distance(other) < distance(best) ? other : best));
  return { box: { x0, y0, x1, y1 }, peak, value };
}
