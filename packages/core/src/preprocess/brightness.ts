import type { HeatMap } from '../imaging/index.js';
import { gaussianBlur, resizeBilinear } from '../imaging/index.js';
import type { PreparedImage } from './prepare.js';
import type { Preprocessing } from './settings.js';

/** Cells along the longer side. */
const SIDE = 128;
/** Standard deviation of the blur, in shares of the image's width and height. */
const BLUR = 1 / 20;

/**
 * The image as the network receives it, blurred by a Gaussian whose standard deviation is a twentieth of its width and of its
 * height: what a heat map would be that knows nothing but how bright the image is. Padding is left out. It is reduced to at most
 * 128 cells a side first (`resizeBilinear`, antialiased), which changes nothing that the blur leaves.
 *
 * Normalisation comes after it and would only rescale it. CLAHE is part of the prepared image, and so of this.
 *
 * @throws WeakspotError `usage` where the image is not of the preprocessing's size.
 */
export function brightnessMap(
  { pixels, shown }: PreparedImage,
  { width, height }: Pick<Preprocessing, 'width' | 'height'>,
): HeatMap & { readonly values: Float32Array } {
  const { x0, y0, x1, y1 } = shown ?? { x0: 0, y0: 0, x1: width, y1: height };
  const [columns, rows] = [x1 - x0, y1 - y0];
  const part = new Float32Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    const start = (y0 + row) * width + x0;
    part.set(pixels.subarray(start, start + columns), row * columns);
  }
  const shrink = Math.min(1, SIDE / Math.max(columns, rows));
  const [across, down] = [columns, rows].map((side) => Math.max(1, Math.round(side * shrink))) as [number, number];
  const reduced = resizeBilinear(part, columns, rows, across, down, { antialias: true });
  return {
    values: gaussianBlur(reduced, across, down, across * BLUR, down * BLUR),
    width: across,
    height: down,
    extent: { x0: x0 / width, y0: y0 / height, x1: x1 / width, y1: y1 / height },
  };
}
