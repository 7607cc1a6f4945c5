import type { Box } from './box.js';
import { boxContains, boxesArea, clipBox, growBox } from './box.js';
import type { Point } from './response.js';

/** A ground-truth region in pixels of the original image, top-left origin, the first pixel's centre at (0.5, 0.5). */
export type Region = BoxRegion | CircleRegion | PolygonRegion | MaskRegion;

export interface BoxRegion extends Box {
  readonly kind: 'box';
}

export interface CircleRegion extends Point {
  readonly kind: 'circle';
  /** Pixels. */
  readonly radius: number;
}

/** Closed: the last point is joined to the first. Where its outline crosses itself, the even-odd rule says what is inside. */
export interface PolygonRegion {
  readonly kind: 'polygon';
  readonly points: readonly Point[];
}

/** Single pixels, those of a part of the image only. */
export interface MaskRegion {
  readonly kind: 'mask';
  /** Column and row of the image that the mask's first pixel covers; integers. */
  readonly x0: number;
  readonly y0: number;
  readonly width: number;
  readonly height: number;
  /** Row-major, `width * height`; what is not 0 belongs to the region. */
  readonly pixels: Uint8Array;
}

export function boxRegion(x0: number, y0: number, x1: number, y1: number): BoxRegion {
  return { kind: 'box', x0, y0, x1, y1 };
}

/** The smallest box around the region; of a mask, around its set pixels. One without area where nothing is set. */
export function regionBounds(region: Region): Box {
  switch (region.kind) {
    case 'box': {
      const { x0, y0, x1, y1 } = region;
      return { x0, y0, x1, y1 };
    }
    case 'circle': {
      const { x, y, radius } = region;
      return { x0: x - radius, y0: y - radius, x1: x + radius, y1: y + radius };
    }
    case 'polygon':
      return boundsOf(region.points);
    case 'mask':
      return maskBounds(region);
  }
}

/**
 * Whether the point lies in the region grown by the tolerance, half-widths along each axis in pixels. A box grows as a
 * box. The others grow by an ellipse with these half-axes: the point hits if the ellipse around it meets the region.
 * Right and bottom edges of boxes and mask pixels are outside. A circle that grows by unequal half-axes counts as the
 * polygon of 128 corners on it, which is smaller by at most 0.03 % of its radius.
 */
export function regionContains(region: Region, x: number, y: number, toleranceX = 0, toleranceY = 0): boolean {
  if (region.kind === 'box') return boxContains(growBox(region, toleranceX, toleranceY), x, y);
  if (!boxContains(growBox(outerBounds(region), toleranceX + 1, toleranceY + 1), x, y)) return false;
  switch (region.kind) {
    case 'circle':
      return toleranceX === toleranceY
        ? Math.hypot(x - region.x, y - region.y) <= region.radius + toleranceX
        : polygonContains(circleCorners(region), x, y, toleranceX, toleranceY);
    case 'polygon':
      return polygonContains(region.points, x, y, toleranceX, toleranceY);
    case 'mask':
      return maskContains(region, x, y, toleranceX, toleranceY);
  }
}

/**
 * The part of an image of `width` x `height` that the regions, grown by the tolerance, cover together: 0..1. Exact for
 * boxes; with other regions counted on a grid of at most 128 points along the longer side.
 */
export function regionsShare(
  regions: readonly Region[],
  width: number,
  height: number,
  toleranceX = 0,
  toleranceY = 0,
): number {
  const boxes = regions.filter((region) => region.kind === 'box');
  if (boxes.length === regions.length) {
    const grown = boxes.map((box) => clipBox(growBox(box, toleranceX, toleranceY), width, height));
    return boxesArea(grown) / (width * height);
  }
  const scale = Math.min(1, GRID / Math.max(width, height));
  const columns = Math.max(1, Math.round(width * scale));
  const rows = Math.max(1, Math.round(height * scale));
  let covered = 0;
  for (let row = 0; row < rows; row++) {
    const y = ((row + 0.5) * height) / rows;
    for (let column = 0; column < columns; column++) {
      const x = ((column + 0.5) * width) / columns;
      if (regions.some((region) => regionContains(region, x, y, toleranceX, toleranceY))) covered++;
    }
  }
  return covered / (rows * columns);
}

