import { type ComparedMetric, formatScore } from '@weakspot/core';
import { type ScoreColumn, baselineColumns, hitRateColumn, legendOf, paperColumns } from '../report/columns.js';
import { renderMarkdownTable, renderTable } from '../report/table.js';
import { TEXT_WIDTH } from '../report/wrap.js';
import { comparisonWarnings } from './warnings.js';
import type { ComparedDifference, ComparedMethod, ComparedScore, Comparison } from './comparison.js';

export interface ComparisonTableOptions {
  /** `text` unless given. */
  readonly format?: 'text' | 'markdown';
}

/** The metrics that are compared, as tables show them. */
const metricColumns: readonly (Omit<ScoreColumn, 'key'> & { readonly metric: ComparedMetric })[] = [
  ...[...paperColumns, hitRateColumn].map(({ key, ...column }) => ({ ...column, metric: key })),
  { metric: 'hitRateGain', name: 'Gain', meaning: 'hit rate minus Shuffled' },
];

/** Table 1 of the paper: a row per method, and of each test set ACC, AUC, AP+, AP- and localization AP, means over the runs. */
export function paperTable(comparison: Comparison, options: ComparisonTableOptions = {}): string {
  const { tests, methods } = comparison;
  const firstOf = (test: string): string => `${test}: ${paperColumns[0].name}`;
  const header = tests.flatMap(({ name: test }) =>
    paperColumns.map(({ name }, i) => (i === 0 && tests.length > 1 ? firstOf(test) : name)),
  );
  const rows = methods.map((method) => [
    labelOf(comparison, method),
    ...tests.flatMap(({ name }) =>
      paperColumns.map(({ key }) => formatScore(rowOf(comparison, name, method)?.scores[key]?.mean)),
    ),
  ]);
  return renderer(options)(['Method', ...header], rows, {
    maxWidth: TEXT_WIDTH,
    breakBefore: tests.slice(1).map(({ name }) => firstOf(name)),
  });
}

/** What the columns of `paperTable` mean. */
export const paperLegend = `${legendOf(paperColumns)} Means over the runs.`;

/** Of one test set, the hit rate, its gain and the hit rates to compare it with: a row per method, means over the runs. */
export function hitRateTable(comparison: Comparison, test: string, options: ComparisonTableOptions = {}): string {
  const shown = metricColumns.filter(({ metric }) => metric === 'hitRate' || metric === 'hitRateGain');
  const rows = comparison.methods.map((method) => {
    const row = rowOf(comparison, test, method);
    const values = [
      ...shown.map(({ metric }) => row?.scores[metric]?.mean),
      ...baselineColumns.map(({ key }) => row?.[key]),
    ];
    return [labelOf(comparison, method), ...values.map(formatScore)];
  });
  const header = ['Method', ...[...shown, ...baselineColumns].map(({ name }) => name)];
  return renderer(options)(header, rows, { maxWidth: TEXT_WIDTH });
}

/** What the columns of `hitRateTable` mean. */
export const hitRateLegend = legendOf([
  hitRateColumn,
  ...metricColumns.flatMap(({ metric, ...column }) => (metric === 'hitRateGain' ? [{ ...column, key: metric }] : [])),
  ...baselineColumns,
]);

/**
 * Of one test set, every metric's mean, spread over the runs and confidence interval, and the hit rates to compare a hit rate with: a
 * column per method.
 */
export function spreadTable(comparison: Comparison, test: string, options: ComparisonTableOptions = {}): string {
  const { methods } = comparison;
  const of = methods.map((method) => rowOf(comparison, test, method));
  const rows = [
    ...metricColumns.map(({ metric, name }) => [name, ...of.map((row) => describeScore(row?.scores[metric]))]),
    ...baselineColumns.map(({ key, name }) => [name, ...of.map((row) => formatScore(row?.[key]))]),
  ];
  const header = ['Metric', ...methods.map((method) => labelOf(comparison, method))];
  return renderer(options)(header, rows, { maxWidth: TEXT_WIDTH });
}

/** Of one test set, every two methods' differences with their intervals, a column each; `**` and `*` mark those beyond chance. */
export function differenceTable(comparison: Comparison, test: string, options: ComparisonTableOptions = {}): string {
  const of = comparison.differences.filter((entry) => entry.test === test);
  const pairs = [...new Set(of.map(pairName))];
  const rows = metricColumns.map(({ metric, name }) => [
    name,
    ...pairs.map((pair) => describeDifference(of.find((entry) => pairName(entry) === pair && entry.metric === metric))),
  ]);
  return renderer(options)(['Difference', ...pairs], rows, { maxWidth: TEXT_WIDTH });
}

