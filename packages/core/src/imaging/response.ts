import type { AxisTaps } from './axis.js';
import { linearTaps } from './axis.js';
import type { HeatMap } from './heat-map.js';
import { type ImageFrame, cellsInImage, imageInMap, wholeImage } from './placement.js';
import { checkActivations, checkRaster, checkSize } from './raster.js';

/** A point in pixels, top-left origin; the centre of the first pixel is (0.5, 0.5). */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where an activation map responds most, in the original image's pixels, and how strongly. */
export interface MapResponse extends Point {
  readonly value: number;
}

/**
 * The response of a heat map (Hwang & Kim 2016, section 3): the maximum of the map, resized bilinearly to the original image
 * between the centres of its cells, borders repeated (`placeMap`), as the centre of that pixel (column + 0.5, row + 0.5).
 *
 * The resized map often has its maximum on a plateau (beyond the outermost cell centres it is constant), and a
 * plateau's first pixel would lie in the image's corner. So among equal maxima the response is the pixel
 * nearest to the centre of the map's maximal cell (its first, where cells are equal), and of equally near ones the first
 * in row-major order.
 *
 * The resized map is not built: between four cell centres it is linear along each axis, so its maximum over pixels
 * lies at the outermost pixels of such a patch. The cost grows with the map and the image's sides, not its area.
 *
 * The response is that of the image's pixels that the network saw: a maximum in the padding counts at the image's edge only.
 *
 * @throws WeakspotError `usage` where a size is not a positive integer or the map does not hold its values; `engine` where
 * the map holds a value that is not finite.
 */
export function responsePoint(map: HeatMap, image: ImageFrame): MapResponse {
  const { values, width: mapWidth, height: mapHeight } = map;
  const { width, height, placement = wholeImage(width, height) } = image;
  checkRaster('responsePoint', values, mapWidth, mapHeight);
  checkSize('responsePoint', width, height);
  checkActivations('responsePoint', values);
  const { x0, y0, x1, y1 } = imageInMap(map, image);
  const horizontal = linearTaps(mapWidth, width, false, x0, x1 - x0);
  const vertical = linearTaps(mapHeight, height, false, y0, y1 - y0);
  const columns = patchEnds(x0, x1 - x0, width, placement.x0, placement.x1);
  const rows = patchEnds(y0, y1 - y0, height, placement.y0, placement.y1);
  const tiled = cellsInImage(map, image);
  const cell = maximalCell(values);
  const centreX = tiled.x0 + (((cell % mapWidth) + 0.5) * (tiled.x1 - tiled.x0)) / mapWidth;
  const centreY = tiled.y0 + ((Math.floor(cell / mapWidth) + 0.5) * (tiled.y1 - tiled.y0)) / mapHeight;

  let best: MapResponse = { x: 0, y: 0, value: -Infinity };
  let bestDistance = Infinity;
  for (const row of rows) {
    for (const column of columns) {
      const value = sample(values, mapWidth, horizontal, vertical, column, row);
      if (value < best.value) continue;
      const distance = (column + 0.5 - centreX) ** 2 + (row + 0.5 - centreY) ** 2;
      if (value === best.value && distance >= bestDistance) continue;
      best = { x: column + 0.5, y: row + 0.5, value };
      bestDistance = distance;
    }
  }
  return best;
}

/**
 * Along one axis, the first and the last pixel between each two neighbouring cell centres, ascending.
 *
 * @param from Where the image begins, and `cells` how long it is, in the map's cells.
 * @param low Pixels whose centres lie before it, or not before `high`, do not count.
 */
function patchEnds(from: number, cells: number, pixels: number, low: number, high: number): number[] {
  // Patch k lies between the centres of cells k and k + 1; those beyond the outermost centres are the repeated borders.
  const patchOf = (pixel: number): number => Math.floor(from + ((pixel + 0.5) * cells) / pixels - 0.5);
  const first = Math.min(Math.max(Math.ceil(low - 0.5), 0), pixels - 1);
  const last = Math.max(Math.min(Math.ceil(high - 0.5) - 1, pixels - 1), first);
  const ends: number[] = [];
  for (let i = first; i <= last; i++) {
    const patch = patchOf(i);
    if (i === first || i === last || patchOf(i - 1) !== patch || patchOf(i + 1) !== patch) ends.push(i);
  }
  return ends;
}

function maximalCell(map: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < map.length; i++) if ((map[i] as number) > (map[best] as number)) best = i;
  return best;
}

/** One pixel of the resized map, computed as `resizeBilinear` computes it: rows first, in doubles, then rounded once. */
function sample(
  map: ArrayLike<number>,
  mapWidth: number,
  horizontal: AxisTaps,
  vertical: AxisTaps,
  column: number,
  row: number,
): number {
  const left = horizontal.starts[column] as number;
  const top = vertical.starts[row] as number;
  let value = 0;
  for (let s = 0; s < (horizontal.counts[column] as number); s++) {
    let mixed = 0;
    for (let t = 0; t < (vertical.counts[row] as number); t++) {
      const weight = vertical.weights[row * vertical.stride + t] as number;
      mixed += weight * Math.fround(map[(top + t) * mapWidth + left + s] as number);
    }
    value += (horizontal.weights[column * horizontal.stride + s] as number) * mixed;
  }
  return Math.fround(value);
}
