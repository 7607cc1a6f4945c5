import { type NamedWarning, describeWarnings, fewLocated } from '@weakspot/core';
import type { ComparedRun, Comparison } from './comparison.js';

/** Of one test set, what to know before the numbers of a comparison are believed: each kind once, with the runs that it is about. */
export function comparisonWarnings(
  { warnings = [], runs, methods, tests, folds }: Comparison,
  test: string,
): ReturnType<typeof describeWarnings> {
  const isTogether = folds !== null && tests.find(({ name }) => name === test)?.path === null;
  const found = warnings
    .filter((one) => one.test === test)
    // Folds have few images each; together they are the whole set.
    .filter(({ warning }) => !(isTogether && warning.code === 'few-located'))
    .map(({ warning, ...run }): NamedWarning => ({ of: nameOfRun(run, runs.length > methods.length), warning }));
  const names = runs.map((run) => nameOfRun(run, runs.length > methods.length));
  const located = tests.find(({ name }) => name === test)?.located ?? 0;
  const together = isTogether
    ? fewLocated(located).flatMap((warning) => names.map((of): NamedWarning => ({ of, warning })))
    : [];
  return describeWarnings([...found, ...together], names);
}

/** The method, with the seed or fold where there are several runs of each. */
export function nameOfRun(
  { method, seed, fold }: Pick<ComparedRun, 'method' | 'seed' | 'fold'>,
  several: boolean,
): string {
  if (!several) return method;
  return fold === null ? `${method}, seed ${seed}` : `${method}, fold ${fold}`;
}
