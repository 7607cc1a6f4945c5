import type { ColourMap } from './colour.js';
import { colourMap } from './colour.js';
import { checkRaster } from './raster.js';

export interface OverlayOptions {
  /** Inferno unless given. */
  readonly colourMap?: ColourMap;
  /** How much of the film the hottest pixels hide, 0..1; 0.6 unless given. */
  readonly opacity?: number;
}

/**
 * A heat map laid over a grey image: row-major RGB, 3 bytes a pixel.
 *
 * `grey` and `heat` hold one value per pixel, 0..255 and 0..1 (values outside are clipped, NaN is cold). The heat's
 * opacity is `opacity * heat`, so that cold areas show the film as it is.
 *
 * @throws WeakspotError `usage` where `grey` or `heat` does not hold `width * height` values.
 */
export function overlayHeat(
  grey: Uint8Array | Uint8ClampedArray,
  width: number,
  height: number,
  heat: ArrayLike<number>,
  options: OverlayOptions = {},
): Uint8ClampedArray {
  checkRaster('overlayHeat', grey, width, height);
  checkRaster('overlayHeat', heat, width, height);
  const { table } = options.colourMap ?? colourMap('inferno');
  const opacity = options.opacity ?? 0.6;
  const rgb = new Uint8ClampedArray(width * height * 3);
  for (let i = 0; i < grey.length; i++) {
    const raw = heat[i] as number;
    const level = raw > 0 ? Math.min(raw, 1) : 0;
    const entry = Math.round(level * 255) * 3;
    const alpha = opacity * level;
    for (let c = 0; c < 3; c++) {
      // A clamped array rounds to nearest by itself.
      rgb[i * 3 + c] = (grey[i] as number) * (1 - alpha) + (table[entry + c] as number) * alpha;
    }
  }
  return rgb;
}
