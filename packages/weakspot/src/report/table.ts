import { comparedMaps, formatScore, metricDescriptions } from '@weakspot/core';
import { hitRateColumn, mapColumns, scoreColumns, scoreOf } from './columns.js';
import type { EvaluationRecord } from './record.js';
import { TEXT_WIDTH } from './wrap.js';

export interface TableOptions {
  /** How many columns, from the left, are aligned to the left; the others to the right. 1 unless given. */
  readonly textColumns?: number;
  /** Of text: columns of a terminal that no line goes beyond; as wide as it comes unless given. */
  readonly maxWidth?: number;
  /** Columns, by their heads, with which another table begins where one is too wide, if it is to. */
  readonly breakBefore?: readonly string[];
}

/**
 * A table as aligned text, two spaces between columns and a rule under the header, without a final line break. Where it would be wider
 * than `maxWidth` its columns are divided among several tables, one below the other, each with the columns of text; texts that leave no
 * room for a number are shortened.
 */
export function renderTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  options: TableOptions = {},
): string {
  const { textColumns = 1, maxWidth = Infinity, breakBefore = [] } = options;
  const lines = [header, ...rows].map((cells) => header.map((_, i) => singleLine(cells[i] ?? '')));
  const widthOf = (i: number): number => Math.max(...lines.map((cells) => columnsOf(cells[i] ?? '')));
  const widths = header.map((_, i) => widthOf(i));
  const texts = widths.slice(0, textColumns);
  const numbers = widths.slice(textColumns);
  const room = maxWidth - Math.max(0, ...numbers.map((width) => width + GAP.length));
  const longest = Math.max(0, ...texts);
  // One text too many: only the longest column of them is shortened.
  const excess = total(texts) - room;
  if (excess > 0 && longest > excess) {
    const column = texts.indexOf(longest);
    for (const cells of lines) cells[column] = shortened(cells[column] ?? '', longest - excess);
    widths[column] = widthOf(column);
  }
  return divide(widths, textColumns, maxWidth, (column) => breakBefore.includes(header[column] ?? ''))
    .map((columns) => renderColumns(lines, columns, widths, textColumns))
    .join('\n\n');
}

const GAP = '  ';

/** The width of columns side by side. */
function total(widths: readonly number[]): number {
  return widths.reduce((sum, width, i) => sum + width + (i === 0 ? 0 : GAP.length), 0);
}

/** Which columns stand in each of the tables. */
function divide(
  widths: readonly number[],
  textColumns: number,
  maxWidth: number,
  isBreak: (column: number) => boolean,
): number[][] {
  const all = widths.map((_, i) => i);
  if (total(widths) <= maxWidth) return [all];
  const texts = all.slice(0, textColumns);
  const tables: number[][] = [];
  let open: number[] = [];
  for (const column of all.slice(textColumns)) {
    const width = total([...texts, ...open, column].map((i) => widths[i] ?? 0));
    if (open.length > 0 && (width > maxWidth || isBreak(column))) {
      tables.push([...texts, ...open]);
      open = [];
    }
    open.push(column);
  }
  return [...tables, [...texts, ...open]];
}

function renderColumns(
  lines: readonly (readonly string[])[],
  columns: readonly number[],
  widths: readonly number[],
  textColumns: number,
): string {
  const [head = '', ...body] = lines.map((cells) =>
    columns
      .map((i) => {
        const cell = cells[i] ?? '';
        const space = ' '.repeat(Math.max(0, (widths[i] ?? 0) - columnsOf(cell)));
        return i < textColumns ? cell + space : space + cell;
      })
      .join(GAP)
      .trimEnd(),
  );
  const rule = columns.map((i) => '-'.repeat(widths[i] ?? 0)).join(GAP);
  return [head, rule, ...body].join('\n');
}

/** A text with its middle left out. */
function shortened(text: string, width: number): string {
  const letters = Array.from(text);
  if (letters.length <= width) return text;
  const kept = Math.max(width - 1, 2);
  const end = Math.floor(kept / 2);
  return [...letters.slice(0, kept - end), '…', ...letters.slice(letters.length - end)].join('');
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
 * Evaluations in the columns of the paper's Table 1, followed by the hit rate and what it must be compared with: the hit rates of random
 * points, of other images' responses, of the mean map, of the best fixed point and of the brightest and darkest points; one row
 * each in the order given. A column names the test set where there are several. As text no line is longer than 120 columns.
 */
export function metricsTable(records: readonly EvaluationRecord[], options: MetricsTableOptions = {}): string {
  const severalSets = new Set(records.map((record) => record.dataset)).size > 1;
  const names = severalSets ? ['Method', 'Test set'] : ['Method'];
  const rows = records.map((record) => {
    const method = record.map === 'positive' ? record.method : `${record.method}, ${record.map} map`;
    const values = scoreColumns.map((column) => formatScore(scoreOf(record, column)));
    return [method, ...(severalSets ? [record.dataset] : []), ...values];
  });
  const render = options.format === 'markdown' ? renderMarkdownTable : renderTable;
  return render([...names, ...scoreColumns.map(({ name }) => name)], rows, {
    textColumns: names.length,
    maxWidth: TEXT_WIDTH,
    breakBefore: [hitRateColumn.name],
  });
}

/**
 * All metrics of an evaluation, one row each: the value, its interval, and the values of other maps (`mapColumns`), `-` where
 * there is none. Undefined for a record without them.
 */
export function estimatesTable(record: EvaluationRecord, options: MetricsTableOptions = {}): string | undefined {
  const { metrics, bootstrap } = record;
  if (metrics === undefined || bootstrap === undefined) return undefined;
  const percent = Number((100 * bootstrap.level).toFixed(2));
  const rows = metricDescriptions.map(({ key, title }) => {
    const { value, low, high, ...others } = metrics[key];
    const interval = low === null || high === null ? '-' : `${formatScore(low)} to ${formatScore(high)}`;
    return [title, formatScore(value), interval, ...comparedMaps.map((map) => formatScore(others[map]))];
  });
  const render = options.format === 'markdown' ? renderMarkdownTable : renderTable;
  const header = ['Metric', 'Value', `${percent}% interval`, ...comparedMaps.map((map) => mapColumns[map])];
  return render(header, rows, { maxWidth: TEXT_WIDTH });
}

function singleLine(cell: string): string {
  return cell.replaceAll(/\s+/g, ' ');
}

/** Width on a terminal, counting each code point as one column. */
function columnsOf(cell: string): number {
  return Array.from(cell).length;
}
