import { formatScore } from '@weakspot/core';
import type { PageTable } from '../report/page/content.js';
import type { ComparisonFile } from './comparison-file.js';
import { groupBy } from './group-by.js';

type Score = ComparisonFile['table'][number]['scores'][string];
type Difference = ComparisonFile['differences'][number];

/** Metrics of a comparison's tables, in the order of the others. */
const metrics: readonly (readonly [key: string, name: string])[] = [
  ['acc', 'ACC'],
  ['auc', 'AUC'],
  ['apPositive', 'AP+'],
  ['apNegative', 'AP-'],
  ['locAp', 'Loc AP'],
  ['hitRate', 'Hit rate'],
  ['hitRateGain', 'Gain'],
];

/** What a comparison found on one of its test sets: confidence intervals, and which differences hold. */
export function comparedTables({ table, differences, level }: ComparisonFile, test: string): PageTable[] {
  const columns = metrics.map(([, name]) => ({ name, numeric: true }));
  const percent = `${Number((100 * level).toPrecision(4))} %`;
  const scores = table.filter((row) => row.test === test);
  const pairs = groupBy(
    differences.filter((entry) => entry.test === test),
    ({ method, baseline }) => `${method} - ${baseline}`,
  );
  const tables: PageTable[] = [];
  if (pairs.size > 0) {
    tables.push({
      caption: `Differences on ${test}, with ${percent} intervals. *: holds for other test images, **: for other trainings too`,
      columns: [{ name: 'Difference' }, ...columns],
      rows: [...pairs].map(([name, entries]) => [
        name,
        ...metrics.map(([key]) => differenceText(entries.find(({ metric }) => metric === key))),
      ]),
    });
  }
  if (scores.length > 0) {
    tables.push({
      caption: `Confidence intervals on ${test}: means over the runs, ${percent} over the test images`,
      columns: [{ name: 'Method' }, ...columns],
      rows: scores.map((row) => [row.method, ...metrics.map(([key]) => scoreText(row.scores[key]))]),
      folded: true,
    });
  }
  return tables;
}

/** `.837 [.790, .871]` */
function scoreText(score: Score): string {
  if (score === null || score === undefined) return '-';
  return `${formatScore(score.mean)}${intervalText(score.low, score.high, formatScore)}`;
}

/** `+.052 [+.010, +.093] **` */
function differenceText(entry: Difference | undefined): string {
  if (entry === undefined) return '-';
  const { low, high } = entry.delong ?? entry.bootstrap ?? {};
  const mark = { nowhere: '', images: ' *', 'images and trainings': ' **' }[entry.holds];
  return `${signed(entry.difference)}${intervalText(low, high, signed)}${mark}`;
}

function intervalText(
  low: number | null | undefined,
  high: number | null | undefined,
  format: (value: number) => string,
): string {
  return low === null || low === undefined || high === null || high === undefined
    ? ''
    : ` [${format(low)}, ${format(high)}]`;
}

function signed(value: number): string {
  const text = formatScore(value);
  // What rounds to nothing has no side.
  if (Number(text) === 0) return text.replace('-', '');
  return value > 0 ? `+${text}` : text;
}
