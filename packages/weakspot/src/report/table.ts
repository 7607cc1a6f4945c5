import { metricDescriptions } from '@weakspot/core';
import type { EvaluationRecord } from './record.js';

export interface TableOptions {
  /** How many columns, from the left, are aligned to the left; the others to the right. 1 unless given. */
  readonly textColumns?: number;
}

/** A table as aligned text, two spaces between columns and a rule under the header, without a final line break. */
export function renderTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  options: TableOptions = {},
): string {
  const { textColumns = 1 } = options;
  const lines = [header, ...rows].map((cells) => header.map((_, i) => singleLine(cells[i] ?? '')));
  const widths = header.map((_, i) => Math.max(...lines.map((cells) => columnsOf(cells[i] ?? ''))));
  const [head = '', ...body] = lines.map((cells) =>
    cells
      .map((cell, i) => {
        const space = ' '.repeat((widths[i] ?? 0) - columnsOf(cell));
        return i < textColumns ? cell + space : space + cell;
      })
      .join('  ')
      .trimEnd(),
  );
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [head, rule, ...body].join('\n');
}

/** A table in GitHub-flavoured Markdown, without a final line break; `|` in cells is escaped. */
export function renderMarkdownTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  options: TableOptions = {},
): string {
  const { textColumns = 1 } = options;
  const line = (cells: readonly string[]): string =>
    `| ${header.map((_, i) => singleLine(cells[i] ?? '').replaceAll('|', String.raw`\|`)).join(' | ')} |`;
  const rule = line(header.map((_, i) => (i < textColumns ? '---' : '---:')));
  return [line(header), rule, ...rows.map(line)].join('\n');
}

export interface MetricsTableOptions {
  /** `text` unless given. */
  readonly format?: 'text' | 'markdown';
}

/**
 * Evaluations in the columns of the paper's Table 1, followed by the hit rate and what it must be compared with: the hit
 * rates of random points, of other images' responses, of the mean map and of the best fixed point; one row each in the order
 * given. A column names the test set where there are several.
 */
export function metricsTable(records: readonly EvaluationRecord[], options: MetricsTableOptions = {}): string {
  const severalSets = new Set(records.map((record) => record.dataset)).size > 1;
  const names = severalSets ? ['Method', 'Test set'] : ['Method'];
  const header = [
    ...names,
    'ACC',
    'AUC',
    'AP+',
    'AP-',
    'Loc AP',
    'Hit rate',
    'Random',
    'Shuffled',
    'Mean map',
    'Fixed',
  ];
  const rows = records.map((record) => {
    const { acc, auc, apPositive, apNegative, locAp, hitRate } = record;
    const { hitRateRandom, hitRateShuffled, hitRateMean, hitRateFixed } = record;
    const pointing = [hitRate, hitRateRandom, hitRateShuffled, hitRateMean, hitRateFixed];
    const values = [acc, auc, apPositive, apNegative, locAp, ...pointing];
    const method = record.map === 'positive' ? record.method : `${record.method}, ${record.map} map`;
    return [method, ...(severalSets ? [record.dataset] : []), ...values.map(formatScore)];
  });
  const render = options.format === 'markdown' ? renderMarkdownTable : renderTable;
  return render(header, rows, { textColumns: names.length });
}

/**
 * All metrics of an evaluation, one row each: the value, its interval, and the values of a random, a centred and the mean map,
 * `-` where there is none. Undefined for a record without them.
 */
export function estimatesTable(record: EvaluationRecord, options: MetricsTableOptions = {}): string | undefined {
  const { metrics, bootstrap } = record;
  if (metrics === undefined || bootstrap === undefined) return undefined;
  const percent = Number((100 * bootstrap.level).toFixed(2));
  const rows = metricDescriptions.map(({ key, title }) => {
    const { value, low, high, random, centred, mean } = metrics[key];
    const interval = low === null || high === null ? '-' : `${formatScore(low)} to ${formatScore(high)}`;
    return [title, formatScore(value), interval, formatScore(random), formatScore(centred), formatScore(mean)];
  });
  const render = options.format === 'markdown' ? renderMarkdownTable : renderTable;
  return render(['Metric', 'Value', `${percent}% interval`, 'Random', 'Centred', 'Mean map'], rows);
}

/** A number in 0..1 as the paper prints it: three decimals without the leading zero, `-` where there is none. */
export function formatScore(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '-';
  return value.toFixed(3).replace(/^(-?)0\./, '$1.');
}

function singleLine(cell: string): string {
  return cell.replaceAll(/\s+/g, ' ');
}

/** Width on a terminal, counting each code point as one column. */
function columnsOf(cell: string): number {
  return Array.from(cell).length;
}
