import { applyVoi, percentileWindow } from '../imaging/index.js';
import type { DecodedImage } from './image.js';
import type { Preprocessing } from './settings.js';

const DEFAULT_PERCENTILES: readonly [number, number] = [0.5, 99.5];

/**
 * The values that become 0 and 1. Where both percentiles are the same value (a film that is mostly background), the
 * range is `min-max`. Padding (NaN) does not count.
 */
export function intensityRange(image: DecodedImage, intensity: Preprocessing['intensity']): readonly [number, number] {
  const { range } = intensity;
  if (range === 'full-scale' || range === 'display') return [image.lowest, image.highest];
  if (range === 'window') return intensity.window ?? [image.lowest, image.highest];
  if (!image.pixels.some(Number.isFinite)) return [0, 0];
  if (range === 'percentile') {
    const [lowPercent, highPercent] = intensity.percentiles ?? DEFAULT_PERCENTILES;
    const [low, high] = percentileWindow(image.pixels, lowPercent, highPercent);
    if (high > low) return [low, high];
  }
  return percentileWindow(image.pixels, 0, 100);
}

/**
 * The image's intensities, 0 (black) to 1: through its window under `display`, else straight between the ends of its
 * range and clipped; then inverted for MONOCHROME1. Padding is black. An image of one value becomes black under `min-max`
 * and `percentile`, and stays so when inverted.
 */
export function intensitiesOf(image: DecodedImage, intensity: Preprocessing['intensity']): Float32Array {
  const { pixels, inverted, windows } = image;
  const [low, high] = intensityRange(image, intensity);
  const voi = intensity.range === 'display' ? windows[0] : undefined;
  const gain = high > low ? 1 / (high - low) : 0;
  const flat = voi === undefined && gain === 0;
  const result = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) {
    const value = pixels[i] as number;
    if (Number.isNaN(value) || flat) continue;
    const shown = voi === undefined ? Math.min(Math.max((value - low) * gain, 0), 1) : applyVoi(voi, value);
    result[i] = inverted ? 1 - shown : shown;
  }
  return result;
}
