import { checkRaster } from './raster.js';

/** Where the kernel ends, in standard deviations. */
const REACH = 4;

/**
 * Gaussian blur of a row-major image. The kernel ends at four standard deviations, rounded to whole pixels, and its weights sum to
 * 1; beyond the edges the image is mirrored, its outermost pixels repeated (`d c b a | a b c d | d c b a`). These are the defaults
 * of SciPy's `ndimage.gaussian_filter`. Sums are taken in double precision.
 *
 * @param deviationX The standard deviation along the rows, in pixels; 0 leaves the axis as it is.
 * @throws WeakspotError `usage` where a size is not a positive integer or `values` does not hold `width * height` values.
 */
export function gaussianBlur(
  values: ArrayLike<number>,
  width: number,
  height: number,
  deviationX: number,
  deviationY: number,
): Float32Array {
  checkRaster('gaussianBlur', values, width, height);
  const across = halfKernel(deviationX);
  const down = halfKernel(deviationY);
  const rows = new Float64Array(width * height);
  for (let y = 0; y < height; y++) blurLine(values, y * width, 1, width, across, rows);
  const blurred = new Float32Array(width * height);
  for (let x = 0; x < width; x++) blurLine(rows, x, width, height, down, blurred);
  return blurred;
}

/** The kernel's weights from its middle to its end. */
function halfKernel(deviation: number): Float64Array {
  if (deviation === 0) return Float64Array.of(1);
  const radius = Math.floor(REACH * deviation + 0.5);
  const weights = Float64Array.from({ length: radius + 1 }, (_, i) => Math.exp(-0.5 * (i / deviation) ** 2));
  const sum = weights.reduce((total, weight, i) => total + (i === 0 ? weight : 2 * weight), 0);
  return weights.map((weight) => weight / sum);
}

/** Blurs the `length` values at `start`, `start + step` and so on. */
function blurLine(
  values: ArrayLike<number>,
  start: number,
  step: number,
  length: number,
  kernel: Float64Array,
  out: Float32Array | Float64Array,
): void {
  const radius = kernel.length - 1;
  const line = new Float64Array(length + 2 * radius);
  for (let i = 0; i < line.length; i++) line[i] = values[start + mirrored(i - radius, length) * step] as number;
  for (let i = 0; i < length; i++) {
    const middle = i + radius;
    let sum = (kernel[0] as number) * (line[middle] as number);
    for (let k = 1; k <= radius; k++) {
      sum += (kernel[k] as number) * ((line[middle - k] as number) + (line[middle + k] as number));
    }
    out[start + i * step] = sum;
  }
}

/** The pixel that stands at a place beyond the edges. */
function mirrored(place: number, length: number): number {
  const period = 2 * length;
  const within = ((place % period) + period) % period;
  return within < length ? within : period - 1 - within;
}
