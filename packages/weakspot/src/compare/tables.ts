import { type ComparedMetric, comparedMetrics } from '@weakspot/core';
import { formatScore, renderMarkdownTable, renderTable } from '../report/table.js';
import type { ComparedDifference, ComparedMethod, ComparedScore, Comparison } from './comparison.js';

export interface ComparisonTableOptions {
  /** `text` unless given. */
  readonly format?: 'text' | 'markdown';
}

const headers: Readonly<Record<ComparedMetric, string>> = {
  acc: 'ACC',
  auc: 'AUC',
  apPositive: 'AP+',
  apNegative: 'AP-',
  locAp: 'Loc',
  hitRate: 'Hit rate',
  hitRateGain: 'Gain',
};

/** The columns of the paper's Table 1. */
const paper = ['acc', 'auc', 'apPositive', 'apNegative', 'locAp'] as const satisfies readonly ComparedMetric[];

/** Table 1 of the paper: a row per method, and of each test set ACC, AUC, AP+, AP- and localization AP, means over the runs. */
export function paperTable(comparison: Comparison, options: ComparisonTableOptions = {}): string {
  const { tests, methods } = comparison;
  const header = tests.flatMap(({ name }) =>
    paper.map((metric, i) => (i === 0 && tests.length > 1 ? `${name}: ${headers[metric]}` : headers[metric])),
  );
  const rows = methods.map((method) => [
    labelOf(comparison, method),
    ...tests.flatMap(({ name }) =>
      paper.map((metric) => formatScore(rowOf(comparison, name, method)?.scores[metric]?.mean)),
    ),
  ]);
  return renderer(options)(['Method', ...header], rows);
}

/**
 * Of one test set, every metric's mean, spread over the runs and confidence interval, and the hit rates of random points, of
 * other images' responses, of the mean maps and of the best fixed point.
 */
export function spreadTable(comparison: Comparison, test: string, options: ComparisonTableOptions = {}): string {
  const header = [
    'Method',
    ...comparedMetrics.map((metric) => headers[metric]),
    'Random',
    'Shuffled',
    'Mean map',
    'Fixed',
  ];
  const rows = comparison.methods.map((method) => {
    const row = rowOf(comparison, test, method);
    const cells = comparedMetrics.map((metric) => describeScore(row?.scores[metric]));
    const baselines = [row?.hitRateRandom, row?.hitRateShuffled, row?.hitRateMean, row?.hitRateFixed];
    return [labelOf(comparison, method), ...cells, ...baselines.map(formatScore)];
  });
  return renderer(options)(header, rows);
}

/** Of one test set, every two methods' differences with their intervals; `**` and `*` mark those beyond chance. */
export function differenceTable(comparison: Comparison, test: string, options: ComparisonTableOptions = {}): string {
  const of = comparison.differences.filter((entry) => entry.test === test);
  const pairs = new Map(of.map((entry) => [pairName(entry), entry]));
  const header = ['Difference', ...comparedMetrics.map((metric) => headers[metric])];
  const rows = [...pairs.keys()].map((name) => [
    name,
    ...comparedMetrics.map((metric) => {
      return describeDifference(of.find((entry) => pairName(entry) === name && entry.metric === metric));
    }),
  ]);
  return renderer(options)(header, rows);
}

/** What the marks of `differenceTable` mean, and how it was drawn. */
export function differenceLegend({ level, resamples, folds, seeds }: Comparison): string {
  const percent = `${Number((100 * level).toPrecision(4))} %`;
  const runs = folds === null ? (seeds.length > 1 ? 'seeds' : undefined) : 'folds';
  const intervals =
    `In brackets: ${percent} intervals over the test images, of the AUC's differences by DeLong's covariance, else by ` +
    `${resamples} paired bootstrap resamples, patients drawn whole. *: beyond chance for other test images, with these models.`;
  const beyond =
    runs === undefined
      ? 'One run of each method cannot tell whether other trainings would differ alike.'
      : '**: for other trainings as well.';
  return `${intervals} ${beyond} Marks are adjusted for the number of pairs of methods (Holm).`;
}

/** All tables as a Markdown document: `table.md`. */
export function comparisonMarkdown(comparison: Comparison): string {
  const format = { format: 'markdown' } as const;
  const several = runsOf(comparison) > 1;
  const parts = comparison.tests.flatMap(({ name }) => [
    `## ${name}`,
    describeTest(comparison, name),
    spreadTable(comparison, name, format),
    ...(comparison.methods.length < 2 ? [] : [differenceTable(comparison, name, format), differenceLegend(comparison)]),
  ]);
  const intro =
    `Trained on ${comparison.dataset}, ${describeRuns(comparison)}; the ${comparison.checkpoint} checkpoint of each. ` +
    `Means${several ? ' over the runs' : ''}; below with ${several ? '± the standard deviation over the runs and ' : ''}` +
    'confidence intervals in brackets.';
  return `# Comparison\n\n${[intro, paperTable(comparison, format), ...parts].join('\n\n')}\n`;
}

/** `films: 8 images of 8 patients, 4 positive, 4 of them located` */
export function describeTest({ tests }: Comparison, name: string): string {
  const test = tests.find((entry) => entry.name === name);
  if (test === undefined) return name;
  const patients = test.patients === null ? '' : ` of ${test.patients} patients`;
  return `${name}: ${test.images} images${patients}, ${test.positives} positive, ${test.located} of them located`;
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
  return `${formatScore(score.mean)}${spread}${interval(score.low, score.high, formatScore)}`;
}

/** `+.052 [+.010, +.093] **` */
function describeDifference(entry: ComparedDifference | undefined): string {
  if (entry === undefined) return '-';
  const { low = null, high = null } = entry.delong ?? entry.bootstrap ?? {};
  const mark = { nowhere: '', images: ' *', 'images and trainings': ' **' }[entry.holds];
  return `${signed(entry.difference)}${interval(low, high, signed)}${mark}`;
}

function interval(low: number | null, high: number | null, format: (value: number) => string): string {
  return low === null || high === null ? '' : ` [${format(low)}, ${format(high)}]`;
}

function signed(value: number): string {
  const text = formatScore(value);
  // What rounds to nothing has no side.
  if (Number(text) === 0) return text.replace('-', '');
  return value > 0 ? `+${text}` : text;
}
