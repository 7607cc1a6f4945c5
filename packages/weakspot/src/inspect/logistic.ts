/** A fitted logistic regression: the log odds of an item, from its features. */
export type LogOdds = (features: readonly number[]) => number;

/** Newton steps; with the penalty it converges in a few. */
const STEPS = 50;
/** Largest change of a weight in a step: whole steps may lead too far where the classes can be told apart fully. */
const REACH = 2;

/**
 * Logistic regression with an L2 penalty (`|w|^2 / 2` beside the summed loss, the intercept free) on features that are
 * standardised first, fitted by Newton's method. Features that do not vary get no weight; an item's standardised features are
 * cut at 5 each way, so that one outlier cannot decide.
 */
export function fitLogistic(items: readonly (readonly number[])[], positive: readonly boolean[]): LogOdds {
  const count = items[0]?.length ?? 0;
  const scales = Array.from({ length: count }, (_, f) => scaleOf(items.map((item) => item[f] as number)));
  const row = (item: readonly number[]): number[] => [
    1,
    ...scales.map(({ mean, std }, f) => (std > 0 ? Math.max(-5, Math.min(5, ((item[f] as number) - mean) / std)) : 0)),
  ];
  const rows = items.map(row);
  let weights = Array.from({ length: count + 1 }, () => 0);
  for (let step = 0; step < STEPS; step++) {
    const change = newtonStep(rows, positive, weights);
    const largest = Math.max(...change.map(Math.abs));
    const part = Math.min(1, REACH / largest);
    weights = weights.map((weight, i) => weight + part * (change[i] as number));
    if (largest < 1e-9) break;
  }
  return (item) => dot(row(item), weights);
}

/** Gradient and Hessian of the penalised loss, solved for the step that leads to its minimum. */
function newtonStep(rows: readonly number[][], positive: readonly boolean[], weights: readonly number[]): number[] {
  const size = weights.length;
  // A trace of a penalty on the intercept keeps the system solvable whatever the data.
  const penalty = weights.map((_, i) => (i === 0 ? 1e-6 : 1));
  const gradient = weights.map((weight, i) => (penalty[i] as number) * weight);
  const hessian = weights.map((_, i) => weights.map((__, j) => (i === j ? (penalty[i] as number) : 0)));
  rows.forEach((row, item) => {
    const probability = 1 / (1 + Math.exp(-dot(row, weights)));
    const error = probability - (positive[item] === true ? 1 : 0);
    // Not 0 where the answer is certain: steps would become endless.
    const curvature = Math.max(probability * (1 - probability), 1e-6);
    for (let i = 0; i < size; i++) {
      const value = row[i] as number;
      gradient[i] = (gradient[i] as number) + error * value;
      const line = hessian[i] as number[];
      for (let j = 0; j < size; j++) line[j] = (line[j] as number) + curvature * value * (row[j] as number);
    }
  });
  return solve(hessian, gradient).map((value) => -value);
}

/** Solves a symmetric positive definite system by Gaussian elimination, in place. */
function solve(matrix: number[][], right: number[]): number[] {
  const size = right.length;
  for (let k = 0; k < size; k++) {
    const pivot = matrix[k] as number[];
    for (let i = k + 1; i < size; i++) {
      const line = matrix[i] as number[];
      const factor = (line[k] as number) / (pivot[k] as number);
      for (let j = k; j < size; j++) line[j] = (line[j] as number) - factor * (pivot[j] as number);
      right[i] = (right[i] as number) - factor * (right[k] as number);
    }
  }
  for (let k = size - 1; k >= 0; k--) {
    const line = matrix[k] as number[];
    let rest = right[k] as number;
    for (let j = k + 1; j < size; j++) rest -= (line[j] as number) * (right[j] as number);
    right[k] = rest / (line[k] as number);
  }
  return right;
}

function scaleOf(values: readonly number[]): { mean: number; std: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  // Below it, equal values differ by rounding only.
  const std = Math.sqrt(variance);
  return { mean, std: std > Math.abs(mean) * 1e-9 ? std : 0 };
}

function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