/** The pixels of an image of `width` x `height` whose centres lie in the region: row-major, 1 inside, 0 outside. */
export function rasterizeRegion(region: Region, width: number, height: number): Uint8Array {
  const pixels = new Uint8Array(width * height);
  const { x0, y0, x1, y1 } = clipBox(outerBounds(region), width, height);
  for (let row = Math.floor(y0); row < Math.ceil(y1); row++) {
    for (let column = Math.floor(x0); column < Math.ceil(x1); column++) {
      if (regionContains(region, column + 0.5, row + 0.5)) pixels[row * width + column] = 1;
    }
  }
  return pixels;
}

/**
 * The region inside an image of `width` x `height`; undefined where its bounds have no area there. Boxes and masks are
 * cut at the image's edge; circles and polygons are kept whole, as no pixel outside is ever asked for.
 */
export function clipRegion(region: Region, width: number, height: number): Region | undefined {
  const inside = clipBox(regionBounds(region), width, height);
  if (!(inside.x1 > inside.x0 && inside.y1 > inside.y0)) return undefined;
  if (region.kind === 'box') return { kind: 'box', ...inside };
  return region.kind === 'mask' ? cropMask(region, inside) : region;
}

/** The region in an image enlarged by a factor along each axis, such as from a reduced copy back to the original. */
export function scaleRegion(region: Region, factorX: number, factorY: number): Region {
  switch (region.kind) {
    case 'box':
      return boxRegion(region.x0 * factorX, region.y0 * factorY, region.x1 * factorX, region.y1 * factorY);
    case 'circle':
      return factorX === factorY
        ? { kind: 'circle', x: region.x * factorX, y: region.y * factorX, radius: region.radius * factorX }
        : scaleRegion({ kind: 'polygon', points: circleCorners(region) }, factorX, factorY);
    case 'polygon':
      return { kind: 'polygon', points: region.points.map(({ x, y }) => ({ x: x * factorX, y: y * factorY })) };
    case 'mask':
      return scaleMask(region, factorX, factorY);
  }
}

/** Points along the longer side of the grid on which shares are counted. */
const GRID = 128;
/** Corners of the polygon that stands for a circle. */
const CORNERS = 128;

/** A cheap box around the region: of a mask, around all its pixels, set or not. */
function outerBounds(region: Region): Box {
  if (region.kind !== 'mask') return regionBounds(region);
  const { x0, y0, width, height } = region;
  return { x0, y0, x1: x0 + width, y1: y0 + height };
}

function boundsOf(points: readonly Point[]): Box {
  if (points.length === 0) return { x0: 0, y0: 0, x1: 0, y1: 0 };
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y } of points) {
    x0 = Math.min(x0, x);
    y0 = Math.min(y0, y);
    x1 = Math.max(x1, x);
    y1 = Math.max(y1, y);
  }
  return { x0, y0, x1, y1 };
}

function circleCorners({ x, y, radius }: CircleRegion): Point[] {
  return Array.from({ length: CORNERS }, (_, i) => {
    const angle = (2 * Math.PI * i) / CORNERS;
    return { x: x + radius * Math.cos(angle), y: y + radius * Math.sin(angle) };
  });
}

