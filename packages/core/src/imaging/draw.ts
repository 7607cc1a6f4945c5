import type { Box } from './box.js';
import { clipBox } from './box.js';
import type { Colour } from './colour.js';
import { rasterizeRegion, regionBounds, type Region } from './region.js';
import type { Point } from './response.js';

/** Row-major RGB, 3 bytes a pixel. */
type Rgb = Uint8Array | Uint8ClampedArray;

/**
 * Draws the outline of a box into an RGB image, in place. The line lies inside the box, `thickness` pixels wide, so
 * that a box along the image's edge keeps all four sides; edges are rounded to whole pixels, parts outside are cut.
 */
export function drawBox(rgb: Rgb, width: number, height: number, box: Box, colour: Colour, thickness = 1): void {
  const [x0, y0, x1, y1] = [box.x0, box.y0, box.x1, box.y1].map(Math.round) as [number, number, number, number];
  const lineX = Math.min(thickness, x1 - x0);
  const lineY = Math.min(thickness, y1 - y0);
  fill(rgb, width, height, { x0, y0, x1, y1: y0 + lineY }, colour);
  fill(rgb, width, height, { x0, y0: y1 - lineY, x1, y1 }, colour);
  fill(rgb, width, height, { x0, y0, x1: x0 + lineX, y1 }, colour);
  fill(rgb, width, height, { x0: x1 - lineX, y0, x1, y1 }, colour);
}

/**
 * Draws the outline of a region into an RGB image, in place: a box as `drawBox` does, of other regions the pixels that
 * lie inside and within `thickness` pixels (along rows and columns) of one outside.
 */
export function drawRegion(
  rgb: Rgb,
  width: number,
  height: number,
  region: Region,
  colour: Colour,
  thickness = 1,
): void {
  if (region.kind === 'box') {
    drawBox(rgb, width, height, region, colour, thickness);
    return;
  }
  const inside = rasterizeRegion(region, width, height);
  const { x0, y0, x1, y1 } = clipBox(regionBounds(region), width, height);
  // The image's own edge is no outline's end: a region cut there is closed along it, as a box is.
  const isInside = (x: number, y: number): boolean =>
    x >= 0 && y >= 0 && x < width && y < height && inside[y * width + x] === 1;
  for (let y = Math.floor(y0); y < Math.ceil(y1); y++) {
    for (let x = Math.floor(x0); x < Math.ceil(x1); x++) {
      if (!isInside(x, y)) continue;
      for (let d = 1; d <= thickness; d++) {
        if (isInside(x - d, y) && isInside(x + d, y) && isInside(x, y - d) && isInside(x, y + d)) continue;
        rgb.set(colour, (y * width + x) * 3);
        break;
      }
    }
  }
}

/**
 * Draws an upright cross into an RGB image, in place: arms of `arm` pixels on each side of the pixel that holds
 * `centre`, `thickness` pixels wide (an odd number keeps it centred). Parts outside the image are cut.
 */
export function drawCross(
  rgb: Rgb,
  width: number,
  height: number,
  centre: Point,
  colour: Colour,
  arm = 5,
  thickness = 1,
): void {
  const x = Math.floor(centre.x);
  const y = Math.floor(centre.y);
  const half = Math.floor((thickness - 1) / 2);
  const rest = thickness - half;
  fill(rgb, width, height, { x0: x - arm, y0: y - half, x1: x + arm + 1, y1: y + rest }, colour);
  fill(rgb, width, height, { x0: x - half, y0: y - arm, x1: x + rest, y1: y + arm + 1 }, colour);
}

/** Fills a box with whole coordinates. */
function fill(rgb: Rgb, width: number, height: number, box: Box, colour: Colour): void {
  const { x0, y0, x1, y1 } = clipBox(box, width, height);
  for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) rgb.set(colour, (y * width + x) * 3);
}
