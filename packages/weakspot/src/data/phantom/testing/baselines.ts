import type { Box } from '@weakspot/core';

/** Separable box blur of a square image, three passes (close to a Gaussian of deviation `radius`), edges repeated. */
export function blur(image: Float64Array, size: number, radius: number): Float64Array {
  let current = image;
  if (radius === 0) return current;
  for (let pass = 0; pass < 3; pass++) {
    for (const [step, line] of [
      [1, size],
      [size, 1],
    ] as const) {
      const next = new Float64Array(current.length);
      for (let l = 0; l < size; l++) {
        let sum = 0;
        for (let i = -radius; i <= radius; i++) sum += current[l * line + clamp(i, size) * step]!;
        for (let i = 0; i < size; i++) {
          next[l * line + i * step] = sum / (2 * radius + 1);
          const [enters, leaves] = [clamp(i + radius + 1, size), clamp(i - radius, size)];
          sum += current[l * line + enters * step]! - current[l * line + leaves * step]!;
        }
      }
      current = next;
    }
  }
  return current;
}

/** The nearest index of a line of `size`. */
function clamp(i: number, size: number): number {
  return i < 0 ? 0 : i >= size ? size - 1 : i;
}

/** Index of the largest value. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

/** Whether (x, y) lies in one of the boxes grown by `margin` on every side. */
export function inBoxes(boxes: readonly Box[], x: number, y: number, margin: number): boolean {
  return boxes.some((b) => x >= b.x0 - margin && x < b.x1 + margin && y >= b.y0 - margin && y < b.y1 + margin);
}

/** Share of ordered (positive, negative) pairs that the scores put right; ties count half. */
export function pairwiseAuc(scores: ArrayLike<number>, positive: readonly boolean[]): number {
  let [right, pairs] = [0, 0];
  for (let i = 0; i < positive.length; i++) {
    for (let j = 0; j < positive.length; j++) {
      if (!positive[i] || positive[j]) continue;
      pairs++;
      const margin = scores[i]! - scores[j]!;
      right += margin > 0 ? 1 : margin < 0 ? 0 : 0.5;
    }
  }
  return right / pairs;
}

/** The image's mean over each of `side` x `side` cells; `side` divides `size`. */
export function shrink(image: ArrayLike<number>, size: number, side: number): Float64Array {
  const cell = size / side;
  const small = new Float64Array(side * side);
  for (let i = 0; i < size * size; i++) {
    const column = i % size;
    const row = (i - column) / size;
    small[Math.floor(row / cell) * side + Math.floor(column / cell)]! += image[i]! / (cell * cell);
  }
  return small;
}

/**
 * Ridge regression `min |X w - y|^2 + lambda |w|^2` with more features than samples, through its dual:
 * `w = X^T (X X^T + lambda I)^-1 y`, solved by Cholesky.
 */
export function ridge(rows: readonly Float64Array[], targets: readonly number[], lambda: number): Float64Array {
  const n = rows.length;
  const lower = rows.map(() => new Float64Array(n));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = dot(rows[i]!, rows[j]!) + (i === j ? lambda : 0);
      for (let k = 0; k < j; k++) sum -= lower[i]![k]! * lower[j]![k]!;
      lower[i]![j] = i === j ? Math.sqrt(sum) : sum / lower[j]![j]!;
    }
  }
  const dual = Float64Array.from(targets);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) dual[i]! -= lower[i]![k]! * dual[k]!;
    dual[i]! /= lower[i]![i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) dual[i]! -= lower[k]![i]! * dual[k]!;
    dual[i]! /= lower[i]![i]!;
  }
  const weights = new Float64Array(rows[0]!.length);
  rows.forEach((row, i) => row.forEach((value, k) => (weights[k]! += dual[i]! * value)));
  return weights;
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
