import type { Box } from './box.js';
import type { HeatMap } from './heat-map.js';
import { checkRaster } from './raster.js';
import { resizeBilinear } from './resize.js';

/** An image's size, pixels, and which part of it the network saw. */
export interface ImageFrame {
  readonly width: number;
  readonly height: number;
  /**
   * The box that the network's input covers, in pixels of the image: smaller than the image where it was cropped, reaching out of
   * it where it was padded; the whole image unless given.
   */
  readonly placement?: Box;
}

/** The placement of an input that is the whole image: the image's own box. */
export function wholeImage(width: number, height: number): Box {
  return { x0: 0, y0: 0, x1: width, y1: height };
}

/**
 * The box that a map's cells tile, in pixels of the image: its extent within the placement. Not what the network saw, which is the
 * placement itself.
 */
export function cellsInImage(
  { extent }: Pick<HeatMap, 'extent'>,
  { width, height, placement = wholeImage(width, height) }: ImageFrame,
): Box {
  const { x0, y0 } = placement;
  const [across, down] = [placement.x1 - x0, placement.y1 - y0];
  return {
    x0: x0 + extent.x0 * across,
    y0: y0 + extent.y0 * down,
    x1: x0 + extent.x1 * across,
    y1: y0 + extent.y1 * down,
  };
}

/** An image's box in cells of a map: from 0 to the map's width and height where its cells tile the image. */
export function imageInMap(map: Pick<HeatMap, 'width' | 'height' | 'extent'>, image: ImageFrame): Box {
  const { x0, y0, x1, y1 } = cellsInImage(map, image);
  const toColumn = (x: number): number => ((x - x0) * map.width) / (x1 - x0);
  const toRow = (y: number): number => ((y - y0) * map.height) / (y1 - y0);
  return { x0: toColumn(0), y0: toRow(0), x1: toColumn(image.width), y1: toRow(image.height) };
}

/**
 * A map over an image, resized bilinearly between the centres of its cells, borders repeated, to `newWidth` x `newHeight`,
 * row-major. Pixels whose centres lie outside of the placement, which the network did not see, get the map's minimum.
 *
 * @throws WeakspotError `usage` where a size is not a positive integer or the map does not hold its values.
 */
export function placeMap(map: HeatMap, image: ImageFrame, newWidth: number, newHeight: number): Float32Array {
  const { values, width: mapWidth, height: mapHeight } = map;
  checkRaster('placeMap', values, mapWidth, mapHeight);
  const part = imageInMap(map, image);
  const placed = resizeBilinear(values, mapWidth, mapHeight, newWidth, newHeight, { part });
  const { width, height, placement } = image;
  if (placement === undefined) return placed;
  let lowest = Infinity;
  for (let i = 0; i < values.length; i++) lowest = Math.min(lowest, values[i] as number);
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
