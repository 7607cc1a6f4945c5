import type { AxisTaps } from './axis.js';
import { linearTaps } from './axis.js';
import type { Box } from './box.js';
import { checkRaster, checkSize } from './raster.js';

export interface ResizeOptions {
  /** Widen the filter by the factor of reduction where an axis shrinks, so that every source pixel counts. */
  readonly antialias?: boolean;
  /** The part of the source, in its pixels, that becomes the result; where it reaches out, the border is repeated. */
  readonly part?: Box;
}

/**
 * Bilinear resize of a row-major image of `width` x `height` to `newWidth` x `newHeight`, row-major.
 *
 * Half-pixel centres: pixel centres are at +0.5 in both images, which share their outer edges; samples beyond the
 * outermost centres repeat the border. This is ONNX `Resize` with `mode=linear` and
 * `coordinate_transformation_mode=half_pixel`; with `antialias` it is that operator with `antialias=1` and
 * `exclude_outside=1` (without the latter ONNX Runtime repeats the border under the filter), and Pillow's `BILINEAR`.
 * Values keep their range; sums are taken in double precision.
 *
 * @throws WeakspotError `usage` where a size is not a positive integer or `source` does not hold `width * height` values.
 */
export function resizeBilinear(
  source: ArrayLike<number>,
  width: number,
  height: number,
  newWidth: number,
  newHeight: number,
  options: ResizeOptions = {},
): Float32Array {
  checkRaster('resizeBilinear', source, width, height);
  checkSize('resizeBilinear', newWidth, newHeight);
  // One array type keeps the inner loops fast whatever the caller's type is; the conversion is native.
  const values = source instanceof Float32Array ? source : new Float32Array(source);
  const { x0, y0, x1, y1 } = options.part ?? { x0: 0, y0: 0, x1: width, y1: height };
  const whole = x0 === 0 && y0 === 0 && x1 === width && y1 === height;
  if (whole && newWidth === width && newHeight === height) return values === source ? values.slice() : values;

  const antialias = options.antialias ?? false;
  const horizontal = linearTaps(width, newWidth, antialias, x0, x1 - x0);
  const vertical = linearTaps(height, newHeight, antialias, y0, y1 - y0);
  const result = new Float32Array(newWidth * newHeight);
  const row = new Float64Array(width);
  for (let y = 0; y < newHeight; y++) {
    mixRows(values, width, vertical, y, row);
    resampleRow(row, horizontal, result, y * newWidth, newWidth);
  }
  return result;
}

/** The weighted sum of the source rows under output row `y`. */
function mixRows(values: Float32Array, width: number, taps: AxisTaps, y: number, row: Float64Array): void {
  const count = taps.counts[y] as number;
  row.fill(0);
  for (let t = 0; t < count; t++) {
    const weight = taps.weights[y * taps.stride + t] as number;
    const offset = ((taps.starts[y] as number) + t) * width;
    for (let x = 0; x < width; x++) row[x] = (row[x] as number) + weight * (values[offset + x] as number);
  }
}

function resampleRow(row: Float64Array, taps: AxisTaps, result: Float32Array, offset: number, newWidth: number): void {
  const { starts, counts, weights, stride } = taps;
  for (let x = 0; x < newWidth; x++) {
    const start = starts[x] as number;
    const count = counts[x] as number;
    let sum = 0;
    for (let t = 0; t < count; t++) sum += (weights[x * stride + t] as number) * (row[start + t] as number);
    result[offset + x] = sum;
  }
}
