import { metricDescriptions, formatScore } from '@weakspot/core';
import { scoreColumns, scoreOf } from '../report/columns.js';
import type { PageTable } from '../report/page/content.js';
import { type EvaluationRecord, evaluationRecord } from '../report/record.js';
import { groupBy } from './group-by.js';
import type { MeasuredRun } from './measure.js';

/** The record of each run on a test set, in the order of the runs. */
export function recordsOf(runs: readonly MeasuredRun[], methods: readonly string[], test: string): EvaluationRecord[] {
  return runs.map(({ run, metrics, evidence, position, warnings, info }) =>
    evaluationRecord(methods[run.method] ?? '', test, metrics, { ...evidence, position, warnings, map: info.map }),
  );
}

/** One row per method, mean and spread where it has several runs; then every run's row. */
export function resultTables(runs: readonly MeasuredRun[], methods: readonly string[], test: string): PageTable[] {
  const records = recordsOf(runs, methods, test);
  const groups = groupBy(
    records.map((record, i) => ({ record, run: runs[i] as MeasuredRun })),
    ({ run }) => run.run.method,
  );
  const several = [...groups.values()].some((group) => group.length > 1);
  const numeric = scoreColumns.map(({ name }) => ({ name, numeric: true }));
  const rows = [...groups].map(([method, group]) => [
    methods[method] ?? '',
    ...scoreColumns.map((column) => meanAndSpread(group.map(({ record }) => scoreOf(record, column)))),
  ]);
  const spread = several ? ': mean ± standard deviation over the runs' : '';
  const table = {
    caption: `Classification and localization on ${test}${spread}`,
    columns: [{ name: 'Method' }, ...numeric],
    rows,
  };
  if (!several) return [table];
  const each = {
    caption: `Every run on ${test}`,
    folded: true,
    columns: [{ name: 'Run' }, ...numeric],
    rows: records.map((record, i) => [
      `${record.method}, ${runs[i]?.run.name ?? ''}`,
      ...scoreColumns.map((column) => formatScore(scoreOf(record, column))),
    ]),
  };
  return [table, each];
}

/** Every metric there is, a column per method: mean and spread where it has several runs. */
export function allMetricsTable(runs: readonly MeasuredRun[], methods: readonly string[], test: string): PageTable {
  const groups = methods.map((_, method) => runs.filter(({ run }) => run.method === method));
  return {
    caption: `All metrics on ${test}`,
    columns: [{ name: 'Metric' }, ...methods.map((name) => ({ name, numeric: true }))],
    rows: metricDescriptions.map(({ key, title }) => [
      title,
      ...groups.map((group) => meanAndSpread(group.map(({ allMetrics }) => allMetrics[key] ?? null))),
    ]),
    folded: true,
  };
}

/** `.641 ± .082`, the sample's standard deviation; without it where all values are one, `-` where none is known. */
export function meanAndSpread(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return '-';
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  if (known.every((value) => value === known[0])) return formatScore(mean);
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return `${formatScore(mean)} ± ${formatScore(Math.sqrt(squares / (known.length - 1)))}`;
}
