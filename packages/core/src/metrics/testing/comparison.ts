import { readFileSync } from 'node:fs';

export interface ComparisonReference {
  /** Two-sided tails; null degrees of freedom: the normal distribution. */
  readonly student: readonly { readonly t: number; readonly freedom: number | null; readonly tails: number }[];
  readonly quantiles: readonly { readonly level: number; readonly freedom: number | null; readonly t: number }[];
  readonly delong: {
    readonly scores: number[][];
    readonly positive: boolean[];
    readonly groups: string[];
    readonly results: readonly { readonly name: string; readonly aucs: number[]; readonly covariance: number[][] }[];
  };
}

// Tests run from dist/.
const stored = new URL('../../../src/metrics/testing/comparison.json', import.meta.url);

/** What scripts/reference/comparison.py made. */
export const comparisonReference = JSON.parse(readFileSync(stored, 'utf8')) as ComparisonReference;