/** What the marks of `differenceTable` mean, and how it was drawn. */
export function differenceLegend({ level, resamples, folds, seeds }: Comparison): string {
  const percent = `${Number((100 * level).toPrecision(4))} %`;
  const runs = folds === null ? (seeds.length > 1 ? 'seeds' : undefined) : 'folds';
  const intervals =
    `In brackets: ${percent} intervals over the test images: for differences of AUC from DeLong's covariance, else from ` +
    `${resamples} paired bootstrap resamples of patients. *: more than chance for other test images, with these models.`;
  const beyond =
    runs === undefined
      ? 'One run of each method cannot show whether the difference holds for other trainings.'
      : '**: for other trainings too.';
  return `${intervals} ${beyond} Marks are adjusted for the number of pairs of methods (Holm).`;
}

/** All tables as a Markdown document: `table.md`. */
export function comparisonMarkdown(comparison: Comparison): string {
  const format = { format: 'markdown' } as const;
  const several = runsOf(comparison) > 1;
  const parts = comparison.tests.flatMap(({ name }) => [
    `## ${name}`,
    describeTest(comparison, name),
    ...listed(comparisonWarnings(comparison, name)),
    spreadTable(comparison, name, format),
    hitRateLegend,
    ...inRegionParts(comparison, name, format),
    ...(comparison.methods.length < 2 ? [] : [differenceTable(comparison, name, format), differenceLegend(comparison)]),
  ]);
  const intro =
    `Trained on ${comparison.dataset}, ${describeRuns(comparison)}; the ${comparison.checkpoint} checkpoint of each. ` +
    `Means${several ? ' over the runs' : ''}; below with ${several ? '± the standard deviation over the runs and ' : ''}` +
    'confidence intervals in brackets.';
  return `# Comparison\n\n${[intro, paperTable(comparison, format), paperLegend, ...parts].join('\n\n')}\n`;
}

/** The hit rates once more without a tolerance; nothing of a comparison that lacks them. */
function inRegionParts(comparison: Comparison, name: string, format: ComparisonTableOptions): string[] {
  const { inRegion } = comparison;
  if (inRegion === undefined) return [];
  return [
    'The same with a tolerance of 0: the response must lie in the region itself.',
    hitRateTable({ ...comparison, table: inRegion.table }, name, format),
  ];
}

/** `films: 8 images of 8 patients, 4 positive, 4 of them located` */
export function describeTest({ tests }: Comparison, name: string): string {
  const test = tests.find((entry) => entry.name === name);
  if (test === undefined) return name;
  const patients = test.patients === null ? '' : ` of ${test.patients} patients`;
  return `${name}: ${test.images} images${patients}, ${test.positives} positive, ${test.located} of them located`;
}

/** Warnings as a Markdown list. */
function listed(warnings: ReturnType<typeof comparisonWarnings>): string[] {
  return warnings.length === 0 ? [] : [warnings.map(({ text }) => `- **Warning:** ${text}`).join('\n')];
}

function describeRuns({ folds, seeds }: Comparison): string {
  if (folds !== null) return `in ${folds} folds, seed ${seeds.join(', ')}`;
  return seeds.length > 1 ? `seeds ${seeds.join(', ')}` : `seed ${seeds.join(', ')}`;
}

function runsOf({ folds, seeds }: Comparison): number {
  return folds ?? seeds.length;
}

function renderer({ format }: ComparisonTableOptions): typeof renderTable {
  return format === 'markdown' ? renderMarkdownTable : renderTable;
}

function rowOf({ table }: Comparison, test: string, method: string): ComparedMethod | undefined {
  return table.find((row) => row.test === test && row.method === method);
}

/** The method, with the map that was read where it is not the paper's. */
function labelOf({ table }: Comparison, method: string): string {
  const map = table.find((row) => row.method === method)?.map ?? 'positive';
  return map === 'positive' ? method : `${method}, ${map} map`;
}

function pairName({ method, baseline }: ComparedDifference): string {
  return `${method} - ${baseline}`;
}

/** `.837 ± .012 [.790, .871]` */
function describeScore(score: ComparedScore | null | undefined): string {
  if (score === null || score === undefined) return '-';
  const spread = score.deviation === null ? '' : ` ± ${formatScore(score.deviation)}`;
  return `${formatScore(score.mean)}${spread}${describeInterval(score.low, score.high, formatScore)}`;
}

/** `+.052 [+.010, +.093] **` */
function describeDifference(entry: ComparedDifference | undefined): string {
  if (entry === undefined) return '-';
  const { low = null, high = null } = entry.delong ?? entry.bootstrap ?? {};
  const mark = { nowhere: '', images: ' *', 'images and trainings': ' **' }[entry.holds];
  return `${signedScore(entry.difference)}${describeInterval(low, high, signedScore)}${mark}`;
}

export function describeInterval(low: number | null, high: number | null, format: (value: number) => string): string {
  return low === null || high === null ? '' : ` [${format(low)}, ${format(high)}]`;
}

export function signedScore(value: number): string {
  const text = formatScore(value);
  // What rounds to nothing has no side.
  if (Number(text) === 0) return text.replace('-', '');
  return value > 0 ? `+${text}` : text;
}
