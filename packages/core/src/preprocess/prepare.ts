import type { Box } from '../imaging/index.js';
import { clahe, contentBox, resizeBilinear, wholeImage } from '../imaging/index.js';
import type { DecodedImage } from './image.js';
import { intensitiesOf, intensityRange } from './intensities.js';
import type { Preprocessing } from './settings.js';

/** An image in the input's size: small enough to keep every image of a set in memory. */
export interface PreparedImage {
  /** Row-major, the preprocessing's `width * height` values; 0..65535 over the intensity range. */
  readonly pixels: Uint16Array;
  /** Size of the original image, pixels. */
  readonly originalWidth: number;
  readonly originalHeight: number;
  /**
   * The box that the input covers, in pixels of the original image: smaller than the image where it was cropped, reaching
   * out of it where it was padded.
   */
  readonly placement: Box;
  /**
   * The part of the input that shows the image, in whole pixels of the input: what is left without the padding. All of it unless
   * given.
   */
  readonly shown?: Box;
}

/** The value that 1 is kept as. */
export const FULL = 65535;

/**
 * Makes an image the input's size: intensities (`intensitiesOf`), crop, bilinear resize (`resizeBilinear`), CLAHE, and
 * rounding to 16 bits. Normalisation comes later (`toInput`), as augmentation does.
 *
 * Under `pad` both sides are resized by the factor at which the longer one, measured by the input's, just fits, rounded
 * to whole pixels; an odd pixel of padding goes to the right or below.
 */
export function prepareImage(image: DecodedImage, preprocessing: Preprocessing): PreparedImage {
  const { width, height } = preprocessing;
  const size = { originalWidth: image.width, originalHeight: image.height };
  if (isPlain(image, preprocessing)) {
    const placement = wholeImage(image.width, image.height);
    return { pixels: stretchPlain(image, preprocessing), ...size, placement };
  }
  const intensities = intensitiesOf(image, preprocessing.intensity);
  const part =
    preprocessing.crop === 'content'
      ? contentBox(intensities, image.width, image.height)
      : wholeImage(image.width, image.height);
  const inner = fitInto(part, preprocessing);
  const { antialias } = preprocessing;
  const resized = resizePart(intensities, image, part, inner.width, inner.height, antialias);
  const values = equalize(resized, inner.width, inner.height, preprocessing.clahe);
  const pixels = new Uint16Array(width * height);
  for (let y = 0; y < inner.height; y++) {
    for (let x = 0; x < inner.width; x++) {
      pixels[(inner.top + y) * width + inner.left + x] = Math.round((values[y * inner.width + x] as number) * FULL);
    }
  }
  const placement = placementOf(part, inner, preprocessing);
  if (inner.width === width && inner.height === height) return { pixels, ...size, placement };
  const shown = { x0: inner.left, y0: inner.top, x1: inner.left + inner.width, y1: inner.top + inner.height };
  return { pixels, ...size, placement, shown };
}

/** Whether intensities are a straight line of the stored values, so that they can be resized as they are. */
function isPlain(
  { pixels, inverted, windows }: DecodedImage,
  { intensity, crop, fit, clahe: c }: Preprocessing,
): boolean {
  const windowed = intensity.range === 'display' && windows.length > 0;
  return (
    crop === 'none' && fit === 'stretch' && c === null && !inverted && !windowed && !(pixels instanceof Float32Array)
  );
}

/** The resize is done on stored values, and the linear map waits until there are fewer pixels; clipping must come before. */
function stretchPlain(image: DecodedImage, { width, height, intensity, antialias }: Preprocessing): Uint16Array {
  const [low, high] = intensityRange(image, intensity);
  const values = isClipped(intensity.range) ? clip(image.pixels, low, high) : image.pixels;
  const resized = resizeBilinear(values, image.width, image.height, width, height, { antialias });
  const pixels = new Uint16Array(width * height);
  const gain = high > low ? FULL / (high - low) : 0;
  for (let i = 0; i < pixels.length; i++) pixels[i] = Math.round(((resized[i] as number) - low) * gain);
  return pixels;
}

/** Whether values may lie outside of the range. */
function isClipped(range: Preprocessing['intensity']['range']): boolean {
  return range === 'percentile' || range === 'window';
}

function clip(pixels: DecodedImage['pixels'], low: number, high: number): Float32Array {
  const clipped = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) clipped[i] = Math.min(Math.max(pixels[i] as number, low), high);
  return clipped;
}

/** Where the resized image lies in the input, whole pixels. */
interface Inner {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function fitInto(part: Box, { width, height, fit }: Preprocessing): Inner {
  if (fit === 'stretch') return { left: 0, top: 0, width, height };
  const [across, down] = [part.x1 - part.x0, part.y1 - part.y0];
  const scale = Math.min(width / across, height / down);
  const inner = {
    width: Math.min(Math.max(Math.round(across * scale), 1), width),
    height: Math.min(Math.max(Math.round(down * scale), 1), height),
  };
  return { ...inner, left: Math.floor((width - inner.width) / 2), top: Math.floor((height - inner.height) / 2) };
}

function placementOf(part: Box, inner: Inner, { width, height }: Preprocessing): Box {
  const across = (part.x1 - part.x0) / inner.width;
  const down = (part.y1 - part.y0) / inner.height;
  return {
    x0: part.x0 - inner.left * across,
    y0: part.y0 - inner.top * down,
    x1: part.x1 + (width - inner.left - inner.width) * across,
    y1: part.y1 + (height - inner.top - inner.height) * down,
  };
}

/** Only the part counts, at its edges too: it is cut out before the resize. */
function resizePart(
  values: Float32Array,
  image: DecodedImage,
  { x0, y0, x1, y1 }: Box,
  width: number,
  height: number,
  antialias: boolean,
): Float32Array {
  const [columns, rows] = [x1 - x0, y1 - y0];
  if (columns === image.width && rows === image.height) {
    return resizeBilinear(values, columns, rows, width, height, { antialias });
  }
  const cut = new Float32Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    const start = (y0 + row) * image.width + x0;
    cut.set(values.subarray(start, start + columns), row * columns);
  }
  return resizeBilinear(cut, columns, rows, width, height, { antialias });
}

/** Tiles never get smaller than eight pixels, so that a small input has fewer of them. */
function equalize(values: Float32Array, width: number, height: number, settings: Preprocessing['clahe']): Float32Array {
  if (settings === null) return values;
  const tiles = Math.max(1, Math.min(settings.tiles, Math.floor(Math.min(width, height) / LEAST_TILE)));
  return clahe(values, width, height, { tiles, clipLimit: settings.clipLimit });
}

const LEAST_TILE = 8;
