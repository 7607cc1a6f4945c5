import type { Box, Colour, ColourMap, HeatMap, ImageFrame, Point, Region } from '@weakspot/core';
import {
  drawBox,
  drawCross,
  drawRegion,
  greyToDisplay,
  overlayHeat,
  percentileWindow,
  placeMap,
  resizeBilinear,
  scaleRegion,
  WeakspotError,
} from '@weakspot/core';
import sharp from 'sharp';

export interface OverlayPngOptions {
  /** The film, row-major grey; the larger a value, the lighter, or the darker where `inverted`. NaN, as padding, is black. */
  readonly image: ImageFrame & {
    readonly pixels: Uint8Array | Uint16Array | Float32Array;
    readonly inverted?: boolean;
  };
  /**
   * The heat map; `low` and below is shown cold, `high` and above hottest, what the network did not see of the film cold. The bare
   * film unless given.
   */
  readonly map?: HeatMap & {
    readonly low: number;
    readonly high: number;
  };
  /** Drawn as a cross. Points, boxes and regions are in pixels of the film. */
  readonly response?: Point;
  /** Boxes found: white. */
  readonly boxes?: readonly Box[];
  /** Ground truth: green. */
  readonly truth?: readonly Region[];
  /** Films with a longer side are shrunk to this many pixels, smaller ones stay as they are; 1024 unless given. */
  readonly maxSide?: number;
  /** Inferno unless given. */
  readonly colourMap?: ColourMap;
  /** How much of the film the hottest pixels hide, 0..1; 0.6 unless given. */
  readonly opacity?: number;
  /** Width of outlines, pixels of the picture; a 400th of its longer side unless given. */
  readonly line?: number;
}

/** Row-major RGB, 3 bytes a pixel. */
export interface OverlayPicture {
  readonly rgb: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

const truthColour: Colour = [0, 230, 64];
const boxColour: Colour = [255, 255, 255];
const responseColour: Colour = [0, 229, 255];

/**
 * A picture of what a model found: the film in grey (window between its 0.5th and 99.5th percentile), the heat
 * map over it, ground truth, boxes and the response. The map is laid by `placeMap`, in the geometry in which responses
 * and boxes are measured.
 *
 * @returns the bytes of an RGB PNG file.
 * @throws WeakspotError `usage` where a size does not fit its data, `low` and `high` are not finite, or `maxSide` is
 * less than 1.
 */
export async function overlayPng(options: OverlayPngOptions): Promise<Uint8Array> {
  const { rgb, width, height } = overlayPicture(options);
  const png = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
  return new Uint8Array(png);
}

/**
 * The picture of `overlayPng`, not yet a file.
 *
 * @throws WeakspotError as `overlayPng` does.
 */
export function overlayPicture(options: OverlayPngOptions): OverlayPicture {
  const { image, map, boxes = [], truth = [], response, maxSide = 1024 } = options;
  const { low = 0, high = 0 } = map ?? {};
  if (!(maxSide >= 1) || !Number.isFinite(low) || !Number.isFinite(high)) {
    throw new WeakspotError('usage', `overlayPng: maxSide ${maxSide}, low ${low} or high ${high} is wrong`, {
      hint: 'maxSide is a number of pixels, at least 1; low and high are values of the map.',
    });
  }
  const shrink = Math.min(1, maxSide / Math.max(image.width, image.height));
  const width = Math.max(1, Math.round(image.width * shrink));
  const height = Math.max(1, Math.round(image.height * shrink));
  const scaleX = width / image.width;
  const scaleY = height / image.height;

  const grey = greyFilm(image, width, height);
  const values = map === undefined ? new Float32Array(width * height) : placeMap(map, image, width, height);
  const range = high - low;
  // A map without range has no heat to show.
  const heat = values.map((value) => (range > 0 ? (value - low) / range : 0));
  const rgb = overlayHeat(grey, width, height, heat, options);

  const line = options.line ?? Math.max(1, Math.round(Math.max(width, height) / 400));
  const outline = (box: Box, colour: Colour): void => {
    const drawn = { x0: box.x0 * scaleX, y0: box.y0 * scaleY, x1: box.x1 * scaleX, y1: box.y1 * scaleY };
    drawBox(rgb, width, height, drawn, colour, line);
  };
  for (const region of truth) {
    drawRegion(rgb, width, height, scaleRegion(region, scaleX, scaleY), truthColour, line);
  }
  for (const box of boxes) outline(box, boxColour);
  if (response !== undefined) {
    const centre = { x: response.x * scaleX, y: response.y * scaleY };
    // A dark rim keeps the cross visible on the hottest colours.
    drawCross(rgb, width, height, centre, [0, 0, 0], 6 * line + 1, line + 2);
    drawCross(rgb, width, height, centre, responseColour, 6 * line, line);
  }
  return { rgb, width, height };
}

/** The film reduced, between its 0.5th and 99.5th percentile. */
function greyFilm(image: OverlayPngOptions['image'], width: number, height: number): Uint8ClampedArray {
  const film = resizeBilinear(image.pixels, image.width, image.height, width, height, { antialias: true });
  // A film of nothing but padding has no percentiles.
  const [low, high] = image.pixels.some(Number.isFinite) ? percentileWindow(image.pixels, 0.5, 99.5) : [0, 1];
  if (image.inverted !== true) return greyToDisplay(film, low, high);
  return greyToDisplay(
    film.map((value) => -value),
    -high,
    -low,
  );
}