function polygonContains(
  points: readonly Point[],
  x: number,
  y: number,
  toleranceX: number,
  toleranceY: number,
): boolean {
  let inside = false;
  const near = toleranceX > 0 && toleranceY > 0;
  for (let i = 0, j = points.length - 1; i < points.length; j = i++) {
    const [a, b] = [points[i] as Point, points[j] as Point];
    if (a.y > y !== b.y > y && x < ((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x) inside = !inside;
    // Along each axis in units of its tolerance, where the ellipse is the unit circle.
    if (
      near &&
      segmentDistance((a.x - x) / toleranceX, (a.y - y) / toleranceY, (b.x - x) / toleranceX, (b.y - y) / toleranceY) <=
        1
    )
      return true;
  }
  return inside;
}

/** Distance of the origin from the segment between two points. */
function segmentDistance(ax: number, ay: number, bx: number, by: number): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const along = length > 0 ? Math.min(1, Math.max(0, -(ax * dx + ay * dy) / length)) : 0;
  return Math.hypot(ax + along * dx, ay + along * dy);
}

function maskContains(mask: MaskRegion, x: number, y: number, toleranceX: number, toleranceY: number): boolean {
  const [left, top] = [x - mask.x0, y - mask.y0];
  const own = pixelAt(mask, Math.floor(left), Math.floor(top));
  if (own || !(toleranceX > 0 && toleranceY > 0)) return own;
  const clampColumn = (column: number): number => Math.min(mask.width - 1, Math.max(0, Math.floor(column)));
  const clampRow = (row: number): number => Math.min(mask.height - 1, Math.max(0, Math.floor(row)));
  for (let row = clampRow(top - toleranceY); row <= clampRow(top + toleranceY); row++) {
    // From the point to the nearest point of the pixel, 0 where the point is level with it.
    const dy = Math.max(row - top, top - row - 1, 0) / toleranceY;
    for (let column = clampColumn(left - toleranceX); column <= clampColumn(left + toleranceX); column++) {
      if (mask.pixels[row * mask.width + column] === 0) continue;
      const dx = Math.max(column - left, left - column - 1, 0) / toleranceX;
      if (dx * dx + dy * dy <= 1) return true;
    }
  }
  return false;
}

function pixelAt({ width, height, pixels }: MaskRegion, column: number, row: number): boolean {
  return column >= 0 && row >= 0 && column < width && row < height && pixels[row * width + column] !== 0;
}

/** Around the set pixels. */
function maskBounds({ x0, y0, width, height, pixels }: MaskRegion): Box {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      if (pixels[row * width + column] === 0) continue;
      left = Math.min(left, column);
      right = Math.max(right, column + 1);
      top = Math.min(top, row);
      bottom = row + 1;
    }
  }
  return right === 0 ? { x0, y0, x1: x0, y1: y0 } : { x0: x0 + left, y0: y0 + top, x1: x0 + right, y1: y0 + bottom };
}

function cropMask(mask: MaskRegion, { x0, y0, x1, y1 }: Box): MaskRegion {
  const [width, height] = [x1 - x0, y1 - y0];
  const pixels = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    const start = (y0 - mask.y0 + row) * mask.width + x0 - mask.x0;
    pixels.set(mask.pixels.subarray(start, start + width), row * width);
  }
  return { kind: 'mask', x0, y0, width, height, pixels };
}

/** Each new pixel is that of the old mask under its centre. */
function scaleMask(mask: MaskRegion, factorX: number, factorY: number): MaskRegion {
  const [x0, y0] = [Math.floor(mask.x0 * factorX), Math.floor(mask.y0 * factorY)];
  const width = Math.max(1, Math.ceil((mask.x0 + mask.width) * factorX) - x0);
  const height = Math.max(1, Math.ceil((mask.y0 + mask.height) * factorY) - y0);
  const pixels = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    const from = Math.floor((y0 + row + 0.5) / factorY) - mask.y0;
    for (let column = 0; column < width; column++) {
      const left = Math.floor((x0 + column + 0.5) / factorX) - mask.x0;
      if (pixelAt(mask, left, from)) pixels[row * width + column] = 1;
    }
  }
  return { kind: 'mask', x0, y0, width, height, pixels };
}
