/** Numbers that scripts/reference/common.py computes alike, so that big tensors need not be stored with the tests. */

/** 32-bit finalizer. */
function mix(value: number): number {
  let x = Math.imul(value ^ (value >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

/** float32 values in [-scale, scale): element i of a stream is a hash of both. */
export function deterministicUniform(count: number, stream: number, scale: number): Float32Array {
  const base = Math.imul(stream, 0x9e3779b9);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = (mix((i + base) | 0) * 2 ** -31 - 1) * scale;
  return values;
}

/** Eight sums of the values with pseudo-random signs. */
export function signProjections(values: Float32Array, stream: number): number[] {
  const base = Math.imul(stream, 0x85ebca6b);
  const sums = new Float64Array(8);
  for (let i = 0; i < values.length; i++) {
    const bits = mix((i + base) | 0);
    const value = values[i] ?? 0;
    for (let k = 0; k < 8; k++) sums[k] = (sums[k] ?? 0) + ((bits >>> k) & 1 ? value : -value);
  }
  return [...sums];
}

/** Euclidean norm, accumulated in double precision. */
export function euclideanNorm(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] ?? 0) ** 2;
  return Math.sqrt(sum);
}
