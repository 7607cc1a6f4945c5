import type { Point, Region } from '@weakspot/core';
import type { ImageSize } from './image.js';

/**
 * How an image is to be turned to be shown, as EXIF and TIFF number it (EXIF 2.32, tag 0x0112): 1 as stored; 2 mirrored left to
 * right; 3 turned by 180 degrees; 4 mirrored top to bottom; 5 mirrored at the main diagonal; 6 turned by 90 degrees
 * clockwise; 7 mirrored at the other diagonal; 8 turned by 90 degrees counterclockwise.
 */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** Width and height as shown, and how it is stored. */
export interface ImageGeometry extends ImageSize {
  readonly orientation: Orientation;
  readonly stored: ImageSize;
}

/** The orientation that a header's number stands for: 1 for what is none. */
export function orientationOf(value: number | undefined): Orientation {
  return value !== undefined && Number.isInteger(value) && value >= 1 && value <= 8 ? (value as Orientation) : 1;
}

const WORDS: Readonly<Record<Orientation, string>> = {
  1: 'as stored',
  2: 'mirrored',
  3: 'turned by 180 degrees',
  4: 'mirrored top to bottom',
  5: 'mirrored and turned',
  6: 'turned by 90 degrees clockwise',
  7: 'mirrored and turned',
  8: 'turned by 90 degrees counterclockwise',
};

/** Such as `turned by 90 degrees clockwise`. */
export function orientationInWords(orientation: Orientation): string {
  return WORDS[orientation];
}

/** Whether width and height change places. */
export function swapsSides(orientation: Orientation): boolean {
  return orientation >= 5;
}

/** Where a point of the stored image of `width` x `height` pixels is shown. */
function turnPoint({ x, y }: Point, orientation: Orientation, { width, height }: ImageSize): Point {
  const [right, below] = [width - x, height - y];
  switch (orientation) {
    case 1:
      return { x, y };
    case 2:
      return { x: right, y };
    case 3:
      return { x: right, y: below };
    case 4:
      return { x, y: below };
    case 5:
      return { x: y, y: x };
    case 6:
      return { x: below, y: x };
    case 7:
      return { x: below, y: right };
    case 8:
      return { x: y, y: right };
  }
}

/** A region in pixels of the stored image, `stored` its size, in pixels of the image as it is shown. */
export function turnRegion(region: Region, orientation: Orientation, stored: ImageSize): Region {
  const turn = (x: number, y: number): Point => turnPoint({ x, y }, orientation, stored);
  if (orientation === 1) return region;
  switch (region.kind) {
    case 'box': {
      const [a, b] = [turn(region.x0, region.y0), turn(region.x1, region.y1)];
      const [x0, x1] = [Math.min(a.x, b.x), Math.max(a.x, b.x)];
      return { kind: 'box', x0, x1, y0: Math.min(a.y, b.y), y1: Math.max(a.y, b.y) };
    }
    case 'circle':
      return { ...region, ...turn(region.x, region.y) };
    case 'polygon':
      return { kind: 'polygon', points: region.points.map(({ x, y }) => turn(x, y)) };
    case 'mask': {
      const { x0, y0, width, height, pixels } = region;
      const [a, b] = [turn(x0, y0), turn(x0 + width, y0 + height)];
      const [left, top] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
      const [columns, rows] = swapsSides(orientation) ? [height, width] : [width, height];
      const turned = new Uint8Array(pixels.length);
      for (let row = 0; row < height; row++) {
        for (let column = 0; column < width; column++) {
          const { x, y } = turn(x0 + column + 0.5, y0 + row + 0.5);
          turned[Math.floor(y - top) * columns + Math.floor(x - left)] = pixels[row * width + column] as number;
        }
      }
      return { kind: 'mask', x0: left, y0: top, width: columns, height: rows, pixels: turned };
    }
  }
}

/**
 * Whether regions made on an image of size `within` were made on it as it is shown or as it is stored; undefined where the size
 * doesn't tell: of a square image, of one that is only mirrored or turned by 180 degrees, of another size altogether.
 */
export function frameOf(within: ImageSize | undefined, image: ImageGeometry): 'shown' | 'stored' | undefined {
  if (image.orientation === 1) return 'shown';
  // Parts of the sides, as of YOLO, are of size 1.
  if (within === undefined || within.width <= 1 || !swapsSides(image.orientation)) return undefined;
  // Of a copy in another size a side may be rounded.
  const fits = ({ width, height }: ImageSize, leeway: number): boolean => {
    const factor = Math.max(within.width, within.height) / Math.max(width, height);
    return Math.abs(width * factor - within.width) <= leeway && Math.abs(height * factor - within.height) <= leeway;
  };
  for (const leeway of [0, 1]) {
    const [shown, stored] = [fits(image, leeway), fits(image.stored, leeway)];
    if (shown !== stored) return shown ? 'shown' : 'stored';
    if (shown) return undefined;
  }
  return undefined;
}
