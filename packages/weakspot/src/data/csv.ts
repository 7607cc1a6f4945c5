import { CsvError, parse } from 'csv-parse/sync';
import type { IssueList } from './issues.js';
import { didYouMean } from './suggest.js';
import { readText } from './text.js';

/** One row: cells by column name, trimmed; undefined where the column is absent or the cell is empty. */
export interface CsvRow<Column extends string> {
  /** Line in the file, from 1; of a row over several lines, the first. */
  readonly line: number;
  /** What separates the table's cells. */
  readonly separator: Separator;
  readonly cells: Readonly<Partial<Record<Column, string>>>;
}

export type Separator = ',' | ';' | '\t';

/** Longest row, in bytes: an open quote must not take in the rest of a large table. */
const MAX_ROW = 2 ** 20;

/** As the parsing library gives it. */
interface ParsedRecord {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

interface Row {
  /** Its first line, from 1. */
  readonly line: number;
  readonly record: readonly string[];
}

/**
 * Reads a table with a header line: UTF-8, or UTF-16 with a byte order mark; any line ends, quoted fields; separated by
 * commas, semicolons or tabs, whichever the header line holds most of, or what a line `sep=;` before it says. Column
 * names ignore case and surrounding blanks; columns that are not asked for are ignored, and so are blank lines.
 *
 * Problems go to `issues`; a table that cannot be read at all, or lacks a required column, has no rows.
 */
export async function readCsv<Column extends string>(
  file: string,
  required: readonly Column[],
  optional: readonly Column[],
  issues: IssueList,
): Promise<CsvRow<Column>[]> {
  const table = await parseFile(file, issues);
  if (table === undefined) return [];
  const { separator, records } = table;
  const [header, ...rest] = records;
  if (header === undefined) {
    issues.error(`the table is empty: its first line should name the columns ${required.join(', ')}`, {
      file,
      line: 1,
    });
    return [];
  }
  const names = header.record.map((name) => name.toLowerCase());
  const places = new Map<Column, number>();
  for (const column of [...required, ...optional]) {
    const place = names.indexOf(column);
    if (place >= 0) places.set(column, place);
    if (place !== names.lastIndexOf(column)) {
      issues.error(`there are two columns "${column}"`, { file, line: header.line, field: column });
    }
  }
  const missing = required.filter((column) => !places.has(column));
  for (const column of missing) {
    const others = header.record.filter(
      (name) => !([...required, ...optional] as string[]).includes(name.toLowerCase()),
    );
    const found = `it has ${header.record.map((name) => `"${name}"`).join(', ')}`;
    issues.error(`there is no column "${column}"${didYouMean(column, others)}; ${found}`, {
      file,
      line: header.line,
      field: column,
    });
  }
  if (missing.length > 0) return [];
  return rest.flatMap(({ record, line }) => {
    if (record.slice(names.length).some((cell) => cell !== '')) {
      issues.error(`the row has ${record.length} fields, the header ${names.length}: is a comma not quoted?`, {
        file,
        line,
      });
      return [];
    }
    const cells: Partial<Record<Column, string>> = {};
    for (const [column, place] of places) if (record[place]) cells[column] = record[place];
    const empty = required.filter((column) => cells[column] === undefined);
    for (const field of empty) issues.error('the field is empty', { file, line, field });
    return empty.length > 0 ? [] : [{ line, separator, cells }];
  });
}

/**
 * The number that a cell holds, or undefined. In tables that are separated by semicolons or tabs it may be written with a
 * decimal comma; in others a comma could as well separate thousands.
 */
export function numberIn(cell: string, separator: Separator): number | undefined {
  const text = separator === ',' ? cell : cell.replace(/^([+-]?\d+),(\d+)$/, '$1.$2');
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

async function parseFile(
  file: string,
  issues: IssueList,
): Promise<{ separator: Separator; records: Row[] } | undefined> {
  const text = await readText(file, issues);
  if (text === undefined) return undefined;
  const { separator, fromLine } = separatorOf(text);
  try {
    const records: unknown = parse(text, {
      delimiter: separator,
      // A table put together from several may have several kinds.
      record_delimiter: ['\r\n', '\n', '\r'],
      from_line: fromLine,
      max_record_size: MAX_ROW,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      trim: true,
    });
    // With `info` each record comes with its place, which the library's types do not say.
    return { separator, records: withLines(records as ParsedRecord[]) };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const lines = error['lines'];
    issues.error(error.message, typeof lines === 'number' ? { file, line: lines } : { file });
    return undefined;
  }
}

/** The library tells the line that a record ends in, and counts CR LF within quotes as two line ends. */
function withLines(records: readonly ParsedRecord[]): Row[] {
  let surplus = 0;
  return records.map(({ record, info }) => {
    const within = record.reduce((sum, cell) => sum + linesIn(cell) - 1, 0);
    surplus += record.reduce((sum, cell) => sum + cell.split('\r\n').length - 1, 0);
    return { line: info.lines - surplus - within, record };
  });
}

/** Spreadsheets of many languages write semicolons, and some a first line that says so. */
function separatorOf(text: string): { separator: Separator; fromLine: number } {
  const said = /^[\r\n]*"?sep=([,;\t])"?[ ,;\t]*(?:\r\n|\n|\r)/i.exec(text.slice(0, 64));
  if (said !== null) return { separator: said[1] as Separator, fromLine: linesIn(said[0]) };
  const header =
    text
      .slice(0, MAX_ROW)
      .trimStart()
      .split(/[\r\n]/, 1)[0] ?? '';
  const count = (mark: string): number => header.replaceAll(/"[^"]*"/g, '').split(mark).length;
  const marks: readonly Separator[] = [',', ';', '\t'];
  return { separator: marks.reduce((best, mark) => (count(mark) > count(best) ? mark : best)), fromLine: 1 };
}

function linesIn(text: string): number {
  return text.split(/\r\n|\n|\r/).length;
}
