import type { Box, HeatMap, ImageFrame, Region } from '../../imaging/index.js';
import { placeMap, rasterizeRegion, regionBounds, scaleRegion } from '../../imaging/index.js';
import { LEVELS } from './types.js';

/** Maps and masks are compared on a grid of at most this many pixels a side. */
export const GRID_SIDE = 128;

/** The evaluation grid of an image: its own pixels, or reduced to `GRID_SIDE` along the longer side. */
export interface Grid {
  readonly width: number;
  readonly height: number;
  /** Size of the original image. */
  readonly imageWidth: number;
  readonly imageHeight: number;
}

export function gridOf(imageWidth: number, imageHeight: number): Grid {
  const shrink = Math.min(1, GRID_SIDE / Math.max(imageWidth, imageHeight));
  const width = Math.max(1, Math.round(imageWidth * shrink));
  return { width, height: Math.max(1, Math.round(imageHeight * shrink)), imageWidth, imageHeight };
}

/** The regions' boxes in pixels of the grid, not rounded. */
export function boxesOnGrid(regions: readonly Region[], grid: Grid): Box[] {
  const [factorX, factorY] = [grid.width / grid.imageWidth, grid.height / grid.imageHeight];
  return regions.map((region) => {
    const { x0, y0, x1, y1 } = regionBounds(region);
    return { x0: x0 * factorX, y0: y0 * factorY, x1: x1 * factorX, y1: y1 * factorY };
  });
}

/**
 * The grid's pixels whose centres lie in one of the regions: row-major, 1 inside, 0 outside. Of a region between all
 * centres, the pixel in the middle of its box.
 */
export function maskOnGrid(regions: readonly Region[], grid: Grid): Uint8Array {
  const { width, height } = grid;
  const mask = new Uint8Array(width * height);
  for (const region of regions) {
    const pixels = rasterizeRegion(
      scaleRegion(region, width / grid.imageWidth, height / grid.imageHeight),
      width,
      height,
    );
    let any = false;
    for (let i = 0; i < pixels.length; i++) {
      if (pixels[i] === 0) continue;
      mask[i] = 1;
      any = true;
    }
    if (any) continue;
    const [box] = boxesOnGrid([region], grid) as [Box];
    const column = Math.min(width - 1, Math.max(0, Math.floor((box.x0 + box.x1) / 2)));
    const row = Math.min(height - 1, Math.max(0, Math.floor((box.y0 + box.y1) / 2)));
    mask[row * width + column] = 1;
  }
  return mask;
}

/**
 * The map on the grid in `LEVELS` steps of its range there: level k holds what lies from k to k + 1 hundredths between
 * its minimum and its maximum, the last also the maximum. A flat map is level 0 throughout.
 */
export function levelsOnGrid(map: HeatMap, image: ImageFrame, grid: Grid): Uint8Array {
  const values = placeMap(map, image, grid.width, grid.height);
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const levels = new Uint8Array(values.length);
  if (high === low) return levels;
  const scale = LEVELS / (high - low);
  for (let i = 0; i < values.length; i++) {
    // Truncation to an integer is what writing to the array does; the range keeps it from wrapping.
    levels[i] = Math.min(LEVELS - 1, ((values[i] as number) - low) * scale);
  }
  return levels;
}
