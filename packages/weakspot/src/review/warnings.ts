import {
  type NamedWarning,
  type WarningCode,
  describeWarnings,
  differentImages,
  fewLocated,
  olderComparison,
} from '@weakspot/core';
import { groupBy } from './group-by.js';
import { type MeasuredRun, imageKey, testedImages } from './measure.js';
import type { ReportSources } from './sources.js';
import type { ReportData } from './tests.js';

/** What a reader should know before believing the numbers of one test set. */
export interface ReportWarning {
  readonly test: string;
  readonly code: WarningCode;
  readonly text: string;
}

/** The warnings of one test set, each kind once, with the runs that it is about. */
export function warningsOf(runs: readonly MeasuredRun[], methods: readonly string[], test: string): ReportWarning[] {
  const nameOf = ({ run }: MeasuredRun): string => {
    const isOneOfSeveral = runs.filter((other) => other.run.method === run.method).length > 1;
    return isOneOfSeveral ? `${methods[run.method]}, ${run.name}` : (methods[run.method] ?? '');
  };
  const names = runs.map(nameOf);
  // Runs of one method may be those of the folds: together they have the images of the others.
  const located = testedImages(runs).filter(({ positive, hit }) => positive && hit !== undefined).length;
  const isInFolds = runs.some(({ images, metrics }) => images.length > 0 && metrics.located < located);
  const found = runs
    .flatMap((run): NamedWarning[] => run.warnings.map((warning) => ({ of: nameOf(run), warning })))
    .filter(({ warning }) => !(isInFolds && warning.code === 'few-located'));
  const ofAll = [
    ...(isInFolds ? fewLocated(located) : []),
    ...(areTestedAlike(runs) ? [] : [differentImages()]),
  ].flatMap((warning) => names.map((of): NamedWarning => ({ of, warning })));
  return describeWarnings([...found, ...ofAll], names).map((one) => ({ test, ...one }));
}

/** What is left out of an older comparison. */
export function outdatedWarnings({ comparison }: ReportSources, { tests }: ReportData): ReportWarning[] {
  if (comparison?.file.format !== 1) return [];
  const { code, text } = olderComparison();
  return [{ test: tests.map(({ name }) => name).join(', '), code, text: `${text}.` }];
}

function areTestedAlike(runs: readonly MeasuredRun[]): boolean {
  const sets = [...groupBy(runs, ({ run }) => run.method).values()].map((group) =>
    testedImages(group).map(({ sample }) => imageKey(sample)),
  );
  return new Set(sets.map((keys) => keys.toSorted().join('\n'))).size <= 1;
}
