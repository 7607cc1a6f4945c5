import type { Box } from './box.js';
import { checkRaster } from './raster.js';
import { resizeBilinear } from './resize.js';

/** The placement of an input that is the whole image: the image's own box. */
export function wholeImage(width: number, height: number): Box {
  return { x0: 0, y0: 0, x1: width, y1: height };
}

/**
 * An image's box in cells of a map that covers the placement.
 *
 * @param placement The box that the network's input, and so the map, covers, in pixels of the image.
 */
export function imageInMap(width: number, height: number, placement: Box, mapWidth: number, mapHeight: number): Box {
  const { x0, y0, x1, y1 } = placement;
  const toColumn = (x: number): number => ((x - x0) * mapWidth) / (x1 - x0);
  const toRow = (y: number): number => ((y - y0) * mapHeight) / (y1 - y0);
  return { x0: toColumn(0), y0: toRow(0), x1: toColumn(width), y1: toRow(height) };
}

/**
 * A map over an image of `width` x `height`, resized bilinearly (half-pixel centres, borders repeated) to `newWidth` x
 * `newHeight`, row-major. Pixels whose centres lie outside of the placement, which the network did not see, get the map's
 * minimum.
 *
 * @throws WeakspotError `usage` where a size is not a positive integer or the map does not hold its values.
 */
export function placeMap(
  map: ArrayLike<number>,
  mapWidth: number,
  mapHeight: number,
  { width, height, placement }: { readonly width: number; readonly height: number; readonly placement?: Box },
  newWidth: number,
  newHeight: number,
): Float32Array {
  if (placement === undefined) return resizeBilinear(map, mapWidth, mapHeight, newWidth, newHeight);
  checkRaster('placeMap', map, mapWidth, mapHeight);
  const part = imageInMap(width, height, placement, mapWidth, mapHeight);
  const placed = resizeBilinear(map, mapWidth, mapHeight, newWidth, newHeight, { part });
  let lowest = Infinity;
  for (let i = 0; i < map.length; i++) lowest = Math.min(lowest, map[i] as number);
  for (let row = 0; row < newHeight; row++) {
    const y = ((row + 0.5) * height) / newHeight;
    for (let column = 0; column < newWidth; column++) {
      const x = ((column + 0.5) * width) / newWidth;
      const seen = x >= placement.x0 && x < placement.x1 && y >= placement.y0 && y < placement.y1;
      if (!seen) placed[row * newWidth + column] = lowest;
    }
  }
  return placed;
}
