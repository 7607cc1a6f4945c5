/**
 * Linear interpolation along one axis: output sample `i` is the sum over `t < counts[i]` of
 * `weights[i * stride + t] * source[starts[i] + t]`.
 */
export interface AxisTaps {
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  readonly weights: Float64Array;
  readonly stride: number;
}

/**
 * The taps that take an axis of `size` samples to `newSize`, with half-pixel centres: output sample `i` lies at
 * `(i + 0.5) * size / newSize` in the source's pixels. The filter is a triangle of half width 1, or of half width
 * `size / newSize` where `antialias` is set and the axis shrinks. Weights outside the source are dropped and the rest
 * normalised, which for the half width 1 is the same as repeating the border sample.
 *
 * @param from Where the new axis begins, and `span` how long it is, in the source's pixels: the whole source unless given.
 * It may reach out of the source, where the border is repeated.
 */
export function linearTaps(size: number, newSize: number, antialias: boolean, from = 0, span = size): AxisTaps {
  const scale = span / newSize;
  const support = antialias ? Math.max(1, scale) : 1;
  const stride = Math.ceil(2 * support) + 1;
  const starts = new Int32Array(newSize);
  const counts = new Int32Array(newSize);
  const weights = new Float64Array(newSize * stride);
  for (let i = 0; i < newSize; i++) {
    const centre = Math.min(Math.max(from + (i + 0.5) * scale, 0), size);
    // Samples whose centres, at +0.5, lie strictly inside the triangle.
    const first = Math.max(0, Math.floor(centre - support - 0.5) + 1);
    const last = Math.min(size - 1, Math.ceil(centre + support - 0.5) - 1);
    const base = i * stride;
    let sum = 0;
    for (let s = first; s <= last; s++) {
      const weight = 1 - Math.abs(s + 0.5 - centre) / support;
      weights[base + s - first] = weight;
      sum += weight;
    }
    const count = last - first + 1;
    for (let t = 0; t < count; t++) weights[base + t] = (weights[base + t] as number) / sum;
    starts[i] = first;
    counts[i] = count;
  }
  return { starts, counts, weights, stride };
}
